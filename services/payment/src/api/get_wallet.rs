//! The acting organisation's wallet in a currency. One that was never used holds nothing.

use proto::payment::v1::{GetWalletRequest, Wallet};
use runtime::{Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::account::{Account, AccountKey};

pub(super) async fn handle(api: &Api, request: &Request<GetWalletRequest>) -> Result<Wallet, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let currency = check.currency("currency", &request.get_ref().currency);
    let key = AccountKey::wallet(principal.organisation, check.finish(currency)?);
    let account = api.store.get::<Account>(key.id).await?;
    Ok(present::wallet(
        &account.map_or_else(|| Account::open(key), store::Stored::into_inner),
    ))
}
