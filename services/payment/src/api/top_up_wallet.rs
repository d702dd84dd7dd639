//! Brings money in through a provider, as a payment of its own.

use kernel::PaymentId;
use proto::payment::v1::{Payment, TopUpWalletRequest};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, Method, method, present};
use crate::domain::{Refusal, intent::Intent};

pub(super) async fn handle(api: &Api, request: &Request<TopUpWalletRequest>) -> Result<Payment, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let amount = check.positive_money("amount", request.amount.as_ref());
    let method = method(&mut check, request.method.as_ref());
    check.check()?;
    let (Some(amount), Some(method)) = (amount, method) else {
        unreachable!("a missing field ended the request")
    };
    let Method::Provider(means) = method else {
        return Err(Problem::invalid_field("method", "a wallet is not topped up from itself").into());
    };

    // The intent's id follows from the request, so that the same request finds the same intent, whatever it died of.
    let cause = Cause::request(principal.organisation, "TopUpWallet", &request.request_id, request);
    let id = PaymentId::derived(cause.id(), "top_up");
    let (now, payer) = (api.now(), principal.organisation);
    let open = cause.then("open");
    api.store
        .execute::<(), Refusal, _>(open, Keys::new().one::<Intent>(id), move |work| {
            work.insert(Intent::open(id, payer, None, Vec::new(), amount, now));
            Ok(())
        })
        .await?;
    Ok(present::payment(&api.charging.charge(cause, id, means).await?))
}
