//! What each rank asks and pays, once and every month.

use banyan_types::Amount;

use super::stage::Stage;
use super::{Part, table, total};
use crate::calendar::Month;
use crate::components::ranks::{Rank, RanksPlan};
use crate::record::{Detail, RankId, Reward, RewardKind};
use crate::{EventBody, Plan, Refusal, UserId};

pub(super) fn part(plan: &Plan, ranks: &RanksPlan, amount: Amount) -> Result<Part, Refusal> {
    let mut rows = Vec::new();
    for (number, rank) in (0..).zip(&ranks.ranks) {
        let (bonus, monthly) = play(plan, RankId(number), rank, amount)?;
        let [first, second, others] = rank.legs.map(|leg| plan.decimal(leg));
        let share = plan.sections.infinity.as_ref().map(|infinity| infinity.share(&rank.name));
        let share = share.filter(|share| share.get() > 0);
        let monthly = share.map_or(String::new(), |share| format!("{share} = {}", plan.decimal(monthly)));
        let bonus = if bonus.is_zero() { String::new() } else { plan.decimal(bonus) };
        rows.push([rank.name.clone(), plan.decimal(rank.turnover), first, second, others, bonus, monthly]);
    }
    let monthly = format!("of {} below, monthly", plan.decimal(amount));
    let head = ["rank", "turnover", "strongest leg", "second", "all others", "bonus", monthly.as_str()];
    let caption = format!("in {}", plan.currency().symbol);
    Ok(Part {
        title: "Ranks".to_owned(),
        tables: vec![table(caption, head, rows)],
        words: words(plan, ranks),
    })
}

fn words(plan: &Plan, ranks: &RanksPlan) -> Vec<String> {
    let [first, second, others] = ranks.legs;
    let mut words = vec![
        format!(
            "Turnover is what the team below has bought and not given back; one's own purchases do not \
             count. A leg is a direct referral with her team: the strongest must bring at least {first} of \
             a rank's turnover, the second {second}, all others together {others}."
        ),
        format!(
            "Everybody begins as {}. A bonus is paid once, when the rank is reached (RANK); the company is \
             charged.",
            ranks.ranks[0].name
        ),
    ];
    if plan.sections.infinity.is_some() {
        words.push(
            "Once a month, for every purchase of the month that has vested: on the way up from the \
             buyer an active sponsor gets what her rank's share exceeds the highest before her (INFINITY); \
             the company is charged."
                .to_owned(),
        );
    }
    words
}

/// Somebody reaches the rank by three legs, and is active in a month in which `amount` is bought below her: the bonus,
/// and what the month brings.
fn play(plan: &Plan, id: RankId, rank: &Rank, amount: Amount) -> Result<(Amount, Amount), Refusal> {
    let mut stage = Stage::new(plan);
    let holder = stage.register(UserId::COMPANY)?;
    let mut buyer = holder;
    let mut earned: Vec<Reward> = Vec::new();
    for leg in rank.legs {
        buyer = stage.register(holder)?;
        if leg.is_positive() {
            stage.play(EventBody::Purchase { user: buyer, amount: leg })?;
            earned.extend(stage.rewards());
        }
    }
    let waiting = plan.sections.vesting.as_ref().map_or(0, |vesting| vesting.seconds());
    stage.at += waiting;
    stage.play(EventBody::Tick)?;
    earned.extend(stage.rewards());
    stage.at = Month::of(stage.at).end();
    let month = Month::of(stage.at);
    stage.at = month.end() - 1;
    stage.buy_least(holder)?;
    stage.play(EventBody::Purchase { user: buyer, amount })?;
    stage.at = month.end() + waiting;
    stage.play(EventBody::Tick)?;
    let monthly = stage.rewards();
    let sum = |rewards: &[Reward], kind: RewardKind, detail: Detail| {
        let of = rewards
            .iter()
            .filter(|reward| reward.to == holder && reward.kind == kind && reward.detail == detail);
        total(of.map(|reward| reward.amount))
    };
    Ok((
        sum(&earned, RewardKind::Rank, Detail::Rank(id)),
        sum(&monthly, RewardKind::Infinity, Detail::Month(month)),
    ))
}
