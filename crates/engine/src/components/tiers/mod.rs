//! Tiers: discounts on orders by what a customer has spent before.

mod lint;
mod plan;

pub(crate) use plan::TiersPlan;
