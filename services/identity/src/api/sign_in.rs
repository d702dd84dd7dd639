//! Signs in with e-mail and password. An unknown address takes as long as a wrong password, a hash and a write, and is answered alike.

use proto::identity::v1::{SignInRequest, Tokens};
use runtime::{Problem, Violations};
use store::{Cause, Keys};
use tonic::Status;

use super::{Api, tokens};
use crate::{
    domain::{Account, Email, Refusal, tries::Tries},
    store::{account::with_email, tally::Tally},
};

pub(super) async fn handle(api: &Api, request: SignInRequest) -> Result<Tokens, Status> {
    let mut check = Violations::new();
    let organisation = check.optional_id("organisation_id", &request.organisation_id);
    check.finish(())?;
    let email = Email::parse(&request.email);
    let account = match &email {
        Some(email) => with_email(&api.store, email).await?,
        None => None,
    };
    let open = match (&account, &email) {
        (Some(account), _) => account.tries.must_be_open(api.now()),
        (None, Some(email)) => api.strangers.must_be_open(email, api.now()),
        (None, None) => Ok(()),
    };
    open.map_err(Problem::from)?;
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let right = api.passwords.verify(request.password, stored).await.map_err(Problem::from)?;
    let wrong = || Problem::unauthenticated("the e-mail address or the password is wrong");
    let now = api.now();
    let Some(account) = account else {
        if let Some(email) = &email {
            tally(api, email, api.strangers.fail(email, now)).await?;
        }
        return Err(wrong().into());
    };
    if !right {
        note(api, &account, move |account| account.tries.fail(now)).await?;
        return Err(wrong().into());
    }
    // While the password was looked at, others may have closed the account: who
    // tries many at once does not learn which was right. Or it was replaced.
    let looked_at = account.passwords;
    let account = api.store.get::<Account>(account.id).await?;
    let account = account.filter(|account| account.passwords == looked_at).ok_or_else(wrong)?;
    account.tries.must_be_open(now).map_err(Problem::from)?;
    if account.tries.failed > 0 {
        note(api, &account, |account| Ok(account.tries = Tries::default())).await?;
    }

    let organisation = organisation.unwrap_or(account.personal_organisation);
    let member = tokens::member_of(api, organisation, account.id).await?;
    Ok(tokens::begin(api, &account, &member).await?)
}

/// Notes something in an account. What it did is not worth remembering: nobody asks for it again.
async fn note(
    api: &Api,
    account: &Account,
    change: impl Fn(&mut Account) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Result<(), Status> {
    Ok(api.store.update(Cause::told_by_rows(), account.id, change).await.map(drop)?)
}

/// What [`note`] is to an account, for an address that has none: as much
/// work, whether the try counted or came while the address was closed.
async fn tally(api: &Api, email: &Email, counted: Result<(), Refusal>) -> Result<(), Status> {
    let id = Tally::id_of(email);
    let noted = api
        .store
        .execute::<(), Refusal, _>(Cause::told_by_rows(), Keys::new().one::<Tally>(id), move |work| {
            counted.clone()?;
            match work.change::<Tally>(id) {
                Some(tally) => tally.tries += 1,
                None => work.insert(Tally { id, tries: 1 }),
            }
            Ok(())
        });
    Ok(noted.await?)
}
