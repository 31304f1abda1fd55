//! Every plan that ships, each with random histories of its own, and what a run over them prints.

use banyan_engine::Plan;
use banyan_engine::interchange::{Reason, Simulation, Step, print};

use crate::histories;
use crate::hostile::Hostile;
use crate::table::plan;

/// The plans under `config/plans/`.
pub const PLANS: [&str; 9] = [
    "autopool",
    "autopool-last-four",
    "autopool-second-referral",
    "metax",
    "rest-empire",
    "smm-panel",
    "variants/autopool-small",
    "variants/rest-empire-none",
    "variants/rest-empire-roll-up",
];

/// `n` well-formed lines for the plan of that name, of which a part must be refused.
pub fn history(name: &str, seed: u64, n: usize) -> Vec<String> {
    match name {
        "metax" => histories::metax(seed, n),
        "smm-panel" => histories::smm_panel(seed, n),
        _ if name.contains("rest-empire") => histories::rest_empire(seed, n),
        _ => autopool(plan(name), seed, n),
    }
}

fn autopool(plan: Plan, seed: u64, n: usize) -> Vec<String> {
    let mut hostile = Hostile::new(&plan, seed, if seed.is_multiple_of(3) { 500 } else { 0 });
    let mut simulation = Simulation::lenient(plan);
    let mut next = || {
        let line = hostile.next_line(&simulation);
        simulation.take(line.as_bytes());
        line
    };
    (0..n).map(|_| next()).collect()
}

/// The records of the simulation's last event, as printed.
pub fn printed(simulation: &Simulation, id: &str) -> String {
    let mut text = String::new();
    for record in simulation.records() {
        print::json(&mut text, id, record, &simulation.texts());
        text.push('\n');
    }
    text
}

/// Takes a line; what it printed, if it was not refused.
pub fn take(simulation: &mut Simulation, line: &str) -> Option<String> {
    match simulation.take(line.as_bytes()) {
        Step::Applied(id) | Step::Returned(id, _) => Some(printed(simulation, &id)),
        Step::Refused(_, Reason::Plan(_) | Reason::DuplicateId) => None,
        Step::Blank | Step::Refused(..) => panic!("the generators write well-formed events: {line}"),
    }
}
