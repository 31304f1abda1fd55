//! The components that programmes are made of.
//!
//! A component is a folder here: the section of the plan file that it reads (`plan.rs`), what it remembers, and what
//! it does. The list below makes the plan file of their sections, and [`State`] the machine's memory of what they
//! remember; [`flow`] says which of them an event or the calendar sets to work, in which order. They meet in facts only:
//! who takes part under whom (`participants`), who is active (`activity`), who has which rank (`ranks`).

pub(crate) mod activity;
pub(crate) mod flow;
pub(crate) mod infinity;
pub(crate) mod level_income;
pub(crate) mod orders;
pub(crate) mod pool;
pub(crate) mod purchases;
pub(crate) mod ranks;
pub(crate) mod referral;
pub(crate) mod staking;
pub(crate) mod tickets;
pub(crate) mod tiers;
pub(crate) mod unilevel;

use crate::plan::section::sections;
use crate::plan::values::refused;
use crate::{AdoptError, Plan, PlanError};

sections! {
    /// What a registration costs and whom it seats. Without this section registration is free.
    registration: tickets::RegistrationPlan,
    /// The auto-pool: trees that fill breadth-first.
    pool: pool::PoolPlan,
    /// Level income: a retopup is split over the sponsors above.
    retopup: level_income::RetopupPlan,
    /// For how long a purchase can be refunded.
    vesting: purchases::VestingPlan,
    /// Who counts as active.
    activity: activity::ActivityPlan,
    /// Shares of a purchase for the active sponsors above.
    unilevel: unilevel::UnilevelPlan,
    /// Ranks by the turnover of a participant's legs.
    ranks: ranks::RanksPlan,
    /// The monthly bonus of the higher ranks.
    infinity: infinity::InfinityPlan,
    /// Shares of a purchase for the nearest sponsors.
    referral: referral::ReferralPlan,
    /// Interest on staked money.
    staking: staking::StakingPlan,
    /// Orders, and the sponsor's commission on them.
    orders: orders::OrdersPlan,
    /// Discounts by what a customer has spent.
    tiers: tiers::TiersPlan,
}

/// Sections whose money keys a new plan may change at any time: what is paid under them is settled at once, or keeps
/// the price at which it was bought.
const SETTLED_AT_ONCE: [&str; 3] = ["registration", "pool", "retopup"];

impl Sections {
    /// Whether participants buy.
    pub(crate) fn takes_purchases(&self) -> bool {
        self.vesting.is_some()
            || self.unilevel.is_some()
            || self.ranks.is_some()
            || self.infinity.is_some()
            || self.referral.is_some()
    }

    /// Refuses a plan under which nobody can pay anything.
    pub(crate) fn takes_something(&self) -> Result<(), PlanError> {
        let takes = self.registration.is_some()
            || self.retopup.is_some()
            || self.takes_purchases()
            || self.staking.is_some()
            || self.orders.is_some();
        let missing =
            "expected a section that takes payments, such as [registration], [unilevel] or [orders]";
        if takes { Ok(()) } else { Err(refused("(the file)", missing)) }
    }

    /// Refuses to take sections away or add them, and to change promises that still stand.
    pub(crate) fn check_standing(&self, next: &Sections) -> Result<(), AdoptError> {
        let newest = crate::plan::SEMANTICS;
        let changed = self.canonical(newest).into_iter().zip(next.canonical(newest)).find(
            |((section, before), (_, after))| match SETTLED_AT_ONCE.contains(section) {
                true => before.is_null() != after.is_null(),
                false => before != after,
            },
        );
        match changed {
            Some(((section, _), _)) => Err(AdoptError::Standing { section }),
            None => Ok(()),
        }
    }
}

/// What the components remember.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) pool: pool::Pool,
    pub(crate) purchases: purchases::Purchases,
    pub(crate) activity: activity::Activity,
    pub(crate) ranks: ranks::Ranks,
    pub(crate) infinity: infinity::Infinity,
    pub(crate) staking: staking::Staking,
    pub(crate) orders: orders::Orders,
}

impl State {
    /// Before the first event.
    pub(crate) fn new(plan: &Plan) -> State {
        State {
            pool: pool::Pool::new(plan.pool()),
            purchases: purchases::Purchases::default(),
            activity: activity::Activity::default(),
            ranks: ranks::Ranks::default(),
            infinity: infinity::Infinity::default(),
            staking: staking::Staking::default(),
            orders: orders::Orders::default(),
        }
    }
}
