//! Plans that the contract can carry out.

use std::sync::Arc;

use banyan_engine::lint::Edit;
use banyan_engine::{Plan, PlanError, PoolPlan, RetopupPlan, SponsorSeat, Ticket};
use banyan_types::{Amount, PlanHash};

/// The sections of such a plan, all of them and no others.
const SECTIONS: [&str; 3] = ["registration", "pool", "retopup"];
/// The contract counts in wei.
const DECIMALS: u8 = 18;

/// A plan that the contract can carry out: registrations and retopups are all it is paid for, in wei.
#[derive(Clone, Debug)]
pub struct ContractPlan {
    plan: Plan,
    /// The file that it was read from.
    file: Arc<str>,
}

/// Why a plan file is none that the contract can carry out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractPlanError {
    /// The file makes no plan at all.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plan knows payments that the contract does not, or lacks those it has.
    #[error(
        "expected a plan with the sections [registration], [pool] and [retopup] only, because the contract takes no \
         other payments, got [{}]", .0.join("], [")
    )]
    Sections(Vec<&'static str>),
    /// The contract counts in wei.
    #[error("expected a currency of {DECIMALS} decimals, because the contract counts in wei, got {0}")]
    Decimals(u8),
}

/// Two files with the same meaning are one plan.
impl PartialEq for ContractPlan {
    fn eq(&self, other: &ContractPlan) -> bool {
        self.plan == other.plan
    }
}

impl Eq for ContractPlan {}

impl ContractPlan {
    /// Reads a plan file.
    ///
    /// # Errors
    /// A file that makes no plan, or one with other payments than the contract takes.
    pub fn from_toml(text: &str) -> Result<ContractPlan, ContractPlanError> {
        let plan = Plan::from_toml(text)?;
        let sections = plan.section_names();
        if sections != SECTIONS {
            return Err(ContractPlanError::Sections(sections));
        }
        if plan.decimals() != DECIMALS {
            return Err(ContractPlanError::Decimals(plan.decimals()));
        }
        Ok(ContractPlan { plan, file: text.into() })
    }

    /// The text of the plan's file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text of a file that says the same but for some keys. Comments and the order of keys are lost.
    ///
    /// # Errors
    /// The first edit that cannot be carried out: its path leads through something that is no table, its value is no
    /// TOML, or it takes a key away that is not there.
    pub fn edited(&self, edits: &[Edit]) -> Result<String, Edit> {
        let mut file: toml::Table = self.file.parse().expect(CHECKED);
        for edit in edits {
            edit.apply(&mut file).ok_or_else(|| edit.clone())?;
        }
        Ok(file.to_string())
    }

    /// The plan itself, for the engine.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan's hash, by which the contract names it.
    pub fn hash(&self) -> PlanHash {
        self.plan.hash()
    }

    /// What a registration costs, in wei.
    pub fn entry(&self) -> Amount {
        self.plan.entry().expect(CHECKED)
    }

    /// What a retopup costs, in wei.
    pub fn retopup_amount(&self) -> Amount {
        self.retopup().amount
    }

    /// How a retopup is split.
    pub fn retopup(&self) -> &RetopupPlan {
        self.plan.retopup().expect(CHECKED)
    }

    /// How the pool's trees grow.
    pub fn pool(&self) -> &PoolPlan {
        self.plan.pool().expect(CHECKED)
    }

    /// The rule by which a referral buys a seat for the sponsor, if the plan has one.
    pub fn sponsor_seat(&self) -> Option<SponsorSeat> {
        self.plan.sponsor_seat()
    }

    /// What a seat at `level` costs; `None` beyond the plan's levels.
    pub fn ticket(&self, level: u32) -> Option<&Ticket> {
        self.plan.ticket(level)
    }
}

const CHECKED: &str = "the plan's sections were checked when it was read";
