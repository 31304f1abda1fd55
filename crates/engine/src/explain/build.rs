//! Puts together what was told about one event as an answer about one user.

use super::answer::{EXPLANATION, Explanation, Money, Path, Rest, Rewarded, Said, Settled};
use super::arithmetic::Step;
use super::facts::Because;
use super::scene::Asked;
use super::sections::{self, Entry, Section};
use super::trace::{Ground, Rule, Topic};
use super::{reasons, words};
use crate::record::{Detail, Fund, Reserve, Reward};
use crate::{RewardKind, UserId};

use banyan_types::Amount;

/// More reasons for nothing than this are only counted.
const REASONS: usize = 50;

/// Why an event brought somebody what it brought, and why no more.
pub fn explain(asked: &Asked<'_>) -> Explanation {
    let sections = sections::cut(&asked.told.0);
    let (mut rewards, mut reserves) = (Vec::new(), Vec::new());
    for section in &sections {
        for entry in &section.entries {
            match entry {
                Entry::Paid { reward, grounds, steps } if is_for(asked, reward) => {
                    let rest = rest(asked, &sections, section, reward);
                    rewards.push(rewarded(asked, section, reward, (grounds, steps), rest));
                }
                Entry::Settled { reserve, grounds, steps } if Some(reserve.user) == asked.user => {
                    reserves.push(settled(asked, section, reserve, (grounds, steps)));
                }
                Entry::Paid { .. }
                | Entry::Settled { .. }
                | Entry::Passed(..)
                | Entry::Gain(..)
                | Entry::Claim(_) => {}
            }
        }
    }
    let mut not_paid = reasons::reasons(asked, &sections, rewards.is_empty() && reserves.is_empty());
    let not_paid_omitted = not_paid.len().saturating_sub(REASONS);
    not_paid.truncate(REASONS);
    let plan = asked.machine.plan();
    let currency = Money { symbol: plan.currency().symbol.clone(), decimals: plan.decimals() };
    Explanation {
        explanation: EXPLANATION,
        plan: plan.name().to_owned(),
        currency,
        event: asked.event_cause(),
        user: asked.name.to_owned(),
        rewards,
        reserves,
        not_paid,
        not_paid_omitted,
    }
}

fn is_for(asked: &Asked<'_>, reward: &Reward) -> bool {
    Some(reward.to) == asked.user && !reward.amount.is_zero()
}

fn rewarded(
    asked: &Asked<'_>,
    section: &Section,
    reward: &Reward,
    (grounds, steps): (&[Ground], &[Step]),
    rest: Option<Rest>,
) -> Rewarded {
    let mut because: Vec<Because> = grounds.iter().map(|ground| fact(asked, reward.to, *ground)).collect();
    let mut arithmetic = steps.to_vec();
    if reward.kind == RewardKind::Infinity {
        because.extend(claimed(asked, section, reward.to));
        arithmetic = gains(asked, section, reward.to);
    }
    if let (RewardKind::Refused, Some(why)) = (reward.kind, asked.refusal) {
        because.push(Because::Refused { why: why.to_owned() });
    }
    let rank = |rank| asked.machine.plan().rank_name(rank).map(str::to_owned);
    let (rank, position, month) = match reward.detail {
        Detail::Rank(reached) => (rank(reached), None, None),
        Detail::Position(event) => (None, Some(asked.id(event)), None),
        Detail::Month(month) => (None, None, Some(month.to_string())),
        Detail::None | Detail::Pool { .. } | Detail::Depth(_) => (None, None, None),
    };
    Rewarded {
        kind: reward.kind.name(),
        amount: reward.amount,
        state: reward.state.name(),
        source: asked.name(reward.source),
        level: reward.level(),
        depth: reward.depth(),
        rank,
        position,
        month,
        fund: fund(reward.fund),
        cause: asked.cause(section.topic.as_ref()),
        path: path(asked, section, reward, grounds),
        because: said(asked, because),
        arithmetic,
        rest,
    }
}

fn settled(
    asked: &Asked<'_>,
    section: &Section,
    reserve: &Reserve,
    (grounds, steps): (&[Ground], &[Step]),
) -> Settled {
    let grounds = grounds.iter().map(|ground| fact(asked, reserve.user, *ground));
    assert!(section.rule == Some(Rule::Reserve), "only a full board or a wind-up settles a reserve");
    Settled {
        seat: asked.place(reserve.seat),
        spent: reserve.spent,
        released: reserve.released,
        because: said(asked, grounds.collect()),
        arithmetic: steps.to_vec(),
    }
}

fn said(asked: &Asked<'_>, because: Vec<Because>) -> Vec<Said<Because>> {
    let say = |fact| Said { says: words::because(asked, &fact), fact };
    because.into_iter().map(say).collect()
}

fn fund(fund: Fund) -> &'static str {
    match fund {
        Fund::Payment => "payment",
        Fund::Company => "company",
        Fund::Stake => "stake",
        Fund::Reserve(_) => "reserve",
    }
}

/// A ground in the machine form.
fn fact(asked: &Asked<'_>, receiver: UserId, ground: Ground) -> Because {
    match ground {
        Ground::SponsorOf(user) => Because::SponsorOf { user: asked.name(user) },
        Ground::Referral { number, seats } => Because::ReferralNumber { number, seats },
        Ground::AllFull { level, trees } => Because::AllTreesFull { level, trees },
        Ground::Above { seat, new, distance, position } => {
            Because::SeatAbove { seat: asked.place(seat), new: new.index, distance, position }
        }
        Ground::Reserved => Because::Reserved,
        Ground::NoSeat { new, distance } => Because::NoSeat { new: new.index, distance },
        Ground::HasRetopup(user) => Because::EarlierRetopup {
            event: asked.chronicle.first_retopup(user).map(|event| asked.id(event)),
        },
        Ground::ChainEnds => Because::NobodyThere,
        Ground::Ineligible(user) => Because::Ineligible { user: asked.name(user) },
        Ground::Active { seen, at } => active(asked, receiver, seen.last, at),
        Ground::Legs { rank, brought, asked: needed } => {
            Because::Legs { rank: rank_name(asked, rank), brought, asked: needed }
        }
        Ground::Refused(reason) => Because::Refused { why: reason.to_string() },
        Ground::Full { reserve, ticket } => Because::BoardComplete { reserve, ticket },
    }
}

fn rank_name(asked: &Asked<'_>, rank: crate::RankId) -> String {
    asked.machine.plan().rank_name(rank).unwrap_or_default().to_owned()
}

fn active(
    asked: &Asked<'_>,
    receiver: UserId,
    sign: Option<crate::components::activity::Sign>,
    at: i64,
) -> Because {
    let sign = sign.expect("nobody is active without a purchase");
    let purchase = asked.purchase(sign).expect("the purchase that makes active has happened");
    Because::ActiveBy {
        purchase: asked.id(purchase.event),
        buyer: asked.name(purchase.user),
        own: purchase.user == receiver,
        seconds_older: at - sign.at,
    }
}

/// Rank and activity behind a share of a month.
fn claimed(asked: &Asked<'_>, section: &Section, user: UserId) -> Vec<Because> {
    let Some((claim, Some(Topic::Month { month }))) = section.claim(user).zip(Some(section.topic)) else {
        return Vec::new();
    };
    let reached_by = asked.chronicle.rank(user, claim.rank).map(|event| asked.id(event));
    let share = Because::RankShare { rank: rank_name(asked, claim.rank), bps: claim.share.get(), reached_by };
    let sign = claim.seen.and_then(|seen| seen.last);
    vec![share, active(asked, user, sign, month.end())]
}

/// The parts of somebody's share of a month, and their sum.
fn gains(asked: &Asked<'_>, section: &Section, user: UserId) -> Vec<Step> {
    let what = "what her share exceeds the highest nearer to the buyer";
    let mut steps: Vec<Step> = section
        .gains(user)
        .map(|part| {
            let (bps, top) = (part.share.get(), part.top.get());
            Step::Gap { what, buyer: asked.name(part.buyer), of: part.of, bps, top, result: part.result }
        })
        .collect();
    if steps.len() > 1 {
        let parts: Vec<Amount> = steps.iter().map(Step::result).collect();
        let result = Amount::sum(parts.iter().copied()).expect("shares of purchases add to a part of them");
        steps.push(Step::Total { what: "all purchases of the month below", parts, result });
    }
    steps
}

/// Who stands between the payment and the receiver; for breakage, whose share it would have been.
fn path(asked: &Asked<'_>, section: &Section, reward: &Reward, grounds: &[Ground]) -> Path {
    let nobody = Path { along: "none", ..Path::default() };
    let ineligible = grounds.iter().find_map(|ground| match ground {
        Ground::Ineligible(user) => Some(*user),
        _ => None,
    });
    let to = ineligible.unwrap_or(reward.to);
    let by_sponsors = |from| match to {
        UserId::COMPANY => nobody.clone(),
        to => asked.sponsors(from, to, section),
    };
    match (section.rule, section.topic) {
        (Some(Rule::Direct), Some(Topic::Ticket { holder, .. })) => asked.sponsors(holder, to, section),
        (Some(Rule::Direct), Some(Topic::Entry { user, .. })) if reward.kind == RewardKind::Direct => {
            asked.sponsors(user, to, section)
        }
        (Some(Rule::Level { .. }), Some(Topic::Retopup { payer, .. })) => by_sponsors(payer),
        (
            Some(Rule::Unilevel { .. } | Rule::Referral { .. } | Rule::Ranks),
            Some(Topic::Purchase { buyer, .. }),
        ) => by_sponsors(buyer),
        (Some(Rule::Commission), Some(Topic::Order { customer, .. })) => by_sponsors(customer),
        (Some(Rule::Pool { .. }), Some(Topic::Seat { at, .. })) => seats(asked, at, grounds),
        _ => nobody,
    }
}

fn seats(asked: &Asked<'_>, new: crate::SeatRef, grounds: &[Ground]) -> Path {
    let distance = grounds.iter().find_map(|ground| match ground {
        Ground::Above { distance, .. } | Ground::NoSeat { distance, .. } => Some(*distance),
        _ => None,
    });
    distance.map_or(Path { along: "none", ..Path::default() }, |distance| asked.seats(new, distance))
}

/// Where what is left of the same payment went.
fn rest(asked: &Asked<'_>, sections: &[Section], section: &Section, paid: &Reward) -> Option<Rest> {
    // Sections are in the order of their topics.
    let from = sections.partition_point(|other| other.topic_no < section.topic_no);
    let same = sections[from..].iter().take_while(|other| other.topic_no == section.topic_no);
    let mut entries = same.flat_map(|other| &other.entries);
    let left = entries.find_map(|entry| match entry {
        Entry::Paid { reward, .. } if takes_the_rest(reward.kind) && reward.amount.is_positive() => {
            Some(reward)
        }
        Entry::Paid { .. }
        | Entry::Settled { .. }
        | Entry::Passed(..)
        | Entry::Gain(..)
        | Entry::Claim(_) => None,
    })?;
    let rest = Rest { kind: left.kind.name(), to: asked.name(left.to), amount: left.amount };
    Some(rest).filter(|_| left != paid && paid.fund != Fund::Company)
}

fn takes_the_rest(kind: RewardKind) -> bool {
    matches!(kind, RewardKind::CompanyFee | RewardKind::PoolCompany | RewardKind::Retained)
}
