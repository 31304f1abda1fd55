//! The pool's part of a plan: how trees grow, and what a seat of each level costs and pays.

use banyan_types::{Amount, Bps};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::books::minus;
use crate::plan::section::Section;
use crate::plan::values::{ShareKey, refused, shares, within};
use crate::plan::{Currency, PlanError};

/// There are three kinds of pool reward, `POOL_L1` to `POOL_L3`.
pub(crate) const MAX_LAYERS: usize = 3;
/// Seats of the largest board, its owner's own not counted.
const MAX_BOARD: u32 = (2 << MAX_LAYERS) - 2;
/// A ticket that doubles 64 times is beyond any currency.
const MAX_LEVELS: u32 = 64;
/// Indexes stay below 2^63, so that databases can hold them.
pub(crate) const MAX_INDEX: u64 = i64::MAX as u64;
/// The largest whole number that every JSON reader takes exactly: 2^53.
const MAX_CAPACITY: u64 = 1 << 53;

/// `[pool]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoolKeys {
    /// Levels, each with trees of its own. Levels above the first are paid from reserves.
    #[schemars(range(min = 1, max = MAX_LEVELS), example = 10)]
    levels: u32,
    /// By what a ticket multiplies from level to level: 2 makes 20, 40, 80 …
    #[schemars(range(min = 1), example = 2)]
    growth: u32,
    /// The sponsor's share of every ticket (`DIRECT`); the rest is the seat's price.
    #[schemars(example = "10%")]
    direct: ShareKey,
    /// Shares of the price for the owners of the seats 1, 2 and 3 above (`POOL_L1` to `POOL_L3`). One share for each
    /// layer of a board: three layers make a board of 2 + 4 + 8 seats. The company takes the rest.
    #[schemars(length(min = 1, max = MAX_LAYERS), example = json!(["50%", "25%", "15%"]))]
    shares: Vec<ShareKey>,
    /// How many of a board's last positions pay into the reserve of its owner's seat.
    #[schemars(range(max = MAX_BOARD), example = 13)]
    reserve_last: u32,
    /// Trees of a level, at most; the next opens when the newest is full.
    #[schemars(range(min = 1), example = 15)]
    trees: u32,
    /// Seats of a tree, at most. Without this key a tree never fills.
    #[schemars(range(min = 1, max = MAX_CAPACITY), example = 32_767)]
    capacity: Option<u64>,
}

/// How the pool's trees grow and what a seat pays to those above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolPlan {
    /// Levels of the pool.
    pub levels: u32,
    /// By what the ticket multiplies from level to level.
    pub growth: u32,
    /// The sponsor's share of a ticket; the rest is the seat's price.
    pub direct: Bps,
    /// Shares of the price for the seats 1, 2, 3 above.
    pub shares: Vec<Bps>,
    /// How many of a board's last positions pay into the reserve.
    pub reserve_last: u32,
    /// Trees of a level, at most.
    pub trees: u32,
    /// Seats of a tree, at most; without it a tree never fills.
    pub capacity: Option<u64>,
}

/// What a seat at one level costs, and where that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The whole ticket.
    pub whole: Amount,
    /// The part of the holder's sponsor.
    pub direct: Amount,
    /// The rest: the seat's price.
    pub price: Amount,
    /// Of the price, to the seats 1, 2, 3 above.
    pub(crate) layers: [Amount; MAX_LAYERS],
    /// Of the price, to the company, with what flooring left over.
    pub(crate) company: Amount,
}

impl Section for PoolPlan {
    type Keys = PoolKeys;

    const SINCE: u32 = 1;

    fn read(keys: PoolKeys, _currency: &Currency) -> Result<PoolPlan, PlanError> {
        let plan = PoolPlan {
            levels: keys.levels,
            growth: keys.growth,
            direct: keys.direct.share("pool.direct")?,
            shares: shares("pool.shares", &keys.shares)?,
            reserve_last: keys.reserve_last,
            trees: keys.trees,
            capacity: keys.capacity,
        };
        within("pool.levels", plan.levels.into(), 1, MAX_LEVELS.into())?;
        within("pool.growth", plan.growth.into(), 1, u32::MAX.into())?;
        within("pool.shares (their number)", plan.shares.len() as u64, 1, MAX_LAYERS as u64)?;
        within("pool.reserve_last", plan.reserve_last.into(), 0, plan.board().into())?;
        within("pool.trees", plan.trees.into(), 1, u32::MAX.into())?;
        within("pool.capacity", plan.capacity.unwrap_or(1), 1, MAX_CAPACITY)?;
        Ok(plan)
    }

    fn canonical(&self) -> Value {
        json!({
            "levels": self.levels,
            "growth": self.growth,
            "direct": self.direct.get(),
            "shares": self.shares.iter().map(|share| share.get()).collect::<Vec<u16>>(),
            "reserve_last": self.reserve_last,
            "trees": self.trees,
            "capacity": self.capacity,
        })
    }
}

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

    /// What a seat of each level costs and pays, level 1 first; the ticket of level 1 is the entry.
    pub(crate) fn tickets(&self, entry: Amount) -> Result<Vec<Ticket>, PlanError> {
        let mut cost = Some(entry);
        let too_large = |level| format!("the ticket of level {level} would reach 10^38 smallest units");
        (1..=self.levels)
            .map(|level| {
                let whole = cost.ok_or_else(|| refused("pool.levels", too_large(level)))?;
                cost = whole.checked_mul(i128::from(self.growth));
                ticket(whole, self)
            })
            .collect()
    }

    /// Whether the tree has room for the whole board of seat `ancestor`.
    fn can_fill(&self, ancestor: u64) -> bool {
        let last = (u128::from(ancestor) << self.layers()) + (1 << self.layers()) - 1;
        self.capacity.is_none_or(|capacity| last <= u128::from(capacity))
    }
}

fn ticket(whole: Amount, pool: &PoolPlan) -> Result<Ticket, PlanError> {
    let direct = whole.share(pool.direct);
    let price = minus(whole, direct);
    if !price.is_positive() {
        return Err(refused("pool.direct", "expected less than 100%: nothing is left for the pool"));
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
