//! Charging through a provider: record the try, ask, record the answer. A durable
//! timer asks what became of it until the provider has said its last word.

use std::{convert::Infallible, sync::Arc, time::Duration};

use events::Failure;
use kernel::{Currency, Money, OrganisationId, PaymentId, Time, TransferId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{Cause, DueTimer, Error, Keys, Store, Stored, Timer, Work};
use tracing::Instrument;

use crate::{
    books,
    domain::{
        Refusal,
        account::{Account, AccountKey, Kind},
        attempt::ChargeOutcome,
        escrow::Escrow,
        intent::{Consequence, Intent},
        transfer::{Code, Mode, Transfer},
    },
    providers::{Means, Provider},
    store::{facts, intent::row, sandbox_charge::Reference},
};

/// The timer that asks a provider what became of charges.
pub(crate) const ASK: &str = "ask_provider";

/// How long what a top-up may bring counts as if the wallet had it already. What comes later than that still finds room.
const LATELY: Duration = Duration::from_secs(24 * 3_600);

/// Moves money between providers, wallets and escrow. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Charging {
    pub(crate) store: Store,
    /// Nothing where no money comes in or goes out.
    pub(crate) provider: Option<Arc<dyn Provider>>,
}

impl Charging {
    /// Whoever takes money in and sends it out.
    ///
    /// # Errors
    /// While there is nobody.
    pub(crate) fn provider(&self) -> Result<&dyn Provider, Refusal> {
        self.provider.as_deref().ok_or(Refusal::NoProvider)
    }

    /// Why a provider is not to be asked for money of this payer's: there is nobody to ask, or the payer's wallet is full, in which every
    /// captured amount may end that does not fit its payment. What was captured is credited all the same, so to a top-up what others are
    /// bringing in just now counts as if it were there.
    pub(crate) async fn refusal(
        &self,
        payer: OrganisationId,
        currency: Currency,
        top_up: bool,
    ) -> Result<Option<Refusal>, Error<Infallible>> {
        if let Err(nobody) = self.provider() {
            return Ok(Some(nobody));
        }
        let key = AccountKey::wallet(payer, currency);
        let wallet = self.store.get::<Account>(key.id).await?;
        let coming = if top_up { self.coming(key).await? } else { 0 };
        let full = wallet.map_or_else(|| Account::open(key), Stored::into_inner).is_full(coming);
        Ok(full.then_some(Refusal::WalletFull))
    }

    /// What top-ups that were begun in the last day may still bring into a wallet, in minor units.
    async fn coming(&self, wallet: AccountKey) -> Result<i128, Error<Infallible>> {
        let lately = PaymentId::at(self.store.clock().now().minus(LATELY));
        let top_ups = row::Entity::find()
            .filter(row::Column::Owner.eq(wallet.owner.uuid()))
            .filter(row::Column::Id.gte(lately.uuid()))
            .filter(row::Column::Checkout.is_null())
            .filter(row::Column::Currency.eq(wallet.currency.code()));
        let top_ups = self.store.select::<Intent>(top_ups).await?;
        Ok(top_ups.iter().map(|top_up| top_up.coming()).sum())
    }

    /// Charges an intent by these means and answers with the intent as it then stands. What the provider says is written down even if
    /// nobody waits for our answer any more. With a `refusal` it is only said what became of the same request before.
    pub(crate) async fn charge(
        &self,
        cause: Cause,
        id: PaymentId,
        means: Means,
        refusal: Option<Refusal>,
    ) -> Result<Stored<Intent>, Error<Refusal>> {
        let charging = self.clone();
        let charged = async move { charging.charge_to_the_end(cause, id, means, refusal).await };
        tokio::spawn(charged.in_current_span()).await.unwrap_or(Err(Error::Panicked))
    }

    async fn charge_to_the_end(
        &self,
        cause: Cause,
        id: PaymentId,
        means: Means,
        refusal: Option<Refusal>,
    ) -> Result<Stored<Intent>, Error<Refusal>> {
        let now = self.store.clock().now();
        let keys = Keys::new().one::<Intent>(id);
        // The number of the attempt is recorded with the cause, so that the same request asks under the same reference.
        let attempt = self.store.execute::<u32, Refusal, _>(cause, keys, move |work| {
            if let Some(refusal) = &refusal {
                return Err(refusal.clone());
            }
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            intent.begin_charge(now)?;
            let intent = intent.clone();
            ask_later(work, &intent, now);
            Ok(intent.attempts())
        });
        let attempt = attempt.await?;
        let mut intent = self.intent(id).await?;
        if intent.was_never_asked(attempt) {
            self.charge_again(id, attempt).await?;
            intent = self.intent(id).await?;
        }
        if !intent.is_asking(attempt) {
            return Ok(intent);
        }
        let provider = self.provider().map_err(Error::Refused)?;
        let charge = provider.charge(reference(id, attempt), intent.amount, &means).await;
        self.record(&intent, attempt, charge).await?;
        self.intent(id).await
    }

    /// Takes an attempt up again that no provider has heard of: we died before we asked, and the same request has come again.
    async fn charge_again(&self, id: PaymentId, attempt: u32) -> Result<(), Error<Refusal>> {
        let now = self.store.clock().now();
        let keys = Keys::new().one::<Intent>(id);
        let again = self.store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys, move |work| {
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            if intent.charge_again(attempt, now) {
                let intent = intent.clone();
                ask_later(work, &intent, now);
            }
            Ok(())
        });
        again.await
    }

    async fn intent(&self, id: PaymentId) -> Result<Stored<Intent>, Error<Refusal>> {
        let known = self.store.get::<Intent>(id).await.map_err(Error::of_read)?;
        known.ok_or(Error::NotFound("payment"))
    }

    /// Asks the provider what became of the charges of an intent that it has not said its last word of; whether it answered.
    pub(crate) async fn ask(&self, intent: &Intent) -> Result<bool, Error<Refusal>> {
        let mut answered = true;
        for attempt in intent.undecided() {
            let charge = match self.provider() {
                Ok(provider) => provider.charge_status(reference(intent.id, attempt.number)).await,
                Err(_) => ChargeOutcome::Silent,
            };
            answered &= charge != ChargeOutcome::Silent;
            self.record(intent, attempt.number, charge).await?;
        }
        Ok(answered)
    }

    /// A provider says by itself what became of an attempt. It may come twice, late, or before the answer that we wait for.
    ///
    /// # Errors
    /// Also an attempt that was never made.
    pub(crate) async fn heard(&self, id: PaymentId, attempt: u32, charge: ChargeOutcome) -> Result<(), Error<Refusal>> {
        let intent = self.intent(id).await?;
        if !(1..=intent.attempts()).contains(&attempt) {
            return Err(Error::Refused(Refusal::NoSuchAttempt));
        }
        self.record(&intent, attempt, charge).await
    }

    /// Records what the provider says of one attempt. Of the intent only what never changes is taken for known.
    async fn record(&self, intent: &Intent, attempt: u32, charge: ChargeOutcome) -> Result<(), Error<Refusal>> {
        let now = self.store.clock().now();
        let id = intent.id;
        let keys = match &charge {
            ChargeOutcome::Captured(amount) => keys(intent, attempt, *amount),
            ChargeOutcome::Declined(_)
            | ChargeOutcome::ActionRequired(_)
            | ChargeOutcome::Pending
            | ChargeOutcome::Silent
            | ChargeOutcome::Unheard => Keys::new().one::<Intent>(id),
        };
        let recorded = self.store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys, move |work| {
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            let consequence = intent.heard(attempt, charge.clone(), now);
            let intent = intent.clone();
            // Who does not answer is asked again by the timer that failed.
            if charge != ChargeOutcome::Silent {
                ask_later(work, &intent, now);
            }
            settle(work, &intent, attempt, consequence, now)
        });
        recorded.await
    }
}

/// Asks the provider what became of the charges of an intent.
///
/// # Errors
/// Also while the provider does not answer: the timer fails, and with it comes again, later each time.
pub(crate) async fn ask(charging: Charging, due: DueTimer) -> Result<(), Failure> {
    match charging.store.get::<Intent>(PaymentId::from_uuid(due.aggregate)).await? {
        Some(intent) if !charging.ask(&intent).await? => Err(Failure::passing("the provider does not answer")),
        Some(_) | None => Ok(()),
    }
}

fn ask_later(work: &mut Work, intent: &Intent, now: Time) {
    if let Some(due) = intent.ask_at(now) {
        work.schedule(Timer::new(ASK, intent.id, due));
    }
}

/// Our reference of an attempt.
fn reference(id: PaymentId, attempt: u32) -> Reference {
    Reference::derived(id, &format!("charge {attempt}"))
}

/// Every account that captured money may touch, whatever its currency.
fn keys(intent: &Intent, attempt: u32, captured: Money) -> Keys {
    let provider = AccountKey::platform(Kind::Provider, reference(intent.id, attempt), captured.currency());
    let wallet = AccountKey::wallet(intent.payer, captured.currency());
    let escrows = intent
        .orders
        .iter()
        .map(|order| AccountKey::escrow(order.order, intent.payer, order.amount.currency()));
    let orders = intent.orders.iter().map(|order| order.order);
    books::keys(
        Keys::new().one::<Intent>(intent.id).all::<Escrow>(orders),
        [provider, wallet].into_iter().chain(escrows),
    )
}

fn settle(work: &mut Work, intent: &Intent, attempt: u32, consequence: Consequence, now: Time) -> Result<(), Refusal> {
    let reference = reference(intent.id, attempt);
    let provider = |currency| AccountKey::platform(Kind::Provider, reference, currency);
    match consequence {
        Consequence::Nothing => Ok(()),
        Consequence::TellDeclined => {
            work.emit(facts::intent_declined(intent));
            Ok(())
        }
        Consequence::FundEscrows => fund(work, intent, provider(intent.amount.currency()), now),
        Consequence::CreditWallet(amount) => {
            let transfer = Transfer {
                id: TransferId::derived(reference, Code::TopUp.name()),
                mode: Mode::Single,
                debit: provider(amount.currency()),
                credit: AccountKey::wallet(intent.payer, amount.currency()),
                amount: amount.minor_units(),
                code: Code::TopUp,
                reference: intent.id.uuid(),
            };
            books::post(work, &transfer, now)?;
            work.emit(facts::wallet_topped_up(intent, amount));
            Ok(())
        }
    }
}

/// Puts a paid intent's money into one escrow per order, and tells order of each.
pub(crate) fn fund(work: &mut Work, intent: &Intent, from: AccountKey, now: Time) -> Result<(), Refusal> {
    for order in &intent.orders {
        let currency = order.amount.currency();
        let transfer = Transfer {
            id: TransferId::derived(order.order, "fund"),
            mode: Mode::Single,
            debit: from,
            credit: AccountKey::escrow(order.order, intent.payer, currency),
            amount: order.amount.minor_units(),
            code: Code::Purchase,
            reference: order.order.uuid(),
        };
        books::post(work, &transfer, now)?;
        let escrow = Escrow::fund(intent.id, intent.payer, order, now);
        work.emit(facts::escrow_funded(intent, &escrow));
        work.insert(escrow);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use harness::{Database, until};
    use runtime::SystemClock;
    use store::Options;
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;
    use crate::{domain::intent::State, providers::PayoutOutcome, store::migrations::Migrator};

    /// A provider that takes the money once it is told to.
    #[derive(Default)]
    struct Slow {
        asked: Notify,
        go_on: Notify,
    }

    #[tonic::async_trait]
    impl Provider for Slow {
        async fn charge(&self, _: Reference, amount: Money, _: &Means) -> ChargeOutcome {
            self.asked.notify_one();
            self.go_on.notified().await;
            ChargeOutcome::Captured(amount)
        }

        async fn charge_status(&self, _: Reference) -> ChargeOutcome {
            ChargeOutcome::Unheard
        }

        async fn pay_out(&self, _: Reference, _: Money, _: &str) -> PayoutOutcome {
            PayoutOutcome::Silent
        }
    }

    #[tokio::test]
    async fn what_a_provider_answers_is_written_down_though_nobody_waits_for_it_any_more() {
        let database = Database::sqlite();
        let options = Options::new(Arc::new(SystemClock));
        let store = Store::open::<Migrator>(database.url(), options).await.unwrap();
        let (now, provider) = (store.clock().now(), Arc::new(Slow::default()));
        let charging = Charging {
            store: store.clone(),
            provider: Some(Arc::clone(&provider) as Arc<dyn Provider>),
        };
        let (id, payer) = (PaymentId::at(now), OrganisationId::from_uuid(Uuid::nil()));
        let amount = Money::new(700, "USD".parse().unwrap());
        let open = move |work: &mut Work| {
            work.insert(Intent::open(id, payer, None, Vec::new(), amount, now));
            Ok(())
        };
        let keys = Keys::new().one::<Intent>(id);
        store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys, open).await.unwrap();

        tokio::select! {
            _ = charging.charge(Cause::told_by_rows(), id, Means::BankTransfer, None) => unreachable!("the provider has not answered"),
            () = provider.asked.notified() => {}
        }
        provider.go_on.notify_one();
        until("the capture is written down", || async {
            charging.intent(id).await.unwrap().state() == State::Succeeded
        })
        .await;
    }
}
