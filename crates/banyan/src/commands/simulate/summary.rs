//! Totals by kind of reward, and the line that shows that no money was lost.

use std::fmt::Write;

use banyan_engine::{Machine, Record, RewardKind};
use banyan_types::Amount;

use super::output::Format;

/// What a run came to.
pub struct Summary {
    /// By `kind as usize`.
    kinds: [Total; RewardKind::ALL.len()],
}

#[derive(Clone, Copy)]
struct Total {
    rewards: u64,
    /// `None` beyond the range: what a reserve spends is rewarded again, so this may exceed what came in.
    amount: Option<Amount>,
}

impl Summary {
    /// Before the first record.
    pub fn new() -> Summary {
        Summary { kinds: [Total { rewards: 0, amount: Some(Amount::ZERO) }; RewardKind::ALL.len()] }
    }

    /// Adds a record.
    pub fn count(&mut self, record: &Record) {
        let Record::Reward(reward) = record else { return };
        let total = &mut self.kinds[reward.kind as usize];
        total.rewards += 1;
        total.amount = total.amount.and_then(|amount| amount.checked_add(reward.amount));
    }

    /// The summary as it is printed: for people, amounts in the currency; otherwise in smallest units.
    pub fn text(&self, machine: &Machine, format: Option<Format>) -> String {
        let sides = sides(machine);
        let written = match format {
            None => self.table(machine, &sides),
            Some(Format::Jsonl) => self.jsonl(&sides),
            Some(Format::Csv) => self.csv(&sides),
        };
        written.expect("writing to a String cannot fail")
    }

    /// Kinds that occurred.
    fn totals(&self) -> impl Iterator<Item = (RewardKind, Total)> {
        RewardKind::ALL.into_iter().zip(self.kinds).filter(|(_, total)| total.rewards > 0)
    }

    fn table(&self, machine: &Machine, sides: &[(&'static str, Amount)]) -> Result<String, std::fmt::Error> {
        let plan = machine.plan();
        let decimal = |amount: Amount| amount.to_decimal(plan.decimals());
        let mut out = String::new();
        writeln!(out, "{:<16}{:>12}  amount in {}", "kind", "rewards", plan.currency().symbol)?;
        for (kind, total) in self.totals() {
            let amount = total.amount.map_or(BEYOND.to_owned(), decimal);
            writeln!(out, "{:<16}{:>12}  {amount}", kind.name(), total.rewards)?;
        }
        let [(_, money_in), rest @ .., (_, difference)] = sides else {
            unreachable!("what came in is the first side, the difference the last");
        };
        let rest: Vec<String> =
            rest.iter().map(|(name, side)| format!("{name} {}", decimal(*side))).collect();
        let (money_in, difference) = (decimal(*money_in), decimal(*difference));
        writeln!(out, "conservation: in {money_in} = {}; difference {difference}", rest.join(" + "))?;
        Ok(out)
    }

    fn jsonl(&self, sides: &[(&'static str, Amount)]) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        for (kind, Total { rewards, amount }) in self.totals() {
            let (kind, amount) = (kind.name(), units(amount));
            writeln!(out, r#"{{"kind":"{kind}","rewards":{rewards},"amount":"{amount}"}}"#)?;
        }
        let sides: Vec<String> = sides.iter().map(|(name, side)| format!(r#""{name}":"{side}""#)).collect();
        writeln!(out, r#"{{"conservation":{{{}}}}}"#, sides.join(","))?;
        Ok(out)
    }

    fn csv(&self, sides: &[(&'static str, Amount)]) -> Result<String, std::fmt::Error> {
        let mut out = "line,name,rewards,amount\n".to_owned();
        for (kind, total) in self.totals() {
            writeln!(out, "total,{},{},{}", kind.name(), total.rewards, units(total.amount))?;
        }
        for (name, side) in sides {
            writeln!(out, "conservation,{name},,{side}")?;
        }
        Ok(out)
    }
}

const BEYOND: &str = "10^38 or more smallest units";

fn units(amount: Option<Amount>) -> String {
    amount.map_or(BEYOND.to_owned(), |amount| amount.to_string())
}

/// What came in less what was given back, where it is now, and the difference of both.
type Sides = Vec<(&'static str, Amount)>;

/// Counted anew from every account, so that a difference would show. What only some programmes have is shown if there
/// was any.
fn sides(machine: &Machine) -> Sides {
    let count = machine.recount();
    let held = [count.money_out, count.payable, count.reserved, count.pending, count.staked, count.company];
    let difference = held
        .into_iter()
        .try_fold(count.money_in, Amount::checked_sub)
        .expect("the sides are parts of what came in");
    let some = |name, side: Amount| (!side.is_zero()).then_some((name, side));
    [
        Some(("in", count.money_in)),
        some("given_back", count.money_out),
        Some(("payable", count.payable)),
        Some(("reserved", count.reserved)),
        some("pending", count.pending),
        some("staked", count.staked),
        Some(("company", count.company)),
        Some(("difference", difference)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
