//! Pays. From the wallet it is one write; through a provider the try is recorded, the provider asked, and its answer recorded.

use std::sync::Arc;

use kernel::{OrganisationId, PaymentId};
use proto::payment::v1::{ConfirmPaymentRequest, Payment};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Error, Keys};
use tonic::{Request, Status};

use super::{Api, Method, get_payment::of_payer, method, present};
use crate::{
    books, charging,
    domain::{
        Refusal,
        account::{Account, AccountKey},
        escrow::Escrow,
        intent::Intent,
    },
};

pub(super) async fn handle(api: &Api, request: &Request<ConfirmPaymentRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<PaymentId>("payment_id", &request.payment_id);
    let method = method(&mut check, request.method.as_ref());
    let (id, method) = check.finish((id, method))?;

    let payer = principal.organisation;
    let cause = Cause::request(payer, "ConfirmPayment", &request.request_id, request);
    match method {
        Method::Wallet => from_wallet(api, cause, id, payer).await,
        Method::Provider(means) => {
            let known = of_payer(api, payer, id).await?;
            let (currency, top_up) = (known.amount.currency(), known.checkout.is_none());
            let refusal = api.charging.refusal(payer, currency, top_up).await?;
            api.charging.provider().map_err(Problem::from)?;
            // What was begun before may have been captured meanwhile.
            api.charging.ask(&known).await?;
            Ok(present::payment(&api.charging.charge(cause, id, means, refusal).await?))
        }
    }
}

async fn from_wallet(api: &Api, cause: Cause, id: PaymentId, payer: OrganisationId) -> Result<Payment, Status> {
    let known = match api.opened.get(&id).filter(|intent| intent.payer == payer) {
        Some(known) => known,
        None => Arc::new(of_payer(api, payer, id).await?.into_inner()),
    };
    if known.checkout.is_none() {
        return Err(Problem::invalid_field("method", "a wallet is not topped up from itself").into());
    }
    let now = api.now();
    let wallet = AccountKey::wallet(payer, known.amount.currency());
    let escrows = known
        .orders
        .iter()
        .map(|order| AccountKey::escrow(order.order, payer, order.amount.currency()));
    let keys = Keys::new()
        .one::<Intent>(id)
        .all_fresh::<Escrow>(known.orders.iter().map(|order| order.order))
        .all_fresh::<Account>(escrows.map(|escrow| escrow.id));
    let keys = books::keys(keys, [wallet]);
    let pay = |asked: bool| {
        let (cause, keys) = (cause.clone(), keys.clone());
        api.store.execute::<Payment, Refusal, _>(cause, keys, move |work| {
            let intent = work.change::<Intent>(id).ok_or(Refusal::NoSuchPayment)?;
            intent.pay_from_wallet(asked, now)?;
            let intent = intent.clone();
            charging::fund(work, &intent, wallet, now)?;
            Ok(present::payment(&work.after::<Intent>(id).ok_or(Refusal::NoSuchPayment)?))
        })
    };
    match pay(false).await {
        // What was begun before may have been captured meanwhile.
        Err(Error::Refused(Refusal::ProviderNotAsked)) => {
            let known = of_payer(api, payer, id).await?;
            api.charging.ask(&known).await?;
            Ok(pay(true).await?)
        }
        paid => Ok(paid?),
    }
}
