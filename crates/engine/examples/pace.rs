//! What `cargo xtask bench engine` runs: histories of any size through the engine alone, or into a file of lines.
//!
//! Each command prints one JSON object; times are whole nanoseconds of this thread's processor time, which other
//! programs on the machine disturb less than the time on the wall. Events are made ready in portions while the clock
//! stands, so that only [`Machine::foresee`] and [`Machine::apply`] are timed.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use banyan_engine::random::{Crowd, Shape, write_line};
use banyan_engine::{Event, EventBody, Machine, Plan};
use banyan_types::Amount;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Events made ready at a time: few enough to stay in the processor's cache, as in a stream.
const PORTION: usize = 1024;
/// Events applied to a tree that has reached its size.
const WINDOW: usize = 400 * PORTION;
/// Purchases, so far apart that they take a hundred days: all vest, and months are shared out.
const PURCHASES: usize = 200 * PORTION;
const BETWEEN: i64 = 100 * 86_400 / PURCHASES as i64;
/// The largest purchase: 1,000 EUR.
const MOST: u64 = 100_000;
const SEED: u64 = 1;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["autopool", people] => autopool(people.parse()?),
        ["purchases", depth, people] => purchases(depth.parse()?, people.parse()?),
        ["lines", people, file] => lines(people.parse()?, Path::new(file)),
        _ => Err("expected `autopool PEOPLE`, `purchases DEPTH PEOPLE` or `lines PEOPLE FILE`".into()),
    }
}

fn plan(name: &str) -> Outcome<Plan> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/plans");
    Ok(Plan::from_toml(&std::fs::read_to_string(folder.join(name))?)?)
}

/// Lets a tree grow from nothing, and then goes on for a while.
fn autopool(people: u32) -> Outcome {
    let plan = plan("autopool.toml")?;
    let mut crowd = Crowd::new(Shape::Anybody, SEED);
    let mut growing = Run::new(Machine::new(plan.clone()));
    while crowd.people() < people {
        growing.portion(|| crowd.autopool(&plan))?;
    }
    let (events, took, in_all) = (growing.events, growing.took, growing.machine.conservation().money_in);
    let mut grown = Run::new(growing.machine);
    while grown.events < WINDOW {
        grown.portion(|| crowd.autopool(&plan))?;
    }
    grown.check()?;
    let report = json!({
        "growing": { "events": events, "ns": took },
        "grown": { "events": grown.events, "ns": grown.took },
        "money_in": in_all,
    });
    println!("{report}");
    Ok(())
}

/// Lets a crowd of so many layers buy. Everything that purchases lead to is timed with them: shares, ranks, months.
fn purchases(depth: u32, people: u32) -> Outcome {
    let plan = plan("rest-empire.toml")?;
    let mut crowd = Crowd::new(Shape::Layers(depth), SEED);
    let mut run = Run::new(Machine::new(plan));
    while crowd.people() < people {
        run.machine.apply(&crowd.join(None))?;
    }
    let mut depths = 0;
    while run.events < PURCHASES {
        run.portion(|| {
            let event = crowd.purchase(BETWEEN, MOST);
            if let EventBody::Purchase { user, .. } = event.body {
                depths += u64::from((user.0 - 1) % depth + 1);
            }
            event
        })?;
    }
    let events = run.events;
    run.timed(&[crowd.tick(100 * 86_400)])?;
    run.check()?;
    let report = json!({
        "events": events,
        "ns": run.took,
        "depths": depths,
    });
    println!("{report}");
    Ok(())
}

/// Nanoseconds of processor time that this thread has used.
fn now() -> i64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// A machine, and how long its events took.
struct Run {
    machine: Machine,
    events: usize,
    took: i64,
}

impl Run {
    fn new(machine: Machine) -> Run {
        Run { machine, events: 0, took: 0 }
    }

    fn portion(&mut self, mut next: impl FnMut() -> Event) -> Outcome {
        let events: Vec<Event> = (0..PORTION).map(|_| next()).collect();
        self.timed(&events)
    }

    fn timed(&mut self, events: &[Event]) -> Outcome {
        let start = now();
        for portion in events.chunks(Machine::AHEAD) {
            self.machine.foresee(portion);
            for event in portion {
                self.machine.apply(event)?;
            }
        }
        self.took += now() - start;
        self.events += events.len();
        Ok(())
    }

    /// Whether the accounts add up to what the running totals say, and those to what came in.
    fn check(&self) -> Outcome {
        let counted = self.machine.recount();
        if counted == self.machine.conservation() && counted.holds() {
            Ok(())
        } else {
            Err(format!("expected every unit on one account, counted {counted:?}").into())
        }
    }
}

/// The history that [`autopool`] grows a tree by, as lines of the interchange format.
fn lines(people: u32, file: &Path) -> Outcome {
    let plan = plan("autopool.toml")?;
    let mut crowd = Crowd::new(Shape::Anybody, SEED);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let mut depths: Vec<u32> = vec![0];
    let (mut text, mut events, mut money_in) = (String::new(), 0usize, Amount::ZERO);
    while crowd.people() < people {
        for _ in 0..PORTION {
            let event = crowd.autopool(&plan);
            if let EventBody::Registered { sponsor, .. } = event.body {
                depths.push(depths[sponsor.0 as usize] + 1);
            }
            if let Some((_, amount)) = event.body.payment() {
                money_in = money_in.checked_add(amount).ok_or("expected less money")?;
            }
            events += 1;
            write_line(&mut text, events, &event);
        }
        out.write_all(text.as_bytes())?;
        text.clear();
    }
    out.flush()?;
    let depths: u64 = depths.iter().map(|depth| u64::from(*depth)).sum();
    let report =
        json!({ "people": crowd.people(), "events": events, "depths": depths, "money_in": money_in });
    println!("{report}");
    Ok(())
}
