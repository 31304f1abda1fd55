//! A comparison for people.

use std::fmt::{Result, Write};

use banyan_engine::comparison::{Account, Compared, Effect};
use banyan_types::Amount;

use super::super::table;
use super::Comparison;
use super::replay::{Refused, Which};

/// The comparison, with at most `limit` participants and refused events of a kind; 0 is no limit.
pub fn text(comparison: &Comparison, limit: usize) -> String {
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut out = String::new();
    write_keys(&mut out, comparison).expect("writing to a String cannot fail");
    if let Some(effect) = &comparison.effect {
        write_effect(&mut out, comparison, effect, limit).expect("writing to a String cannot fail");
        write_refused(&mut out, &comparison.refused, limit).expect("writing to a String cannot fail");
    }
    out
}

fn write_keys(out: &mut String, comparison: &Comparison) -> Result {
    writeln!(out, "old: {} ({})", comparison.old.name(), comparison.old.hash())?;
    writeln!(out, "new: {} ({})", comparison.new.name(), comparison.new.hash())?;
    if comparison.keys.is_empty() {
        writeln!(out, "\nno key differs")?;
    } else {
        out.push('\n');
        let row = |change: &banyan_engine::comparison::Change| {
            let [old, new] = change.written.clone();
            vec![change.key.clone(), old, new]
        };
        let rows: Vec<Vec<String>> = comparison.keys.iter().map(row).collect();
        table::write(out, &["key", "old", "new"].map(str::to_owned), &rows);
    }
    match &comparison.may_not_follow {
        None => writeln!(out, "\nthe new plan may follow the old one with participants seated"),
        Some(reason) => {
            writeln!(out, "\nthe new plan may not follow the old one with participants seated: {reason}")
        }
    }
}

fn write_effect(out: &mut String, comparison: &Comparison, effect: &Effect, limit: usize) -> Result {
    let Effect { gainers, losers, unchanged, participants, company, accounts } = effect;
    writeln!(
        out,
        "\nhad the new plan been in force from the first event: {gainers} would get more, {losers} less, {unchanged} the same\n"
    )?;
    let row = |who: &str, compared: &Compared| row(who, compared, comparison.old.decimals());
    let changed: Vec<&Account> =
        accounts.iter().filter(|account| account.compared.old != account.compared.new).collect();
    // Those who gain most stand first, those who lose most last: the middle is left out.
    let left_out = changed.len().saturating_sub(limit);
    let first = if left_out > 0 { limit.div_ceil(2) } else { changed.len() };
    let mut rows: Vec<Vec<String>> =
        changed[..first].iter().map(|account| row(&account.user, &account.compared)).collect();
    if left_out > 0 {
        rows.push(
            [
                format!("… {left_out} more"),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ]
            .to_vec(),
        );
    }
    rows.extend(changed[first + left_out..].iter().map(|account| row(&account.user, &account.compared)));
    rows.push(row("all participants", participants));
    rows.push(row("the company", company));
    let head = ["who", "entitlement", "then", "difference", "reserved", "then"].map(str::to_owned);
    table::write(out, &head, &rows);
    writeln!(out, "  (amounts in {})", comparison.old.currency().symbol)
}

fn row(who: &str, compared: &Compared, decimals: u8) -> Vec<String> {
    let decimal = |amount: Amount| amount.to_decimal(decimals);
    let difference = match compared.difference {
        None => "beyond 10^38".to_owned(),
        Some(difference) if difference.is_positive() => format!("+{}", decimal(difference)),
        Some(difference) => decimal(difference),
    };
    let Compared { old, new, .. } = compared;
    let (earned, reserved) = ([old.entitlement, new.entitlement], [old.reserved, new.reserved]);
    let ([before, after], [kept, then]) = (earned.map(decimal), reserved.map(decimal));
    vec![who.to_owned(), before, after, difference, kept, then]
}

fn write_refused(out: &mut String, refused: &[Refused], limit: usize) -> Result {
    for (by, other) in [(Which::Old, Which::New), (Which::New, Which::Old)] {
        let all: Vec<&Refused> = refused.iter().filter(|event| event.by == by).collect();
        if all.is_empty() {
            continue;
        }
        writeln!(
            out,
            "\nevents that the {} plan refuses and the {} one takes: {}",
            by.name(),
            other.name(),
            all.len()
        )?;
        for event in all.iter().take(limit) {
            writeln!(out, "  line {}, event {}: {}", event.line, event.event, event.reason)?;
        }
        if let Some(left_out @ 1..) = all.len().checked_sub(limit) {
            writeln!(out, "  … {left_out} more")?;
        }
    }
    Ok(())
}
