//! Side by side: pure comparisons, each of values that somebody else has read.

mod accounts;
mod history;
mod people;
mod rewards;
mod totals;

use std::collections::BTreeMap;

use banyan_types::{Address, Amount};

pub(crate) use accounts::{Earned, accounts};
pub(crate) use history::history_row;
pub(crate) use people::{seats, users};
pub(crate) use rewards::rewards;
pub(crate) use totals::{totals, unsealed};

/// Who is behind an id, and what the contract has paid: for the words and the coarse state of rewards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    people: BTreeMap<i64, (Address, Amount)>,
    /// Ranges of what was paid in all, (above, up to), that the contract still owes.
    owed: BTreeMap<i64, Vec<(Amount, Amount)>>,
}

impl Directory {
    pub(crate) fn add(&mut self, id: i64, wallet: Address, paid: Amount) {
        self.people.insert(id, (wallet, paid));
    }

    /// What the contract made owed to a user and still owes, as the range of what was paid in all.
    pub(crate) fn add_owed(&mut self, id: i64, above: Amount, up_to: Amount) {
        self.owed.entry(id).or_default().push((above, up_to));
    }

    /// Whether the contract still owes the reward with which a user had earned `cumulative` in all.
    fn owes(&self, id: i64, cumulative: Amount) -> bool {
        let ranges = self.owed.get(&id).into_iter().flatten();
        ranges.into_iter().any(|(above, up_to)| *above < cumulative && cumulative <= *up_to)
    }

    /// The wallet of a user; `None` if the books know none.
    fn wallet(&self, id: i64) -> Option<Address> {
        self.people.get(&id).map(|(wallet, _)| *wallet)
    }

    /// What the contract has ever sent to a user or made owed.
    fn paid(&self, id: i64) -> Amount {
        self.people.get(&id).map_or(Amount::ZERO, |(_, paid)| *paid)
    }
}

/// Two ordered lists, entry by entry: those with the same key together, others alone.
fn merge<'a, A, B>(
    expected: &'a [A],
    found: &'a [B],
    key_a: impl Fn(&A) -> i64,
    key_b: impl Fn(&B) -> i64,
) -> Vec<(Option<&'a A>, Option<&'a B>)> {
    let (mut left, mut right) = (expected.iter().peekable(), found.iter().peekable());
    let mut pairs = Vec::with_capacity(expected.len().max(found.len()));
    loop {
        let pair = match (left.peek(), right.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => (left.next(), None),
            (None, Some(_)) => (None, right.next()),
            (Some(a), Some(b)) => match key_a(a).cmp(&key_b(b)) {
                std::cmp::Ordering::Less => (left.next(), None),
                std::cmp::Ordering::Equal => (left.next(), right.next()),
                std::cmp::Ordering::Greater => (None, right.next()),
            },
        };
        pairs.push(pair);
    }
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn equal_keys_meet_and_others_stand_alone() {
        let pairs = merge(&[1, 2, 4], &[2, 3, 4, 5], |a| *a, |b| *b);
        let shown: Vec<_> = pairs.into_iter().map(|(a, b)| (a.copied(), b.copied())).collect();
        let expected =
            [(Some(1), None), (Some(2), Some(2)), (None, Some(3)), (Some(4), Some(4)), (None, Some(5))];
        assert_eq!(shown, expected);
    }
}
