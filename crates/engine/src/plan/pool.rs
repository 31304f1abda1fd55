//! The pool's part of a plan: how trees grow, and what a seat of each level costs and pays.

use banyan_types::{Amount, Bps};

use super::file::refused;
use super::{PlanError, PoolPlan, Ticket};
use crate::books::minus;

/// There are three kinds of pool reward, `POOL_L1` to `POOL_L3`.
pub(crate) const MAX_LAYERS: usize = 3;
/// A ticket that doubles 64 times is beyond any currency.
const MAX_LEVELS: u32 = 64;
/// Indexes stay below 2^63, so that databases can hold them.
pub(crate) const MAX_INDEX: u64 = i64::MAX as u64;
/// The largest whole number that every JSON reader takes exactly: 2^53.
const MAX_CAPACITY: u64 = 1 << 53;

impl PoolPlan {
    /// Layers of a board: one for each share.
    pub fn layers(&self) -> u32 {
        self.shares.len() as u32
    }

    /// Seats of a board, its owner's own not counted: 14 with three layers.
    pub fn board(&self) -> u32 {
        (2 << self.layers()) - 2
    }

    /// The last index of a tree.
    pub(crate) fn last_index(&self) -> u64 {
        self.capacity.unwrap_or(MAX_INDEX)
    }

    /// Position of seat `index` in the board of its ancestor `distance` above: 1 and 2 are the children, and so on
    /// in breadth-first order.
    pub(crate) fn position(index: u64, distance: u32) -> u64 {
        let first = index >> distance << distance;
        (index - first) + (1 << distance) - 1
    }

    /// Whether what seat `index` pays its ancestor `distance` above is kept in that ancestor's reserve.
    pub(crate) fn is_reserved(&self, level: u32, index: u64, distance: u32) -> bool {
        let board = u64::from(self.board());
        level < self.levels
            && Self::position(index, distance) + u64::from(self.reserve_last) > board
            && self.can_fill(index >> distance)
    }

    /// Whether the tree has room for the whole board of seat `ancestor`.
    fn can_fill(&self, ancestor: u64) -> bool {
        let last = (u128::from(ancestor) << self.layers()) + (1 << self.layers()) - 1;
        self.capacity.is_none_or(|capacity| last <= u128::from(capacity))
    }
}

/// Refuses what no tree can grow by.
pub(super) fn check(plan: &PoolPlan) -> Result<(), PlanError> {
    let within = |key, value: u64, least: u64, most: u64| {
        if (least..=most).contains(&value) {
            Ok(())
        } else {
            Err(refused(key, format!("expected {least} to {most}, got {value}")))
        }
    };
    within("pool.levels", plan.levels.into(), 1, MAX_LEVELS.into())?;
    within("pool.growth", plan.growth.into(), 1, u32::MAX.into())?;
    within("pool.shares (their number)", plan.shares.len() as u64, 1, MAX_LAYERS as u64)?;
    within("pool.reserve_last", plan.reserve_last.into(), 0, plan.board().into())?;
    within("pool.trees", plan.trees.into(), 1, u32::MAX.into())?;
    within("pool.capacity", plan.capacity.unwrap_or(1), 1, MAX_CAPACITY)
}

/// What a seat of each level costs and pays, level 1 first.
pub(super) fn tickets(entry: Amount, pool: &PoolPlan) -> Result<Vec<Ticket>, PlanError> {
    let mut cost = Some(entry);
    (1..=pool.levels)
        .map(|level| {
            let whole = cost.ok_or_else(|| {
                refused(
                    "pool.levels",
                    format!("the ticket of level {level} would reach 10^38 smallest units"),
                )
            })?;
            cost = whole.checked_mul(i128::from(pool.growth));
            ticket(whole, pool)
        })
        .collect()
}

fn ticket(whole: Amount, pool: &PoolPlan) -> Result<Ticket, PlanError> {
    let direct = whole.share(pool.direct);
    let price = minus(whole, direct);
    if !price.is_positive() {
        return Err(refused("pool.direct", "expected less than 100%: nothing is left for the pool".into()));
    }
    let mut layers = [Amount::ZERO; MAX_LAYERS];
    let mut company = price;
    for (layer, share) in layers.iter_mut().zip(&pool.shares) {
        *layer = price.share(*share);
        company = minus(company, *layer);
    }
    Ok(Ticket { whole, direct, price, layers, company })
}

/// A share of `whole`, and what is left of it.
pub(crate) fn split(whole: Amount, share: Bps) -> (Amount, Amount) {
    let taken = whole.share(share);
    (taken, minus(whole, taken))
}
