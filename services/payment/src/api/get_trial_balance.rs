//! The books, recomputed for operators.

use proto::payment::v1::TrialBalance;
use store::unread;
use tonic::Status;

use super::Api;
use crate::store::trial_balance::balance;

pub(super) async fn handle(api: &Api) -> Result<TrialBalance, Status> {
    Ok(balance(&api.store).await.map_err(unread)?)
}
