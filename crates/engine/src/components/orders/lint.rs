//! Orders have no faults of their own: the commission, though charged to the company, is a part of the net amount that the
//! company earns in the same event, and no share exceeds the whole.

use super::OrdersPlan;
use crate::lint::{Inspection, Rules};

impl Rules for OrdersPlan {
    fn lint(&self, _on: &mut Inspection<'_>) {}
}
