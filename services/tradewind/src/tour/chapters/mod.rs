//! The story, one chapter a file. Each takes what the ones before came to, and hands on what it comes to itself.

pub(super) mod buying;
pub(super) mod cancelling;
pub(super) mod competing;
pub(super) mod declining;
pub(super) mod forgetting;
pub(super) mod negotiating;
pub(super) mod opening;
pub(super) mod rating;
pub(super) mod settling;
pub(super) mod shipping;
