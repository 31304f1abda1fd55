//! What a programme really did to its participants, in the manner of an honest income disclosure statement.
//!
//! A [`Collector`] watches a run, event by event; [`Collector::finish`] turns what it saw into a [`Disclosure`]. Every
//! participant who registered counts, whatever she earned. All figures are integers: amounts in smallest units, shares
//! in basis points, rounded down.

mod collect;
mod distribution;

use banyan_types::Amount;
use serde::Serialize;

pub use collect::Collector;
pub use distribution::Distribution;

use crate::{Conservation, Machine};
use distribution::basis_points;
pub(crate) use distribution::divide;

/// The form of a [`Disclosure`] in JSON; it grows when a key changes its meaning or goes.
const FORM: u32 = 1;

/// The whole statement. In JSON, amounts are strings of smallest units; what nobody is there to have is `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disclosure {
    /// Version of this form.
    pub disclosure: u32,
    /// Name of the plan.
    pub plan: String,
    /// Its hash.
    pub plan_hash: String,
    /// The currency of all amounts.
    pub currency: String,
    /// Its decimals.
    pub decimals: u8,
    /// How many have registered.
    pub participants: u64,
    /// What each participant earned and may be paid, reserves not counted.
    pub income: Distribution,
    /// What each participant paid and did not get back.
    pub paid_in: Distribution,
    /// Income − paid in.
    pub net_income: Distribution,
    /// Participants whose income is nothing.
    pub without_income: Group,
    /// Participants whose income is less than what they paid in.
    pub below_paid_in: Group,
    /// The participants with the highest incomes.
    pub top_percent: Top,
    /// What was rewarded to the company, by kind.
    pub company: Vec<Kept>,
    /// Payments that the plan refused and that went back.
    pub refused: Refused,
    /// What is owed, and what is there for it.
    pub money: Money,
}

/// Some of all participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// How many.
    pub participants: u64,
    /// How many of ten thousand, rounded down.
    pub share_bps: Option<u64>,
}

/// The best-paid hundredth, rounded up to whole participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Top {
    /// How many.
    pub participants: u64,
    /// The lowest income among them.
    pub from: Option<Amount>,
    /// What they earned together.
    pub income: Amount,
    /// Their share of the income of all, rounded down; nothing if nobody earned anything.
    pub share_bps: Option<u64>,
}

/// Rewards of one kind that went to the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Name of the kind, such as `POOL_BREAKAGE`.
    pub kind: &'static str,
    /// How many.
    pub rewards: u64,
    /// Their sum; nothing if it is 10^38 or more, for what a reserve spends is rewarded again.
    pub amount: Option<Amount>,
}

/// Payments that went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// How many.
    pub payments: u64,
    /// Their sum.
    pub amount: Amount,
}

/// Liabilities, and what covers them, as if no reward had been paid out yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Money {
    /// What came in and did not go back.
    pub held: Amount,
    /// Owed to participants at once.
    pub payable: Amount,
    /// Kept in the reserves of their seats.
    pub reserved: Amount,
    /// Purchases that can still be refunded, and open orders.
    pub pending: Amount,
    /// In staked positions.
    pub staked: Amount,
    /// All that is owed: these four.
    pub promised: Amount,
    /// Money held − promised; below 0 it is what is missing.
    pub company: Amount,
    /// By how much the promises exceed the money.
    pub shortfall: Amount,
    /// Money held for ten thousand promised, rounded down; nothing if nothing is promised.
    pub coverage_bps: Option<u64>,
}

impl Disclosure {
    /// The statement of a run; `people` are the income and the payments of every participant.
    fn new(
        machine: &Machine,
        people: &[(Amount, Amount)],
        company: Vec<Kept>,
        refused: Refused,
    ) -> Disclosure {
        let plan = machine.plan();
        let income = Distribution::new(people.iter().map(|(income, _)| *income).collect());
        let net = |(income, paid): &(Amount, Amount)| {
            income.checked_sub(*paid).expect("both are at least 0, so their difference is an amount")
        };
        let without = people.iter().filter(|(income, _)| income.is_zero()).count();
        let below = people.iter().filter(|(income, paid)| income < paid).count();
        Disclosure {
            disclosure: FORM,
            plan: plan.name().to_owned(),
            plan_hash: plan.hash().to_string(),
            currency: plan.currency().symbol.clone(),
            decimals: plan.decimals(),
            participants: people.len() as u64,
            top_percent: Top::new(&income),
            income,
            paid_in: Distribution::new(people.iter().map(|(_, paid)| *paid).collect()),
            net_income: Distribution::new(people.iter().map(net).collect()),
            without_income: Group::new(without, people.len()),
            below_paid_in: Group::new(below, people.len()),
            company,
            refused,
            money: Money::new(&machine.recount()),
        }
    }
}

impl Group {
    fn new(part: usize, whole: usize) -> Group {
        Group { participants: part as u64, share_bps: divide(part as u128, whole as u128) }
    }
}

impl Top {
    fn new(income: &Distribution) -> Top {
        let sorted = income.sorted();
        let best = &sorted[sorted.len() - sorted.len().div_ceil(100)..];
        let sum = distribution::sum(best);
        Top {
            participants: best.len() as u64,
            from: best.first().copied(),
            income: sum,
            share_bps: basis_points(sum, income.total),
        }
    }
}

impl Money {
    fn new(count: &Conservation) -> Money {
        let &Conservation { money_in, money_out, payable, reserved, pending, staked, company } = count;
        let held = money_in.checked_sub(money_out).expect("no more goes back than came in");
        let promised = distribution::sum(&[payable, reserved, pending, staked]);
        Money {
            held,
            payable,
            reserved,
            pending,
            staked,
            promised,
            company,
            shortfall: Amount::ZERO.checked_sub(company).unwrap_or_default().max(Amount::ZERO),
            coverage_bps: basis_points(held, promised),
        }
    }
}
