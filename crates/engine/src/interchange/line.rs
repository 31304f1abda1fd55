//! Lines that were read but not yet judged, so that what many of them will look up is looked up side by side.
//!
//! Names and ids lie all over memory, and each answer takes long (see [`Machine::foresee`]): one line after the other,
//! a third of the time of a simulation of a million participants went into waiting for them.

use std::hint::black_box;

use banyan_types::Amount;

use super::decode::Fields;
use super::simulation::{MAX_LINE, Reason, Simulation};
use crate::{Event, EventBody, EventId, Machine, UserId};

/// A line, split into its members; what they mean is [`Simulation::judge`]'s.
#[derive(Debug)]
pub struct Line<'a>(pub(super) Content<'a>);

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly every line is the large variant")]
pub(super) enum Content<'a> {
    Blank,
    Faulty(Reason),
    Object(Fields<'a>),
}

impl<'a> Line<'a> {
    /// Reads a line, without its line feed. Of a line longer than [`MAX_LINE`] any longer beginning will do.
    pub fn read(line: &'a [u8]) -> Line<'a> {
        if line.len() > MAX_LINE {
            return Line(Content::Faulty(Reason::TooLong));
        }
        if line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
            return Line(Content::Blank);
        }
        Line(match Fields::read(line) {
            Ok(fields) => Content::Object(fields),
            Err(err) => Content::Faulty(err.into()),
        })
    }

    /// Id, user and sponsor.
    fn texts(&self) -> [Option<&str>; 3] {
        match &self.0 {
            Content::Object(fields) => fields.texts(),
            Content::Blank | Content::Faulty(_) => [None; 3],
        }
    }
}

impl Simulation {
    /// How many lines to look ahead at.
    pub const AHEAD: usize = Machine::AHEAD;

    /// Looks up what the next lines will need, at most [`Simulation::AHEAD`] of them: after this they are judged the
    /// faster. It decides nothing and changes nothing, whatever the lines say.
    pub fn foresee(&self, lines: &[Line<'_>]) {
        let lines = &lines[..lines.len().min(Simulation::AHEAD)];
        let mut events = [NOTHING; Simulation::AHEAD];
        let mut seen = 0;
        for (event, line) in events.iter_mut().zip(lines) {
            let [id, user, sponsor] = line.texts();
            seen ^= id.and_then(|id| self.events().likely(id)).unwrap_or(0);
            let [user, sponsor] = [user, sponsor].map(|name| name.map(|name| self.likely(name)));
            event.body = likely_body(user, sponsor);
        }
        // The texts only now: each is found by its number, and these have just come together.
        for event in &events[..lines.len()] {
            if let EventBody::Registered { user: known, sponsor: other, .. } = event.body {
                seen ^= self.users().first_letter(known) ^ self.users().first_letter(other);
            } else if let EventBody::Retopup { user, .. } = event.body {
                seen ^= self.users().first_letter(user);
            }
        }
        // Nothing is done with what was read: the reading is what counts.
        black_box(seen);
        self.machine().foresee(&events[..lines.len()]);
    }

    /// The user of that name if there is one: nearly always so.
    fn likely(&self, name: &str) -> UserId {
        self.users().likely(name).map_or(UserId::COMPANY, UserId)
    }
}

const NOTHING: Event = Event { id: EventId::NONE, at: 0, body: EventBody::Tick };

/// Something that looks at these users as the line's event will: who has a sponsor registers, and who has none is
/// looked at with all above.
fn likely_body(user: Option<UserId>, sponsor: Option<UserId>) -> EventBody {
    match (user, sponsor) {
        (Some(user), Some(sponsor)) => EventBody::Registered { user, sponsor, amount: None },
        (Some(user), None) => EventBody::Retopup { user, amount: Amount::ZERO },
        (None, _) => EventBody::Tick,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Plan;

    const LINES: [&str; 9] = [
        r#"{"id":"e1","at":"2026-01-01T00:00:01Z","type":"registered","user":"ann","sponsor":"company","amount":"20000000000000000000"}"#,
        " ",
        r#"{"id":"e2","at":"2026-01-01T00:00:02Z","type":"registered","user":"bob","sponsor":"ann","amount":"20000000000000000000"}"#,
        r#"{"id":"e2","at":"2026-01-01T00:00:02Z","type":"retopup","user":"bob","amount":"40000000000000000000"}"#,
        r#"{"id":"e3","at":"2026-01-01T00:00:02Z","type":"retopup","user":"eve","amount":"40000000000000000000"}"#,
        r#"{"id":"e4","at":"2026-01-01T00:00:03Z","type":"retopup","user":"ann","amount":"40000000000000000000"}"#,
        r#"{"id":5,"user":null}"#,
        r#"{"id":"e6""#,
        r#"{"id":"e7","at":"2026-01-01T00:00:04Z","type":"wind_up"}"#,
    ];

    fn simulation() -> Simulation {
        let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/plans/autopool.toml");
        Simulation::new(Plan::from_toml(&std::fs::read_to_string(plan).unwrap()).unwrap())
    }

    #[test]
    fn lines_do_the_same_whether_foreseen_or_not() {
        let (mut ahead, mut alone) = (simulation(), simulation());
        let lines: Vec<Line<'_>> = LINES.iter().map(|line| Line::read(line.as_bytes())).collect();
        let many: Vec<Line<'_>> = LINES.iter().cycle().take(200).map(|l| Line::read(l.as_bytes())).collect();
        for (line, text) in lines.iter().zip(LINES) {
            ahead.foresee(&many);
            assert_eq!(ahead.judge(line), alone.take(text.as_bytes()), "{text}");
            assert_eq!(ahead.records(), alone.records(), "{text}");
        }
        assert_eq!(ahead.machine(), alone.machine());
        let taken: Vec<_> = (0..ahead.events().len()).map(|n| ahead.events().id(EventId(n))).collect();
        assert_eq!(taken, ["e1", "e2", "e4", "e7"]);
        assert_eq!(
            ahead.users().users().map(|(_, name)| name).collect::<Vec<_>>(),
            ["company", "ann", "bob"]
        );
    }
}
