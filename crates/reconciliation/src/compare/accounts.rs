//! Account by account: what the contract says, what follows from the history, what the books say.

use banyan_chain::view::AccountState;
use banyan_types::Amount;

use crate::difference::{Difference, DifferenceKind};
use crate::store::UserRow;

/// What an account has earned, by the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Earned {
    /// In all.
    pub(crate) cumulative: Amount,
    /// Held back for its seats.
    pub(crate) reserved: Amount,
}

/// All differences of one account. `earned` is `None` when the history could not be judged.
pub(crate) fn accounts(user: &UserRow, state: &AccountState, earned: Option<Earned>) -> Vec<Difference> {
    let mut differences = payouts(user, state);
    let mut differ = |kind, expected: String, found: String, table, id: String| {
        if expected != found {
            differences.push(Difference::new(kind, expected, found).of(user.wallet).seen_in(table, id));
        }
    };
    let id = user.id;
    let row = |kind: &str| format!("{kind}/{id}");
    let text = Amount::to_string;
    if !user.held {
        let batched = text(&user.in_batch);
        differ(DifferenceKind::AccountInBatch, text(&Amount::ZERO), batched, "accounts", row("in_batch"));
    }
    differ(DifferenceKind::AccountOwed, text(&state.owed), text(&user.owed), "accounts", row("owed"));
    differ(
        DifferenceKind::AccountRegistered,
        state.registered.to_string(),
        "true".into(),
        "users",
        id.to_string(),
    );
    differ(
        DifferenceKind::AccountFrozen,
        state.frozen.to_string(),
        user.frozen.to_string(),
        "users",
        id.to_string(),
    );
    if let Some(earned) = earned {
        let due = difference(earned.cumulative, state.paid);
        let kept = sum(user.payable, user.in_batch);
        differ(DifferenceKind::AccountEntitlement, due, kept, "accounts", row("payable"));
        let rows = format!("reserved of seats of user {id}");
        differ(
            DifferenceKind::AccountReserved,
            text(&earned.reserved),
            text(&user.reserved),
            "accounts",
            rows,
        );
    }
    differences
}

/// What the payouts add up to, and what they say of themselves: candidates and the programme rely on both.
fn payouts(user: &UserRow, state: &AccountState) -> Vec<Difference> {
    let id = user.id;
    let figures = [
        (DifferenceKind::AccountPaid, state.paid, user.paid, format!("user_id {id}")),
        (
            DifferenceKind::AccountPaidTotal,
            state.paid,
            user.paid_latest,
            format!("user_id {id}, latest paid_total"),
        ),
        (
            DifferenceKind::AccountPaidTotal,
            state.paid,
            user.paid_most,
            format!("user_id {id}, largest paid_total"),
        ),
        (
            DifferenceKind::AccountOwed,
            state.owed,
            user.still_owed,
            format!("user_id {id}, owed and not withdrawn"),
        ),
    ];
    let differ = figures.into_iter().filter(|(_, expected, found, _)| expected != found);
    differ
        .map(|(kind, expected, found, rows)| {
            Difference::new(kind, expected, found).of(user.wallet).seen_in("payouts", rows)
        })
        .collect()
}

fn sum(a: Amount, b: Amount) -> String {
    a.checked_add(b).map_or_else(|| "beyond 10^38".to_owned(), |sum| sum.to_string())
}

fn difference(a: Amount, b: Amount) -> String {
    a.checked_sub(b).map_or_else(|| "beyond 10^38".to_owned(), |rest| rest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::Address;

    type Edit = fn(&mut UserRow);

    fn amount(units: i128) -> Amount {
        Amount::from_units(units).unwrap()
    }

    fn user() -> UserRow {
        UserRow {
            id: 4,
            wallet: Address::repeat_byte(4),
            sponsor: Some(0),
            participant: true,
            frozen: false,
            payable: amount(20),
            in_batch: amount(5),
            held: true,
            owed: amount(3),
            reserved: amount(7),
            paid: amount(10),
            paid_latest: amount(10),
            paid_most: amount(10),
            still_owed: amount(3),
        }
    }

    fn state() -> AccountState {
        AccountState { paid: amount(10), owed: amount(3), nonce: 1, registered: true, frozen: false }
    }

    const EARNED: Earned =
        Earned { cumulative: Amount::from_units(35).unwrap(), reserved: Amount::from_units(7).unwrap() };

    #[test]
    fn an_account_that_agrees_has_no_differences() {
        assert_eq!(accounts(&user(), &state(), Some(EARNED)), []);
        assert_eq!(accounts(&user(), &state(), None), []);
    }

    #[test]
    fn each_field_that_differs_is_named_with_the_account() {
        let cases: [(&str, Edit); 10] = [
            ("account_in_batch", |user| user.held = false),
            ("account_paid", |user| user.paid = Amount::ZERO),
            ("account_paid_total", |user| user.paid_latest = Amount::ZERO),
            ("account_paid_total", |user| user.paid_most = Amount::MAX),
            ("account_owed", |user| user.still_owed = Amount::ZERO),
            ("account_owed", |user| user.owed = Amount::ZERO),
            ("account_frozen", |user| user.frozen = true),
            ("account_entitlement", |user| user.payable = Amount::ZERO),
            ("account_entitlement", |user| user.in_batch = Amount::ZERO),
            ("account_reserved", |user| user.reserved = Amount::ZERO),
        ];
        for (kind, edit) in cases {
            let mut edited = user();
            edit(&mut edited);
            let differences = accounts(&edited, &state(), Some(EARNED));
            let kinds: Vec<_> = differences.iter().map(|difference| difference.kind.name()).collect();
            assert_eq!(kinds, [kind]);
            assert_eq!(differences[0].account, Some(Address::repeat_byte(4)));
        }
        let unknown = AccountState { registered: false, ..state() };
        assert_eq!(accounts(&user(), &unknown, None)[0].kind, DifferenceKind::AccountRegistered);
    }
}
