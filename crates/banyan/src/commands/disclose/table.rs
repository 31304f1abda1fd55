//! The statement for people: amounts in the currency, shares in per cent.

use std::fmt::Write;

use banyan_engine::disclosure::{Disclosure, Distribution, Group, Money};
use banyan_types::Amount;

/// Digits after the point, at most; what is cut off is rounded down.
const DIGITS: u8 = 4;

/// The whole statement.
pub fn text(told: &Disclosure) -> String {
    let mut out = String::new();
    head(&mut out, told)
        .and_then(|()| spread(&mut out, told))
        .and_then(|()| groups(&mut out, told))
        .and_then(|()| company(&mut out, told))
        .and_then(|()| money(&mut out, told))
        .expect("writing to a String cannot fail");
    out
}

/// An amount in the currency, rounded down to a few digits.
pub fn short(amount: Amount, decimals: u8) -> String {
    let coarse = 10i128.pow(decimals.saturating_sub(DIGITS).into());
    let units = amount.units().div_euclid(coarse);
    Amount::from_units(units).map_or("?".to_owned(), |amount| amount.to_decimal(decimals.min(DIGITS)))
}

/// Basis points as per cent; a dash where there is nobody.
pub fn percent(points: Option<u64>) -> String {
    points.map_or("-".to_owned(), |points| format!("{}.{:02} %", points / 100, points % 100))
}

fn head(out: &mut String, told: &Disclosure) -> std::fmt::Result {
    let Disclosure { plan, currency, participants, .. } = told;
    writeln!(out, "Income disclosure of {plan}; amounts in {currency}, rounded down to {DIGITS} digits")?;
    writeln!(out, "Participants: {participants}. Everybody who registered counts, earner or not.\n")
}

fn spread(out: &mut String, told: &Disclosure) -> std::fmt::Result {
    let columns = [&told.income, &told.paid_in, &told.net_income].map(rows);
    writeln!(out, "{:<16}{:>20}{:>20}{:>20}", "", "income", "paid in", "net income")?;
    for row in 0..columns[0].len() {
        write!(out, "{:<16}", columns[0][row].0)?;
        for column in &columns {
            let amount = column[row].1.map_or("-".to_owned(), |amount| short(amount, told.decimals));
            write!(out, "{amount:>20}")?;
        }
        out.push('\n');
    }
    writeln!(
        out,
        "Income has become payable; a reserve is none until it is released. Net income: income - paid in."
    )?;
    writeln!(out, "Quartiles and median are real participants' amounts (nearest rank).\n")
}

fn rows(spread: &Distribution) -> [(&'static str, Option<Amount>); 7] {
    [
        ("minimum", spread.minimum),
        ("lower quartile", spread.lower_quartile),
        ("median", spread.median),
        ("upper quartile", spread.upper_quartile),
        ("maximum", spread.maximum),
        ("mean", spread.mean),
        ("total", Some(spread.total)),
    ]
}

fn groups(out: &mut String, told: &Disclosure) -> std::fmt::Result {
    let row = |name, group: Group| {
        let (some, all) = (group.participants, told.participants);
        format!("{name:<28}{some:>10} of {all:<10}{:>9}", percent(group.share_bps))
    };
    writeln!(out, "{}", row("earned nothing at all", told.without_income))?;
    writeln!(out, "{}", row("earned less than they paid", told.below_paid_in))?;
    let top = told.top_percent;
    let best = Group { participants: top.participants, share_bps: top.share_bps };
    let from = top.from.map_or("-".to_owned(), |amount| short(amount, told.decimals));
    writeln!(out, "{} of all income, from {from} upward\n", row("the best-paid 1 %", best))
}

fn company(out: &mut String, told: &Disclosure) -> std::fmt::Result {
    writeln!(out, "{:<28}{:>10}{:>22}", "went to the company", "rewards", "amount")?;
    for kept in &told.company {
        let amount = kept.amount.map_or("beyond counting".to_owned(), |amount| short(amount, told.decimals));
        writeln!(out, "{:<28}{:>10}{amount:>22}", kept.kind, kept.rewards)?;
    }
    let amount = short(told.refused.amount, told.decimals);
    writeln!(out, "{:<28}{:>10}{amount:>22}\n", "refused payments, sent back", told.refused.payments)
}

fn money(out: &mut String, told: &Disclosure) -> std::fmt::Result {
    let money = &told.money;
    for (name, amount) in [
        ("money held", money.held),
        ("owed", money.promised),
        ("  payable", money.payable),
        ("  in reserves", money.reserved),
        ("  not vested, open orders", money.pending),
        ("  staked", money.staked),
    ] {
        writeln!(out, "{name:<28}{:>32}", short(amount, told.decimals))?;
    }
    writeln!(out, "{:<28}{:>32}  {}", "coverage", percent(money.coverage_bps), verdict(money, told))
}

/// What the coverage means.
fn verdict(money: &Money, told: &Disclosure) -> String {
    let amount = |amount| format!("{} {}", short(amount, told.decimals), told.currency);
    if money.shortfall.is_positive() {
        format!("PROMISES EXCEED THE MONEY BY {}", amount(money.shortfall))
    } else if money.promised.is_zero() {
        "nothing is owed".to_owned()
    } else {
        format!("{} more than is owed", amount(money.company))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_down_to_four_digits() {
        let units = |text| Amount::from_decimal(text, 18).unwrap();
        for (amount, expected) in [
            ("45.6", "45.6"),
            ("-13.333333333333333333", "-13.3334"),
            ("0.000000000000000007", "0"),
            ("2.00019", "2.0001"),
        ] {
            assert_eq!(short(units(amount), 18), expected);
        }
        assert_eq!(short(Amount::from_units(12_345).unwrap(), 2), "123.45");
        assert_eq!(short(Amount::from_units(-12_345).unwrap(), 0), "-12345");
    }

    #[test]
    fn a_share_of_nobody_is_a_dash() {
        assert_eq!(percent(Some(5_333)), "53.33 %");
        assert_eq!(percent(Some(7)), "0.07 %");
        assert_eq!(percent(None), "-");
    }
}
