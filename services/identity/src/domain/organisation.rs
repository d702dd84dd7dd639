//! A company, or the organisation of one person.

use kernel::{OrganisationId, Time};

use super::{Membership, Refusal, Role};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Organisation {
    pub(crate) id: OrganisationId,
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) personal: bool,
    /// How many owners there are; never none.
    pub(crate) owners: u32,
    pub(crate) created: Time,
}

impl Organisation {
    /// A member joins, or joins again, let in by another.
    pub(crate) fn join(&mut self, by: &Membership, member: &mut Membership, role: Role, rejoining: bool) -> Result<(), Refusal> {
        may_change(by, &[role])?;
        if self.personal {
            return Err(Refusal::Personal);
        }
        if rejoining && member.active {
            return Err(Refusal::AlreadyMember);
        }
        (member.role, member.active) = (role, true);
        self.owners += u32::from(role == Role::Owner);
        Ok(())
    }

    /// A member gets another role.
    pub(crate) fn change_role(&mut self, by: &Membership, member: &mut Membership, role: Role) -> Result<(), Refusal> {
        may_change(by, &[member.role, role])?;
        self.spare(member)?;
        member.role = role;
        self.owners += u32::from(role == Role::Owner);
        Ok(())
    }

    /// A member leaves, by themselves or because another says so.
    pub(crate) fn leave(&mut self, by: &Membership, member: &mut Membership) -> Result<(), Refusal> {
        if by.id != member.id {
            may_change(by, &[member.role])?;
        }
        self.spare(member)?;
        member.active = false;
        Ok(())
    }

    /// Takes an owner out of the count, unless nobody would be left.
    fn spare(&mut self, member: &Membership) -> Result<(), Refusal> {
        if !member.active {
            return Err(Refusal::NoSuchMember);
        }
        if member.role == Role::Owner {
            if self.owners == 1 {
                return Err(Refusal::LastOwner);
            }
            self.owners -= 1;
        }
        Ok(())
    }
}

/// Whether somebody may change a membership that has or gets these roles. It is their membership as it
/// now stands that counts: a token knows what it was when they signed in.
fn may_change(by: &Membership, roles: &[Role]) -> Result<(), Refusal> {
    if !by.active || !by.role.manages() {
        return Err(Refusal::MayNotManage);
    }
    if by.role != Role::Owner && roles.contains(&Role::Owner) {
        return Err(Refusal::OwnersOnly);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::AccountId;

    use super::*;

    fn company() -> Organisation {
        Organisation {
            id: OrganisationId::at(Time::default()),
            name: "Co".to_owned(),
            country: "DE".to_owned(),
            personal: false,
            owners: 1,
            created: Time::default(),
        }
    }

    fn member(organisation: &Organisation, role: Role) -> Membership {
        Membership::new(organisation.id, AccountId::at(Time::default()), role, Time::default())
    }

    #[test]
    fn the_last_owner_neither_leaves_nor_changes_roles() {
        let mut organisation = company();
        let mut owner = member(&organisation, Role::Owner);
        let by = owner.clone();
        assert_eq!(organisation.leave(&by, &mut owner), Err(Refusal::LastOwner));
        assert_eq!(organisation.change_role(&by, &mut owner, Role::Viewer), Err(Refusal::LastOwner));

        let mut other = member(&organisation, Role::Owner);
        organisation.join(&by, &mut other, Role::Owner, false).unwrap();
        let by = other.clone();
        organisation.leave(&by, &mut owner).unwrap();
        assert_eq!(organisation.leave(&by, &mut other), Err(Refusal::LastOwner));
        assert_eq!(organisation.leave(&by, &mut owner), Err(Refusal::NoSuchMember));
    }

    #[test]
    fn only_owners_make_and_change_owners() {
        let mut organisation = company();
        let (mut owner, mut admin, mut clerk) = (
            member(&organisation, Role::Owner),
            member(&organisation, Role::Admin),
            member(&organisation, Role::Sales),
        );
        let by = admin.clone();
        assert_eq!(organisation.change_role(&by, &mut admin, Role::Owner), Err(Refusal::OwnersOnly));
        assert_eq!(organisation.change_role(&by, &mut owner, Role::Viewer), Err(Refusal::OwnersOnly));
        assert_eq!(organisation.leave(&by, &mut owner), Err(Refusal::OwnersOnly));
        assert_eq!(organisation.join(&by, &mut clerk, Role::Owner, false), Err(Refusal::OwnersOnly));
        assert_eq!(organisation.change_role(&by, &mut clerk, Role::Finance), Ok(()));
        assert_eq!(organisation.owners, 1);
    }

    #[test]
    fn anybody_leaves_by_themselves_and_nobody_else_sends_them_away() {
        let mut organisation = company();
        let (mut viewer, mut clerk) = (member(&organisation, Role::Viewer), member(&organisation, Role::Sales));
        assert_eq!(organisation.leave(&clerk.clone(), &mut viewer), Err(Refusal::MayNotManage));
        assert_eq!(organisation.leave(&clerk.clone(), &mut clerk), Ok(()));
        assert_eq!(organisation.leave(&clerk.clone(), &mut clerk), Err(Refusal::NoSuchMember));
    }

    #[test]
    fn who_manages_no_more_changes_nobody() {
        let mut organisation = company();
        let (mut clerk, owner) = (member(&organisation, Role::Sales), member(&organisation, Role::Owner));
        let by = clerk.clone();
        assert_eq!(organisation.change_role(&by, &mut clerk, Role::Admin), Err(Refusal::MayNotManage));
        let left = Membership { active: false, ..owner };
        let mut back = left.clone();
        assert_eq!(organisation.join(&left, &mut back, Role::Viewer, true), Err(Refusal::MayNotManage));
    }
}
