//! Reward rows beside what follows from the history.

use banyan_types::Amount;

use super::{Directory, merge};
use crate::consequences::ExpectedReward;
use crate::difference::{Difference, DifferenceKind};
use crate::store::RewardRow;

/// All differences between two lists ordered by id.
pub(crate) fn rewards(
    expected: &[ExpectedReward],
    found: &[RewardRow],
    directory: &Directory,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for pair in merge(expected, found, |reward| reward.id, |row| row.id) {
        match pair {
            (Some(reward), None) => {
                let words = words(reward.kind, reward.amount);
                let difference = Difference::new(DifferenceKind::RewardMissing, words, "nothing");
                differences.push(about(difference, reward.user, reward.id, directory));
            }
            (None, Some(row)) => {
                let words = words(&row.kind, row.amount);
                let difference = Difference::new(DifferenceKind::RewardExtra, "nothing", words);
                differences.push(about(difference, row.user, row.id, directory));
            }
            (Some(reward), Some(row)) => compare(reward, row, directory, &mut differences),
            (None, None) => {}
        }
    }
    differences
}

fn words(kind: &str, amount: Amount) -> String {
    format!("{kind} of {amount} wei")
}

fn about(difference: Difference, user: i64, id: i64, directory: &Directory) -> Difference {
    let difference = difference.seen_in("rewards", id);
    match directory.wallet(user) {
        Some(wallet) => difference.of(wallet),
        None => difference,
    }
}

fn compare(
    reward: &ExpectedReward,
    row: &RewardRow,
    directory: &Directory,
    differences: &mut Vec<Difference>,
) {
    let mut differ = |kind, expected: String, found: String| {
        if expected != found {
            let difference = Difference::new(kind, expected, found);
            differences.push(about(difference, reward.user, reward.id, directory));
        }
    };
    let person = |id: i64| directory.wallet(id).map_or(format!("user {id}"), |wallet| format!("{wallet:#x}"));
    differ(DifferenceKind::RewardReceiver, person(reward.user), person(row.user));
    differ(DifferenceKind::RewardSource, person(reward.source), person(row.source));
    differ(DifferenceKind::RewardType, reward.kind.to_owned(), row.kind.clone());
    differ(DifferenceKind::RewardAmount, reward.amount.to_string(), row.amount.to_string());
    let total = |amount: Option<Amount>| amount.map_or("none".to_owned(), |amount| amount.to_string());
    differ(DifferenceKind::RewardCumulative, total(reward.cumulative), total(row.cumulative));
    let due = match reward.cumulative {
        None => "held",
        Some(cumulative) if cumulative <= directory.paid(reward.user) => "paid",
        Some(_) => "unpaid",
    };
    let standing = coarse(&row.state);
    differ(DifferenceKind::RewardState, due.to_owned(), standing.to_owned());
    if let (Some(cumulative), "paid", "paid") = (reward.cumulative, due, standing) {
        let expected = if directory.owes(reward.user, cumulative) { "owed" } else { "settled" };
        differ(DifferenceKind::RewardOwed, expected.to_owned(), row.state.clone());
    }
    if let Some(batch) = row.stray_batch {
        let found = format!("in batch {batch}, which does not hold the account");
        differ(DifferenceKind::RewardBatch, "waiting for a batch or held by one".to_owned(), found);
    }
}

/// What a reward's state comes to: whether it is held back, and whether the contract has paid it or made it owed.
fn coarse(state: &str) -> &str {
    match state {
        "reserved" | "spent" => "held",
        "settled" | "owed" => "paid",
        "payable" | "batched" => "unpaid",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::Address;

    type Edit = fn(&mut RewardRow);

    fn amount(units: i128) -> Amount {
        Amount::from_units(units).unwrap()
    }

    fn expected() -> Vec<ExpectedReward> {
        let reward = |id, cumulative: Option<i128>| ExpectedReward {
            id,
            user: 1,
            source: 2,
            kind: "DIRECT",
            amount: amount(5),
            cumulative: cumulative.map(amount),
        };
        vec![reward(10, Some(5)), reward(20, Some(10)), reward(30, None)]
    }

    fn found() -> Vec<RewardRow> {
        let states = ["settled", "payable", "reserved"];
        let row = |(reward, state): (ExpectedReward, &str)| RewardRow {
            id: reward.id,
            user: reward.user,
            source: reward.source,
            kind: reward.kind.to_owned(),
            amount: reward.amount,
            cumulative: reward.cumulative,
            state: state.to_owned(),
            stray_batch: None,
        };
        expected().into_iter().zip(states).map(row).collect()
    }

    fn directory() -> Directory {
        let mut directory = Directory::default();
        directory.add(1, Address::repeat_byte(1), amount(5));
        directory
    }

    fn kinds(found: &[RewardRow]) -> Vec<(&'static str, String)> {
        let differences = rewards(&expected(), found, &directory());
        differences.iter().map(|it| (it.kind.name(), it.evidence[0].id.clone())).collect()
    }

    #[test]
    fn rewards_that_agree_have_no_differences() {
        assert_eq!(kinds(&found()), []);
    }

    #[test]
    fn a_deleted_and_an_invented_row_are_named() {
        let mut rows = found();
        let mut invented = rows.remove(0);
        assert_eq!(kinds(&rows), [("reward_missing", "10".to_owned())]);
        let mut rows = found();
        invented.id = 25;
        rows.insert(2, invented);
        assert_eq!(kinds(&rows), [("reward_extra", "25".to_owned())]);
    }

    #[test]
    fn each_field_that_differs_is_named_with_the_row() {
        let cases: [(&str, Edit); 8] = [
            ("reward_batch", |row| row.stray_batch = Some(uuid::Uuid::nil())),
            ("reward_receiver", |row| row.user = 7),
            ("reward_source", |row| row.source = 1),
            ("reward_type", |row| row.kind = "GRANT".to_owned()),
            ("reward_amount", |row| row.amount = Amount::MAX),
            ("reward_cumulative", |row| row.cumulative = Some(Amount::MAX)),
            ("reward_state", |row| row.state = "settled".to_owned()),
            ("reward_state", |row| row.state = "reserved".to_owned()),
        ];
        for (kind, edit) in cases {
            let mut rows = found();
            edit(&mut rows[1]);
            assert_eq!(kinds(&rows), [(kind, "20".to_owned())]);
        }
    }

    #[test]
    fn a_reward_is_owed_if_the_contract_still_owes_it() {
        let mut rows = found();
        rows[0].state = "owed".to_owned();
        assert_eq!(kinds(&rows), [("reward_owed", "10".to_owned())]);
        for (range, owed) in [((0, 5), true), ((4, 9), true), ((5, 9), false), ((0, 4), false)] {
            let mut directory = directory();
            directory.add_owed(1, amount(range.0), amount(range.1));
            assert_eq!(rewards(&expected(), &rows, &directory).is_empty(), owed, "{range:?}");
            assert_eq!(rewards(&expected(), &found(), &directory).is_empty(), !owed, "{range:?}");
        }
    }

    #[test]
    fn states_of_the_same_meaning_do_not_differ() {
        for (row, state) in [(1, "batched"), (2, "spent")] {
            let mut rows = found();
            rows[row].state = state.to_owned();
            assert_eq!(kinds(&rows), [], "{state}");
        }
    }
}
