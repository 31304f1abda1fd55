//! The contract's totals beside the books', and the books beside themselves.

use banyan_ledger::TrialBalance;
use banyan_types::Amount;

use crate::difference::{Difference, DifferenceKind};
use crate::figures::{BookFigures, ChainFigures};

/// All differences between totals.
pub(crate) fn totals(chain: &ChainFigures, books: &BookFigures, trial: &TrialBalance) -> Vec<Difference> {
    let mut differences = Vec::new();
    position(chain, books, &mut differences);
    money(chain, books, &mut differences);
    for imbalance in &trial.imbalances {
        let difference = Difference::new(DifferenceKind::Balance, imbalance.posted, imbalance.kept);
        differences.push(difference.seen_in("accounts", imbalance.account));
    }
    if !trial.totals.balanced() {
        let claims = trial.totals.claims().map_or("beyond 10^38".to_owned(), |claims| claims.to_string());
        let difference = Difference::new(DifferenceKind::Books, trial.totals.funds, claims);
        differences.push(difference.seen_in("accounts", "funds/0"));
    }
    if !books.suspense.is_zero() {
        let difference = Difference::new(DifferenceKind::Suspense, Amount::ZERO, books.suspense);
        differences.push(difference.seen_in("accounts", "suspense/0"));
    }
    differences
}

/// Transactions of the journal without a seal: such a row could still be told otherwise. They are given by cause and number.
pub(crate) fn unsealed(transactions: &[(String, i64)]) -> Vec<Difference> {
    let one = |(cause, reference): &(String, i64)| {
        Difference::new(DifferenceKind::Unsealed, "a seal", "none")
            .seen_in("journal_transactions", format!("{cause}/{reference}"))
    };
    transactions.iter().map(one).collect()
}

/// How far both have come.
fn position(chain: &ChainFigures, books: &BookFigures, differences: &mut Vec<Difference>) {
    let mut differ = |kind, expected: String, found: String| {
        if expected != found {
            differences.push(Difference::new(kind, expected, found).seen_in("blockchain_sync", 1));
        }
    };
    differ(DifferenceKind::Seq, chain.seq.to_string(), books.seq.to_string());
    differ(DifferenceKind::Head, chain.head.to_string(), books.head.to_string());
    differ(DifferenceKind::Out, chain.out.to_string(), books.out.to_string());
}

/// What the contract counts, holds and owes.
fn money(chain: &ChainFigures, books: &BookFigures, differences: &mut Vec<Difference>) {
    let counted = chain.balance.units() - chain.excess.units();
    let funds = wei(counted + books.excess.units());
    if funds != books.funds {
        let difference = Difference::new(DifferenceKind::Funds, funds, books.funds);
        differences.push(difference.seen_in("accounts", "funds/0"));
    }
    if chain.excess > books.excess {
        let difference = Difference::new(DifferenceKind::Excess, chain.excess, books.excess);
        differences.push(difference.seen_in("accounts", "excess/0"));
    }
    if chain.excess < books.excess {
        differences.push(Difference::new(DifferenceKind::Shortfall, funds, chain.balance));
    }
    if chain.total_owed != books.owed {
        let difference = Difference::new(DifferenceKind::TotalOwed, chain.total_owed, books.owed);
        differences.push(difference.seen_in("accounts", "owed"));
    }
}

/// Sums of a few amounts that the contract counts in 96 bits.
fn wei(units: i128) -> Amount {
    Amount::from_units(units).unwrap_or(Amount::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_ledger::{Account, Imbalance, Totals};
    use banyan_types::B256;

    type Edit = fn(&mut BookFigures);

    fn amount(units: i128) -> Amount {
        Amount::from_units(units).unwrap()
    }

    fn chain() -> ChainFigures {
        ChainFigures {
            balance: amount(70),
            total_in: amount(100),
            total_paid: amount(40),
            total_owed: amount(10),
            excess: amount(0),
            seq: 5,
            head: B256::repeat_byte(1),
            out: 3,
        }
    }

    fn books() -> BookFigures {
        BookFigures {
            funds: amount(70),
            payable: amount(30),
            company: amount(20),
            reserved: amount(5),
            in_batch: amount(5),
            owed: amount(10),
            suspense: amount(0),
            excess: amount(0),
            seq: 5,
            head: B256::repeat_byte(1),
            out: 3,
            accounts: 7,
        }
    }

    fn trial() -> TrialBalance {
        let totals = Totals { funds: amount(70), payable: amount(70), ..Totals::default() };
        TrialBalance { totals, accounts: 7, imbalances: Vec::new() }
    }

    fn kinds(differences: &[Difference]) -> Vec<&'static str> {
        differences.iter().map(|difference| difference.kind.name()).collect()
    }

    #[test]
    fn what_agrees_has_no_differences() {
        assert_eq!(totals(&chain(), &books(), &trial()), []);
    }

    #[test]
    fn one_forced_wei_is_exactly_one_of_excess_and_stops_nothing() {
        let forced = ChainFigures { balance: amount(71), excess: amount(1), ..chain() };
        let differences = totals(&forced, &books(), &trial());
        assert_eq!(kinds(&differences), ["excess"]);
        assert_eq!((differences[0].expected.as_str(), differences[0].found.as_str()), ("1", "0"));
        assert!(!differences[0].kind.stops_batches());
        let booked = BookFigures { funds: amount(71), excess: amount(1), ..books() };
        assert_eq!(totals(&forced, &booked, &trial()), [], "once it is booked there is nothing to say");
    }

    #[test]
    fn a_contract_that_holds_too_little_is_a_shortfall() {
        let short = ChainFigures { balance: amount(69), excess: amount(-1), ..chain() };
        let differences = totals(&short, &books(), &trial());
        assert_eq!(kinds(&differences), ["shortfall"]);
        assert_eq!((differences[0].expected.as_str(), differences[0].found.as_str()), ("70", "69"));
        assert!(differences[0].kind.stops_batches());
    }

    #[test]
    fn each_figure_that_differs_is_named() {
        let cases: [(&str, Edit); 6] = [
            ("seq", |books| books.seq = 4),
            ("head", |books| books.head = B256::ZERO),
            ("out", |books| books.out = 2),
            ("funds", |books| books.funds = Amount::ZERO),
            ("total_owed", |books| books.owed = Amount::ZERO),
            ("suspense", |books| books.suspense = Amount::MAX),
        ];
        for (kind, edit) in cases {
            let mut edited = books();
            edit(&mut edited);
            assert_eq!(kinds(&totals(&chain(), &edited, &trial())), [kind]);
        }
    }

    #[test]
    fn an_edited_balance_is_named_with_its_account() {
        let imbalance = Imbalance { account: Account::payable(4), kept: amount(9), posted: amount(8) };
        let edited = TrialBalance { imbalances: vec![imbalance], ..trial() };
        let differences = totals(&chain(), &books(), &edited);
        assert_eq!(kinds(&differences), ["balance"]);
        assert_eq!(differences[0].evidence[0].id, "payable/4");
        let unequal = Totals { funds: amount(71), ..trial().totals };
        let differences = totals(&chain(), &books(), &TrialBalance { totals: unequal, ..trial() });
        assert_eq!(kinds(&differences), ["books"]);
    }
}
