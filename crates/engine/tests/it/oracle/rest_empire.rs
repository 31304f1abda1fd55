//! `rest-empire`: purchases that vest, unilevel in its three compressions, ranks, differential infinity.

use std::collections::BTreeMap;

use serde_json::json;

use super::calendar::{DAY, month_after, month_of, start_of_month};
use super::{Book, COMPANY, Event, People, Programme, share};

const REFUND: i64 = 14 * DAY;
const ACTIVE: i64 = 30 * DAY;
const UNILEVEL: [i128; 15] = [4000, 700, 500, 300, 300, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100];

/// The ranks of the seed's section 6.1: name, turnover and bonus in EUR, infinity in hundredths of a percent.
const RANKS: [(&str, i128, i128, i128); 14] = [
    ("Amber", 0, 0, 0),
    ("Jade", 5_000, 0, 0),
    ("Pearl", 10_000, 0, 0),
    ("Sapphire", 25_000, 0, 0),
    ("Ruby", 50_000, 0, 0),
    ("Emerald", 100_000, 0, 0),
    ("Diamond", 250_000, 5_000, 1000),
    ("Blue Diamond", 500_000, 5_000, 1100),
    ("Green Diamond", 1_000_000, 10_000, 1500),
    ("Purple Diamond", 2_000_000, 20_000, 2100),
    ("Red Diamond", 6_000_000, 80_000, 2300),
    ("Black Diamond", 12_000_000, 120_000, 2500),
    ("Ultima Diamond", 60_000_000, 960_000, 2500),
    ("Double Ultima Diamond", 120_000_000, 1_200_000, 2500),
];
const HIGHEST_INFINITY: i128 = 2500;
const CENTS: i128 = 100;

/// Who gets an inactive sponsor's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Compress,
    None,
    RollUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Vested,
    Refunded,
}

#[derive(Clone, Debug)]
struct Purchase {
    id: String,
    user: usize,
    amount: i128,
    at: i64,
    /// In which it was made.
    month: (i64, i64),
    state: State,
}

/// The programme under way.
#[derive(Clone, Debug)]
pub struct RestEmpire {
    compression: Compression,
    people: People,
    /// Place of each participant's rank in [`RANKS`].
    ranks: Vec<usize>,
    /// In order of events.
    purchases: Vec<Purchase>,
    /// The last month that has fallen due.
    settled: (i64, i64),
}

/// When the infinity of a month falls due: at 00:00 of the 15th of the next.
fn due(month: (i64, i64)) -> i64 {
    start_of_month(month_after(month)) + 14 * DAY
}

impl RestEmpire {
    pub fn new(compression: Compression) -> RestEmpire {
        RestEmpire {
            compression,
            people: People::default(),
            ranks: Vec::new(),
            purchases: Vec::new(),
            settled: (0, 0),
        }
    }

    fn purchase(&self, id: &str) -> Option<&Purchase> {
        self.purchases.iter().find(|purchase| purchase.id == id)
    }

    fn is_first(&self, number: usize) -> bool {
        let user = self.purchases[number].user;
        self.purchases[..number].iter().all(|earlier| earlier.user != user)
    }

    /// Whether a purchase that counts is `who`'s own or the first of one whom `who` brought, and was not refunded.
    fn is_active(&self, who: usize, counts: impl Fn(usize, &Purchase) -> bool) -> bool {
        self.purchases.iter().enumerate().any(|(number, purchase)| {
            let own = purchase.user == who;
            let referred = self.people.sponsors[purchase.user] == Some(who);
            purchase.state != State::Refunded
                && counts(number, purchase)
                && (own || (referred && self.is_first(number)))
        })
    }

    fn vest(&mut self, number: usize, book: &mut Book) {
        self.purchases[number].state = State::Vested;
        book.record("vested", json!({ "purchase": self.purchases[number].id }));
        book.pending -= self.purchases[number].amount;
        self.pay_unilevel(number, book);
        let user = self.purchases[number].user;
        let above: Vec<usize> = self.people.above(user).collect();
        for who in above {
            self.rank(who, book);
        }
    }

    fn pay_unilevel(&self, number: usize, book: &mut Book) {
        let Purchase { user, amount, at, .. } = self.purchases[number];
        let mut left = amount;
        for (to, depth, income) in self.unilevel(number, amount, at) {
            left -= income;
            let depth = json!({ "depth": depth });
            book.reward("UNILEVEL", &self.people.names[to], income, &self.people.names[user], depth);
        }
        book.reward("RETAINED", COMPANY, left, &self.people.names[user], json!({}));
    }

    /// Receivers, the levels that are paid, and how much.
    fn unilevel(&self, number: usize, amount: i128, at: i64) -> Vec<(usize, usize, i128)> {
        let user = self.purchases[number].user;
        let active = |who: &usize| {
            self.is_active(*who, |other, purchase| other <= number && at - purchase.at < ACTIVE)
        };
        let above = self.people.above(user);
        let levels = (1..).zip(UNILEVEL.map(|points| share(amount, points)));
        match self.compression {
            Compression::Compress => {
                above.filter(active).zip(levels).map(|(to, (depth, income))| (to, depth, income)).collect()
            }
            Compression::None => above
                .zip(levels)
                .filter(|(to, _)| active(to))
                .map(|(to, (depth, income))| (to, depth, income))
                .collect(),
            Compression::RollUp => {
                let mut rolled = 0;
                let mut paid = Vec::new();
                for (to, (depth, income)) in above.zip(levels) {
                    rolled += income;
                    if active(&to) {
                        paid.push((to, depth, std::mem::take(&mut rolled)));
                    }
                }
                paid
            }
        }
    }

    /// Gives `who` every rank that her legs hold by now.
    fn rank(&mut self, who: usize, book: &mut Book) {
        let legs = self.legs(who);
        while let Some((name, turnover, bonus, _)) = RANKS.get(self.ranks[who] + 1) {
            if !holds(&legs, turnover * CENTS) {
                return;
            }
            self.ranks[who] += 1;
            let user = &self.people.names[who];
            book.record("rank", json!({ "user": user, "rank": name }));
            book.reward_from_company("RANK", user, bonus * CENTS, user, json!({ "rank": name }));
        }
    }

    /// The legs of `who`, the strongest first: what each direct referral and all below her bought, as far as vested.
    fn legs(&self, who: usize) -> Vec<i128> {
        let mut turnovers = vec![0; self.people.names.len()];
        for purchase in self.purchases.iter().filter(|purchase| purchase.state == State::Vested) {
            turnovers[purchase.user] += purchase.amount;
        }
        // Nobody registers before her sponsor, so from the last to the first all that is below is already summed.
        for user in (0..turnovers.len()).rev() {
            if let Some(sponsor) = self.people.sponsors[user] {
                turnovers[sponsor] += turnovers[user];
            }
        }
        let direct = (0..turnovers.len()).filter(|user| self.people.sponsors[*user] == Some(who));
        let mut legs: Vec<i128> = direct.map(|user| turnovers[user]).collect();
        legs.sort();
        legs.reverse();
        legs
    }

    fn pay_infinity(&mut self, month: (i64, i64), book: &mut Book) {
        self.settled = month;
        let end = start_of_month(month_after(month));
        let mut sums: BTreeMap<usize, i128> = BTreeMap::new();
        for purchase in self.purchases.iter().filter(|purchase| purchase.month == month) {
            assert!(purchase.state != State::Open, "{} has neither vested nor been refunded", purchase.id);
            if purchase.state == State::Refunded {
                continue;
            }
            let mut top = 0;
            for who in self.people.above(purchase.user) {
                let percentage = RANKS[self.ranks[who]].3;
                let recent = |_, other: &Purchase| 0 < end - other.at && end - other.at < ACTIVE;
                if percentage > top && self.is_active(who, recent) {
                    *sums.entry(who).or_default() += share(purchase.amount, percentage - top);
                    top = percentage;
                }
                if top == HIGHEST_INFINITY {
                    break;
                }
            }
        }
        let month = format!("{:04}-{:02}", month.0, month.1);
        for (who, sum) in sums {
            let besides = json!({ "month": month });
            book.reward_from_company("INFINITY", &self.people.names[who], sum, COMPANY, besides);
        }
    }

    /// The next purchase to vest, and when.
    fn next_vesting(&self) -> Option<(i64, usize)> {
        let open = |number: &usize| self.purchases[*number].state == State::Open;
        let moment = |number: usize| (self.purchases[number].at + REFUND, number);
        (0..self.purchases.len()).filter(open).map(moment).min()
    }

    /// The next month to fall due, and when; months without purchases bring nothing.
    fn next_month(&self) -> Option<(i64, (i64, i64))> {
        let months = self.purchases.iter().map(|purchase| purchase.month);
        let month = months.filter(|month| *month > self.settled).min()?;
        Some((due(month), month))
    }
}

/// Whether these legs, the strongest first, make a turnover.
fn holds(legs: &[i128], turnover: i128) -> bool {
    let leg = |place: usize| legs.get(place).copied().unwrap_or(0);
    let rest: i128 = legs.iter().skip(2).sum();
    let counted = leg(0).min(turnover * 5 / 10) + leg(1).min(turnover * 3 / 10) + rest.min(turnover * 2 / 10);
    counted >= turnover
}

impl Programme for RestEmpire {
    fn judge(&self, event: &Event) -> Result<(), &'static str> {
        match event.kind.as_str() {
            "registered" => self.people.judge(event),
            "purchase" => self.people.must_know(event.text("user")),
            "refund" => {
                let purchase = self.purchase(event.text("purchase")).ok_or("unknown purchase")?;
                if purchase.state == State::Refunded {
                    Err("second refund")
                } else if event.at - purchase.at >= REFUND {
                    Err("late refund")
                } else {
                    Ok(())
                }
            }
            "tick" => Ok(()),
            _ => Err("not of this plan"),
        }
    }

    fn pass(&mut self, until: i64, book: &mut Book) {
        loop {
            let vesting = self.next_vesting().filter(|(moment, _)| *moment <= until);
            let month = self.next_month().filter(|(moment, _)| *moment <= until);
            match (vesting, month) {
                (None, None) => return,
                (Some((moment, number)), other) if other.is_none_or(|(due, _)| moment < due) => {
                    self.vest(number, book);
                }
                (_, Some((_, month))) => self.pay_infinity(month, book),
                (Some(_), None) => unreachable!("the second arm takes it"),
            }
        }
    }

    fn perform(&mut self, event: &Event, book: &mut Book) {
        match event.kind.as_str() {
            "registered" => {
                self.people.register(event);
                self.ranks.push(0);
            }
            "purchase" => {
                let user = self.people.find(event.text("user")).unwrap();
                let (id, amount, at) = (event.id.clone(), event.amount(), event.at);
                book.money_in += amount;
                book.pending += amount;
                self.purchases.push(Purchase {
                    id,
                    user,
                    amount,
                    at,
                    month: month_of(at),
                    state: State::Open,
                });
            }
            "refund" => {
                let id = event.text("purchase");
                let purchase = self.purchases.iter_mut().find(|purchase| purchase.id == id).unwrap();
                purchase.state = State::Refunded;
                book.pending -= purchase.amount;
                book.money_out += purchase.amount;
            }
            _ => {}
        }
    }
}
