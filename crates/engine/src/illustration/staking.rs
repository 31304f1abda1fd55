//! What staked money earns.

use banyan_types::Amount;

use super::stage::Stage;
use super::{Part, part_of, table, total};
use crate::calendar::DAY;
use crate::components::staking::StakingPlan;
use crate::{EventBody, Plan, Refusal, UserId};

/// Days of interest after which the table looks.
const DAYS: [i64; 4] = [1, 30, 90, 365];

pub(super) fn part(plan: &Plan, staking: &StakingPlan, amount: Amount) -> Result<Part, Refusal> {
    let mut stage = Stage::new(plan);
    let user = stage.register(UserId::COMPANY)?;
    let stake = stage.play(EventBody::Stake { user, amount })?;
    let mut rows = Vec::new();
    let mut earned = Amount::ZERO;
    for days in DAYS {
        // The day of staking earns nothing.
        stage.at = (days + 1) * DAY;
        stage.play(EventBody::Tick)?;
        let interest = stage.machine.balances(user).payable;
        let new = interest.checked_sub(earned).expect("interest is never taken back");
        earned = interest;
        rows.push([days.to_string(), plan.decimal(new), plan.decimal(interest), part_of(interest, amount)]);
    }
    stage.play(EventBody::Unstake { stake })?;
    let principal = total(stage.rewards().iter().map(|reward| reward.amount));
    let head = ["days of interest", "paid since the row above", "together", "of the principal"];
    Ok(Part {
        title: format!("A stake of {}", plan.money(amount)),
        tables: vec![table("", head, rows)],
        words: vec![
            format!(
                "Interest is {} a year of 365 days on the principal, simple, paid whenever a day (UTC) has \
                 passed; the day of staking earns nothing (STAKING). No payment funds it: the company is \
                 charged.",
                staking.yearly
            ),
            format!(
                "Closing the position makes the principal of {} payable (PRINCIPAL).",
                plan.money(principal)
            ),
        ],
    })
}
