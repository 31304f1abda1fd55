//! The same events under two plans.

use banyan_engine::interchange::{Simulation, Step};
use serde::Serialize;

use crate::commands::events::{Ending, Events};

/// An event that one of the plans refuses and the other takes.
#[derive(Serialize)]
pub struct Refused {
    /// Line in the file of events, from 1.
    pub line: u64,
    /// Its id, `-` if it has none.
    pub event: String,
    /// By which plan.
    pub by: Which,
    /// Why.
    pub reason: String,
}

/// One of the two plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    Old,
    New,
}

/// Both runs, after the last event or the one that ended them.
pub struct Replayed {
    pub runs: [Simulation; 2],
    pub refused: Vec<Refused>,
    pub ending: Ending,
}

/// Feeds every line to both simulations. A strict run ends at the first line that either refuses.
pub fn replay(mut events: Events<'_>, lenient: bool, runs: [Simulation; 2]) -> anyhow::Result<Replayed> {
    let mut replayed = Replayed { runs, refused: Vec::new(), ending: Ending::Complete };
    let mut line = 0;
    while let Ending::Complete = replayed.ending {
        line += 1;
        let Some(text) = events.take_line()? else { break };
        let [old, new] = replayed.runs.each_mut().map(|run| refusal(run.take(text)));
        let (by, refusal) = match (old, new) {
            (None, None) => continue,
            // What both refuse makes no difference between them.
            (Some(_), Some(_)) if lenient => continue,
            (Some(refusal), _) => (Which::Old, refusal),
            (None, Some(refusal)) => (Which::New, refusal),
        };
        let (event, reason) = refusal;
        if lenient {
            replayed.refused.push(Refused { line, event, by, reason });
        } else {
            let message = format!("line {line}, event {event}, under the {} plan: {reason}", by.name());
            replayed.ending = Ending::Refused(message);
        }
    }
    events.close();
    Ok(replayed)
}

/// Id and reason of a refused event, whether its payment went back or nothing happened.
fn refusal(step: Step<'_>) -> Option<(String, String)> {
    match step {
        Step::Blank | Step::Applied(_) => None,
        Step::Returned(id, reason) => Some((id.into_owned(), reason.to_string())),
        Step::Refused(id, reason) => {
            Some((id.map_or("-".to_owned(), |id| id.into_owned()), reason.to_string()))
        }
    }
}

impl Which {
    /// `old` or `new`.
    pub const fn name(self) -> &'static str {
        match self {
            Which::Old => "old",
            Which::New => "new",
        }
    }
}
