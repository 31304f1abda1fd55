//! The ranks of a programme: what turnover each asks, and what reaching it pays.

use banyan_types::{Amount, Bps};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::plan::section::Section;
use crate::plan::values::{AmountKey, ShareKey, refused, sum, within};
use crate::plan::{Currency, PlanError};

/// More ranks than any programme has; their numbers fit a byte.
const MAX_RANKS: usize = 100;

/// `[ranks]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RanksKeys {
    /// The shares of a rank's turnover that the strongest leg, the second and all others together must bring at
    /// least; together 100%.
    #[schemars(example = json!(["50%", "30%", "20%"]))]
    legs: [ShareKey; 3],
    /// The ranks, lowest first. Everybody has the first, whose turnover is 0, from the start.
    #[schemars(length(min = 1, max = MAX_RANKS), example = RankKeys::examples())]
    rank: Vec<RankKeys>,
}

/// `[[ranks.rank]]` as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RankKeys {
    /// The rank's name.
    #[schemars(length(min = 1), example = &"Gold")]
    name: String,
    /// The team's turnover that it asks.
    #[schemars(example = "10000")]
    turnover: AmountKey,
    /// What reaching it pays, once (`RANK`), charged to the company. Without this key nothing.
    #[schemars(example = "500")]
    bonus: Option<AmountKey>,
}

impl RankKeys {
    /// One key makes no list of ranks: the first has its own rules.
    fn examples() -> Value {
        json!([
            { "name": "Member", "turnover": "0" },
            { "name": "Gold", "turnover": "10000", "bonus": "500" },
        ])
    }
}

/// The ranks of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RanksPlan {
    /// What the strongest leg, the second and the rest must bring of a rank's turnover.
    pub(crate) legs: [Bps; 3],
    /// Lowest first; the first is everybody's.
    pub(crate) ranks: Vec<Rank>,
}

/// One rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) name: String,
    /// The team's turnover that it asks.
    pub(crate) turnover: Amount,
    /// What each leg must bring at least: the legs' shares, rounded up to whole units, since a leg brings whole ones.
    pub(crate) legs: [Amount; 3],
    pub(crate) bonus: Amount,
}

impl Section for RanksPlan {
    type Keys = RanksKeys;

    const SINCE: u32 = 1;

    fn read(keys: RanksKeys, currency: &Currency) -> Result<RanksPlan, PlanError> {
        let mut legs = [Bps::ZERO; 3];
        for (leg, written) in legs.iter_mut().zip(&keys.legs) {
            *leg = written.share("ranks.legs")?;
        }
        if sum(&legs) != u64::from(Bps::WHOLE.get()) {
            return Err(refused(
                "ranks.legs",
                "expected shares of exactly 100% of a rank's turnover together",
            ));
        }
        within("ranks.rank (their number)", keys.rank.len() as u64, 1, MAX_RANKS as u64)?;
        let read = |rank| self::rank(rank, &legs, currency);
        let ranks = keys.rank.iter().map(read).collect::<Result<Vec<Rank>, _>>()?;
        check_order(&ranks)?;
        Ok(RanksPlan { legs, ranks })
    }

    fn canonical(&self) -> Value {
        let rank = |rank: &Rank| json!({ "name": rank.name, "turnover": rank.turnover, "bonus": rank.bonus });
        json!({
            "legs": self.legs.map(Bps::get),
            "rank": self.ranks.iter().map(rank).collect::<Vec<Value>>(),
        })
    }
}

fn rank(keys: &RankKeys, legs: &[Bps; 3], currency: &Currency) -> Result<Rank, PlanError> {
    if keys.name.is_empty() {
        return Err(refused("ranks.rank.name", "expected a name, got an empty text"));
    }
    let key = |key: &str| format!("ranks.rank.{key} of {}", keys.name);
    let turnover = keys.turnover.amount(&key("turnover"), currency)?;
    let bonus = keys.bonus.as_ref().map(|bonus| bonus.payment(&key("bonus"), currency)).transpose()?;
    Ok(Rank {
        name: keys.name.clone(),
        turnover,
        legs: legs.map(|leg| at_least(turnover, leg)),
        bonus: bonus.unwrap_or(Amount::ZERO),
    })
}

/// The share, rounded up.
fn at_least(turnover: Amount, leg: Bps) -> Amount {
    let rest = Bps::new(Bps::WHOLE.get() - leg.get()).expect("what a share leaves is a share");
    crate::books::minus(turnover, turnover.share(rest))
}

/// The first rank is everybody's; each asks more than the one before, and names are unique.
fn check_order(ranks: &[Rank]) -> Result<(), PlanError> {
    if !ranks[0].turnover.is_zero() {
        let reason = format!("expected 0 for {}, the rank that everybody starts with", ranks[0].name);
        return Err(refused("ranks.rank.turnover", reason));
    }
    if ranks[0].bonus.is_positive() {
        let reason = format!("expected none for {}: nobody reaches it", ranks[0].name);
        return Err(refused("ranks.rank.bonus", reason));
    }
    for (position, pair) in ranks.windows(2).enumerate() {
        if pair[1].turnover <= pair[0].turnover {
            let reason = format!("expected more for {} than for {} before it", pair[1].name, pair[0].name);
            return Err(refused("ranks.rank.turnover", reason));
        }
        if ranks[..=position].iter().any(|earlier| earlier.name == pair[1].name) {
            return Err(refused(
                "ranks.rank.name",
                format!("expected every name once, got {:?} twice", pair[1].name),
            ));
        }
    }
    Ok(())
}
