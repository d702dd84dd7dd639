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
    /// A member joins, or joins again.
    pub(crate) fn join(&mut self, member: &mut Membership, role: Role, rejoining: bool) -> Result<(), Refusal> {
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
    pub(crate) fn change_role(&mut self, member: &mut Membership, role: Role) -> Result<(), Refusal> {
        self.spare(member)?;
        member.role = role;
        self.owners += u32::from(role == Role::Owner);
        Ok(())
    }

    /// A member leaves.
    pub(crate) fn leave(&mut self, member: &mut Membership) -> Result<(), Refusal> {
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

#[cfg(test)]
mod tests {
    use kernel::AccountId;

    use super::*;

    #[test]
    fn the_last_owner_neither_leaves_nor_changes_roles() {
        let now = Time::default();
        let id = OrganisationId::at(now);
        let mut organisation = Organisation {
            id,
            name: "Co".to_owned(),
            country: "DE".to_owned(),
            personal: false,
            owners: 1,
            created: now,
        };
        let mut owner = Membership::new(id, AccountId::at(now), Role::Owner, now);
        assert_eq!(organisation.leave(&mut owner), Err(Refusal::LastOwner));
        assert_eq!(organisation.change_role(&mut owner, Role::Viewer), Err(Refusal::LastOwner));

        let mut other = Membership::new(id, AccountId::at(now), Role::Owner, now);
        organisation.join(&mut other, Role::Owner, false).unwrap();
        organisation.leave(&mut owner).unwrap();
        assert_eq!(organisation.leave(&mut other), Err(Refusal::LastOwner));
        assert_eq!(organisation.leave(&mut owner), Err(Refusal::NoSuchMember));
    }
}
