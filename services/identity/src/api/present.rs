//! Nouns as the protos write them.

use proto::identity::v1;
use runtime::timestamp;
use store::Stored;

use crate::domain::{Account, Membership, Organisation, Role};

pub(super) fn account(account: &Account) -> v1::Account {
    v1::Account {
        id: account.id.to_string(),
        email: account.email.as_str().to_owned(),
        display_name: account.display_name.clone(),
        country: account.country.clone(),
        personal_organisation_id: account.personal_organisation.to_string(),
        create_time: Some(timestamp(account.created)),
    }
}

pub(super) fn organisation(organisation: &Stored<Organisation>) -> v1::Organisation {
    v1::Organisation {
        id: organisation.id.to_string(),
        name: organisation.name.clone(),
        country: organisation.country.clone(),
        personal: organisation.personal,
        etag: organisation.etag(),
        create_time: Some(timestamp(organisation.created)),
    }
}

pub(super) fn member(membership: &Membership, display_name: &str) -> v1::Member {
    v1::Member {
        organisation_id: membership.organisation.to_string(),
        account_id: membership.account.to_string(),
        display_name: display_name.to_owned(),
        role: role(membership.role).into(),
        create_time: Some(timestamp(membership.created)),
    }
}

pub(super) const fn role(role: Role) -> v1::Role {
    match role {
        Role::Owner => v1::Role::Owner,
        Role::Admin => v1::Role::Admin,
        Role::Sales => v1::Role::Sales,
        Role::Purchasing => v1::Role::Purchasing,
        Role::Warehouse => v1::Role::Warehouse,
        Role::Finance => v1::Role::Finance,
        Role::Viewer => v1::Role::Viewer,
    }
}

/// The role that a request names, if it names one.
pub(super) const fn parse_role(role: v1::Role) -> Option<Role> {
    match role {
        v1::Role::Unspecified => None,
        v1::Role::Owner => Some(Role::Owner),
        v1::Role::Admin => Some(Role::Admin),
        v1::Role::Sales => Some(Role::Sales),
        v1::Role::Purchasing => Some(Role::Purchasing),
        v1::Role::Warehouse => Some(Role::Warehouse),
        v1::Role::Finance => Some(Role::Finance),
        v1::Role::Viewer => Some(Role::Viewer),
    }
}
