//! `metax`: referral levels and staking.

use std::collections::BTreeSet;

use serde_json::json;

use super::calendar::DAY;
use super::{Book, COMPANY, Event, People, Programme, share};

const REFERRAL: [i128; 5] = [1000, 500, 300, 200, 100];
const YEARLY_PERCENT: i128 = 12;

#[derive(Clone, Debug)]
struct Position {
    id: String,
    user: String,
    principal: i128,
    /// The day of staking, counted from 1970.
    day: i64,
    paid: i128,
    open: bool,
}

/// The programme under way.
#[derive(Clone, Debug, Default)]
pub struct Metax {
    people: People,
    inactive: BTreeSet<usize>,
    positions: Vec<Position>,
}

impl Metax {
    fn pay_referral(&self, event: &Event, book: &mut Book) {
        let (user, amount) = (event.text("user"), event.amount());
        book.money_in += amount;
        let mut left = amount;
        let above = self.people.above(self.people.find(user).unwrap());
        for ((to, points), depth) in above.zip(REFERRAL).zip(1..) {
            if self.inactive.contains(&to) {
                continue;
            }
            let kind = if depth == 1 { "DIRECT" } else { "LEVEL" };
            let income = share(amount, points);
            left -= income;
            book.reward(kind, &self.people.names[to], income, user, json!({ "depth": depth }));
        }
        book.reward("RETAINED", COMPANY, left, user, json!({}));
    }
}

impl Programme for Metax {
    fn judge(&self, event: &Event) -> Result<(), &'static str> {
        match event.kind.as_str() {
            "registered" => self.people.judge(event),
            "purchase" | "stake" | "status" => self.people.must_know(event.text("user")),
            "unstake" => {
                let id = event.text("stake");
                match self.positions.iter().find(|position| position.id == id) {
                    None => Err("unknown position"),
                    Some(position) if !position.open => Err("closed position"),
                    Some(_) => Ok(()),
                }
            }
            "tick" => Ok(()),
            _ => Err("not of this plan"),
        }
    }

    fn pass(&mut self, until: i64, book: &mut Book) {
        for position in self.positions.iter_mut().filter(|position| position.open) {
            // The midnight that ends the day of staking is the first and earns nothing.
            let midnights = i128::from((until / DAY - position.day - 1).max(0));
            let total = position.principal * YEARLY_PERCENT * midnights / 36_500;
            let user = &position.user;
            let besides = json!({ "position": position.id });
            book.reward_from_company("STAKING", user, total - position.paid, user, besides);
            position.paid = total;
        }
    }

    fn perform(&mut self, event: &Event, book: &mut Book) {
        match event.kind.as_str() {
            "registered" => self.people.register(event),
            "purchase" => self.pay_referral(event, book),
            "status" => {
                let user = self.people.find(event.text("user")).unwrap();
                if event.flag("active") {
                    self.inactive.remove(&user);
                } else {
                    self.inactive.insert(user);
                }
            }
            "stake" => {
                let (id, user, principal) = (event.id.clone(), event.text("user").to_owned(), event.amount());
                book.money_in += principal;
                book.staked += principal;
                let day = event.at / DAY;
                self.positions.push(Position { id, user, principal, day, paid: 0, open: true });
            }
            "unstake" => {
                let id = event.text("stake");
                let position = self.positions.iter_mut().find(|position| position.id == id).unwrap();
                position.open = false;
                book.staked -= position.principal;
                let user = &position.user;
                book.reward("PRINCIPAL", user, position.principal, user, json!({ "position": id }));
            }
            _ => {}
        }
    }
}
