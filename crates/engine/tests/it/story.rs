//! A history told event by event, and what is asked about it.

use banyan_engine::explain::{Explanation, Inquiry, Reason};
use banyan_engine::interchange::{Simulation, Step};

use crate::table::plan;

/// The answers of one event of a story, told in lines without id and time: `HH user …`.
pub struct Story {
    pub plan: &'static str,
    pub lines: Vec<String>,
}

impl Story {
    pub fn new(plan: &'static str) -> Story {
        Story { plan, lines: Vec::new() }
    }

    /// Adds an event on that day of 2026.
    pub fn on(mut self, month: u32, day: u32, id: &str, rest: &str) -> Story {
        self.lines.push(format!(r#"{{"id":"{id}","at":"2026-{month:02}-{day:02}T00:00:00Z",{rest}}}"#));
        self
    }

    /// A chain of participants, each under the one before; the first under the company.
    pub fn chain(self, names: &[&str], amount: &str) -> Story {
        let amount = if amount.is_empty() { String::new() } else { format!(r#","amount":"{amount}""#) };
        let mut sponsor = "company";
        let mut story = self;
        for name in names {
            let rest = format!(r#""type":"registered","user":"{name}","sponsor":"{sponsor}"{amount}"#);
            story = story.on(1, 1, &format!("r-{name}"), &rest);
            sponsor = name;
        }
        story
    }

    pub fn pays(self, month: u32, day: u32, id: &str, kind: &str, user: &str, amount: &str) -> Story {
        self.on(month, day, id, &format!(r#""type":"{kind}","user":"{user}","amount":"{amount}""#))
    }

    /// The explanation of one event for one user.
    pub fn ask(&self, event: &str, user: &str) -> Explanation {
        let mut simulation = Simulation::lenient(plan(self.plan));
        let mut inquiry = Inquiry::new(&mut simulation, event, user);
        for line in &self.lines {
            let (id, applied) = match simulation.take(line.as_bytes()) {
                Step::Applied(id) => (id.into_owned(), true),
                Step::Returned(id, _) => (id.into_owned(), false),
                Step::Blank => continue,
                Step::Refused(id, reason) => panic!("{id:?}: {reason}"),
            };
            inquiry.look(&id, applied, &simulation);
        }
        inquiry.answer(&simulation).expect("the event came")
    }

    /// The only reason, or the first.
    pub fn reason(&self, event: &str, user: &str) -> (Reason, String) {
        let answer = self.ask(event, user);
        assert!(!answer.is_rewarded(), "{}", answer.why());
        let first = answer.not_paid.into_iter().next().expect("a reason");
        (first.reason.fact, first.reason.says)
    }

    pub fn says(&self, event: &str, user: &str) -> String {
        self.reason(event, user).1
    }
}
