//! Payouts: the amount is held in the wallet, the bank is asked, and the hold moves or is given back.

use events::Failure;
use kernel::{PayoutId, Time, TransferId};
use proto::payment::v1::{
    CreatePayoutRequest, GetPayoutRequest, ListPayoutsRequest, ListPayoutsResponse, Payout as PayoutMessage, PayoutChanged,
};
use runtime::{Problem, Violations, auth::principal, money};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{Cause, Fact, Keys, Stored, Timer, Work};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    books,
    charging::Charging,
    domain::{
        Refusal,
        ledger::{Kind, Mode, Place, Transfer},
        payout::{Payout, State},
    },
    providers::Sent,
    store::{payout::row, sandbox_charge::Reference},
};

/// The timer that sends a payout to the bank, and asks again while the bank is silent.
pub(crate) const SEND: &str = "send_payout";

pub(super) async fn create(api: &Api, request: &Request<CreatePayoutRequest>) -> Result<PayoutMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let amount = check.positive_money("amount", request.amount.as_ref());
    let bank_account_token = check.text("bank_account_token", &request.bank_account_token, 1..=200);
    check.check()?;
    let amount = amount.expect("a missing amount ended the request");

    let now = api.now();
    let owner = principal.organisation;
    let payout = Payout {
        id: PayoutId::at(now),
        owner,
        amount,
        bank_account_token,
        state: State::Pending,
        failure_reason: String::new(),
        created: now,
        updated: now,
    };
    let cause = Cause::request(owner, "CreatePayout", &request.request_id, request);
    let created = api.store.execute::<PayoutMessage, Refusal, _>(cause, keys(&payout), move |work| {
        books::post(work, &[transfer(&payout, Mode::Hold)], now)?;
        work.insert(payout.clone());
        work.schedule(Timer::new(SEND, payout.id, now));
        Ok(present::payout(&Stored::new(1, payout.clone())))
    });
    Ok(created.await?)
}

/// Asks the bank, and records what it says.
///
/// # Errors
/// Also while the bank does not say: the timer fails, and with it comes again, later each time.
pub(crate) async fn send(charging: &Charging, id: PayoutId) -> Result<(), Failure> {
    let Some(payout) = charging.store.get::<Payout>(id).await? else {
        return Ok(());
    };
    let reference = Reference::derived(id, "payout");
    let sent = match payout.state {
        State::Pending => {
            charging
                .provider
                .pay_out(reference, payout.amount, &payout.bank_account_token)
                .await
        }
        State::Paid | State::Failed => return Ok(()),
    };
    if sent == Sent::Silent {
        return Err(Failure::passing("the bank does not say yet"));
    }
    let now = charging.store.clock().now();
    let cause = Cause::step("payout_settled", id);
    Ok(charging
        .store
        .execute::<(), Refusal, _>(cause, keys(&payout), move |work| settle(work, id, &sent, now))
        .await?)
}

fn settle(work: &mut Work, id: PayoutId, sent: &Sent, now: Time) -> Result<(), Refusal> {
    let Some(payout) = work.change::<Payout>(id) else { return Ok(()) };
    let (news, mode, subject) = match sent {
        Sent::Paid => (payout.paid(now), Mode::Post, "payment.v1.payout_paid"),
        Sent::Failed(reason) => (payout.failed(reason.clone(), now), Mode::Void, "payment.v1.payout_failed"),
        Sent::Silent => return Ok(()),
    };
    let payout = payout.clone();
    if news {
        books::post(work, &[transfer(&payout, mode)], now)?;
        let body = PayoutChanged {
            payout_id: id.to_string(),
            owner_id: payout.owner.to_string(),
            amount: Some(money(payout.amount)),
            failure_reason: payout.failure_reason.clone(),
        };
        work.emit(Fact::new(subject, id, [payout.owner], &body));
    }
    Ok(())
}

fn keys(payout: &Payout) -> Keys {
    let moved = transfer(payout, Mode::Hold);
    books::keys(Keys::new().one::<Payout>(payout.id), [moved.debit, moved.credit])
}

fn transfer(payout: &Payout, mode: Mode) -> Transfer {
    let currency = payout.amount.currency();
    Transfer {
        id: TransferId::derived(payout.id, mode.name()),
        mode,
        debit: Place::wallet(payout.owner, currency),
        credit: Place::platform(Kind::Payouts, payout.id, currency),
        amount: payout.amount.minor_units(),
        code: "payout",
        reference: payout.id.uuid(),
    }
}

pub(super) async fn get(api: &Api, request: &Request<GetPayoutRequest>) -> Result<PayoutMessage, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let id = check.id::<PayoutId>("payout_id", &request.get_ref().payout_id);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    let payout = api
        .store
        .get::<Payout>(id)
        .await?
        .filter(|payout| payout.owner == principal.organisation);
    Ok(present::payout(&payout.ok_or_else(|| Problem::not_found("payout"))?))
}

pub(super) async fn list(api: &Api, request: &Request<ListPayoutsRequest>) -> Result<ListPayoutsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let page = check.page(request.page_size, &request.page_token, ("payouts", principal.organisation));
    check.check()?;
    let select = row::Entity::find().filter(row::Column::Owner.eq(principal.organisation.uuid()));
    let (payouts, next_page_token) = api.store.newest::<Payout, _>(select, &page).await?;
    Ok(ListPayoutsResponse {
        payouts: payouts.iter().map(present::payout).collect(),
        next_page_token,
    })
}
