//! Random but reproducible histories, for demonstrations, tests and measurements.

mod crowd;

use std::fmt::Write;

use banyan_types::Amount;

use crate::interchange::format_at;
use crate::{Event, EventBody, EventId, Machine, Plan, UserId};

pub use crowd::{Crowd, Shape};

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;

const AUTOPOOL: &str = "the plan was found to be of the autopool family";

/// A small generator of numbers that look random (SplitMix64): the same seed, the same numbers, on any machine.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed)
    }

    /// The next number, from 0 to `limit` − 1.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// `n` events that `plan` takes, as JSON Lines: registrations under earlier participants p1, p2 … or the company,
/// retopups, and now and then a placement, a grant or a tick. The same arguments give the same bytes.
pub fn random_autopool(plan: &Plan, seed: u64, n: usize) -> String {
    let mut history = History::new(plan.clone(), seed);
    let mut lines = String::new();
    for number in 1..=n {
        let event = history.next_event();
        write_line(&mut lines, number, &event);
    }
    lines
}

/// A history that goes on as long as it is asked: every event is one that the plan takes.
#[derive(Debug)]
pub struct History {
    machine: Machine,
    numbers: Numbers,
    /// Participants so far; their ids are 1 … `people`.
    people: u32,
    /// Events so far.
    events: u32,
    now: i64,
}

impl History {
    /// A history before its first event.
    ///
    /// # Panics
    /// If the plan is not of the autopool family: it must sell entries, seats and retopups.
    pub fn new(plan: Plan, seed: u64) -> History {
        assert!(plan.entry().is_some() && plan.retopup().is_some(), "a plan of the autopool family");
        let machine = Machine::new(plan);
        History { machine, numbers: Numbers::new(seed), people: 0, events: 0, now: START }
    }

    /// The next event.
    pub fn next_event(&mut self) -> Event {
        self.now += self.numbers.below(3) as i64 * 30;
        let event = self.event(|history| history.choose());
        match self.machine.apply(&event) {
            Ok(_) => event,
            Err(_) => self.tick(),
        }
    }

    /// What can always happen, in place of something that cannot.
    fn tick(&mut self) -> Event {
        self.events -= 1;
        let event = self.event(|_| EventBody::Tick);
        self.machine.apply(&event).expect("time may pass whenever the programme goes on");
        event
    }

    fn event(&mut self, body: impl FnOnce(&mut History) -> EventBody) -> Event {
        let body = body(self);
        self.events += 1;
        Event { id: EventId(self.events), at: self.now, body }
    }

    fn choose(&mut self) -> EventBody {
        let plan = self.machine.plan();
        match self.numbers.below(100) {
            _ if self.people == 0 => self.registration(),
            0..70 => self.registration(),
            70..94 => {
                let amount = plan.retopup().expect(AUTOPOOL).amount;
                EventBody::Retopup { amount, user: self.anybody() }
            }
            94..96 => self.placement(),
            96..98 => {
                let units = i128::from(self.numbers.below(1 << 60)) + 1;
                let amount = Amount::from_units(units).expect("2^60 units are an amount");
                EventBody::Grant { user: self.anybody(), amount }
            }
            _ => EventBody::Tick,
        }
    }

    fn registration(&mut self) -> EventBody {
        let sponsor = UserId(self.numbers.below(u64::from(self.people) + 1) as u32);
        self.people += 1;
        EventBody::Registered { user: UserId(self.people), sponsor, amount: self.machine.plan().entry() }
    }

    fn anybody(&mut self) -> UserId {
        UserId(self.numbers.below(u64::from(self.people)) as u32 + 1)
    }

    /// A seat at or somewhat beyond the queue of a low level; it may be taken, and then only time passes.
    fn placement(&mut self) -> EventBody {
        let level = 1 + self.numbers.below(2) as u32;
        let beyond = self.numbers.below(8);
        let user = self.anybody();
        match (self.machine.next_seat(level), self.machine.plan().ticket(level)) {
            (Some(quote), Some(ticket)) => EventBody::Place {
                user,
                level: level.into(),
                tree: quote.tree.into(),
                index: quote.index + beyond,
                amount: ticket.price,
            },
            (None, _) | (_, None) => EventBody::Tick,
        }
    }
}

/// An event as a line of the interchange format; participant n is called `p` and n, event n `e` and n.
///
/// # Panics
/// If the event lies outside the years of the format.
pub fn write_line(lines: &mut String, number: usize, event: &Event) {
    let at = format_at(event.at).expect("a history ends before the year 10000");
    let name = |user: UserId| if user == UserId::COMPANY { "company".into() } else { format!("p{}", user.0) };
    let kind = event.body.name();
    let fields = match event.body {
        EventBody::Registered { user, sponsor, amount } => {
            let amount = amount.map_or(String::new(), |amount| format!(r#","amount":"{amount}""#));
            format!(r#","user":"{}","sponsor":"{}"{amount}"#, name(user), name(sponsor))
        }
        EventBody::Retopup { user, amount }
        | EventBody::Purchase { user, amount }
        | EventBody::Stake { user, amount }
        | EventBody::Order { user, amount } => {
            format!(r#","user":"{}","amount":"{amount}""#, name(user))
        }
        EventBody::Place { user, level, tree, index, amount } => {
            let user = name(user);
            format!(r#","user":"{user}","level":{level},"tree":{tree},"index":{index},"amount":"{amount}""#)
        }
        EventBody::Grant { user, amount } => {
            format!(r#","user":"{}","amount":"{amount}","reason":"random""#, name(user))
        }
        EventBody::Refund { purchase } => format!(r#","purchase":"e{}""#, purchase.0),
        EventBody::Unstake { stake } => format!(r#","stake":"e{}""#, stake.0),
        EventBody::OrderCompleted { order } | EventBody::OrderRefunded { order } => {
            format!(r#","order":"e{}""#, order.0)
        }
        EventBody::Status { user, active } => format!(r#","user":"{}","active":{active}"#, name(user)),
        EventBody::WindUp | EventBody::Tick => String::new(),
    };
    writeln!(lines, r#"{{"id":"e{number}","at":"{at}","type":"{kind}"{fields}}}"#)
        .expect("writing to a String cannot fail");
}
