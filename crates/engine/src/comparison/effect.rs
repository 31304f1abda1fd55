//! What another plan would have made of the same events.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use banyan_types::Amount;
use serde::Serialize;

use crate::interchange::Simulation;
use crate::{Balances, UserId};

/// What an account has under one of the plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// All that ever became payable: the entitlement.
    pub entitlement: Amount,
    /// What lies in reserves.
    pub reserved: Amount,
}

/// Both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Under the old plan.
    pub old: Side,
    /// Under the new one.
    pub new: Side,
    /// By how much the new plan's entitlement is more; none at 10^38 and beyond, which only the company can reach.
    pub difference: Option<Amount>,
}

/// An account under both plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Whose.
    pub user: String,
    /// What she has.
    #[serde(flatten)]
    pub compared: Compared,
}

/// Two runs over the same events, compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// How many would get more.
    pub gainers: usize,
    /// How many would get less.
    pub losers: usize,
    /// How many would get the same.
    pub unchanged: usize,
    /// All participants together.
    pub participants: Compared,
    /// The company.
    pub company: Compared,
    /// Everybody who has or had anything to do with the programme, those who gain most first; who has the same keeps the
    /// order of first appearance.
    pub accounts: Vec<Account>,
}

impl Effect {
    /// Compares two runs that were fed the same lines.
    pub fn of(old: &Simulation, new: &Simulation) -> Effect {
        let mut sides: BTreeMap<&str, [Side; 2]> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        for (place, run) in [old, new].into_iter().enumerate() {
            for (name, side) in known(run) {
                sides.entry(name).or_insert_with(|| {
                    order.push(name);
                    [Side::default(); 2]
                })[place] = side;
            }
        }
        let account = |user: &str| Account { user: user.to_owned(), compared: compare(sides[user]) };
        let mut accounts: Vec<Account> = order.into_iter().map(account).collect();
        accounts.sort_by_key(|account| Reverse(account.compared.difference));
        let count = |sign: Ordering| {
            let differences = accounts.iter().map(|account| account.compared.difference);
            differences.filter(|difference| difference.cmp(&Some(Amount::ZERO)) == sign).count()
        };
        let company = [old, new].map(|run| Side::from(run.machine().balances(UserId::COMPANY)));
        let participants = [old, new].map(|run| {
            let totals = run.machine().conservation();
            Side { entitlement: totals.payable, reserved: totals.reserved }
        });
        Effect {
            gainers: count(Ordering::Greater),
            losers: count(Ordering::Less),
            unchanged: count(Ordering::Equal),
            participants: compare(participants),
            company: compare(company),
            accounts,
        }
    }
}

/// The users who take part, or have anything.
fn known(run: &Simulation) -> impl Iterator<Item = (&str, Side)> {
    let machine = run.machine();
    run.users().users().skip(1).filter_map(move |(user, name)| {
        let side = Side::from(machine.balances(user));
        (machine.is_participant(user) || side != Side::default()).then_some((name, side))
    })
}

fn compare([old, new]: [Side; 2]) -> Compared {
    Compared { old, new, difference: new.entitlement.checked_sub(old.entitlement) }
}

impl From<Balances> for Side {
    fn from(balances: Balances) -> Side {
        Side { entitlement: balances.payable, reserved: balances.reserved }
    }
}
