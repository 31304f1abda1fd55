//! Facts and reasons as sentences.

use banyan_types::{Amount, Bps};

use super::facts::{Because, LastPurchase, Reason};
use super::scene::Asked;

/// An amount in the currency.
fn money(asked: &Asked<'_>, amount: Amount) -> String {
    let plan = asked.machine.plan();
    format!("{} {}", amount.to_decimal(plan.decimals()), plan.currency().symbol)
}

fn legs(asked: &Asked<'_>, legs: &[Amount; 3]) -> String {
    let [first, second, rest] = legs.map(|leg| money(asked, leg));
    format!("{first}, {second} and {rest}")
}

/// How long a time is, in its largest whole unit.
pub(super) fn long(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn older(seconds: i64) -> String {
    if seconds == 0 { "of the same moment".to_owned() } else { format!("{} older", long(seconds)) }
}

/// Basis points as a percentage.
pub(super) fn percent(bps: u16) -> String {
    Bps::new(bps).map_or_else(|_| format!("{bps} basis points"), |share| share.to_string())
}

fn and_event(event: Option<&String>, before: &str) -> String {
    event.map_or_else(String::new, |event| format!("{before}{event}"))
}

/// A fact behind a reward, as a sentence without its full stop.
pub(super) fn because(asked: &Asked<'_>, fact: &Because) -> String {
    let name = asked.name;
    match fact {
        Because::SponsorOf { user } => format!("{name} is the sponsor of {user}"),
        Because::ReferralNumber { number, seats } => {
            format!("it is the sponsor's referral number {number}; number {seats} buys a seat instead")
        }
        Because::AllTreesFull { level, trees } => {
            format!("no seat of level {level} is free: its {trees} trees are full")
        }
        Because::SeatAbove { seat, new, distance, position } => {
            let taken = and_event(seat.taken_by.as_ref(), ", taken by event ");
            format!(
                "{name} has seat {} of tree {} of level {}{taken}; the new seat {new} lies {distance} below it, at position {position} of its board",
                seat.index, seat.tree, seat.level
            )
        }
        Because::Reserved => {
            "that position pays into the seat's reserve: it is not payable until the board is complete"
                .to_owned()
        }
        Because::NoSeat { new, distance } => format!("seat {new} has no seat {distance} above it"),
        Because::EarlierRetopup { event } => {
            format!("{name} has an earlier retopup{}", and_event(event.as_ref(), ": event "))
        }
        Because::NobodyThere => "the chain of sponsors ends before this level".to_owned(),
        Because::Ineligible { user } => format!("the sponsor at this level, {user}, has no earlier retopup"),
        Because::ActiveBy { purchase, buyer, own, seconds_older } => {
            let whose = if *own { "own".to_owned() } else { format!("{buyer}'s first") };
            format!("{name} was active by {whose} purchase {purchase}, {}", older(*seconds_older))
        }
        Because::Legs { rank, brought, asked: needed } => {
            let (brought, needed) = (legs(asked, brought), legs(asked, needed));
            format!("the legs of {name} (strongest, second, rest) brought {brought}; {rank} asks {needed}")
        }
        Because::RankShare { rank, bps, reached_by } => {
            let reached = and_event(reached_by.as_ref(), ", reached with event ");
            format!("rank {rank}{reached}, has {} of the month's purchases below", percent(*bps))
        }
        Because::BoardComplete { reserve, ticket } => {
            let next = match ticket {
                Some(ticket) if reserve >= ticket => {
                    format!("the next ticket costs {}", money(asked, *ticket))
                }
                Some(ticket) => format!("the next ticket costs more, {}", money(asked, *ticket)),
                None => "there is no level above".to_owned(),
            };
            format!("the board is complete with {} in reserve, and {next}", money(asked, *reserve))
        }
        Because::Refused { why } => format!("the plan refused the payment, which goes back: {why}"),
    }
}

fn at_level(above: u32, depth: u32) -> String {
    if above == depth {
        format!("sponsor {above} above")
    } else {
        format!("sponsor {above} above, level {depth}")
    }
}

fn last(last: Option<&LastPurchase>) -> String {
    last.map_or_else(String::new, |last| {
        format!("; the last, {} by {}, was {}", last.purchase, last.buyer, older(last.seconds_older))
    })
}

/// What would make somebody active, had it happened.
fn no_sign(name: &str) -> String {
    format!("no purchase of {name}'s or first one of a direct referral's in")
}

fn all_taken(name: &str, above: u32, levels: u32) -> String {
    let at = format!("{name} is {above} sponsors above the payer");
    format!("{at}; all {levels} levels went to eligible ones nearer")
}

fn earned(net: &str) -> String {
    format!("the company earned the order's {net}, which is its revenue and no reward")
}

fn highest_nearer(name: &str) -> String {
    let above = format!("between {name} and every buyer somebody has the plan's highest share");
    format!("{above}: the walk up ends there")
}

/// Purchases that were refunded, if there are any.
fn list(refunded: &[String]) -> String {
    if refunded.is_empty() { String::new() } else { format!(" (refunded: {})", refunded.join(", ")) }
}

/// A reason for nothing, as a sentence without its full stop.
pub(super) fn reason(asked: &Asked<'_>, reason: &Reason) -> String {
    let name = asked.name;
    match reason {
        Reason::NotAParticipant => format!("{name} was no participant at that time"),
        Reason::NothingToPay { event } => {
            format!("this `{event}` pays {name} nothing: no rule gave anybody a share")
        }
        Reason::PaymentRefused { payer, why } => format!("the payment went back to {payer}: {why}"),
        Reason::NotVested { purchase, until, .. } => {
            format!("purchase {purchase} can be refunded until {until}: nothing is paid on it before")
        }
        Reason::Refunded { purchase } => {
            format!("purchase {purchase} was refunded: nothing is ever paid on it")
        }
        Reason::OwnPayment => format!("{name} paid it: it is shared among those above"),
        Reason::NotAbove { of } => format!("{name} is not above {of} at all"),
        Reason::BeyondLevels { above, levels } => {
            format!("{name} is {above} sponsors above the payer; the plan pays {levels} levels")
        }
        Reason::LevelsTaken { above, levels } => all_taken(name, *above, *levels),
        Reason::NoEarlierRetopup { above, depth, lost, goes_to } => {
            let at = at_level(*above, *depth);
            format!("{at}, no earlier retopup: the share of {} goes to {goes_to}", money(asked, *lost))
        }
        Reason::Inactive { above, depth, lost, goes_to, days, last: before, refunded } => {
            let (at, before, refunded) = (at_level(*above, *depth), last(before.as_ref()), list(refunded));
            let (lost, nothing) = (money(asked, *lost), no_sign(name));
            format!(
                "{at}, not active: {nothing} the {days} days before{before}; the share of {lost} goes to {goes_to}{refunded}"
            )
        }
        Reason::SetInactive { above, lost, since, .. } => {
            let (since, lost) = (and_event(since.as_ref(), " by event "), money(asked, *lost));
            format!("sponsor {above} above, set inactive{since}: the share of {lost} is not paid")
        }
        Reason::NoSeatAbove { new } => format!("no seat of {name}'s is above the new seat {}", new.index),
        Reason::SeatTooFar { new, seat, distance, layers } => format!(
            "seat {seat} of {name}'s is {distance} above the new seat {}, not within the {layers} that are paid",
            new.index
        ),
        Reason::NotTheSponsor { of, sponsor } => format!("the sponsor of {of} is {sponsor}, not {name}"),
        Reason::SeatInstead { number } => {
            format!("as referral number {number} the whole entry buys a seat for {name}: there is no share")
        }
        Reason::RoundsToNothing => "the share is less than one smallest unit".to_owned(),
        Reason::RankWithoutBonus { rank } => format!("{name} reached {rank}, which pays no bonus"),
        Reason::RankNotReached { next, brought, asked: needed } => {
            let (brought, needed) = (legs(asked, brought), legs(asked, needed));
            format!("the legs of {name} (strongest, second, rest) brought {brought}; {next} asks {needed}")
        }
        Reason::HighestRank { rank } => format!("{name} has {rank}, the highest rank"),
        Reason::RankWithoutShare { rank } => format!("rank {rank} has no share of the month's purchases"),
        Reason::InactiveAtMonthEnd { days, last: before } => {
            let before = last(before.as_ref());
            format!("not active at the month's end: {} the {days} days before{before}", no_sign(name))
        }
        Reason::Outranked { buyer, bps, top } => {
            let (share, top) = (percent(*bps), percent(*top));
            format!("{share} is not above the {top} that somebody nearer to {buyer} has")
        }
        Reason::HighestShareNearer => highest_nearer(name),
        Reason::NothingBoughtBelow => format!("nobody below {name} bought in that month"),
        Reason::SameDay => "the day has not changed since interest was last paid".to_owned(),
        Reason::FirstDay => "the day of staking earns nothing".to_owned(),
        Reason::NoPosition => format!("{name} has no open position"),
        Reason::Earned { net } => earned(&money(asked, *net)),
        Reason::NothingLeft => "nothing of this event was left for the company".to_owned(),
    }
}
