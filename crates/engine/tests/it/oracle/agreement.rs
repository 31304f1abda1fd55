//! Engine and model, line by line over the same histories: the same verdicts, the same records as multisets, the same
//! balances.

use std::collections::BTreeMap;

use banyan_engine::interchange::{Reason, Simulation, Step, print};
use serde_json::Value;

use super::{Book, Model, Verdict};
use crate::histories;
use crate::table::plan;

/// What the engine makes of a line.
fn engine_takes(simulation: &mut Simulation, line: &str) -> Verdict {
    match simulation.take(line.as_bytes()) {
        Step::Applied(id) => Verdict::Applied(printed(simulation, &id)),
        Step::Returned(id, _) => Verdict::Returned(printed(simulation, &id)),
        Step::Refused(_, Reason::Plan(_) | Reason::DuplicateId) => Verdict::Refused(""),
        Step::Blank | Step::Refused(..) => panic!("well formed: {line}"),
    }
}

/// The records of the last event as canonical JSON, sorted.
fn printed(simulation: &Simulation, id: &str) -> Vec<String> {
    let canonical = |record| {
        let mut text = String::new();
        print::json(&mut text, id, record, &simulation.texts());
        let fields: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        serde_json::to_string(&fields).unwrap()
    };
    let mut records: Vec<String> = simulation.records().iter().map(canonical).collect();
    records.sort();
    records
}

fn assert_balances(simulation: &Simulation, book: &Book) {
    let machine = simulation.machine();
    for (name, payable) in &book.payable {
        let user = simulation.users().find(name).unwrap();
        assert_eq!(machine.balances(user).payable.units(), *payable, "payable of {name}");
    }
    let sums = machine.conservation();
    assert!(sums.holds());
    assert_eq!(machine.recount(), sums);
    assert_eq!(sums.money_in.units(), book.money_in);
    assert_eq!(sums.money_out.units(), book.money_out);
    assert_eq!(sums.payable.units(), book.payable.values().sum::<i128>());
    assert_eq!(sums.company.units(), book.company);
    assert_eq!(sums.pending.units(), book.pending);
    assert_eq!(sums.staked.units(), book.staked);
}

/// Feeds both with these lines and returns all records.
#[track_caller]
pub fn agree(plan_name: &str, lenient: bool, lines: &[String]) -> String {
    let plan = plan(plan_name);
    let mut simulation = if lenient { Simulation::lenient(plan) } else { Simulation::new(plan) };
    let mut model = Model::new(plan_name, lenient);
    let mut all = String::new();
    for (number, line) in lines.iter().enumerate() {
        let expected = match model.take(line) {
            Verdict::Refused(_) => Verdict::Refused(""),
            taken => taken,
        };
        let got = engine_takes(&mut simulation, line);
        assert_eq!(got, expected, "{plan_name}, left the engine:\n{}", lines[..=number].join("\n"));
        if let Verdict::Applied(records) | Verdict::Returned(records) = got {
            all.extend(records.iter().flat_map(|record| [record.as_str(), "\n"]));
        }
    }
    assert_balances(&simulation, &model.book);
    all
}

/// 300 histories of 300 lines; what must have happened in them, or they prove nothing.
fn agree_on_random_histories(plan: &str, history: fn(u64, usize) -> Vec<String>, met: &[&str]) {
    let run = |seed: u64| agree(plan, !seed.is_multiple_of(4), &history(seed, 300));
    let all: String = (0..300).map(run).collect();
    for word in met {
        let often = all.matches(&format!("\"{word}\"")).count();
        assert!(often >= 20, "{word} only {often} times");
    }
}

const SALES: [&str; 12] = [
    "REFUSED",
    "vested",
    "UNILEVEL",
    "RETAINED",
    "INFINITY",
    "Jade",
    "Emerald",
    "Diamond",
    "Green Diamond",
    "Red Diamond",
    "Black Diamond",
    "Ultima Diamond",
];

#[test]
fn rest_empire_agrees_with_the_independent_model() {
    agree_on_random_histories("rest-empire", histories::rest_empire, &SALES);
}

#[test]
fn rest_empire_without_compression_agrees_with_the_independent_model() {
    agree_on_random_histories("variants/rest-empire-none", histories::rest_empire, &SALES);
}

#[test]
fn rest_empire_with_roll_up_agrees_with_the_independent_model() {
    agree_on_random_histories("variants/rest-empire-roll-up", histories::rest_empire, &SALES);
}

#[test]
fn metax_agrees_with_the_independent_model() {
    let met = ["REFUSED", "DIRECT", "LEVEL", "RETAINED", "STAKING", "PRINCIPAL"];
    agree_on_random_histories("metax", histories::metax, &met);
}

#[test]
fn smm_panel_agrees_with_the_independent_model() {
    agree_on_random_histories("smm-panel", histories::smm_panel, &["REFUSED", "DIRECT", "order"]);
}
