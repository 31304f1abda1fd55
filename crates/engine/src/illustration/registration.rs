//! What a registration does in a programme with a pool.

use super::stage::Stage;
use super::{Part, Table, part_of, table, total};
use crate::components::pool::PoolPlan;
use crate::components::tickets::RegistrationPlan;
use crate::record::{Reward, RewardKind};
use crate::{Plan, Refusal, SponsorSeat, UserId};

/// A referral that comes later than this is told, not played.
const MAX_REFERRALS: u32 = 1000;

/// What a table splits.
#[derive(Clone, Copy)]
enum Splits {
    /// The entry of a registration that seats nobody.
    Entry(SponsorSeat),
    /// A seat's ticket.
    Ticket,
}

pub(super) fn part(plan: &Plan, registration: &RegistrationPlan) -> Result<Part, Refusal> {
    let entry = plan.money(registration.entry);
    let mut part = Part { title: format!("A registration of {entry}"), ..Part::default() };
    match registration.sponsor_seat {
        None => {
            let rewards = seat_registrant(plan)?;
            part.tables.push(split(plan, "", Splits::Ticket, &rewards));
            part.words.push(seats_registrant(plan));
        }
        Some(rule) => {
            let nth = format!("referral number {} of a sponsor", rule.on_referral);
            let rewards = share_entry(plan, rule)?;
            part.tables.push(split(plan, "any other registration", Splits::Entry(rule), &rewards));
            if let Some(rewards) = seat_sponsor(plan, rule)? {
                part.tables.push(split(plan, &nth, Splits::Ticket, &rewards));
            }
            part.words.push(format!(
                "It seats nobody, but {nth} buys a seat for the sponsor: the whole entry is that seat's \
                 ticket. The company is never seated."
            ));
        }
    }
    Ok(part)
}

/// What a registration that is a seat's ticket does.
fn seats_registrant(plan: &Plan) -> String {
    let pool = pool(plan);
    let seats = "It seats the registrant at level 1 of the pool, at the next free seat";
    match pool.capacity {
        None => format!("{seats}."),
        Some(capacity) => {
            let all = u128::from(capacity) * u128::from(pool.trees);
            format!(
                "{seats}, as long as one of the {all} is free; later ones get the price back (SEAT_REFUND)."
            )
        }
    }
}

/// Seats the first of a board's last layer, so that everybody above it gets something; the last seat of a smaller tree.
fn seat_registrant(plan: &Plan) -> Result<Vec<Reward>, Refusal> {
    let mut stage = Stage::new(plan);
    stage.chain(last_seat(plan) as usize)?;
    Ok(stage.rewards())
}

fn share_entry(plan: &Plan, rule: SponsorSeat) -> Result<Vec<Reward>, Refusal> {
    let mut stage = Stage::new(plan);
    let sponsor = stage.register(UserId::COMPANY)?;
    stage.register(sponsor)?;
    if rule.on_referral == 1 {
        // The one above bought a seat; the next does not.
        stage.register(sponsor)?;
    }
    Ok(stage.rewards())
}

fn seat_sponsor(plan: &Plan, rule: SponsorSeat) -> Result<Option<Vec<Reward>>, Refusal> {
    if rule.on_referral > MAX_REFERRALS {
        return Ok(None);
    }
    let mut stage = Stage::new(plan);
    for _ in 0..last_seat(plan) {
        let sponsor = stage.register(UserId::COMPANY)?;
        for _ in 0..rule.on_referral {
            stage.register(sponsor)?;
        }
    }
    Ok(Some(stage.rewards()))
}

/// Index of the first seat that has a seat above it in every layer, or of the last one in a tree that ends before it.
fn last_seat(plan: &Plan) -> u64 {
    let pool = pool(plan);
    (1 << pool.layers()).min(pool.capacity.unwrap_or(u64::MAX))
}

fn pool(plan: &Plan) -> &PoolPlan {
    plan.pool().expect("a plan with an entry has a pool")
}

/// The rewards of one payment as a table.
fn split(plan: &Plan, caption: &str, splits: Splits, rewards: &[Reward]) -> Table {
    let whole = total(rewards.iter().map(|reward| reward.amount));
    let row = |reward: &Reward| {
        let (who, rule) = meaning(plan, splits, reward.kind);
        [
            who.to_owned(),
            rule,
            plan.decimal(reward.amount),
            part_of(reward.amount, whole),
            reward.kind.name().to_owned(),
        ]
    };
    let mut rows: Vec<[String; 5]> = rewards.iter().map(row).collect();
    rows.push([
        "together".to_owned(),
        String::new(),
        plan.decimal(whole),
        part_of(whole, whole),
        String::new(),
    ]);
    let amount = plan.currency().symbol.as_str();
    table(caption, ["who gets it", "share", amount, "of the payment", "record"], rows)
}

/// Who gets a reward of this kind, and by which share.
fn meaning(plan: &Plan, splits: Splits, kind: RewardKind) -> (&'static str, String) {
    let pool = pool(plan);
    let of_price = |layer: usize| {
        pool.shares.get(layer).map_or(String::new(), |share| format!("{share} of the seat's price"))
    };
    match kind {
        RewardKind::Direct => match splits {
            Splits::Entry(rule) => ("the sponsor", format!("{} of the entry", rule.direct)),
            Splits::Ticket => ("the seat holder's sponsor", format!("{} of the ticket", pool.direct)),
        },
        RewardKind::PoolL1 => ("owner of the seat above", of_price(0)),
        RewardKind::PoolL2 => ("owner of the seat 2 above", of_price(1)),
        RewardKind::PoolL3 => ("owner of the seat 3 above", of_price(2)),
        RewardKind::PoolBreakage => ("the company, for a seat that is missing", String::new()),
        RewardKind::PoolCompany => ("the company", "the rest of the price".to_owned()),
        RewardKind::CompanyFee => ("the company", "the rest".to_owned()),
        RewardKind::SeatRefund => ("who would have been seated: all trees are full", "the price".to_owned()),
        RewardKind::Level
        | RewardKind::LevelBreakage
        | RewardKind::Unilevel
        | RewardKind::Retained
        | RewardKind::Rank
        | RewardKind::Infinity
        | RewardKind::Staking
        | RewardKind::Principal
        | RewardKind::Grant
        | RewardKind::Refused => unreachable!("no registration pays {}", kind.name()),
    }
}
