//! What every review does inside its transaction, beside being written: somebody's reputation changes.

use ::store::Work;
use kernel::OrganisationId;

use crate::domain::rating::Reputation;

/// Changes the reputation of this organisation, which the keys of the write name; the first opinion makes it.
pub(super) fn rate(work: &mut Work, organisation: OrganisationId, opinion: impl FnOnce(&mut Reputation)) {
    match work.change::<Reputation>(organisation) {
        Some(known) => opinion(known),
        None => {
            let mut reputation = Reputation::new(organisation);
            opinion(&mut reputation);
            work.insert(reputation);
        }
    }
}
