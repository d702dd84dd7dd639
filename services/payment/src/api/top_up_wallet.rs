//! Brings money in through a provider, as a payment of its own.

use kernel::{InvalidId, PaymentId};
use proto::payment::v1::{Payment, TopUpWalletRequest};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, Method, method, payable, present};
use crate::domain::{Refusal, intent::Intent};

pub(super) async fn handle(api: &Api, request: &Request<TopUpWalletRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let amount = payable(&mut check, request.amount.as_ref());
    let method = method(&mut check, request.method.as_ref());
    let (amount, method) = check.finish((amount, method))?;
    let Method::Provider(means) = method else {
        return Err(Problem::invalid_field("method", "a wallet is not topped up from itself").into());
    };

    let (now, payer) = (api.now(), principal.organisation);
    let cause = Cause::request(payer, "TopUpWallet", &request.request_id, request);
    // A request that a provider was asked for before hears what became of it, even if it would be refused now.
    let refusal = api.charging.refusal(payer, amount.currency(), true).await?;
    if let Some(refused) = refusal.clone()
        && api.store.recorded::<u32>(cause.clone()).await?.is_none()
    {
        return Err(Problem::from(refused).into());
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
    Ok(present::payment(&api.charging.charge(cause, id, means, refusal).await?))
}
