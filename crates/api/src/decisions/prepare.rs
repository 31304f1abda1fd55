//! From a decision to the transactions that take it.

use std::sync::Arc;

use banyan_chain::contract::{self, Operation};
use banyan_entitlement::{ContractPlan, Decision, Judgement};
use banyan_types::Amount;
use serde_json::json;

use super::Standing;
use super::present::unreadable;
use super::refused::refused;
use super::senders::{self, Sender};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Problem};
use crate::state::App;
use crate::store::actions::{self, Action};
use crate::views::directives::{
    DecisionView, EffectView, Prepared, SafeTransaction, SimulatedAt, TimelockView,
};
use crate::views::{Call, Finality, Hash, Wallet, Wei};

/// A decision that somebody asks for, and the state that it is tried on.
pub struct Asked<'a> {
    /// The state.
    pub standing: Standing,
    /// The decision.
    pub decision: Decision,
    /// The plan that it names, where it is not at hand yet.
    pub plan: Option<ContractPlan>,
    /// Who asks.
    pub caller: &'a Caller,
    /// What people should know before they sign.
    pub warnings: Vec<String>,
}

/// Tries a decision, and dresses it for whoever may send it. It is logged; nothing else changes.
pub async fn prepare(app: &App, asked: Asked<'_>) -> Answer<Prepared> {
    let Asked { standing, decision, plan, caller, mut warnings } = asked;
    let foreseen = foresee(&standing, &decision, plan).await?;
    if let Some(problem) = refused(&foreseen) {
        return Err(problem);
    }
    let sender = senders::find(app, &standing, &decision.directive).await?;
    warnings.extend(unread(app, &standing).await?);
    let view = DecisionView::of(&decision);
    let detail = json!({
        "decision": &view,
        "seq": standing.cursor.seq,
        "head": Hash(standing.cursor.head),
        "sender": Wallet(sender.holder),
    });
    let kind = view.kind;
    let action = Action { actor: &caller.name(), action: "directive.prepared", subject: kind, detail };
    actions::log_done(&app.pool, &action).await?;
    let operation = operation(app, &standing, &decision);
    let finality = Finality::from(&standing.cursor);
    Ok(Prepared {
        decision: view,
        transactions: transactions(app, &sender, &operation, &decision, &finality),
        timelock: sender.timelock.map(|lock| TimelockView::of(lock, &operation)),
        effect: EffectView::of(&standing.entitlements, &foreseen),
        warnings,
        simulated_at: SimulatedAt { seq: standing.cursor.seq, head: Hash(standing.cursor.head) },
        finality,
    })
}

async fn foresee(standing: &Standing, decision: &Decision, plan: Option<ContractPlan>) -> Answer<Judgement> {
    let (entitlements, decision) = (Arc::clone(&standing.entitlements), decision.clone());
    let playing = tokio::task::spawn_blocking(move || entitlements.foresee(&decision, plan.as_ref()));
    playing.await.map_err(Problem::internal)?.map_err(unreadable)
}

/// A warning about entries that the contract has and the books have not.
async fn unread(app: &App, standing: &Standing) -> Answer<Option<String>> {
    let head = app.node().head_block().await?;
    let last = app.view.seq(head.hash).await?;
    let ahead = last.saturating_sub(standing.cursor.seq);
    Ok((ahead > 0).then(|| {
        format!(
            "the contract has {ahead} entries that are not final yet: the effect was tried without them; ask again when the books have them"
        )
    }))
}

/// What a seat by hand may run into: breadth-first placement goes on meanwhile.
pub fn place_warnings(standing: &Standing, level: u64, index: u64) -> Vec<String> {
    let next = u32::try_from(level).ok().and_then(|level| standing.entitlements.quote(level));
    let taken_next = next.is_some_and(|seat| seat.index == index);
    taken_next
        .then(|| {
            "this seat is the next that breadth-first placement takes: a newcomer who comes first has it, and then the directive is refused and its value is the company's".to_owned()
        })
        .into_iter()
        .collect()
}

/// The directive as a timelock's operation. The head tells it from the same decision at another time.
fn operation(app: &App, standing: &Standing, decision: &Decision) -> Operation {
    let (kind, data) = decision.directive.encode();
    let data = contract::directive(kind, data);
    Operation { target: app.domain.contract, data, value: decision.amount, salt: standing.cursor.head }
}

fn transactions(
    app: &App,
    sender: &Sender,
    operation: &Operation,
    decision: &Decision,
    finality: &Finality,
) -> Vec<SafeTransaction> {
    let call = |to, data: &alloy_primitives::Bytes, value, role| Call {
        to: Wallet(to),
        data: data.to_string(),
        value: Wei(value),
        chain_id: app.domain.chain_id,
        role: Some(role),
    };
    let what = DecisionView::of(decision).says;
    let dress = |step, call, from| SafeTransaction::of((step, &what), call, from, finality.at);
    let Some(lock) = sender.timelock else {
        let role = senders::name(sender.role);
        let call = call(app.domain.contract, &operation.data, decision.amount, role);
        return vec![dress("send", call, Some(sender.holder))];
    };
    let (schedule, execute) = (operation.schedule(lock.delay), operation.execute());
    let schedule = call(lock.address, &schedule, Amount::ZERO, "timelock proposer");
    let execute = call(lock.address, &execute, decision.amount, "timelock executor");
    vec![dress("schedule", schedule, lock.proposer), dress("execute", execute, lock.proposer)]
}
