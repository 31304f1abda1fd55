//! The compensation plan: what a file under `config/plans/` says, checked, with every amount worked out once.

mod canonical;
mod file;
pub(crate) mod pool;
mod shape;

use banyan_types::strict::StrictError;
use banyan_types::{Amount, Bps, PlanHash, keccak256};

use crate::AdoptError;

/// A plan of the autopool family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    name: String,
    currency: String,
    decimals: u8,
    entry: Amount,
    sponsor_seat: Option<SponsorSeat>,
    pool: PoolPlan,
    tickets: Vec<Ticket>,
    retopup: RetopupPlan,
}

/// A registration buys no seat for the registrant, but one of them buys a seat for the sponsor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SponsorSeat {
    /// Which referral of a sponsor buys the seat.
    pub on_referral: u32,
    /// The sponsor's share of every other registration's entry; the rest is the company's fee.
    pub direct: Bps,
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
    pub(crate) layers: [Amount; pool::MAX_LAYERS],
    /// Of the price, to the company, with what flooring left over.
    pub(crate) company: Amount,
}

/// How a retopup is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetopupPlan {
    /// What a retopup costs.
    pub amount: Amount,
    /// The share of it that is split over the sponsors above.
    pub pot_share: Bps,
    /// Shares of the pot, nearest sponsor first.
    pub shares: Vec<Bps>,
    /// What happens to the share of a sponsor without an earlier retopup.
    pub ineligible: Ineligible,
    /// The shares as amounts.
    pub(crate) level_amounts: Vec<Amount>,
}

/// What happens to the share of an ineligible sponsor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ineligible {
    /// It goes to the company.
    Company,
    /// Level n goes to the nth eligible sponsor, however far up.
    Compress,
}

/// Why a plan file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The text is no TOML, or has not the keys of a plan.
    #[error(transparent)]
    File(#[from] StrictError),
    /// A key's value makes no plan.
    #[error("`{key}`: {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// What was expected and what came.
        reason: String,
    },
}

impl Plan {
    /// Reads a plan file.
    ///
    /// # Errors
    /// A key that is missing, unknown or misspelt, and values that make no plan, such as shares above 100 %.
    pub fn from_toml(text: &str) -> Result<Plan, PlanError> {
        file::read(text)
    }

    /// The plan's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The currency's symbol, such as `BNB`.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Decimals of the currency.
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// What a registration costs.
    pub fn entry(&self) -> Amount {
        self.entry
    }

    /// What a retopup costs.
    pub fn retopup_amount(&self) -> Amount {
        self.retopup.amount
    }

    /// The rule by which a referral buys a seat for the sponsor, if the plan has one.
    pub fn sponsor_seat(&self) -> Option<SponsorSeat> {
        self.sponsor_seat
    }

    /// How the pool's trees grow.
    pub fn pool(&self) -> &PoolPlan {
        &self.pool
    }

    /// How a retopup is split.
    pub fn retopup(&self) -> &RetopupPlan {
        &self.retopup
    }

    /// What a seat at `level` costs; `None` beyond the plan's levels.
    pub fn ticket(&self, level: u32) -> Option<&Ticket> {
        self.tickets.get(level.checked_sub(1)? as usize)
    }

    /// RFC 8785 JSON of the full key set, with defaults filled in, amounts as smallest-unit strings and shares in
    /// basis points: what the hash is taken of.
    pub fn canonical_json(&self) -> String {
        canonical::json(self)
    }

    /// keccak256 of [`Plan::canonical_json`].
    pub fn hash(&self) -> PlanHash {
        PlanHash(keccak256(self.canonical_json()))
    }

    /// Whether `next` may take over from this plan: the currency stays, and with `seated` participants the trees'
    /// shape as well.
    pub(crate) fn may_become(&self, next: &Plan, seated: bool) -> Result<(), AdoptError> {
        shape::check_currency(self, next)?;
        if seated { shape::check(self, next) } else { Ok(()) }
    }
}
