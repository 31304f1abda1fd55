//! The booked history under two plans.

use banyan_engine::comparison::Effect;
use banyan_entitlement::{ContractPlan, Hindsight, Repriced};

use super::Standing;
use super::present::{entries, signed};
use crate::problem::{Answer, Problem};
use crate::state::App;

/// What another plan would have made of the history so far.
pub struct Past {
    /// Who would have got more, and who less.
    pub effect: Effect,
    /// How the second run differs from what happened.
    pub repriced: Repriced,
}

/// Plays the history up to `standing` under both plans. Whoever stops waiting ends the work at the next page.
pub async fn play(app: &App, standing: &Standing, now: &ContractPlan, then: &ContractPlan) -> Answer<Past> {
    let turn = app.present.turn().await?;
    let mut hindsight = Hindsight::new(app.plans.clone(), now.clone(), then.clone());
    let mut after = -1;
    while after < signed(standing.cursor.seq) {
        let mut connection = app.pool.acquire().await?;
        let page = entries(app, &mut connection, (after, signed(standing.cursor.seq))).await?;
        drop(connection);
        let last = page.last().ok_or_else(|| Problem::internal("the history ends before its cursor"))?;
        after = signed(last.seq);
        let reading = tokio::task::spawn_blocking(move || {
            page.iter().for_each(|entry| hindsight.read(entry));
            hindsight
        });
        hindsight = reading.await.map_err(Problem::internal)?;
    }
    drop(turn);
    Ok(Past { effect: hindsight.effect(), repriced: hindsight.repriced() })
}
