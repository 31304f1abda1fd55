//! A plan that may come into force, beside the one that is.

use std::collections::BTreeMap;

use banyan_engine::comparison::{Account, Change, Compared};
use banyan_engine::illustration::{Part, Table};
use banyan_engine::lint::Finding;
use banyan_entitlement::ContractPlan;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::directives::Prepared;
use super::{CURRENCY, Hash, Wei};
use crate::decisions::past::Past;

/// How many of those who would gain most, and of those who would lose most, are listed.
const LISTED: usize = 20;

/// Another plan: a whole file, or some keys of the plan in force. One of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigRequest {
    /// The text of a plan file.
    pub plan: Option<String>,
    /// Keys of the plan in force with their new values, as the file writes them; null takes an optional key away.
    #[schema(value_type = Option<Object>, example = json!({"registration.entry": "25", "pool.direct": "12%"}))]
    pub changes: Option<BTreeMap<String, Value>>,
    /// Whether the history so far is played under both plans, which takes its time; true by default.
    pub history: Option<bool>,
}

/// A plan that was judged, and the directive that brings it into force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigPrepared {
    /// The plan.
    pub plan: PlanView,
    /// The plan in force.
    pub in_force: PlanName,
    /// The keys that differ.
    pub changes: Vec<ChangeView>,
    /// What the lint warns of: `code`, `key`, `line`, `says`, `numbers`, `mend`, `edits`, `example`.
    #[schema(value_type = Vec<Object>)]
    pub warnings_of_the_lint: Vec<Finding>,
    /// What a payment does now, and what it would do.
    pub payments: Payments,
    /// What the plan would have made of the history so far; null if it was not asked for.
    pub history: Option<HistoryEffect>,
    /// What is to be done, in order.
    pub steps: Vec<String>,
    /// The directive.
    pub directive: Prepared,
}

/// A plan's name and hash.
#[derive(Serialize, ToSchema)]
pub struct PlanName {
    /// Its name.
    pub name: String,
    /// Its hash, by which the contract knows it.
    pub hash: Hash,
}

impl From<&ContractPlan> for PlanName {
    fn from(plan: &ContractPlan) -> PlanName {
        PlanName { name: plan.plan().name().to_owned(), hash: Hash(plan.hash().0) }
    }
}

/// A plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Its name.
    pub name: String,
    /// Its hash.
    pub hash: Hash,
    /// The text that is hashed.
    pub canonical: String,
    /// The file to be laid at every service.
    pub file: String,
    /// Whether this server has the file among `plans.files`.
    pub at_hand: bool,
}

impl PlanView {
    /// Dresses a plan.
    pub fn of(plan: &ContractPlan, at_hand: bool) -> PlanView {
        let PlanName { name, hash } = PlanName::from(plan);
        PlanView {
            name,
            hash,
            canonical: plan.plan().canonical_json(),
            file: plan.file().to_owned(),
            at_hand,
        }
    }
}

/// A key with different values.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// The key.
    #[schema(example = "registration.entry")]
    pub key: String,
    /// Its value in the plan in force, in canonical form: wei, basis points; null where it is absent.
    #[schema(value_type = Object)]
    pub now: Value,
    /// Its value in the other plan.
    #[schema(value_type = Object)]
    pub then: Value,
    /// The first as people write it.
    pub now_written: String,
    /// The second as people write it.
    pub then_written: String,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> ChangeView {
        let [now_written, then_written] = change.written;
        ChangeView { key: change.key, now: change.old, then: change.new, now_written, then_written }
    }
}

/// What each kind of payment does.
#[derive(Serialize, ToSchema)]
pub struct Payments {
    /// Under the plan in force.
    pub now: Vec<PartView>,
    /// Under the other one.
    pub then: Vec<PartView>,
}

/// One kind of payment, or the pool: what the machine does with it on a small tree.
#[derive(Serialize, ToSchema)]
pub struct PartView {
    /// What it is about.
    #[schema(example = "A registration of 20 BNB")]
    pub title: String,
    /// The amounts.
    pub tables: Vec<TableView>,
    /// The conditions.
    pub words: Vec<String>,
}

/// Columns of equal length.
#[derive(Serialize, ToSchema)]
pub struct TableView {
    /// What the amounts are of; may be empty.
    pub caption: String,
    /// The headings.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl From<Part> for PartView {
    fn from(part: Part) -> PartView {
        let table = |Table { caption, head, rows }| TableView { caption, head, rows };
        PartView {
            title: part.title,
            tables: part.tables.into_iter().map(table).collect(),
            words: part.words,
        }
    }
}

/// The history so far under both plans, each as if it had been in force from the genesis and everybody had paid its prices.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEffect {
    /// How many would have got more.
    pub gainers: usize,
    /// How many less.
    pub losers: usize,
    /// How many the same.
    pub unchanged: usize,
    /// All participants together.
    pub participants: Difference,
    /// The company.
    pub company: Difference,
    /// Those who would have gained most.
    pub most: Vec<AccountDifference>,
    /// Those who would have lost most.
    pub least: Vec<AccountDifference>,
    /// Payments at another price.
    pub repriced_payments: u64,
    /// Events that only the other plan refuses.
    pub refused: u64,
    /// `BNB`.
    pub currency: &'static str,
}

/// What somebody has earned in all under both plans.
#[derive(Serialize, ToSchema)]
pub struct Difference {
    /// Under the plan in force.
    pub now: Wei,
    /// Under the other one.
    pub then: Wei,
    /// The second less the first; null beyond the range of amounts.
    pub difference: Option<Wei>,
}

/// A participant under both plans.
#[derive(Serialize, ToSchema)]
pub struct AccountDifference {
    /// The wallet.
    pub wallet: String,
    /// What it has.
    #[serde(flatten)]
    pub difference: Difference,
}

impl From<Compared> for Difference {
    fn from(compared: Compared) -> Difference {
        Difference {
            now: Wei(compared.old.entitlement),
            then: Wei(compared.new.entitlement),
            difference: compared.difference.map(Wei),
        }
    }
}

impl From<Past> for HistoryEffect {
    fn from(past: Past) -> HistoryEffect {
        let Past { effect, repriced } = past;
        let view = |account: &Account| AccountDifference {
            wallet: account.user.clone(),
            difference: account.compared.into(),
        };
        // The list is sorted, those who gain most first.
        let gainers = effect.accounts.iter().take(effect.gainers.min(LISTED));
        let losers = effect.accounts.iter().rev().take(effect.losers.min(LISTED));
        HistoryEffect {
            most: gainers.map(view).collect(),
            least: losers.map(view).collect(),
            gainers: effect.gainers,
            losers: effect.losers,
            unchanged: effect.unchanged,
            participants: effect.participants.into(),
            company: effect.company.into(),
            repriced_payments: repriced.payments,
            refused: repriced.refused,
            currency: CURRENCY,
        }
    }
}
