//! What an event did: the machine's only output.
//!
//! `interchange` prints these as `plans.md` lays down. A few fields are not printed; the ledger needs them to post
//! each reward against the money that pays it.

use banyan_types::Amount;

use crate::calendar::Month;
use crate::{EventId, UserId};

/// One effect of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// An amount credited to somebody.
    Reward(Reward),
    /// A seat taken.
    Seat(Seat),
    /// A board filled.
    Completed(Completed),
    /// What a seat's reserve became.
    Reserve(Reserve),
    /// A purchase that can no longer be refunded; its rewards follow.
    Vested {
        /// The purchase's event.
        purchase: EventId,
    },
    /// A rank reached.
    Rank {
        /// By whom.
        user: UserId,
        /// Which.
        rank: RankId,
    },
    /// What an order costs.
    Order(Order),
}

/// A rank, as its place in the plan's list: 0 is everybody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RankId(pub u8);

/// One amount credited to one participant (or the company) for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reward {
    /// The cause.
    pub kind: RewardKind,
    /// Who receives it.
    pub to: UserId,
    /// How much, in smallest units; always above 0.
    pub amount: Amount,
    /// Whose payment or advance caused it.
    pub source: UserId,
    /// Payable at once, or kept in a seat's reserve.
    pub state: RewardState,
    /// What the cause was in particular.
    pub detail: Detail,
    /// Which money pays it. Not printed.
    pub fund: Fund,
}

/// What a reward's cause was in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// There is nothing to say.
    None,
    /// A seat in the pool was bought.
    Pool {
        /// Level of the pool.
        level: u32,
        /// The receiver's seat whose board the new seat fell into (`POOL_L1` … `POOL_L3`); if the reward is
        /// reserved, the seat in whose reserve it lies. Not printed.
        seat: Option<SeatRef>,
    },
    /// The plan's level that was paid, 1 = nearest.
    Depth(u32),
    /// The rank that was reached.
    Rank(RankId),
    /// The event that opened the staked position.
    Position(EventId),
    /// The month whose purchases are shared out.
    Month(Month),
}

impl Reward {
    /// Level of the pool, for the pool's kinds.
    pub fn level(&self) -> Option<u32> {
        match self.detail {
            Detail::Pool { level, .. } => Some(level),
            Detail::None | Detail::Depth(_) | Detail::Rank(_) | Detail::Position(_) | Detail::Month(_) => {
                None
            }
        }
    }

    /// The plan's level that was paid, 1 = nearest, for shares of the sponsors above.
    pub fn depth(&self) -> Option<u32> {
        match self.detail {
            Detail::Depth(depth) => Some(depth),
            Detail::None | Detail::Pool { .. } | Detail::Rank(_) | Detail::Position(_) | Detail::Month(_) => {
                None
            }
        }
    }

    /// The receiver's seat that earned it; if the reward is reserved, the seat in whose reserve it lies.
    pub fn seat(&self) -> Option<SeatRef> {
        match self.detail {
            Detail::Pool { seat, .. } => seat,
            Detail::None | Detail::Depth(_) | Detail::Rank(_) | Detail::Position(_) | Detail::Month(_) => {
                None
            }
        }
    }
}

/// Why a reward was credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RewardKind {
    /// The sponsor's share of a ticket or an entry.
    Direct,
    /// The parent seat's share of a seat's price.
    PoolL1,
    /// The grandparent seat's share.
    PoolL2,
    /// The great-grandparent seat's share.
    PoolL3,
    /// A share of a seat's price whose seat does not exist.
    PoolBreakage,
    /// The company's share of a seat's price.
    PoolCompany,
    /// A seat's price given back because every tree of the level is full.
    SeatRefund,
    /// A sponsor's share of a retopup.
    Level,
    /// A share of a retopup whose taker does not exist or is not eligible.
    LevelBreakage,
    /// The company's share of a payment.
    CompanyFee,
    /// A sponsor's share of a purchase, after inactive sponsors were passed over.
    Unilevel,
    /// What of a purchase nobody took, to the company.
    Retained,
    /// The bonus of a rank, on reaching it.
    Rank,
    /// The share of a month's purchases that a rank brings.
    Infinity,
    /// Interest on a staked position.
    Staking,
    /// The principal of a staked position that was closed.
    Principal,
    /// What the operators brought for a participant.
    Grant,
    /// A payment that the plan refused, back to its payer.
    Refused,
}

impl RewardKind {
    /// Every kind, in the order of declaration: `ALL[kind as usize] == kind`.
    pub const ALL: [RewardKind; 18] = [
        RewardKind::Direct,
        RewardKind::PoolL1,
        RewardKind::PoolL2,
        RewardKind::PoolL3,
        RewardKind::PoolBreakage,
        RewardKind::PoolCompany,
        RewardKind::SeatRefund,
        RewardKind::Level,
        RewardKind::LevelBreakage,
        RewardKind::CompanyFee,
        RewardKind::Unilevel,
        RewardKind::Retained,
        RewardKind::Rank,
        RewardKind::Infinity,
        RewardKind::Staking,
        RewardKind::Principal,
        RewardKind::Grant,
        RewardKind::Refused,
    ];

    /// The kind's name in records, database and API, such as `POOL_L1`.
    pub const fn name(self) -> &'static str {
        match self {
            RewardKind::Direct => "DIRECT",
            RewardKind::PoolL1 => "POOL_L1",
            RewardKind::PoolL2 => "POOL_L2",
            RewardKind::PoolL3 => "POOL_L3",
            RewardKind::PoolBreakage => "POOL_BREAKAGE",
            RewardKind::PoolCompany => "POOL_COMPANY",
            RewardKind::SeatRefund => "SEAT_REFUND",
            RewardKind::Level => "LEVEL",
            RewardKind::LevelBreakage => "LEVEL_BREAKAGE",
            RewardKind::CompanyFee => "COMPANY_FEE",
            RewardKind::Unilevel => "UNILEVEL",
            RewardKind::Retained => "RETAINED",
            RewardKind::Rank => "RANK",
            RewardKind::Infinity => "INFINITY",
            RewardKind::Staking => "STAKING",
            RewardKind::Principal => "PRINCIPAL",
            RewardKind::Grant => "GRANT",
            RewardKind::Refused => "REFUSED",
        }
    }
}

/// Where a reward lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RewardState {
    /// The receiver's own, to be paid out.
    Payable,
    /// In the reserve of one of the receiver's seats, until that seat's board completes.
    Reserved,
}

impl RewardState {
    /// `payable` or `reserved`.
    pub const fn name(self) -> &'static str {
        match self {
            RewardState::Payable => "payable",
            RewardState::Reserved => "reserved",
        }
    }
}

/// The money that pays a reward or a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fund {
    /// The payment that this event brought, or a purchase that has just vested.
    Payment,
    /// The company's own money: no payment funds the reward.
    Company,
    /// A position that was staked.
    Stake,
    /// What the reserve of this seat, whose board completed in this event, spent on a ticket.
    Reserve(SeatRef),
}

/// A place in the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeatRef {
    /// Level, 1-based.
    pub level: u32,
    /// Tree of the level, 1-based.
    pub tree: u32,
    /// Index in the tree, 1-based, breadth-first; below 2^63.
    pub index: u64,
}

/// A seat taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Who sits on it.
    pub user: UserId,
    /// Where it is.
    pub seat: SeatRef,
    /// Index of the parent seat in the same tree, unless it is the root.
    pub parent: Option<u64>,
    /// What went to the pool for it.
    pub price: Amount,
    /// Whose payment or advance bought it. Not printed.
    pub source: UserId,
    /// Whether the operators placed it. Not printed.
    pub manual: bool,
    /// Which money bought it. Not printed.
    pub fund: Fund,
}

/// A seat whose board has just filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completed {
    /// Who sits on it.
    pub user: UserId,
    /// Which seat.
    pub seat: SeatRef,
}

/// What a seat's reserve became, at completion or wind-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Whose reserve.
    pub user: UserId,
    /// For which seat it was kept.
    pub seat: SeatRef,
    /// What bought the next level's ticket.
    pub spent: Amount,
    /// What became payable.
    pub released: Amount,
}

/// What an order costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Who orders.
    pub user: UserId,
    /// The list price.
    pub list: Amount,
    /// What the customer's tier takes off.
    pub discount: Amount,
    /// What is paid.
    pub net: Amount,
}

impl Record {
    /// Whom this record makes how much more payable: payable rewards (refused payments that go back included) and
    /// what reserves release. The sum over a history is the account's entitlement.
    pub fn entitlement(&self) -> Option<(UserId, Amount)> {
        match self {
            Record::Reward(reward) => match reward.state {
                RewardState::Payable => Some((reward.to, reward.amount)),
                RewardState::Reserved => None,
            },
            Record::Reserve(reserve) if reserve.released.is_positive() => {
                Some((reserve.user, reserve.released))
            }
            Record::Reserve(_)
            | Record::Seat(_)
            | Record::Completed(_)
            | Record::Vested { .. }
            | Record::Rank { .. }
            | Record::Order(_) => None,
        }
    }

    /// Whom the record is about: who receives, sits, ranks or orders.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Record::Reward(reward) => Some(reward.to),
            Record::Seat(seat) => Some(seat.user),
            Record::Completed(done) => Some(done.user),
            Record::Reserve(reserve) => Some(reserve.user),
            Record::Vested { .. } => None,
            Record::Rank { user, .. } => Some(*user),
            Record::Order(order) => Some(order.user),
        }
    }
}
