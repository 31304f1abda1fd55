//! Vesting has no faults of its own: nothing is paid before it, so nothing has to be taken back.

use super::VestingPlan;
use crate::lint::{Inspection, Rules};

impl Rules for VestingPlan {
    fn lint(&self, _on: &mut Inspection<'_>) {}
}
