//! The infinity bonus: which share of the turnover below them the holders of each rank divide.

use banyan_types::Bps;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::components::ranks::RanksPlan;
use crate::plan::section::Section;
use crate::plan::values::{ShareKey, refused};
use crate::plan::{Currency, PlanError};

/// `[infinity]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InfinityKeys {
    /// The share of each rank that has one. On the way up from a purchase, an active sponsor gets what her rank's
    /// share exceeds the highest before her.
    #[schemars(length(min = 1))]
    shares: Vec<RankShareKeys>,
}

/// One of `infinity.shares` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RankShareKeys {
    /// Name of the rank.
    #[schemars(example = &"Gold")]
    rank: String,
    /// Its share of a month's purchases below (`INFINITY`), charged to the company.
    #[schemars(example = "10%")]
    share: ShareKey,
}

/// The infinity bonus of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InfinityPlan {
    /// Rank and share, as they are listed.
    pub(crate) shares: Vec<(String, Bps)>,
    /// The highest share: the walk up ends there.
    pub(crate) highest: Bps,
}

impl Section for InfinityPlan {
    type Keys = InfinityKeys;

    const SINCE: u32 = 1;

    fn read(keys: InfinityKeys, _currency: &Currency) -> Result<InfinityPlan, PlanError> {
        let mut shares: Vec<(String, Bps)> = Vec::new();
        for entry in &keys.shares {
            if shares.iter().any(|(rank, _)| *rank == entry.rank) {
                let reason = format!("expected every rank once, got {:?} twice", entry.rank);
                return Err(refused("infinity.shares.rank", reason));
            }
            shares.push((entry.rank.clone(), entry.share.share("infinity.shares.share")?));
        }
        let highest = shares.iter().map(|(_, share)| *share).max();
        let highest = highest.ok_or_else(|| refused("infinity.shares", "expected at least one, got none"))?;
        Ok(InfinityPlan { shares, highest })
    }

    fn canonical(&self) -> Value {
        let share = |(rank, share): &(String, Bps)| json!({ "rank": rank, "share": share.get() });
        json!({ "shares": self.shares.iter().map(share).collect::<Vec<Value>>() })
    }
}

impl InfinityPlan {
    /// Refuses shares of ranks that do not exist.
    pub(crate) fn check_ranks(&self, ranks: &RanksPlan) -> Result<(), PlanError> {
        let known = |name: &str| ranks.ranks.iter().any(|rank| rank.name == name);
        match self.shares.iter().find(|(rank, _)| !known(rank)) {
            Some((rank, _)) => {
                let reason = format!("expected the name of a rank in [ranks], got {rank:?}");
                Err(refused("infinity.shares.rank", reason))
            }
            None => Ok(()),
        }
    }

    /// The share of a rank, by name.
    pub(crate) fn share(&self, rank: &str) -> Bps {
        self.shares.iter().find(|(name, _)| name == rank).map_or(Bps::ZERO, |(_, share)| *share)
    }
}
