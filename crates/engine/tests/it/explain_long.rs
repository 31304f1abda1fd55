//! Explanations of events that concern thousands: what is told of them is bounded, and so is the work.

use banyan_engine::Plan;
use banyan_engine::explain::{Chronicle, Explanation, explain_last};
use banyan_engine::interchange::{Simulation, Step};
use serde_json::Value;

use crate::story::Story;
use crate::table::plan;

/// The explanation of the last of `lines` for `user`.
fn last(plan: Plan, lines: &[String], user: &str) -> Explanation {
    let (mut simulation, mut chronicle) = (Simulation::lenient(plan), Chronicle::new());
    for (place, line) in lines.iter().enumerate() {
        let id: Value = serde_json::from_str(line).unwrap();
        if place + 1 == lines.len() {
            simulation.listen_for(id["id"].as_str().unwrap());
        }
        assert!(matches!(simulation.take(line.as_bytes()), Step::Applied(_)), "{line}");
        let event = *simulation.last_event().unwrap();
        chronicle.note(&event, true, simulation.records());
    }
    explain_last(&simulation, &chronicle, user)
}

#[test]
fn a_way_past_thousands_is_shortened() {
    let names: Vec<String> = (0..20_000).map(|n| format!("u{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let story = Story::new("rest-empire")
        .chain(&names, "")
        .pays(1, 2, "e1", "purchase", "u0", "100000")
        .pays(1, 2, "e2", "purchase", "u19999", "100000")
        .on(1, 17, "t", r#""type":"tick""#);
    let answer = last(plan("rest-empire"), &story.lines, "u0");
    let path = &answer.rewards.iter().find(|reward| reward.kind == "UNILEVEL").unwrap().path;
    assert_eq!((path.nodes.len(), path.omitted), (40, 19_960));
    let ends = [0, 2, 38, 39].map(|place: usize| {
        let node = &path.nodes[place];
        (node.above, node.user.as_str(), node.passed)
    });
    let passed = Some("inactive");
    assert_eq!(
        ends,
        [(0, "u19999", None), (2, "u19997", passed), (19_998, "u1", passed), (19_999, "u0", None)]
    );
}

#[test]
fn of_thousands_of_reasons_the_first_are_told() {
    let mut story = Story::new("variants/rest-empire-none").chain(&["a", "b"], "");
    for n in 0..10_000 {
        story = story.pays(3, 2, &format!("e{n}"), "purchase", "b", "100000");
    }
    let story = story.on(3, 17, "t", r#""type":"tick""#);
    let answer = last(plan(story.plan), &story.lines, "b");
    assert_eq!(answer.not_paid.len(), 50);
    assert!(answer.not_paid_omitted >= 19_950, "{}", answer.not_paid_omitted);
}

#[test]
fn where_the_shares_take_all_nothing_is_left_for_the_company() {
    let whole = "semantics = 1\nname = \"whole\"\n\n[currency]\nsymbol = \"EUR\"\ndecimals = 2\n\n[referral]\nshares = [\"100%\"]\n";
    let whole = Plan::from_toml(whole).unwrap();
    let story = Story::new("metax").chain(&["a", "b"], "").pays(1, 2, "e", "purchase", "b", "100");
    let answer = last(whole, &story.lines, "company");
    let reasons: Vec<(&str, &str)> =
        answer.not_paid.iter().map(|it| (it.rule, it.reason.says.as_str())).collect();
    assert_eq!(reasons, [("retained", "nothing of this event was left for the company")]);
}
