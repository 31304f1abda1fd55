//! Independent models of the programmes, written from `plans.md` alone: everything is searched and counted anew each
//! time, nothing is kept up to date and nothing is shared with the engine. [`Model`] is what the programmes of free
//! registration have in common: it reads lines, refuses or returns, and keeps the [`Book`]; each of them is a
//! [`Programme`]. The autopool family has a model of its own, [`Oracle`].

mod agreement;
mod autopool;
mod calendar;
mod cases;
mod event;
mod fixture;
mod metax;
mod rest_empire;
mod smm_panel;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use autopool::{Oracle, Rules};
use event::Event;
use metax::Metax;
use rest_empire::{Compression, RestEmpire};
use smm_panel::SmmPanel;

/// The root sponsor.
const COMPANY: &str = "company";

/// What tells one programme from another.
trait Programme {
    /// Whether the plan takes an event that comes at its time, or why not. The calendar has not been heard yet: what
    /// depends on it is to be told by the time.
    fn judge(&self, event: &Event) -> Result<(), &'static str>;

    /// What the calendar brings, up to and with the moment `until`.
    fn pass(&mut self, until: i64, book: &mut Book);

    /// What the event itself does.
    fn perform(&mut self, event: &Event, book: &mut Book);
}

/// Who has how much, and the records of the event under way.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub payable: BTreeMap<String, i128>,
    pub company: i128,
    /// Purchases that have not vested, orders that are open.
    pub pending: i128,
    pub staked: i128,
    pub money_in: i128,
    pub money_out: i128,
    event: String,
    records: Vec<String>,
}

impl Book {
    /// Writes a record with these fields.
    fn record(&mut self, record: &str, fields: Value) {
        let Value::Object(fields) = fields else { panic!("fields of a record are an object") };
        let mut all: BTreeMap<String, Value> = fields.into_iter().collect();
        all.insert("event".to_owned(), json!(self.event));
        all.insert("record".to_owned(), json!(record));
        self.records.push(serde_json::to_string(&all).unwrap());
    }

    /// Credits a reward; whoever calls this takes the amount from where it lay. Nothing is no reward.
    fn reward(&mut self, kind: &str, to: &str, amount: i128, source: &str, mut besides: Value) {
        assert!(amount >= 0, "{kind} of {amount}");
        if amount == 0 {
            return;
        }
        if to == COMPANY {
            self.company += amount;
        } else {
            *self.payable.entry(to.to_owned()).or_default() += amount;
        }
        besides["kind"] = json!(kind);
        besides["to"] = json!(to);
        besides["amount"] = json!(amount.to_string());
        besides["source"] = json!(source);
        besides["state"] = json!("payable");
        self.record("reward", besides);
    }

    /// Credits a reward that no payment funds: the company pays it.
    fn reward_from_company(&mut self, kind: &str, to: &str, amount: i128, source: &str, besides: Value) {
        self.company -= amount;
        self.reward(kind, to, amount, source, besides);
    }

    fn assert_conservation(&self) {
        let payable: i128 = self.payable.values().sum();
        let there = payable + self.company + self.pending + self.staked;
        assert_eq!(self.money_in - self.money_out, there, "after {}: {self:?}", self.event);
    }
}

/// What became of a line; records are canonical JSON, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The plan took it.
    Applied(Vec<String>),
    /// A payment that went back to its payer (lenient runs only).
    Returned(Vec<String>),
    /// Nothing changed, and why.
    Refused(&'static str),
}

/// A programme under way.
pub struct Model {
    programme: Box<dyn Programme>,
    lenient: bool,
    now: i64,
    ids: BTreeSet<String>,
    pub book: Book,
}

impl Model {
    /// The programme of a plan file, by its path below `config/plans` without `.toml`.
    pub fn new(plan: &str, lenient: bool) -> Model {
        let programme: Box<dyn Programme> = match plan {
            "rest-empire" => Box::new(RestEmpire::new(Compression::Compress)),
            "variants/rest-empire-none" => Box::new(RestEmpire::new(Compression::None)),
            "variants/rest-empire-roll-up" => Box::new(RestEmpire::new(Compression::RollUp)),
            "metax" => Box::new(Metax::default()),
            "smm-panel" => Box::new(SmmPanel::default()),
            other => panic!("no model of {other}"),
        };
        Model { programme, lenient, now: i64::MIN, ids: BTreeSet::new(), book: Book::default() }
    }

    /// Takes a line that is not blank.
    pub fn take(&mut self, line: &str) -> Verdict {
        let event = match Event::decode(line) {
            Ok(event) => event,
            Err(reason) => return Verdict::Refused(reason),
        };
        if self.ids.contains(&event.id) {
            return Verdict::Refused("repeated id");
        }
        if event.at < self.now {
            return Verdict::Refused("time goes back");
        }
        let judged = self.programme.judge(&event);
        let returned = match (judged, event.payment()) {
            (Ok(()), _) => None,
            (Err(_), Some(payment)) if self.lenient => Some(payment),
            (Err(reason), _) => return Verdict::Refused(reason),
        };
        self.now = event.at;
        self.ids.insert(event.id.clone());
        self.book.event.clone_from(&event.id);
        self.programme.pass(event.at, &mut self.book);
        match &returned {
            Some((payer, amount)) => {
                self.book.money_in += amount;
                self.book.reward("REFUSED", payer, *amount, payer, json!({}));
            }
            None => self.programme.perform(&event, &mut self.book),
        }
        self.book.assert_conservation();
        let mut records = std::mem::take(&mut self.book.records);
        records.sort();
        if returned.is_some() { Verdict::Returned(records) } else { Verdict::Applied(records) }
    }
}

/// `points` hundredths of a percent of an amount, floored.
fn share(amount: i128, points: i128) -> i128 {
    amount * points / 10_000
}

/// The participants and who brought them, as every programme of free registration has them.
#[derive(Clone, Debug, Default)]
struct People {
    names: Vec<String>,
    /// `None`: the company.
    sponsors: Vec<Option<usize>>,
}

impl People {
    fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    fn must_know(&self, name: &str) -> Result<(), &'static str> {
        self.find(name).map(|_| ()).ok_or("unknown user")
    }

    /// Registration is free, so one that brings money is refused.
    fn judge(&self, event: &Event) -> Result<(), &'static str> {
        let (user, sponsor) = (event.text("user"), event.text("sponsor"));
        if event.has("amount") {
            Err("registration is free")
        } else if user == COMPANY {
            Err("the company is no user")
        } else if self.find(user).is_some() {
            Err("second registration")
        } else if user == sponsor {
            Err("self sponsor")
        } else if sponsor != COMPANY && self.find(sponsor).is_none() {
            Err("unknown sponsor")
        } else {
            Ok(())
        }
    }

    fn register(&mut self, event: &Event) {
        self.sponsors.push(self.find(event.text("sponsor")));
        self.names.push(event.text("user").to_owned());
    }

    /// The sponsors upward, nearest first; the company is none of them.
    fn above(&self, who: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.sponsors[who], |sponsor| self.sponsors[*sponsor])
    }
}
