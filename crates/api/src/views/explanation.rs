//! Why an entry of the history brought somebody what it brought.

use banyan_engine::explain::{Cause, Explanation, Money, NotPaid, Rewarded, Settled};
use serde::Serialize;
use utoipa::ToSchema;

use super::Finality;

/// The machine form of `docs/explain.md`, the same as `banyan why --format json` prints: events are entries of the history
/// (`seq`), users are wallets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplanationView {
    /// The version of this form.
    #[schema(example = 1)]
    pub explanation: u32,
    /// Name of the plan in force.
    pub plan: String,
    /// The money: `symbol` and `decimals`; amounts are in its smallest unit.
    #[schema(value_type = Object)]
    pub currency: Money,
    /// The entry: `what`, `event` (its seq), `at`, and `user` and `amount` of a payment.
    #[schema(value_type = Object)]
    pub event: Cause,
    /// The wallet that is asked about.
    pub user: String,
    /// Every reward that the entry brought: `kind`, `amount`, `state`, `cause`, `path`, `because`, `arithmetic`, `rest`.
    #[schema(value_type = Vec<Object>)]
    pub rewards: Vec<Rewarded>,
    /// What became of the reserves of the wallet's seats.
    #[schema(value_type = Vec<Object>)]
    pub reserves: Vec<Settled>,
    /// Why nothing came under the other rules that were at work: `rule`, `cause`, `reason`, `says`.
    #[schema(value_type = Vec<Object>)]
    pub not_paid: Vec<NotPaid>,
    /// How many more of those there were.
    pub not_paid_omitted: usize,
    /// As of which block this is true.
    pub finality: Finality,
}

impl ExplanationView {
    /// Dresses an explanation.
    pub fn new(from: Explanation, finality: Finality) -> ExplanationView {
        ExplanationView {
            explanation: from.explanation,
            plan: from.plan,
            currency: from.currency,
            event: from.event,
            user: from.user,
            rewards: from.rewards,
            reserves: from.reserves,
            not_paid: from.not_paid,
            not_paid_omitted: from.not_paid_omitted,
            finality,
        }
    }
}
