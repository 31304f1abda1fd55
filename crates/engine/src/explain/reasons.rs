//! Why somebody got nothing under a rule that was at work.
//!
//! Who was looked at by the paying code is told why she was passed over; of all others it is worked out where they
//! stand, which the rule's reach does not cover.

use std::collections::HashMap;

use super::answer::{NotPaid, Said};
use super::facts::{LastPurchase, Reason};
use super::scene::Asked;
use super::sections::Section;
use super::trace::{Pass, Rule, Topic};
use super::words;
use crate::calendar::{DAY, Month};
use crate::components::activity::Seen;
use crate::components::purchases::Purchase;
use crate::interchange::format_at;
use crate::record::{RankId, SeatRef};
use crate::{EventBody, RewardKind, UserId};

/// So many refunded purchases are listed, the last ones.
const REFUNDED: usize = 10;

/// All reasons, without repetition, those of people who are far from the payment last. Somebody who got `nothing` at
/// all hears at least one.
pub(super) fn reasons(asked: &Asked<'_>, sections: &[Section], nothing: bool) -> Vec<NotPaid> {
    let stranger =
        asked.user.is_none_or(|user| user != UserId::COMPANY && !asked.machine.is_participant(user));
    let Some(user) = asked.user.filter(|_| !stranger) else {
        let unknown = nothing.then(|| not_paid(asked, "event", None, Reason::NotAParticipant));
        return unknown.into_iter().collect();
    };
    let given_back = given_back(asked, user);
    // Every reason with its place in order, so that thousands of purchases are not compared each with each.
    let mut found: HashMap<NotPaid, usize> = HashMap::new();
    for section in sections.iter().filter(|section| !section.pays(user)) {
        let rule = rule_name(section);
        for reason in of_section(asked, section, user, &given_back) {
            let next = found.len();
            found.entry(not_paid(asked, rule, section.topic.as_ref(), reason)).or_insert(next);
        }
    }
    if found.is_empty() && nothing {
        let event = asked.event.body.name();
        let reason = match user {
            UserId::COMPANY => earned(sections).unwrap_or(Reason::NothingLeft),
            _ => Reason::NothingToPay { event },
        };
        found.insert(not_paid(asked, "event", None, reason), 0);
    }
    let mut found: Vec<(NotPaid, usize)> = found.into_iter().collect();
    found.sort_unstable_by_key(|(not_paid, place)| (is_far(&not_paid.reason.fact), *place));
    found.into_iter().map(|(not_paid, _)| not_paid).collect()
}

fn not_paid(asked: &Asked<'_>, rule: &'static str, topic: Option<&Topic>, reason: Reason) -> NotPaid {
    let says = words::reason(asked, &reason);
    NotPaid { rule, cause: asked.cause(topic), reason: Said { fact: reason, says } }
}

/// Whether the reason is that she stands elsewhere.
fn is_far(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::NotAbove { .. }
            | Reason::NoSeatAbove { .. }
            | Reason::NotTheSponsor { .. }
            | Reason::NoPosition
    )
}

fn rule_name(section: &Section) -> &'static str {
    match section.rule {
        None | Some(Rule::Refusal | Rule::Grant) => "event",
        Some(Rule::Direct) => "direct",
        Some(Rule::Pool { .. } | Rule::Reserve) => "pool",
        Some(Rule::Level { .. }) => "level_income",
        Some(Rule::Unilevel { .. }) => "unilevel",
        Some(Rule::Retained) => "retained",
        Some(Rule::Referral { .. }) => "referral",
        Some(Rule::Ranks) => "ranks",
        Some(Rule::Infinity { .. }) => "infinity",
        Some(Rule::Interest { .. } | Rule::Principal) => "staking",
        Some(Rule::Commission) => "orders",
    }
}

fn of_section(asked: &Asked<'_>, section: &Section, user: UserId, given_back: &[&Purchase]) -> Vec<Reason> {
    if let Some(reward) = section.pays_nothing(user) {
        return vec![match reward.kind {
            RewardKind::Rank => Reason::RankWithoutBonus { rank: current_rank(asked, user) },
            RewardKind::Staking => interest_of_nothing(section),
            RewardKind::Retained | RewardKind::CompanyFee | RewardKind::PoolCompany => Reason::NothingLeft,
            _ => Reason::RoundsToNothing,
        }];
    }
    let passes = section.passes(user);
    let told: Vec<Reason> = passes.map(|pass| passed(asked, section, (user, given_back), pass)).collect();
    if told.is_empty() { elsewhere(asked, section, user).into_iter().collect() } else { told }
}

/// What the company earned with the order that was completed.
fn earned(sections: &[Section]) -> Option<Reason> {
    sections.iter().find_map(|section| match section.topic {
        Some(Topic::Order { net, .. }) => Some(Reason::Earned { net }),
        _ => None,
    })
}

fn interest_of_nothing(section: &Section) -> Reason {
    match section.topic {
        Some(Topic::Position { opened, today, .. }) if today - opened <= 1 => Reason::FirstDay,
        _ => Reason::RoundsToNothing,
    }
}

fn rank_name(asked: &Asked<'_>, rank: RankId) -> String {
    asked.machine.plan().rank_name(rank).unwrap_or_default().to_owned()
}

fn current_rank(asked: &Asked<'_>, user: UserId) -> String {
    rank_name(asked, asked.machine.state().ranks.rank(user))
}

/// Why the paying code passed her over.
fn passed(
    asked: &Asked<'_>,
    section: &Section,
    (user, given_back): (UserId, &[&Purchase]),
    pass: Pass,
) -> Reason {
    let above = beginning(section).and_then(|from| asked.above(from, user)).unwrap_or_default();
    match pass {
        Pass::NoRetopup { depth, lost } => {
            let compress = matches!(section.rule, Some(Rule::Level { compress: true, .. }));
            let goes_to = if compress { NEXT } else { "the company as LEVEL_BREAKAGE" };
            Reason::NoEarlierRetopup { above, depth, lost, goes_to }
        }
        Pass::Inactive { depth, lost, seen, at } => {
            let Some(Rule::Unilevel { inactive, days, .. }) = section.rule else {
                unreachable!("only the unilevel rule asks who is active");
            };
            let goes_to = match inactive {
                "compress" | "roll-up" => NEXT,
                _ => "the company as a part of RETAINED",
            };
            let refunded = refunded(asked, section, given_back, at - days * DAY);
            let last = last_purchase(asked, seen, at);
            Reason::Inactive { above, depth, lost, goes_to, days, last, refunded }
        }
        Pass::SetInactive { depth, lost } => {
            let since = asked.chronicle.status(user).map(|event| asked.id(event));
            Reason::SetInactive { above, depth, lost, since }
        }
        Pass::Legs { next, brought, asked: needed } => {
            Reason::RankNotReached { next: rank_name(asked, next), brought, asked: needed }
        }
        Pass::TopRank(rank) => Reason::HighestRank { rank: rank_name(asked, rank) },
        Pass::Outranked(part) => {
            Reason::Outranked { buyer: asked.name(part.buyer), bps: part.share.get(), top: part.top.get() }
        }
        Pass::SeatInstead { number } => Reason::SeatInstead { number },
    }
}

const NEXT: &str = "the next eligible sponsor above, if there is one";

fn last_purchase(asked: &Asked<'_>, seen: Seen, at: i64) -> Option<LastPurchase> {
    let sign = seen.last?;
    let purchase = asked.purchase(sign)?;
    Some(LastPurchase {
        purchase: asked.id(purchase.event),
        buyer: asked.name(purchase.user),
        seconds_older: at - sign.at,
    })
}

/// The purchases that would have made her active, had they not been given back: her own, and first ones of direct
/// referrals. They are in order of events and times, as all are.
fn given_back<'a>(asked: &Asked<'a>, user: UserId) -> Vec<&'a Purchase> {
    let counts = |purchase: &&Purchase| {
        purchase.user == user || purchase.first && asked.sponsor(purchase.user) == Some(user)
    };
    let all: &'a [Purchase] = asked.machine.state().purchases.all();
    all.iter().filter(|purchase| purchase.refunded).filter(counts).collect()
}

/// Those that were given back of the time after `since`, until the purchase of which she got nothing.
fn refunded(asked: &Asked<'_>, section: &Section, given_back: &[&Purchase], since: i64) -> Vec<String> {
    let Some(Topic::Purchase { purchase: until, .. }) = section.topic else { return Vec::new() };
    let to = given_back.partition_point(|purchase| purchase.event <= until);
    let from = given_back[..to].partition_point(|purchase| purchase.at <= since);
    let last = given_back[from..to].iter().rev().take(REFUNDED);
    let mut last: Vec<String> = last.map(|purchase| asked.id(purchase.event)).collect();
    last.reverse();
    last
}

/// From whom the way up begins.
fn beginning(section: &Section) -> Option<UserId> {
    match section.topic? {
        Topic::Entry { user, .. } => Some(user),
        Topic::Ticket { holder, .. } => Some(holder),
        Topic::Retopup { payer, .. } => Some(payer),
        Topic::Purchase { buyer, .. } => Some(buyer),
        Topic::Order { customer, .. } => Some(customer),
        Topic::Refused { .. }
        | Topic::Seat { .. }
        | Topic::Board { .. }
        | Topic::Grant { .. }
        | Topic::WindUp
        | Topic::Waits { .. }
        | Topic::Returned { .. }
        | Topic::Month { .. }
        | Topic::Position { .. } => None,
    }
}

/// Why the rule did not reach her.
fn elsewhere(asked: &Asked<'_>, section: &Section, user: UserId) -> Option<Reason> {
    let company = user == UserId::COMPANY;
    match section.rule {
        None => unpaid_purchase(asked, section.topic?),
        Some(_) if company => None,
        Some(Rule::Refusal) => {
            let Some(Topic::Refused { payer, .. }) = section.topic else { return None };
            let why = section.refusal().or(asked.refusal.map(str::to_owned)).unwrap_or_default();
            Some(Reason::PaymentRefused { payer: asked.name(payer), why })
        }
        Some(Rule::Direct | Rule::Commission) => not_the_sponsor(asked, section, user),
        Some(Rule::Pool { layers }) => no_seat(asked, section, user, layers),
        Some(Rule::Level { levels, compress }) => by_levels(asked, section, user, (levels, compress)),
        Some(Rule::Unilevel { levels, inactive, .. }) => {
            by_levels(asked, section, user, (levels, inactive == "compress"))
        }
        Some(Rule::Referral { levels }) => by_levels(asked, section, user, (levels, false)),
        Some(Rule::Ranks) => by_levels(asked, section, user, (u32::MAX, false)),
        Some(Rule::Infinity { days }) => no_share_of_month(asked, section, user, days),
        Some(Rule::Interest { new_day }) => no_interest(asked, section, user, new_day),
        Some(Rule::Retained | Rule::Reserve | Rule::Grant | Rule::Principal) => None,
    }
}

/// A purchase on which nothing is paid yet, or ever.
fn unpaid_purchase(asked: &Asked<'_>, topic: Topic) -> Option<Reason> {
    match topic {
        Topic::Waits { purchase, until } => Some(Reason::NotVested {
            purchase: asked.id(purchase),
            until: format_at(until).unwrap_or_else(|| "a time that never comes".to_owned()),
            vested_with: None,
            refunded_by: None,
            number: purchase,
        }),
        Topic::Returned { purchase } => Some(Reason::Refunded { purchase: asked.id(purchase) }),
        Topic::Refused { .. }
        | Topic::Entry { .. }
        | Topic::Ticket { .. }
        | Topic::Seat { .. }
        | Topic::Board { .. }
        | Topic::Retopup { .. }
        | Topic::Grant { .. }
        | Topic::WindUp
        | Topic::Purchase { .. }
        | Topic::Month { .. }
        | Topic::Position { .. }
        | Topic::Order { .. } => None,
    }
}

fn not_the_sponsor(asked: &Asked<'_>, section: &Section, user: UserId) -> Option<Reason> {
    let of = beginning(section)?;
    let sponsor = asked.sponsor(of)?;
    let instead = Reason::NotTheSponsor { of: asked.name(of), sponsor: asked.name(sponsor) };
    (sponsor != user).then_some(instead)
}

fn by_levels(
    asked: &Asked<'_>,
    section: &Section,
    user: UserId,
    (levels, compress): (u32, bool),
) -> Option<Reason> {
    let from = beginning(section)?;
    if from == user {
        return Some(Reason::OwnPayment);
    }
    Some(match asked.above(from, user) {
        None => Reason::NotAbove { of: asked.name(from) },
        Some(above) if compress => Reason::LevelsTaken { above, levels },
        Some(above) => Reason::BeyondLevels { above, levels },
    })
}

fn no_seat(asked: &Asked<'_>, section: &Section, user: UserId, layers: u32) -> Option<Reason> {
    let Some(Topic::Seat { at, .. }) = section.topic else { return None };
    let owner =
        |distance: u32| asked.machine.state().pool.owner(SeatRef { index: at.index >> distance, ..at });
    let above = (1..u64::BITS).take_while(|distance| at.index >> distance > 0);
    let nearest = above.into_iter().find(|distance| owner(*distance) == Some(user));
    let new = asked.place(at);
    Some(match nearest {
        None => Reason::NoSeatAbove { new },
        Some(distance) => Reason::SeatTooFar { new, seat: at.index >> distance, distance, layers },
    })
}

fn no_share_of_month(asked: &Asked<'_>, section: &Section, user: UserId, days: i64) -> Option<Reason> {
    let Some(Topic::Month { month }) = section.topic else { return None };
    let Some(claim) = section.claim(user) else {
        return Some(if bought_below(asked, user, month) {
            Reason::HighestShareNearer
        } else {
            Reason::NothingBoughtBelow
        });
    };
    match claim.seen {
        None => Some(Reason::RankWithoutShare { rank: rank_name(asked, claim.rank) }),
        Some(seen) if !seen.is_active => {
            Some(Reason::InactiveAtMonthEnd { days, last: last_purchase(asked, seen, month.end()) })
        }
        Some(_) => Some(Reason::HighestShareNearer),
    }
}

/// Whether somebody below her bought in that month, without a refund.
fn bought_below(asked: &Asked<'_>, user: UserId, month: Month) -> bool {
    let of_month = asked.machine.state().purchases.of_month(month);
    let kept = of_month.iter().filter(|purchase| !purchase.refunded);
    kept.into_iter().any(|purchase| asked.above(purchase.user, user).is_some())
}

/// Whether she had an open position when interest was due: one that the event itself closed was open still.
fn had_open(asked: &Asked<'_>, user: UserId) -> bool {
    let staking = &asked.machine.state().staking;
    match asked.event.body {
        EventBody::Unstake { stake } if staking.owner(stake) == Some(user) => true,
        _ => staking.has_open(user),
    }
}

fn no_interest(asked: &Asked<'_>, section: &Section, user: UserId, new_day: bool) -> Option<Reason> {
    match section.topic {
        Some(Topic::Position { .. }) => None,
        _ if !had_open(asked, user) => Some(Reason::NoPosition),
        _ => (!new_day).then_some(Reason::SameDay),
    }
}
