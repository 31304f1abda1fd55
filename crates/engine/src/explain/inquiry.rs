//! A question about one event of a run over lines: what `banyan why` asks.

use super::{Asked, Chronicle, Explanation, Naming, explain};
use crate::interchange::Simulation;
use crate::interchange::print::Texts;
use crate::{EventId, UserId};

/// A question that watches a run until it can be answered.
#[derive(Debug)]
pub struct Inquiry {
    event: String,
    user: String,
    chronicle: Chronicle,
    answer: Option<Explanation>,
}

impl Inquiry {
    /// A question to a run before its first line: what did this event bring this user, and why?
    pub fn new(simulation: &mut Simulation, event: &str, user: &str) -> Inquiry {
        simulation.listen_for(event);
        let (event, user) = (event.to_owned(), user.to_owned());
        Inquiry { event, user, chronicle: Chronicle::new(), answer: None }
    }

    /// Looks at the run after the event of this id was applied, or returned to its payer.
    pub fn look(&mut self, id: &str, applied: bool, simulation: &Simulation) {
        let event = simulation.last_event().expect("an event was applied or returned");
        self.chronicle.note(event, applied, simulation.records());
        if id == self.event {
            self.answer = Some(explain_last(simulation, &self.chronicle, &self.user));
        }
    }

    /// The answer, with what became of the event later; `None` if the event has not come.
    pub fn answer(self, simulation: &Simulation) -> Option<Explanation> {
        let mut answer = self.answer?;
        answer.look_back(&self.chronicle, &simulation.texts());
        Some(answer)
    }
}

/// Why the last event of a run that listened for it brought somebody what it brought.
///
/// # Panics
/// If no event was applied or returned yet.
pub fn explain_last(simulation: &Simulation, chronicle: &Chronicle, user: &str) -> Explanation {
    explain(&Asked {
        machine: simulation.machine(),
        told: &simulation.machine().told(),
        chronicle,
        event: simulation.last_event().expect("an event was applied or returned"),
        refusal: None,
        user: simulation.users().find(user),
        name: user,
        naming: &simulation.texts(),
    })
}

impl Naming for Texts<'_> {
    fn user(&self, user: UserId) -> String {
        self.users.name(user).to_owned()
    }

    fn event(&self, event: EventId) -> String {
        self.events.id(event).to_owned()
    }
}
