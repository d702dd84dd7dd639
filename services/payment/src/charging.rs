//! Charging through a provider: record the try, ask, record the answer. A durable timer asks again whenever we died or the provider was silent.

use std::{sync::Arc, time::Duration};

use events::Failure;
use kernel::{Money, PaymentId, Time, TransferId};
use proto::payment::v1;
use store::{Cause, DueTimer, Error, Fact, Keys, Store, Stored, Timer, Work};
use uuid::Uuid;

use crate::{
    books,
    domain::{
        Refusal,
        escrow::Escrow,
        intent::{Charge, Consequence, Intent, State},
        ledger::{Kind, Mode, Place, Transfer},
    },
    providers::{Means, Provider},
    store::sandbox_charge::Reference,
};

/// The timer that asks a provider what became of a charge.
pub(crate) const ASK: &str = "ask_provider";

/// How long the provider has before it is asked by our reference.
const PATIENCE: Duration = Duration::from_secs(5);

/// Moves money between providers, wallets and escrow. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Charging {
    pub(crate) store: Store,
    pub(crate) provider: Arc<dyn Provider>,
}

impl Charging {
    /// Charges an intent by these means and answers with the intent as it then stands.
    pub(crate) async fn charge(&self, cause: Cause, id: PaymentId, means: Means) -> Result<Stored<Intent>, Error<Refusal>> {
        let now = self.store.clock().now();
        let ask_at = now.plus(PATIENCE);
        let keys = Keys::new().one::<Intent>(id);
        // The number of the attempt is recorded with the cause, so that the same request asks under the same reference.
        let attempt = self.store.execute::<u32, Refusal, _>(cause, keys, move |work| {
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            intent.begin_charge(now)?;
            let attempt = intent.attempts;
            work.schedule(Timer::new(ASK, id, ask_at));
            Ok(attempt)
        });
        let attempt = attempt.await?;
        let mut intent = self.intent(id).await?;
        if intent.was_never_asked(attempt) {
            self.charge_again(id, attempt, ask_at).await?;
            intent = self.intent(id).await?;
        }
        if intent.state != State::Processing || intent.attempts != attempt {
            return Ok(intent);
        }
        let charge = self.provider.charge(reference(id, attempt), intent.amount, &means).await;
        self.record(id, attempt, charge).await
    }

    /// Takes an attempt up again that no provider has heard of: we died before we asked, and the same request has come again.
    async fn charge_again(&self, id: PaymentId, attempt: u32, ask_at: Time) -> Result<(), Error<Refusal>> {
        let now = self.store.clock().now();
        let (cause, keys) = (Cause::step("charge_again", Uuid::new_v4()), Keys::new().one::<Intent>(id));
        let again = self.store.execute::<(), Refusal, _>(cause, keys, move |work| {
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            if intent.charge_again(attempt, now) {
                work.schedule(Timer::new(ASK, id, ask_at));
            }
            Ok(())
        });
        again.await
    }

    async fn intent(&self, id: PaymentId) -> Result<Stored<Intent>, Error<Refusal>> {
        let known = self.store.get::<Intent>(id).await.map_err(Error::of_read)?;
        known.ok_or(Error::NotFound)
    }

    /// Records what the provider says of one attempt. It may come twice, late, or before we asked.
    pub(crate) async fn record(&self, id: PaymentId, attempt: u32, charge: Charge) -> Result<Stored<Intent>, Error<Refusal>> {
        let now = self.store.clock().now();
        let known = self.intent(id).await?;
        let keys = keys(&known, attempt);
        // Capturing is recorded once for an attempt; other answers may change.
        let cause = match &charge {
            Charge::Captured(_) => Cause::step(&format!("captured {attempt}"), id),
            _ => Cause::step("heard", Uuid::new_v4()),
        };
        let recorded = self.store.execute::<(), Refusal, _>(cause, keys, move |work| {
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            let consequence = intent.heard(attempt, charge.clone(), now);
            let intent = intent.clone();
            settle(work, &intent, attempt, consequence, now)
        });
        recorded.await?;
        self.intent(id).await
    }
}

/// Asks the provider what became of the newest charge of an intent.
///
/// # Errors
/// Also while the provider does not say: the timer fails, and with it comes again, later each time.
pub(crate) async fn ask(charging: Charging, due: DueTimer) -> Result<(), Failure> {
    let id = PaymentId::from_uuid(due.aggregate);
    let intent = charging.store.get::<Intent>(id).await?;
    let Some(intent) = intent.filter(|intent| matches!(intent.state, State::Processing | State::Unknown)) else {
        return Ok(());
    };
    let charge = charging.provider.charge_status(reference(id, intent.attempts)).await;
    let recorded = charging.record(id, intent.attempts, charge).await?;
    match recorded.state {
        State::Processing | State::Unknown => Err(Failure::passing("the provider does not say yet")),
        State::RequiresPaymentMethod | State::RequiresAction | State::Succeeded | State::Cancelled | State::Conflicted => Ok(()),
    }
}

/// Our reference of an attempt.
pub(crate) fn reference(id: PaymentId, attempt: u32) -> Reference {
    Reference::derived(id, &format!("charge {attempt}"))
}

/// Every account that a payment may touch, whoever pays.
pub(crate) fn keys(intent: &Intent, attempt: u32) -> Keys {
    let currency = intent.amount.currency();
    let provider = Place::platform(Kind::Provider, reference(intent.id, attempt), currency);
    let wallet = Place::wallet(intent.payer, currency);
    let escrows = intent.orders.iter().map(|order| Place::escrow(order.order, intent.payer, currency));
    let orders = intent.orders.iter().map(|order| order.order);
    books::keys(
        Keys::new().one::<Intent>(intent.id).all::<Escrow>(orders),
        [provider, wallet].into_iter().chain(escrows),
    )
}

fn settle(work: &mut Work, intent: &Intent, attempt: u32, consequence: Consequence, now: Time) -> Result<(), Refusal> {
    let currency = intent.amount.currency();
    let reference = reference(intent.id, attempt);
    let provider = Place::platform(Kind::Provider, reference, currency);
    match consequence {
        Consequence::Nothing => Ok(()),
        Consequence::TellDeclined => {
            let body = v1::IntentDeclined {
                payment_id: intent.id.to_string(),
                checkout_id: intent.checkout.map(|checkout| checkout.to_string()).unwrap_or_default(),
                payer_id: intent.payer.to_string(),
                reason: intent.decline_reason.clone(),
            };
            work.emit(Fact::new("payment.v1.intent_declined", intent.id, [intent.payer], &body));
            Ok(())
        }
        Consequence::FundEscrows => fund(work, intent, provider, now),
        Consequence::CreditWallet => {
            let transfer = Transfer {
                id: TransferId::derived(reference, "top_up"),
                mode: Mode::Single,
                debit: provider,
                credit: Place::wallet(intent.payer, currency),
                amount: intent.amount.minor_units(),
                code: "top_up",
                reference: intent.id.uuid(),
            };
            books::post(work, &[transfer], now)?;
            let body = v1::WalletToppedUp {
                payment_id: intent.id.to_string(),
                owner_id: intent.payer.to_string(),
                amount: Some(runtime::money(intent.amount)),
            };
            work.emit(Fact::new("payment.v1.wallet_topped_up", intent.id, [intent.payer], &body));
            Ok(())
        }
    }
}

/// Puts a paid intent's money into one escrow per order, and tells order of each.
pub(crate) fn fund(work: &mut Work, intent: &Intent, from: Place, now: Time) -> Result<(), Refusal> {
    for order in &intent.orders {
        let currency = order.amount.currency();
        let transfer = Transfer {
            id: TransferId::derived(order.order, "fund"),
            mode: Mode::Single,
            debit: from,
            credit: Place::escrow(order.order, intent.payer, currency),
            amount: order.amount.minor_units(),
            code: "purchase",
            reference: order.order.uuid(),
        };
        books::post(work, &[transfer], now)?;
        work.insert(Escrow {
            order: order.order,
            payment: intent.id,
            buyer: intent.payer,
            seller: order.seller,
            funded: order.amount,
            released: Money::zero(currency),
            refunded: Money::zero(currency),
            fee: order.fee,
            created: now,
        });
        let body = v1::EscrowFunded {
            payment_id: intent.id.to_string(),
            checkout_id: intent.checkout.map(|checkout| checkout.to_string()).unwrap_or_default(),
            order_id: order.order.to_string(),
            buyer_id: intent.payer.to_string(),
            seller_id: order.seller.to_string(),
            amount: Some(runtime::money(order.amount)),
        };
        work.emit(Fact::new(
            "payment.v1.escrow_funded",
            order.order,
            [intent.payer, order.seller],
            &body,
        ));
    }
    Ok(())
}
