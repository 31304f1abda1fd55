//! The pool: at each level trees of seats, of which the newest takes the newcomers.
//!
//! A seat's price goes to the three seats above it and the company. What a board's last positions pay is kept in the
//! reserve of the seat that owns the board, until the board is complete.

mod lint;
mod plan;
mod saved;
mod shape;
mod tree;

pub(crate) use plan::split;
pub use plan::{PoolPlan, Ticket};

use banyan_types::Amount;

use crate::books::Books;
use crate::explain::arithmetic::Step as Sum;
use crate::explain::trace::{Ground, Rule, Topic};
use crate::record::{Detail, Fund, Record, Reserve, Reward, RewardKind, RewardState, Seat, SeatRef};
use crate::{Refusal, UserId};
use plan::MAX_LAYERS;
use tree::Tree;

/// The seat that would be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Level, 1-based.
    pub level: u32,
    /// Tree of the level, 1-based.
    pub tree: u32,
    /// Index in the tree, 1-based.
    pub index: u64,
    /// Index of the parent seat, unless this is a root.
    pub parent: Option<u64>,
}

/// All levels, level 1 first; a level's trees, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pool {
    levels: Vec<Vec<Tree>>,
}

/// Who takes a seat, and what pays it.
pub(crate) struct Purchase<'a> {
    pub(crate) user: UserId,
    pub(crate) source: UserId,
    pub(crate) ticket: &'a Ticket,
    pub(crate) manual: bool,
    pub(crate) fund: Fund,
}

const LAYER_KINDS: [RewardKind; MAX_LAYERS] = [RewardKind::PoolL1, RewardKind::PoolL2, RewardKind::PoolL3];

impl Pool {
    /// No seat is taken yet; without a pool there are no levels.
    pub(crate) fn new(plan: Option<&PoolPlan>) -> Pool {
        let levels = plan.map_or(0, |plan| plan.levels);
        Pool { levels: (0..levels).map(|_| Vec::new()).collect() }
    }

    /// Whether anybody is seated.
    pub(crate) fn has_seats(&self) -> bool {
        self.levels.iter().any(|trees| !trees.is_empty())
    }

    /// The lowest free seat of the level's newest tree, or the root of the next tree; `None` when all are full.
    pub(crate) fn next_seat(&self, plan: &PoolPlan, level: u32) -> Option<SeatRef> {
        let trees = &self.levels[level as usize - 1];
        let newest = trees.len() as u32;
        match trees.last().map(Tree::next_free) {
            Some(index) if index <= plan.last_index() => Some(SeatRef { level, tree: newest, index }),
            None | Some(_) => (newest < plan.trees).then(|| SeatRef { level, tree: newest + 1, index: 1 }),
        }
    }

    /// Whether operators may place a seat there, and which seat that is.
    pub(crate) fn check_place(
        &self,
        plan: &PoolPlan,
        level: u64,
        tree: u64,
        index: u64,
    ) -> Result<SeatRef, Refusal> {
        let known = u32::try_from(level).ok().filter(|known| (1..=plan.levels).contains(known));
        let known = known.ok_or(Refusal::NoSuchLevel { levels: plan.levels, came: level })?;
        let trees = &self.levels[known as usize - 1];
        let newest = (trees.len() as u32).max(1);
        if tree != u64::from(newest) {
            return Err(Refusal::NotNewestTree { newest, came: tree });
        }
        if !(1..=plan.last_index()).contains(&index) {
            return Err(Refusal::IndexOutside { limit: plan.last_index(), came: index });
        }
        let seated = |index| trees.last().is_some_and(|tree| tree.get(index).is_some());
        if seated(index) {
            return Err(Refusal::SeatTaken { index });
        }
        if index > 1 && !seated(index >> 1) {
            return Err(Refusal::ParentFree { parent: index >> 1 });
        }
        Ok(SeatRef { level: known, tree: newest, index })
    }

    /// Takes a free seat, opening its tree if it is the next one, and splits the price. The seat whose board it
    /// completes comes back.
    pub(crate) fn take(
        &mut self,
        plan: &PoolPlan,
        books: &mut Books,
        at: SeatRef,
        purchase: &Purchase<'_>,
    ) -> Option<SeatRef> {
        let trees = &mut self.levels[at.level as usize - 1];
        if trees.len() < at.tree as usize {
            trees.push(Tree::default());
        }
        let tree = trees.last_mut().expect("a seat is taken in the newest tree, which is there");
        tree.seat(at.index, purchase.user);
        books.note(Record::Seat(seat_record(at, purchase)));
        books.tell(move |trace| {
            let Purchase { user, ticket, manual, fund, .. } = *purchase;
            trace.topic(Topic::Seat { user, at, price: ticket.price, manual, fund });
            trace.rule(Rule::Pool { layers: plan.layers() });
        });
        for distance in 1..=plan.layers() {
            pay_layer(plan, tree, books, Step { at, distance }, purchase);
        }
        books.tell(move |trace| {
            let ticket = purchase.ticket;
            let parts = ticket.layers[..plan.shares.len()].to_vec();
            trace.step(Sum::less(
                "what the seats above leave of the price",
                ticket.price,
                parts,
                ticket.company,
            ));
        });
        books.reward(company_share(at, purchase));
        count_outer(plan, tree, at)
    }

    /// Who sits in the layers above the next `seats` that will be taken at level 1, and in which layer.
    pub(crate) fn above_next(&self, layers: u32, seats: u64) -> impl Iterator<Item = (u32, UserId)> {
        let newest = self.levels.first().and_then(|trees| trees.last());
        newest.into_iter().flat_map(move |tree| {
            let (first, end) = (tree.next_free(), tree.next_free() + seats);
            (1..=layers).flat_map(move |layer| {
                let above = (first >> layer..end >> layer).filter_map(move |index| tree.get(index));
                above.map(move |seated| (layer, seated.owner))
            })
        })
    }

    /// Who sits there.
    pub(crate) fn owner(&self, at: SeatRef) -> Option<UserId> {
        let trees = self.levels.get((at.level as usize).checked_sub(1)?)?;
        let tree = trees.get((at.tree as usize).checked_sub(1)?)?;
        tree.get(at.index).map(|seated| seated.owner)
    }

    /// Owner and reserve of a seat whose board has just filled; the reserve is taken out.
    pub(crate) fn complete(&mut self, at: SeatRef) -> (UserId, Amount) {
        let trees = &mut self.levels[at.level as usize - 1];
        let seated = trees[at.tree as usize - 1].get_mut(at.index).expect("a completed board has an owner");
        (seated.owner, std::mem::take(&mut seated.reserve))
    }

    /// Releases every reserve above 0.
    pub(crate) fn wind_up(&mut self, books: &mut Books) {
        books.tell(|trace| {
            trace.topic(Topic::WindUp);
            trace.rule(Rule::Reserve);
        });
        for (level, trees) in (1..).zip(&mut self.levels) {
            for (tree, seats) in (1..).zip(trees) {
                for (index, seated) in seats.iter_mut().filter(|(_, seated)| seated.reserve.is_positive()) {
                    let released = std::mem::take(&mut seated.reserve);
                    let seat = SeatRef { level, tree, index };
                    let all = Sum::given("all that the seat's reserve holds", released);
                    books.tell(|trace| trace.step(all));
                    books.settle_reserve(Reserve { user: seated.owner, seat, spent: Amount::ZERO, released });
                }
            }
        }
    }
}

/// A new seat, and how far above it the receiver sits.
struct Step {
    at: SeatRef,
    distance: u32,
}

/// Pays the seat `distance` above its share, into its reserve where the plan says so.
fn pay_layer(plan: &PoolPlan, tree: &mut Tree, books: &mut Books, step: Step, purchase: &Purchase<'_>) {
    let Step { at, distance } = step;
    let layer = distance as usize - 1;
    let ancestor = SeatRef { index: at.index >> distance, ..at };
    let mut reward = Reward {
        kind: RewardKind::PoolBreakage,
        to: UserId::COMPANY,
        amount: purchase.ticket.layers[layer],
        source: purchase.source,
        state: RewardState::Payable,
        detail: Detail::Pool { level: at.level, seat: None },
        fund: purchase.fund,
    };
    if let Some(above) = tree.get_mut(ancestor.index) {
        let detail = Detail::Pool { level: at.level, seat: Some(ancestor) };
        reward = Reward { kind: LAYER_KINDS[layer], to: above.owner, detail, ..reward };
        if plan.is_reserved(at.level, at.index, distance) {
            reward.state = RewardState::Reserved;
            above.reserve = crate::books::plus(above.reserve, reward.amount);
        }
    }
    books.tell(move |trace| {
        let Purchase { ticket, manual, .. } = *purchase;
        match reward.seat() {
            Some(seat) => {
                let position = PoolPlan::position(at.index, distance);
                trace.ground(Ground::Above { seat, new: at, distance, position });
            }
            None => trace.ground(Ground::NoSeat { new: at, distance }),
        }
        if reward.state == RewardState::Reserved {
            trace.ground(Ground::Reserved);
        }
        trace.step(if manual { Sum::given(PLACED, ticket.price) } else { price_step(ticket) });
        trace.step(Sum::share(
            "the layer's share of the price",
            ticket.price,
            plan.shares[layer],
            reward.amount,
        ));
    });
    books.reward(reward);
}

const PLACED: &str = "the seat's price, which the operators brought";

/// How a seat's price follows from its ticket.
pub(crate) fn price_step(ticket: &Ticket) -> Sum {
    let what = "the seat's price: what the sponsor's share leaves of the ticket";
    Sum::less(what, ticket.whole, vec![ticket.direct], ticket.price)
}

fn company_share(at: SeatRef, purchase: &Purchase<'_>) -> Reward {
    Reward {
        kind: RewardKind::PoolCompany,
        to: UserId::COMPANY,
        amount: purchase.ticket.company,
        source: purchase.source,
        state: RewardState::Payable,
        detail: Detail::Pool { level: at.level, seat: None },
        fund: purchase.fund,
    }
}

/// Counts a new seat in the board whose last layer it is in; the board's owner comes back if that is full now.
fn count_outer(plan: &PoolPlan, tree: &mut Tree, at: SeatRef) -> Option<SeatRef> {
    let owner = SeatRef { index: at.index >> plan.layers(), ..at };
    let board = tree.get_mut(owner.index)?;
    board.outer += 1;
    (board.outer == 1 << plan.layers()).then_some(owner)
}

fn seat_record(at: SeatRef, purchase: &Purchase<'_>) -> Seat {
    Seat {
        user: purchase.user,
        seat: at,
        parent: Some(at.index >> 1).filter(|parent| *parent > 0),
        price: purchase.ticket.price,
        source: purchase.source,
        manual: purchase.manual,
        fund: purchase.fund,
    }
}

impl From<SeatRef> for Quote {
    fn from(at: SeatRef) -> Quote {
        let parent = Some(at.index >> 1).filter(|parent| *parent > 0);
        Quote { level: at.level, tree: at.tree, index: at.index, parent }
    }
}
