//! Plans that cannot owe more than came in, as the lint says by its silence.

use banyan_engine::interchange::{Simulation, Step};
use banyan_engine::lint::{Code, Options, lint};
use banyan_engine::random::random_autopool;
use banyan_types::Amount;

use crate::histories;
use crate::table::{plan, plan_text};

/// The lint is silent about these plans because it is so: no event leaves the company with less than nothing.
#[test]
fn plans_without_unfunded_promises_never_owe_more_than_came_in() {
    let pools = ["autopool", "autopool-last-four", "autopool-second-referral", "variants/autopool-small"];
    for name in pools {
        let events = random_autopool(&plan(name), 7, 20_000);
        never_owes(name, events.lines().map(str::to_owned));
    }
    never_owes("smm-panel", histories::smm_panel(7, 5_000).into_iter());
}

#[track_caller]
fn never_owes(name: &str, lines: impl Iterator<Item = String>) {
    let report = lint(&plan_text(name), &Options::default());
    assert!(report.findings.iter().all(|finding| finding.code != Code::PayoutAboveIncome));
    let mut simulation = Simulation::lenient(plan(name));
    let mut applied = 0;
    for line in lines {
        applied += usize::from(matches!(simulation.take(line.as_bytes()), Step::Applied(_)));
        assert!(simulation.machine().conservation().company >= Amount::ZERO, "{name}: {line}");
    }
    assert!(applied > 1_000, "{name}: {applied}");
}
