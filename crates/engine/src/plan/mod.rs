//! The compensation plan: what a file under `config/plans/` says, checked, with every amount worked out once.

mod canonical;
pub(crate) mod currency;
mod reference;
mod schema;
pub(crate) mod section;
pub(crate) mod values;

use banyan_types::strict::StrictError;
use banyan_types::{Amount, PlanHash, keccak256};

pub use currency::Currency;
use values::{refused, within, within_the_whole};

use crate::components::level_income::RetopupPlan;
use crate::components::pool::{PoolPlan, Ticket};
use crate::components::tickets::SponsorSeat;
use crate::components::{PlanFile, Sections};
use crate::{AdoptError, RankId};

/// The newest meaning of plan files that this engine knows.
pub(crate) const SEMANTICS: u32 = 1;

/// Sections that build on another: the first is refused without the second.
const NEEDS: [(&str, &str); 6] = [
    ("registration", "pool"),
    ("pool", "registration"),
    ("unilevel", "activity"),
    ("infinity", "activity"),
    ("infinity", "ranks"),
    ("tiers", "orders"),
];

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    semantics: u32,
    name: String,
    currency: Currency,
    pub(crate) sections: Sections,
    /// What a seat of each level costs; none without a pool.
    tickets: Vec<Ticket>,
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
        key: String,
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
        let file: PlanFile = banyan_types::strict::from_toml(text)?;
        within("semantics", file.semantics.into(), 1, SEMANTICS.into())?;
        if file.name.is_empty() {
            return Err(refused("name", "expected a name, got an empty text"));
        }
        let (semantics, name) = (file.semantics, file.name.clone());
        let currency = Currency::read(&file.currency)?;
        let sections = Sections::read(file, &currency)?;
        check_needs(&sections)?;
        let tickets = match (&sections.registration, &sections.pool) {
            (Some(registration), Some(pool)) => pool.tickets(registration.entry)?,
            (None, _) | (_, None) => Vec::new(),
        };
        Ok(Plan { semantics, name, currency, sections, tickets })
    }

    /// The JSON Schema (2020-12) of plan files, for editors.
    pub fn json_schema() -> String {
        schema::text()
    }

    /// The reference of every key of plan files, with a commented example, as Markdown.
    pub fn reference() -> String {
        reference::markdown()
    }

    /// Which meaning of plan files the plan is written for.
    pub fn semantics(&self) -> u32 {
        self.semantics
    }

    /// The plan's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The money it pays in and out.
    pub fn currency(&self) -> &Currency {
        &self.currency
    }

    /// Decimals of the currency.
    pub fn decimals(&self) -> u8 {
        self.currency.decimals
    }

    /// What a registration costs; `None` where it is free.
    pub fn entry(&self) -> Option<Amount> {
        self.sections.registration.as_ref().map(|registration| registration.entry)
    }

    /// The rule by which a referral buys a seat for the sponsor, if the plan has one.
    pub fn sponsor_seat(&self) -> Option<SponsorSeat> {
        self.sections.registration.as_ref().and_then(|registration| registration.sponsor_seat)
    }

    /// How the pool's trees grow, if the plan has a pool.
    pub fn pool(&self) -> Option<&PoolPlan> {
        self.sections.pool.as_ref()
    }

    /// How a retopup is split, if the plan knows retopups.
    pub fn retopup(&self) -> Option<&RetopupPlan> {
        self.sections.retopup.as_ref()
    }

    /// What a seat at `level` costs; `None` beyond the plan's levels.
    pub fn ticket(&self, level: u32) -> Option<&Ticket> {
        self.tickets.get(level.checked_sub(1)? as usize)
    }

    /// Names of the sections that the plan has, in the order of the reference.
    pub fn section_names(&self) -> Vec<&'static str> {
        let sections = self.sections.canonical(SEMANTICS).into_iter();
        sections.filter(|(_, keys)| !keys.is_null()).map(|(name, _)| name).collect()
    }

    /// The name of a rank, if the plan has it.
    pub fn rank_name(&self, rank: RankId) -> Option<&str> {
        let ranks = &self.sections.ranks.as_ref()?.ranks;
        ranks.get(usize::from(rank.0)).map(|rank| rank.name.as_str())
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

    /// Whether `next` may take over from this plan, after somebody has `begun` and with `seated` participants: the
    /// currency stays; then the sections as such, and all keys of those whose earlier promises still stand; then the
    /// shape of the trees.
    pub(crate) fn may_become(&self, next: &Plan, begun: bool, seated: bool) -> Result<(), AdoptError> {
        if self.currency != next.currency {
            let (before, after) = (self.currency.to_string(), next.currency.to_string());
            return Err(AdoptError::Currency { before, after });
        }
        if begun {
            self.sections.check_standing(&next.sections)?;
        }
        match (self.pool(), next.pool()) {
            (Some(before), Some(after)) if seated => before.check_shape(after),
            (_, _) => Ok(()),
        }
    }
}

/// Refuses sections without those that they build on, and shares of one purchase that exceed it together.
fn check_needs(sections: &Sections) -> Result<(), PlanError> {
    let s = sections;
    for (section, other) in NEEDS {
        if s.has(section) && !s.has(other) {
            let reason = format!("expected a section [{other}] beside it, which is missing: add it");
            return Err(refused(section, reason));
        }
    }
    if let (Some(infinity), Some(ranks)) = (&s.infinity, &s.ranks) {
        infinity.check_ranks(ranks)?;
    }
    let unilevel = s.unilevel.as_ref().map_or(0, |unilevel| values::sum(&unilevel.shares));
    let referral = s.referral.as_ref().map_or(0, |referral| values::sum(&referral.shares));
    within_the_whole("unilevel.shares and referral.shares", unilevel + referral)?;
    sections.takes_something()
}
