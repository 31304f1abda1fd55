//! A run of the machine over the lines of the interchange format.

use std::borrow::Cow;

use super::decode::{Decoded, Known, LineError, decode};
use super::line::{Content, Line};
use super::names::Names;
use super::print::Texts;
use crate::{Event, Machine, Outcome, Plan, Record, Refusal};

/// The longest line that is read: 1 MiB.
pub const MAX_LINE: usize = 1 << 20;

/// A machine together with the names of users and the ids of events that it has seen.
#[derive(Debug)]
pub struct Simulation {
    machine: Machine,
    users: Names,
    ids: Names,
    lenient: bool,
    /// The event that was last applied or returned.
    last: Option<Event>,
    /// The event that shall tell what it looks at.
    asked: Option<Box<str>>,
}

/// What became of a line. The records of an event are in [`Simulation::records`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Spaces, tabs and CR only.
    Blank,
    /// The event of this id: the plan took it.
    Applied(Cow<'a, str>),
    /// The payment of this id: the plan refused it and, leniently, gave it back to its payer.
    Returned(Cow<'a, str>, Refusal),
    /// The line of this id, if it has one, changed nothing.
    Refused(Option<Cow<'a, str>>, Reason),
}

/// Why a line was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The line is longer than [`MAX_LINE`].
    #[error("expected a line of at most {MAX_LINE} bytes, got a longer one")]
    TooLong,
    /// The line is no event.
    #[error(transparent)]
    Line(#[from] LineError),
    /// An earlier event has the same id.
    #[error("expected a unique `id`: an earlier event has the same")]
    DuplicateId,
    /// The plan refuses the event.
    #[error(transparent)]
    Plan(#[from] Refusal),
}

impl Simulation {
    /// A run before its first line, in which a refused event changes nothing.
    pub fn new(plan: Plan) -> Simulation {
        let (users, ids) = (Names::of_users(), Names::new());
        Simulation::from_parts(Machine::new(plan), users, ids)
    }

    /// A run as in production: a payment that the plan refuses goes back to its payer.
    pub fn lenient(plan: Plan) -> Simulation {
        Simulation { lenient: true, ..Simulation::new(plan) }
    }

    /// This run, judging from now on as production does if that is asked.
    pub fn judging(self, lenient: bool) -> Simulation {
        Simulation { lenient, ..self }
    }

    /// A run that has come so far.
    pub(super) fn from_parts(machine: Machine, users: Names, ids: Names) -> Simulation {
        Simulation { machine, users, ids, lenient: false, last: None, asked: None }
    }

    /// The machine, the names of users and the ids of events.
    pub(super) fn parts(&self) -> (&Machine, &Names, &Names) {
        (&self.machine, &self.users, &self.ids)
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The names of users so far.
    pub fn users(&self) -> &Names {
        &self.users
    }

    /// The ids of the events that were applied or returned.
    pub fn events(&self) -> &Names {
        &self.ids
    }

    /// What records are printed with.
    pub fn texts(&self) -> Texts<'_> {
        Texts { users: &self.users, events: &self.ids, plan: self.machine.plan() }
    }

    /// The event that was last applied or returned.
    pub fn last_event(&self) -> Option<&Event> {
        self.last.as_ref()
    }

    /// What the event that was last applied or returned did.
    pub fn records(&self) -> &[Record] {
        self.machine.records()
    }

    /// Lets the event of this id tell what it looks at, for an explanation.
    pub fn listen_for(&mut self, event: &str) {
        self.asked = Some(event.into());
    }

    /// Takes a line, without its line feed. Of a line longer than [`MAX_LINE`] any longer beginning will do.
    pub fn take<'a>(&mut self, line: &'a [u8]) -> Step<'a> {
        self.judge(&Line::read(line))
    }

    /// Takes a line that was read before. It stays where it is, since it is large.
    pub fn judge<'a>(&mut self, line: &Line<'a>) -> Step<'a> {
        let fields = match &line.0 {
            Content::Blank => return Step::Blank,
            Content::Faulty(reason) => return Step::Refused(None, reason.clone()),
            Content::Object(fields) => fields,
        };
        let users = self.users.len();
        let step = match decode(fields, &mut Known { users: &mut self.users, events: &self.ids }) {
            Decoded::Event(id, event) => self.apply(id, &event),
            Decoded::Faulty(id, err) => Step::Refused(id, err.into()),
        };
        if matches!(step, Step::Refused(..)) {
            // What changes nothing leaves no names behind either.
            self.users.forget_from(users);
        }
        step
    }

    /// Lets the machine judge an event; its id is used up unless nothing has changed.
    fn apply<'a>(&mut self, id: Cow<'a, str>, event: &Event) -> Step<'a> {
        let entry = self.ids.entry(&id);
        if entry.known.is_some() {
            return Step::Refused(Some(id), Reason::DuplicateId);
        }
        if let Some(asked) = &self.asked {
            self.machine.hear();
            if **asked == *id {
                self.machine.listen();
            }
        }
        let judged = match self.lenient {
            true => match self.machine.apply_lenient(event) {
                Outcome::Applied(_) => Ok(None),
                Outcome::Returned { reason, .. } => Ok(Some(reason)),
                Outcome::Skipped(reason) => Err(reason),
            },
            false => self.machine.apply(event).map(|_| None),
        };
        if judged.is_ok() {
            self.ids.add(entry, &id);
            self.last = Some(*event);
        }
        match judged {
            Ok(None) => Step::Applied(id),
            Ok(Some(reason)) => Step::Returned(id, reason),
            Err(reason) => Step::Refused(Some(id), reason.into()),
        }
    }
}
