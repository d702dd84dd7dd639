//! Who may act for an organisation, and in what.

use kernel::{AccountId, OrganisationId, Time};

kernel::named! {
    pub(crate) enum Role {
        Owner = "owner",
        Admin = "admin",
        Sales = "sales",
        Purchasing = "purchasing",
        Warehouse = "warehouse",
        Finance = "finance",
        Viewer = "viewer",
    }
}

impl Role {
    /// Whether it lets somebody change who is a member, and in which role.
    pub(crate) fn manages(self) -> bool {
        self.scopes().contains(&"organisation.write")
    }

    /// The scopes that a token for this role carries. Everybody reads; who writes what is the role.
    pub(crate) fn scopes(self) -> Vec<&'static str> {
        const READ: [&str; 5] = [
            "organisation.read",
            "orders.read",
            "payments.read",
            "logistics.read",
            "messages.read",
        ];
        let write: &[&str] = match self {
            Self::Owner | Self::Admin => &[
                "organisation.write",
                "catalog.write",
                "logistics.write",
                "orders.write",
                "purchases.write",
                "quotations.write",
                "payments.write",
                "payouts.write",
                "messages.write",
            ],
            Self::Sales => &[
                "catalog.write",
                "logistics.write",
                "quotations.write",
                "orders.write",
                "messages.write",
            ],
            Self::Purchasing => &["orders.write", "purchases.write", "payments.write", "messages.write"],
            Self::Warehouse => &["logistics.write", "messages.write"],
            Self::Finance => &["payments.write", "payouts.write", "messages.write"],
            Self::Viewer => &[],
        };
        READ.iter().chain(write).copied().collect()
    }
}

/// Of how many organisations somebody may be a member until others can add them to no more.
pub(crate) const MOST_ADDED: u64 = 100;

/// Of how many somebody may be a member until they can found no more. It is more
/// than others can add them to, so that nobody takes all of their places.
pub(crate) const MOST_FOUNDED: u64 = 200;

/// How many members an organisation may have.
pub(crate) const MOST_MEMBERS: u64 = 1_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Membership {
    pub(crate) id: MembershipId,
    pub(crate) organisation: OrganisationId,
    pub(crate) account: AccountId,
    pub(crate) role: Role,
    /// A former member keeps the row, so that joining again is a change and not a conflict.
    pub(crate) active: bool,
    pub(crate) created: Time,
}

kernel::id!(/** A membership, derived from its organisation and account. */ MembershipId, "mem");

impl Membership {
    pub(crate) fn id_of(organisation: OrganisationId, account: AccountId) -> MembershipId {
        MembershipId::derived(organisation, &account.to_string())
    }

    pub(crate) fn new(organisation: OrganisationId, account: AccountId, role: Role, created: Time) -> Self {
        Self {
            id: Self::id_of(organisation, account),
            organisation,
            account,
            role,
            active: true,
            created,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn with(scope: &str) -> Vec<Role> {
        Role::ALL.into_iter().filter(|role| role.scopes().contains(&scope)).collect()
    }

    #[test]
    fn an_owner_has_every_scope_that_is_demanded_and_no_other() {
        let rules = runtime::auth::Rules::ours();
        assert_eq!(BTreeSet::from_iter(Role::Owner.scopes()), rules.scopes());
    }

    #[test]
    fn whoever_sells_for_an_organisation_does_not_buy_for_it_and_the_other_way_round() {
        assert_eq!(with("purchases.write"), [Role::Owner, Role::Admin, Role::Purchasing]);
        assert_eq!(with("quotations.write"), [Role::Owner, Role::Admin, Role::Sales]);
    }

    #[test]
    fn a_viewer_changes_nothing_and_only_some_pay_out() {
        assert!(Role::Viewer.scopes().iter().all(|scope| scope.ends_with(".read")));
        assert_eq!(with("payouts.write"), [Role::Owner, Role::Admin, Role::Finance]);
    }
}
