//! A file that is no plan: the reason as a finding, with the edit where one can be worked out.

use banyan_types::strict::StrictError;
use banyan_types::{Amount, Bps};

use super::finding::{Code, Finding};
use super::inspection::{list, percentage};
use super::source::Source;
use crate::PlanError;

/// All of a payment, in basis points.
const WHOLE: u64 = Bps::WHOLE.get() as u64;
/// Shares that are no payment's: what the legs under a rank's holder must bring.
const LEGS: &str = "ranks.legs";

/// The finding about a file that was refused.
pub(super) fn refused(source: &Source<'_>, err: &PlanError) -> Finding {
    match err {
        PlanError::File(err) => no_keys(source, err),
        PlanError::Value { key, reason } => {
            let known = classed(source, key, reason);
            known.unwrap_or_else(|| {
                unreadable(path(source, key), reason).mend("give the key what is expected")
            })
        }
    }
}

fn unreadable(key: String, reason: &str) -> Finding {
    Finding::new(Code::Unreadable, key, reason)
}

fn no_keys(source: &Source<'_>, err: &StrictError) -> Finding {
    let key = source.key_at(err.line).unwrap_or_else(|| "(the file)".to_owned());
    let mut finding = unreadable(key, &err.reason).mend("give the key what is expected");
    finding.line = Some(err.line);
    finding
}

/// Reasons of which more is known than a sentence.
fn classed(source: &Source<'_>, key: &str, reason: &str) -> Option<Finding> {
    let lists: Vec<&str> = key.split(" and ").collect();
    if lists == [LEGS] {
        return legs(source);
    }
    if let Some(shares) = lists.iter().map(|list| source.shares(list)).collect::<Option<Vec<Vec<u64>>>>() {
        let together = shares.iter().flatten().fold(0, |sum: u64, share| sum.saturating_add(*share));
        if together > WHOLE {
            let one = source.written_alone(lists[lists.len() - 1]);
            return Some(above_whole(&lists, &shares, together, one));
        }
    }
    let key = path(source, key);
    let decimals = source.decimals()?;
    let (whole, fraction) = source.text(&key)?.split_once('.')?;
    if whole.starts_with('-') {
        return None;
    }
    if fraction.len() <= usize::from(decimals) || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let rounded = round_up(source.text(&key)?, decimals)?;
    let finding = Finding::new(Code::BelowSmallestUnit, &key, reason)
        .number("decimals of the currency", decimals)
        .number("digits written", fraction.len())
        .mend(format!("round it up to whole units: {rounded}"));
    Some(finding.set(key, format!("{rounded:?}")))
}

/// The path of a key that an error names: without remarks, and with a rank's place in the list for its name.
fn path(source: &Source<'_>, key: &str) -> String {
    let key = key.split(" and ").next().unwrap_or(key);
    match key.split_once(" of ") {
        Some((path, name)) => match (path.rsplit_once('.'), path) {
            (Some((list, last)), _) => match source.place(list, name) {
                Some(place) => format!("{list}[{place}].{last}"),
                None => path.to_owned(),
            },
            (None, path) => path.to_owned(),
        },
        None => key.split_once(" (").map_or(key, |(path, _)| path).to_owned(),
    }
}

/// Shares of one payment that exceed it; the edit takes the excess from the farthest levels of the last list, which may be
/// one share without a list.
fn above_whole(lists: &[&str], shares: &[Vec<u64>], together: u64, one: bool) -> Finding {
    let (key, last) = (lists[lists.len() - 1], &shares[shares.len() - 1]);
    let excess = together - WHOLE;
    let lowered = lowered(last, excess);
    let is_enough = last.iter().fold(0, |sum: u64, share| sum.saturating_add(*share)) >= excess;
    let all = percentage(together);
    let of = if lists.len() > 1 { "shares of one purchase" } else { "shares of one payment" };
    let finding = Finding::new(Code::SharesAboveWhole, lists[0], format!("the {of} add up to {all}"))
        .number("together", all)
        .number("at most", percentage(WHOLE))
        .mend(format!(
            "lower the shares of {} to 100% together, such as the farthest ones",
            lists.join(" and ")
        ));
    match is_enough {
        true if one => finding.set(key, format!("{:?}", percentage(lowered[0]))),
        true => finding.set(key, list(lowered)),
        false => finding,
    }
}

/// The legs' shares of a rank's turnover, which must be all of it; the edit takes the excess from the weakest legs, or gives
/// the weakest what is missing.
fn legs(source: &Source<'_>) -> Option<Finding> {
    let shares = source.shares(LEGS).filter(|shares| shares.iter().all(|share| *share <= WHOLE))?;
    let together: u64 = shares.iter().sum();
    if together == WHOLE {
        return None;
    }
    let (whole, all) = (percentage(WHOLE), percentage(together));
    let mut mended = lowered(&shares, together.saturating_sub(WHOLE));
    if let Some(weakest) = mended.last_mut() {
        *weakest += WHOLE.saturating_sub(together);
    }
    let says =
        format!("the legs must bring exactly {whole} of a rank's turnover together, and are asked for {all}");
    let finding = unreadable(LEGS.to_owned(), &says)
        .number("together", all)
        .number("expected", whole)
        .mend("ask the three legs for 100% together, such as more or less of the weakest");
    Some(finding.set(LEGS, list(mended)))
}

/// The shares with so much less, taken from the farthest.
fn lowered(shares: &[u64], mut excess: u64) -> Vec<u64> {
    let mut lowered = shares.to_vec();
    for share in lowered.iter_mut().rev() {
        let less = excess.min(*share);
        excess -= less;
        *share -= less;
    }
    lowered
}

/// The amount's text, rounded up to whole units.
fn round_up(text: &str, decimals: u8) -> Option<String> {
    let (whole, fraction) = text.split_once('.')?;
    let cut = format!("{whole}.{}", &fraction[..usize::from(decimals)]);
    let down = Amount::from_decimal(cut.trim_end_matches('.'), decimals).ok()?;
    Some(down.checked_add(Amount::from_units(1)?)?.to_decimal(decimals))
}

impl Source<'_> {
    /// Whether a key has one share, and no list.
    fn written_alone(&self, key: &str) -> bool {
        self.text(key).is_some() || self.integer(key).is_some()
    }

    /// The currency's decimals, as they are written.
    fn decimals(&self) -> Option<u8> {
        self.integer("currency.decimals")?.parse().ok()
    }
}
