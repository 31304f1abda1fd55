//! Which accounts a batch pays, and up to what. Pure: the ledger's candidates come in, the items go out.
//!
//! An item says what an account has earned in all, and always ends on a reward boundary, so that a payment settles
//! whole rewards. Whoever has waited longest comes first. The company is an account like any other: its key is 0x0.

use banyan_types::{Address, Amount};

/// Most items that the contract takes in one batch.
pub const MAX_ITEMS: usize = 200;

/// An account with unpaid rewards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The ledger's id of the account; 0 is the company.
    pub user: i64,
    /// Its address; zero for the company.
    pub account: Address,
    /// Frozen on the contract, or held back here.
    pub stopped: bool,
    /// It asked for its money, so the minimum does not count.
    pub asked: bool,
    /// All that was ever sent to it or made owed.
    pub paid: Amount,
    /// What it has earned in all.
    pub earned: Amount,
    /// The highest reward boundary that a batch of the largest total could pay it up to; `earned` without such a limit.
    pub within_limit: Amount,
    /// Its oldest unpaid reward.
    pub oldest: i64,
}

/// What a batch may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Less than this is not worth a transfer, in wei.
    pub minimum: Amount,
    /// Most items; never more than [`MAX_ITEMS`].
    pub max_items: usize,
    /// Most that a batch pays in all, in wei.
    pub max_total: Option<Amount>,
}

/// One account of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The ledger's id of the account.
    pub user: i64,
    /// Its address; zero for the company.
    pub account: Address,
    /// What it has earned in all, up to a reward boundary.
    pub cumulative: Amount,
    /// What of it is not paid yet.
    pub amount: Amount,
}

/// Chooses the items of a batch, in order of the ledger's ids.
pub fn items(mut candidates: Vec<Candidate>, limits: Limits) -> Vec<Item> {
    candidates.sort_by_key(|candidate| (!candidate.asked, candidate.oldest, candidate.user));
    let mut room = limits.max_total.unwrap_or(Amount::MAX);
    let mut chosen = Vec::new();
    for candidate in candidates {
        if chosen.len() == limits.max_items.min(MAX_ITEMS) {
            break;
        }
        let Some(item) = item(&candidate, limits, room) else { continue };
        room = room.checked_sub(item.amount).expect("an item fits the room that is left");
        chosen.push(item);
    }
    chosen.sort_by_key(|item| item.user);
    chosen
}

/// The item of one account: all it has earned if that fits, or up to an earlier boundary, or nothing.
fn item(candidate: &Candidate, limits: Limits, room: Amount) -> Option<Item> {
    if candidate.stopped {
        return None;
    }
    let due = candidate.earned.checked_sub(candidate.paid)?;
    if !due.is_positive() || (due < limits.minimum && !candidate.asked) {
        return None;
    }
    [candidate.earned, candidate.within_limit].into_iter().find_map(|cumulative| {
        let amount = cumulative.checked_sub(candidate.paid)?;
        (amount.is_positive() && amount <= room).then_some(Item {
            user: candidate.user,
            account: candidate.account,
            cumulative,
            amount,
        })
    })
}

/// The contract replaces a root only after this many seconds (`ROOT_PERIOD`).
pub const ROOT_PERIOD: u64 = 3600;

/// The root that stands on the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingRoot {
    /// The point of the history that it is over.
    pub seq: u64,
    /// Block time at which it was published.
    pub time: u64,
}

/// Whether the contract would take a new root over `seq` at block time `time`.
pub fn root_is_due(standing: Option<StandingRoot>, seq: u64, time: u64) -> bool {
    match standing {
        None => true,
        Some(root) => seq > root.seq && time >= root.time.saturating_add(ROOT_PERIOD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bnb(units: i128) -> Amount {
        Amount::from_units(units).unwrap()
    }

    fn candidate(user: i64, earned: i128, paid: i128) -> Candidate {
        let tag = u8::try_from(user).unwrap();
        Candidate {
            user,
            account: Address::repeat_byte(tag),
            stopped: false,
            asked: false,
            paid: bnb(paid),
            earned: bnb(earned),
            within_limit: bnb(earned),
            oldest: 100 - user,
        }
    }

    fn limits() -> Limits {
        Limits { minimum: bnb(10), max_items: 200, max_total: None }
    }

    fn chosen(candidates: Vec<Candidate>, limits: Limits) -> Vec<(i64, i128, i128)> {
        let items = items(candidates, limits);
        items.iter().map(|item| (item.user, item.cumulative.units(), item.amount.units())).collect()
    }

    #[test]
    fn an_item_is_what_was_earned_in_all_and_pays_what_is_left_of_it() {
        assert_eq!(
            chosen(vec![candidate(2, 50, 20), candidate(1, 30, 0)], limits()),
            [(1, 30, 30), (2, 50, 30)]
        );
    }

    #[test]
    fn the_company_is_an_account_like_any_other() {
        let company = Candidate { account: Address::ZERO, ..candidate(0, 40, 0) };
        let items = items(vec![company], limits());
        assert_eq!((items[0].user, items[0].account, items[0].amount), (0, Address::ZERO, bnb(40)));
    }

    #[test]
    fn nothing_due_or_less_than_the_minimum_is_left_out() {
        let small = [candidate(1, 20, 20), candidate(2, 15, 20), candidate(3, 29, 20), candidate(4, 30, 20)];
        assert_eq!(chosen(small.to_vec(), limits()), [(4, 30, 10)]);
    }

    #[test]
    fn who_asks_is_paid_below_the_minimum_but_not_while_stopped() {
        let asked = Candidate { asked: true, ..candidate(1, 3, 0) };
        let stopped = Candidate { asked: true, stopped: true, ..candidate(2, 300, 0) };
        assert_eq!(chosen(vec![asked, stopped], limits()), [(1, 3, 3)]);
    }

    #[test]
    fn who_has_waited_longest_comes_first() {
        let two = Limits { max_items: 2, ..limits() };
        let all = vec![candidate(1, 20, 0), candidate(2, 20, 0), candidate(3, 20, 0)];
        // `oldest` falls with the id here.
        assert_eq!(chosen(all, two), [(2, 20, 20), (3, 20, 20)]);
    }

    #[test]
    fn the_contracts_number_of_items_is_never_passed() {
        let all = (1..=250).map(|user| Candidate { user, ..candidate(1, 20, 0) }).collect();
        assert_eq!(chosen(all, Limits { max_items: 1000, ..limits() }).len(), MAX_ITEMS);
    }

    #[test]
    fn a_total_that_does_not_fit_ends_on_an_earlier_boundary_or_waits() {
        let limit = Limits { max_total: Some(bnb(100)), ..limits() };
        let large = Candidate { within_limit: bnb(90), ..candidate(3, 500, 0) };
        let small = candidate(2, 10, 0);
        let middle = candidate(1, 50, 0);
        assert_eq!(chosen(vec![large, small, middle], limit), [(2, 10, 10), (3, 90, 90)]);
    }

    #[test]
    fn a_single_reward_above_the_limit_does_not_stop_the_others() {
        let limit = Limits { max_total: Some(bnb(100)), ..limits() };
        let whole = Candidate { within_limit: bnb(20), ..candidate(3, 500, 20) };
        assert_eq!(chosen(vec![whole, candidate(1, 50, 0)], limit), [(1, 50, 50)]);
    }

    #[test]
    fn a_root_is_published_when_none_stands_or_the_standing_one_is_old_and_earlier() {
        let standing = |seq, time| Some(StandingRoot { seq, time });
        for (root, seq, time, due) in [
            (None, 5, 1000, true),
            (standing(4, 1000), 5, 4600, true),
            (standing(4, 1000), 5, 4599, false),
            (standing(5, 1000), 5, 9000, false),
            (standing(6, 1000), 5, 9000, false),
        ] {
            assert_eq!(root_is_due(root, seq, time), due, "{root:?} {seq} {time}");
        }
    }
}
