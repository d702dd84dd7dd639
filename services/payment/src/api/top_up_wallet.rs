//! Brings money in through a provider, as a payment of its own.

use kernel::{InvalidId, Money, OrganisationId, PaymentId};
use proto::payment::v1::{Payment, TopUpWalletRequest};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, Method, method, present};
use crate::domain::{
    Refusal,
    intent::{Intent, MOST_AT_ONCE},
    ledger::{Account, Place},
};

pub(super) async fn handle(api: &Api, request: &Request<TopUpWalletRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let amount = check.positive_money("amount", request.amount.as_ref());
    check.require(
        request.amount.as_ref().is_none_or(|amount| amount.minor_units <= MOST_AT_ONCE),
        "amount.minor_units",
        "must be at most 1,000,000,000,000,000",
    );
    let method = method(&mut check, request.method.as_ref());
    let (amount, method) = check.finish((amount, method))?;
    let Method::Provider(means) = method else {
        return Err(Problem::invalid_field("method", "a wallet is not topped up from itself").into());
    };

    let (now, payer) = (api.now(), principal.organisation);
    let cause = Cause::request(payer, "TopUpWallet", &request.request_id, request);
    // A request that a provider was asked for before hears what became of it, even if it would be refused now.
    if let Err(refused) = must_be_possible(api, payer, amount).await
        && api.store.recorded::<u32>(cause.clone()).await?.is_none()
    {
        return Err(refused.into());
    }

    // The first write records which intent it opened, so that the same request finds the same one, whatever it died of.
    let (open, id) = (cause.then("open"), PaymentId::at(now));
    let opened = api
        .store
        .execute::<Payment, Refusal, _>(open, Keys::new().one::<Intent>(id), move |work| {
            work.insert(Intent::open(id, payer, None, Vec::new(), amount, now));
            Ok(Payment {
                id: id.to_string(),
                ..Payment::default()
            })
        });
    let id = opened.await?.id.parse().map_err(|error: InvalidId| Problem::internal(error))?;
    Ok(present::payment(&api.charging.charge(cause, id, means).await?))
}

/// A provider is not asked for what the wallet could not take.
async fn must_be_possible(api: &Api, payer: OrganisationId, amount: Money) -> Result<(), Problem> {
    api.charging.provider()?;
    let wallet = api.store.get::<Account>(Place::wallet(payer, amount.currency()).id).await?;
    Ok(wallet.map_or(Ok(()), |wallet| wallet.must_have_room_for(amount))?)
}
