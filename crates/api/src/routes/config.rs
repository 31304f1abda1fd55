//! Another plan: percentages, entry fee, retopup policy.

use axum::Json;
use axum::extract::State;
use banyan_entitlement::{ContractPlan, Decision, Directive};
use banyan_types::{Amount, PlanHash};

use crate::decisions::config::{Judged, edited, judge};
use crate::decisions::{Asked, Standing, past, prepare as prepare_decision};
use crate::extract::Body;
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::views::config::{
    ChangeView, ConfigPrepared, ConfigRequest, HistoryEffect, PartView, Payments, PlanName, PlanView,
};
use crate::views::directives::Prepared;

/// Prepare another plan
///
/// The plan is linted, compared with the plan in force, and tried on a copy of the machine. Nothing changes until the
/// contract has the directive; before that the plan's file must lie at every service, or the services stand still.
#[utoipa::path(post, path = "/v1/admin/config", tag = "admin", request_body = ConfigRequest,
    responses((status = 200, description = "Lay `plan.file` at every service, then sign and send `directive.transactions`", body = ConfigPrepared)))]
pub async fn prepare(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<ConfigRequest>,
) -> Answer<Json<ConfigPrepared>> {
    caller.require(Role::DECIDERS)?;
    let standing = Standing::now(&app).await?;
    let in_force = in_force(&standing, &app)?;
    let file = file(&request, &in_force)?;
    let judged = judged(file, in_force.clone()).await?;
    let hash = judged.plan.hash();
    if hash == in_force.hash() {
        let detail = format!("expected a plan that differs from the one in force, got {hash}, which is it");
        return Err(Problem::new(Kind::PlanUnchanged, detail));
    }
    let directive = directive(&app, &caller, standing.clone(), &judged).await?;
    let history = match request.history {
        Some(false) => None,
        Some(true) | None => Some(past::play(&app, &standing, &in_force, &judged.plan).await?),
    };
    let at_hand = app.plans.get(hash).is_some();
    Ok(Json(ConfigPrepared {
        steps: steps(&directive, hash),
        plan: PlanView::of(&judged.plan, at_hand),
        in_force: PlanName::from(&in_force),
        changes: judged.changes.into_iter().map(ChangeView::from).collect(),
        warnings_of_the_lint: judged.findings,
        payments: Payments {
            now: judged.now.into_iter().map(PartView::from).collect(),
            then: judged.then.into_iter().map(PartView::from).collect(),
        },
        history: history.map(HistoryEffect::from),
        directive,
    }))
}

/// The plan that the contract holds in force.
fn in_force(standing: &Standing, app: &App) -> Answer<ContractPlan> {
    let hash = standing.entitlements.plan_in_force();
    if hash == PlanHash::NONE {
        let detail = "expected a plan in force, but the programme was wound up: no plan follows any more";
        return Err(Problem::new(Kind::ProgrammeWoundUp, detail));
    }
    app.plans.get(hash).cloned().ok_or_else(|| {
        Problem::new(Kind::PlanNotAtHand, format!("the plan in force, {hash}, is not among plans.files"))
    })
}

/// The text of the other plan.
fn file(request: &ConfigRequest, in_force: &ContractPlan) -> Answer<String> {
    match (&request.plan, &request.changes) {
        (Some(file), None) => Ok(file.clone()),
        (None, Some(changes)) => edited(in_force, changes),
        (Some(_), Some(_)) | (None, None) => {
            let detail = "expected either `plan`, the text of a plan file, or `changes`, keys of the plan in force with new values";
            Err(Problem::field(Kind::InvalidBody, "plan", detail))
        }
    }
}

async fn judged(file: String, in_force: ContractPlan) -> Answer<Judged> {
    tokio::task::spawn_blocking(move || judge(&file, &in_force)).await.map_err(Problem::internal)?
}

async fn directive(app: &App, caller: &Caller, standing: Standing, judged: &Judged) -> Answer<Prepared> {
    let hash = judged.plan.hash();
    let mut warnings = Vec::new();
    if app.plans.get(hash).is_none() {
        warnings.push(format!(
            "no file of the plan {hash} is among plans.files here: lay it at every service before the directive is executed, or they stand still at it"
        ));
    }
    let decision = Decision { directive: Directive::Plan(hash), amount: Amount::ZERO };
    let plan = Some(judged.plan.clone());
    prepare_decision(app, Asked { standing, decision, plan, caller, warnings }).await
}

/// What is to be done, in order.
fn steps(directive: &Prepared, hash: PlanHash) -> Vec<String> {
    let mut steps = vec![
        format!(
            "lay plan.file as a file, check that `banyan plan hash` says {hash}, and name it under [plans] files in banyan.toml and under plans in signer.toml, at every service and the signer"
        ),
        "start every service and the signer again".to_owned(),
    ];
    match &directive.timelock {
        Some(lock) => {
            steps.push(format!("send the transaction `schedule` to the timelock {}", lock.address.0));
            steps.push(format!(
                "wait {} seconds; the guardian can cancel the operation meanwhile",
                lock.delay_seconds
            ));
            steps.push("send the transaction `execute`".to_owned());
        }
        None => steps.push("send the transaction `send`".to_owned()),
    }
    steps
}
