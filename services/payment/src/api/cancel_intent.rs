//! Cancels an intent unless money is captured or on its way, which its provider is asked about first.

use kernel::PaymentId;
use proto::payment::v1::{CancelIntentRequest, CancelIntentResponse, cancel_intent_response::Outcome};
use runtime::Violations;
use store::{Cause, Keys};
use tonic::Status;

use super::{Api, present};
use crate::{
    domain::{
        Refusal,
        intent::{Cancellation, Intent},
    },
    store::facts,
};

pub(super) async fn handle(api: &Api, request: CancelIntentRequest) -> Result<CancelIntentResponse, Status> {
    let mut check = Violations::new();
    let id = check.id::<PaymentId>("payment_id", &request.payment_id);
    let reason = check.text("reason", &request.reason, 0..=100);
    let id = check.finish(id)?;
    // Money that waits for its payer may have been captured meanwhile.
    if let Some(intent) = api.store.get::<Intent>(id).await? {
        api.charging.ask(&intent).await?;
    }
    let now = api.now();
    let cancelled =
        api.store
            .execute::<CancelIntentResponse, Refusal, _>(Cause::told_by_rows(), Keys::new().one::<Intent>(id), move |work| {
                let outcome = |outcome: Outcome| {
                    Ok(CancelIntentResponse {
                        outcome: outcome.into(),
                        orders: Vec::new(),
                    })
                };
                let Some(intent) = work.change::<Intent>(id) else {
                    // Never opened, and never to be.
                    work.insert(Intent::tombstone(id, now));
                    return outcome(Outcome::Cancelled);
                };
                match intent.cancel(now) {
                    Cancellation::Paid => Ok(CancelIntentResponse {
                        outcome: Outcome::Succeeded.into(),
                        orders: present::amounts(intent),
                    }),
                    Cancellation::BeingPaid => outcome(Outcome::Processing),
                    Cancellation::Known => outcome(Outcome::Cancelled),
                    Cancellation::Done => {
                        let told = facts::intent_cancelled(intent, &reason);
                        work.emit(told);
                        outcome(Outcome::Cancelled)
                    }
                }
            });
    Ok(cancelled.await?)
}
