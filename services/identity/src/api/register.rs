//! Registers a person and opens their personal organisation.

use std::ops::RangeInclusive;

use kernel::OrganisationId;
use proto::identity::v1::{Account as AccountMessage, RegisterRequest};
use runtime::{Problem, Violations};
use store::{Cause, Error, Keys, Work};
use tonic::Status;
use uuid::Uuid;

use super::{Api, present};
use crate::{
    domain::{Account, Email, Membership, Organisation, Refusal, Role},
    store::{account::with_email, facts},
};

/// How many characters a password has.
pub(crate) const PASSWORD: RangeInclusive<usize> = 10..=200;

pub(super) async fn handle(api: &Api, request: RegisterRequest) -> Result<AccountMessage, Status> {
    let mut check = Violations::new();
    let email = Email::parse(&request.email);
    check.require(email.is_some(), "email", "must be an e-mail address");
    let characters = request.password.chars().count();
    check.require(PASSWORD.contains(&characters), "password", "must have 10 to 200 characters");
    let display_name = check.line("display_name", &request.display_name, 1..=100);
    let country = check.country("country", &request.country);
    let email = check.finish(email)?;

    let now = api.now();
    let cause = cause(&request, &email);
    // Hashing takes long, and whoever asks for an address that is taken, or once more for their own, need not wait for it.
    if with_email(&api.store, &email).await?.is_some() {
        let taken = |_: &mut Work| Err(Refusal::EmailTaken);
        return Ok(api.store.execute::<AccountMessage, _, _>(cause, Keys::new(), taken).await?);
    }
    let password_hash = api.passwords.hash(request.password).await.map_err(Problem::from)?;
    let account = Account::new(email.clone(), password_hash, display_name, country, now);
    let keys = Keys::new()
        .one::<Account>(account.id)
        .one::<Organisation>(account.personal_organisation)
        .one::<Membership>(Membership::id_of(account.personal_organisation, account.id));
    match api
        .store
        .execute::<AccountMessage, Refusal, _>(cause, keys, move |work| Ok(open(work, &account)))
        .await
    {
        // The database guards that addresses are unique; here we only find out whether that is what it objected to.
        Err(Error::Database(error)) => Err(if with_email(&api.store, &email).await?.is_some() {
            Error::Refused(Refusal::EmailTaken)
        } else {
            Error::Database(error)
        }
        .into()),
        outcome => Ok(outcome?),
    }
}

/// Opens an account and its personal organisation.
pub(crate) fn open(work: &mut Work, account: &Account) -> AccountMessage {
    let (id, personal) = (account.id, account.personal_organisation);
    work.insert(Organisation {
        id: personal,
        name: account.display_name.clone(),
        country: account.country.clone(),
        personal: true,
        owners: 1,
        created: account.created,
    });
    work.insert(Membership::new(personal, id, Role::Owner, account.created));
    work.insert(account.clone());
    work.emit(facts::account_registered(account));
    present::account(account)
}

/// Nobody is signed in yet, so the address takes the tenant's place. The password
/// is left out of what tells requests apart: it is not to be remembered.
fn cause(request: &RegisterRequest, email: &Email) -> Cause {
    let tenant = OrganisationId::derived(Uuid::nil(), email.as_str());
    let told = RegisterRequest {
        password: String::new(),
        ..request.clone()
    };
    Cause::request(tenant, "Register", &request.request_id, &told)
}
