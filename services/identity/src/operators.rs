//! Those who operate the platform. The settings say who they are and what they sign in with, and identity opens their accounts itself
//! before it serves anybody, so that nobody becomes an operator by registering an address first.

use kernel::{AccountId, OrganisationId};
use runtime::{Error, Secret};
use store::{Cause, Keys, Store};
use uuid::Uuid;

use crate::{
    api::register::{PASSWORD, open},
    domain::{Account, Email, Membership, Organisation, Refusal},
    passwords::Passwords,
    store::{account::with_email, facts},
};

/// An unknown country: the settings do not tell where an operator sits.
const NOWHERE: &str = "ZZ";

/// Sees to it that each operator has an account with the password that the settings say, and tells their addresses.
///
/// # Errors
/// A setting that names no address and password, or a database that cannot be had.
pub(crate) async fn appoint(store: &Store, passwords: &Passwords, settings: &[Secret]) -> Result<Vec<Email>, Error> {
    let mut operators = Vec::new();
    for setting in settings.iter().filter(|setting| !setting.is_empty()) {
        let (email, password) = parse(setting.reveal()).map_err(Error::Configuration)?;
        let appointed = Box::pin(see_to(store, passwords, &email, password)).await;
        appointed.map_err(|error| Error::Database(error.to_string()))?;
        operators.push(email);
    }
    Ok(operators)
}

/// Whether this is an e-mail address that somebody can sign in with.
pub fn is_email(text: &str) -> bool {
    Email::parse(text).is_some()
}

/// Whether each setting names an address and a password.
pub(crate) fn check(settings: &[Secret]) -> Result<(), String> {
    let mut named = settings.iter().filter(|setting| !setting.is_empty());
    named.try_for_each(|setting| parse(setting.reveal()).map(drop))
}

fn parse(setting: &str) -> Result<(Email, &str), String> {
    let parts = setting.split_once(':').map(|(email, password)| (Email::parse(email), password));
    let Some((Some(email), password)) = parts else {
        return Err("identity.operators: each must be an e-mail address, a colon and a password".to_owned());
    };
    if PASSWORD.contains(&password.chars().count()) {
        Ok((email, password))
    } else {
        let (least, most) = (PASSWORD.start(), PASSWORD.end());
        Err(format!("identity.operators: a password must have {least} to {most} characters"))
    }
}

async fn see_to(store: &Store, passwords: &Passwords, email: &Email, password: &str) -> Result<(), store::Error<Refusal>> {
    let crowded = "nobody else signs in before we serve";
    let known = with_email(store, email).await.map_err(store::Error::of_read)?;
    if let Some(account) = &known {
        let stored = Some(account.password_hash.clone());
        if passwords.verify(password.to_owned(), stored).await.expect(crowded) {
            return Ok(());
        }
    }
    let hash = passwords.hash(password.to_owned()).await.expect(crowded);
    match known {
        Some(account) => take_over(store, account.id, hash).await,
        None => begin(store, email, hash).await,
    }
}

/// Opens an operator's account. Its id follows from the address, so that of replicas that start at once only one does.
async fn begin(store: &Store, email: &Email, password_hash: String) -> Result<(), store::Error<Refusal>> {
    let account = Account {
        id: AccountId::derived(Uuid::nil(), email.as_str()),
        personal_organisation: OrganisationId::derived(Uuid::nil(), email.as_str()),
        ..Account::new(
            email.clone(),
            password_hash,
            "Operator".to_owned(),
            NOWHERE.to_owned(),
            store.clock().now(),
        )
    };
    let id = account.id;
    let keys = Keys::new()
        .one::<Account>(id)
        .one::<Organisation>(account.personal_organisation)
        .one::<Membership>(Membership::id_of(account.personal_organisation, id));
    let cause = Cause::step("appoint_operator", Uuid::new_v4());
    let opened = store.execute::<(), Refusal, _>(cause, keys, move |work| {
        if work.get::<Account>(id).is_none() {
            open(work, &account);
        }
        Ok(())
    });
    opened.await
}

/// Whoever holds this account, perhaps somebody who registered the address as theirs,
/// holds it no longer: the password is another one, and the sessions end.
async fn take_over(store: &Store, id: AccountId, password_hash: String) -> Result<(), store::Error<Refusal>> {
    let cause = Cause::step("appoint_operator", Uuid::new_v4());
    let replaced = store.execute::<(), Refusal, _>(cause, Keys::new().one::<Account>(id), move |work| {
        let account = work.change::<Account>(id).ok_or(Refusal::NoSuchAccount)?;
        account.replace_password(password_hash.clone());
        let replaced = facts::password_replaced(account);
        work.emit(replaced);
        Ok(())
    });
    replaced.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_names_no_operator_is_told_apart_without_its_secret() {
        let (email, password) = parse("Ada@example.com:as long: as this").unwrap();
        assert_eq!((email.as_str(), password), ("ada@example.com", "as long: as this"));
        for bad in ["ada@example.com", "ada:a long password", "ada@example.com:short"] {
            let refused = parse(bad).unwrap_err();
            assert!(refused.starts_with("identity.operators: ") && !refused.contains("ada"), "{refused}");
        }
    }
}
