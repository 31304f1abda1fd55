//! Two plans side by side: which keys differ, whether the one may follow the other, and, over the same events, who
//! would get more and who less.
//!
//! [`keys`] and [`may_follow`] look at the plans alone. [`Effect::of`] compares two runs over the same history: one as
//! it was, and one as if the new plan had been in force from its first event.

mod effect;
mod keys;

pub use effect::{Account, Compared, Effect, Side};
pub use keys::{Change, keys};

use crate::{AdoptError, Plan};

/// Whether `next` may take over from `plan` in a programme under way, with participants seated.
///
/// # Errors
/// The first key or section that would have to stay.
pub fn may_follow(plan: &Plan, next: &Plan) -> Result<(), AdoptError> {
    plan.may_become(next, true, true)
}
