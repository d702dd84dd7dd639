//! Ratings: stars, and what they come to.

use kernel::OrganisationId;

/// One to five stars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stars(u8);

/// The stars that something got from everyone. Their sum is kept, so that the average never drifts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rating {
    pub(crate) stars: i64,
    pub(crate) count: i64,
}

/// How an organisation's trading partners rate it, on either side of a trade.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reputation {
    pub(crate) organisation: OrganisationId,
    pub(crate) as_seller: Rating,
    pub(crate) as_buyer: Rating,
}

impl Reputation {
    /// Of somebody whom nobody has rated yet.
    pub(crate) fn new(organisation: OrganisationId) -> Self {
        Self {
            organisation,
            as_seller: Rating::default(),
            as_buyer: Rating::default(),
        }
    }
}

impl Stars {
    /// So many stars; nothing when they are fewer than one or more than five.
    pub(crate) fn new(stars: i32) -> Option<Self> {
        u8::try_from(stars).ok().filter(|stars| (1..=5).contains(stars)).map(Self)
    }

    pub(crate) fn get(self) -> i32 {
        self.0.into()
    }
}

impl Rating {
    /// One more opinion.
    pub(crate) fn add(&mut self, stars: Stars) {
        self.stars += i64::from(stars.get());
        self.count += 1;
    }

    /// Between 1 and 5; nothing when nobody has an opinion.
    pub(crate) fn average(self) -> Option<f64> {
        (self.count > 0).then(|| self.stars as f64 / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_one_to_five_stars() {
        let known: Vec<i32> = (-1..=7).filter(|stars| Stars::new(*stars).is_some()).collect();
        assert_eq!(known, [1, 2, 3, 4, 5]);
        assert_eq!(Stars::new(257), None);
    }

    #[test]
    fn an_average_is_of_all_opinions() {
        let mut rating = Rating::default();
        assert_eq!(rating.average(), None);
        for stars in [5, 4, 4] {
            rating.add(Stars::new(stars).unwrap());
        }
        assert_eq!(rating.average(), Some(13.0 / 3.0));
    }
}
