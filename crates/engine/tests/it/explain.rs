//! Explanations: they say exactly what was paid, every sum can be computed again, and every reason for nothing is true.

use std::collections::BTreeSet;

use banyan_engine::explain::{Chronicle, Explanation, explain_last};
use banyan_engine::interchange::{Simulation, Step};
use banyan_engine::random::random_autopool;
use banyan_engine::{Plan, Record};
use serde_json::Value;

use crate::histories;
use crate::table::plan;

/// Lets every event of a history tell, and shows each to `look`.
fn replay<'a>(
    plan: Plan,
    lines: impl Iterator<Item = &'a str>,
    mut look: impl FnMut(&str, &Simulation, &Chronicle),
) {
    let (mut simulation, mut chronicle) = (Simulation::lenient(plan), Chronicle::new());
    for line in lines {
        let id = serde_json::from_str::<Value>(line)
            .ok()
            .and_then(|line| Some(line.get("id")?.as_str()?.to_owned()));
        simulation.listen_for(id.as_deref().unwrap_or(""));
        let applied = match simulation.take(line.as_bytes()) {
            Step::Applied(_) => true,
            Step::Returned(..) => false,
            Step::Blank | Step::Refused(..) => continue,
        };
        let event = *simulation.last_event().unwrap();
        chronicle.note(&event, applied, simulation.records());
        look(&id.unwrap(), &simulation, &chronicle);
    }
}

/// Everybody whom a history names, whether she takes part or not.
fn everybody(lines: &[String]) -> BTreeSet<String> {
    let events = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let named = events.filter_map(|event| Some(event.get("user")?.as_str()?.to_owned()));
    named.chain(["company".to_owned()]).collect()
}

/// The rewards of the records and those of the explanations of all users are the same, and so are the reserves.
fn assert_same_rewards(id: &str, simulation: &Simulation, answers: &[Explanation]) {
    let users = simulation.users();
    let mut recorded: Vec<String> = Vec::new();
    for record in simulation.records() {
        match record {
            Record::Reward(reward) => {
                let (to, source) = (users.name(reward.to), users.name(reward.source));
                let (kind, state, amount) = (reward.kind.name(), reward.state.name(), reward.amount);
                let (level, depth) = (reward.level(), reward.depth());
                recorded.push(format!("{kind} {to} {amount} {source} {state} {level:?} {depth:?}"));
            }
            Record::Reserve(reserve) => {
                let (user, seat) = (users.name(reserve.user), reserve.seat);
                recorded.push(format!("{user} {} {} {}", seat.index, reserve.spent, reserve.released));
            }
            Record::Seat(_)
            | Record::Completed(_)
            | Record::Vested { .. }
            | Record::Rank { .. }
            | Record::Order(_) => {}
        }
    }
    let mut explained: Vec<String> = Vec::new();
    for answer in answers {
        let to = &answer.user;
        explained.extend(answer.rewards.iter().map(|reward| {
            let (kind, state, amount, source) = (reward.kind, reward.state, reward.amount, &reward.source);
            format!("{kind} {to} {amount} {source} {state} {:?} {:?}", reward.level, reward.depth)
        }));
        explained.extend(
            answer.reserves.iter().map(|it| format!("{to} {} {} {}", it.seat.index, it.spent, it.released)),
        );
    }
    recorded.sort();
    explained.sort();
    assert_eq!(explained, recorded, "event {id}");
}

/// Every step's result is what its parts come to, and the last is the amount.
fn assert_sums(id: &str, answer: &Explanation) {
    for reward in &answer.rewards {
        for step in &reward.arithmetic {
            assert_eq!(step.recompute(), Some(step.result()), "event {id}: {step:?}");
        }
        let last = reward.arithmetic.last().map(|step| step.result());
        assert_eq!(last, Some(reward.amount), "event {id}: {reward:?}");
    }
    for reserve in &answer.reserves {
        let last = reserve.arithmetic.last().expect("a reserve's arithmetic");
        assert_eq!(last.recompute(), Some(last.result()), "event {id}: {last:?}");
        assert_eq!(last.result(), reserve.released, "event {id}: {reserve:?}");
    }
}

/// Who got nothing hears why, and who got something is not told that the same rule gave her nothing of the same.
fn assert_reasons(id: &str, answer: &Explanation) {
    let nothing = !answer.is_rewarded();
    assert!(!nothing || !answer.not_paid.is_empty(), "event {id}: no reason for {}", answer.user);
    for line in answer.not_paid.iter().map(|not_paid| &not_paid.reason.says) {
        assert!(!line.is_empty() && !line.ends_with('.'), "event {id}: {line:?}");
    }
}

/// Checks every event of a history for everybody; what was explained comes back as one text of words to look for.
fn check(plan: Plan, lines: &[String]) -> String {
    let mut all = String::new();
    let everybody = everybody(lines);
    replay(plan, lines.iter().map(String::as_str), |id, simulation, chronicle| {
        let answers: Vec<Explanation> =
            everybody.iter().map(|user| explain_last(simulation, chronicle, user)).collect();
        assert_same_rewards(id, simulation, &answers);
        for answer in &answers {
            assert_sums(id, answer);
            assert_reasons(id, answer);
            all.push_str(&serde_json::to_string(answer).unwrap());
        }
    });
    all
}

/// What must have occurred somewhere, so that a history without the rare cases is no proof.
fn assert_seen(all: &str, words: &[&str]) {
    for word in words {
        assert!(all.contains(&format!("\"{word}\"")), "{word} did not occur");
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_reward_of_the_pool_is_explained_to_the_wei() {
    let small = plan("variants/autopool-small");
    let mut all = check(small.clone(), &lines(&random_autopool(&small, 1, 300)));
    let plan_ = plan("autopool");
    all.push_str(&check(plan_.clone(), &lines(&random_autopool(&plan_, 2, 150))));
    assert_seen(
        &all,
        &[
            "DIRECT",
            "POOL_L1",
            "POOL_L2",
            "POOL_L3",
            "POOL_BREAKAGE",
            "POOL_COMPANY",
            "LEVEL",
            "GRANT",
            "LEVEL_BREAKAGE",
            "COMPANY_FEE",
            "SEAT_REFUND",
            "reserved",
            "board_complete",
            "seat_above",
            "no_seat",
            "earlier_retopup",
            "nobody_there",
            "ineligible",
            "all_trees_full",
            "no_earlier_retopup",
            "no_seat_above",
            "seat_too_far",
            "not_the_sponsor",
            "own_payment",
            "not_above",
        ],
    );
}

#[test]
fn every_reward_of_the_second_referral_is_explained_to_the_wei() {
    let plan = plan("autopool-second-referral");
    let all = check(plan.clone(), &lines(&random_autopool(&plan, 3, 200)));
    assert_seen(&all, &["DIRECT", "COMPANY_FEE", "POOL_L1", "referral_number", "seat_instead"]);
}

#[test]
fn every_reward_of_rest_empire_is_explained_to_the_cent() {
    let mut all = String::new();
    for (name, seed) in
        [("rest-empire", 1), ("variants/rest-empire-none", 2), ("variants/rest-empire-roll-up", 3)]
    {
        all.push_str(&check(plan(name), &histories::rest_empire(seed, 350)));
    }
    assert_seen(
        &all,
        &[
            "UNILEVEL",
            "RETAINED",
            "RANK",
            "INFINITY",
            "active_by",
            "legs",
            "rank_share",
            "total",
            "gap",
            "inactive",
            "not_vested",
            "refunded",
            "rank_not_reached",
            "rank_without_share",
            "nothing_bought_below",
            "own_payment",
            "not_above",
            "REFUSED",
        ],
    );
}

#[test]
fn every_reward_of_metax_is_explained_to_the_unit() {
    let all = check(plan("metax"), &histories::metax(1, 400));
    assert_seen(
        &all,
        &[
            "DIRECT",
            "LEVEL",
            "RETAINED",
            "STAKING",
            "PRINCIPAL",
            "interest",
            "set_inactive",
            "no_position",
            "same_day",
            "first_day",
            "REFUSED",
            "payment_refused",
        ],
    );
}

#[test]
fn every_reward_of_the_panel_is_explained_to_the_dong() {
    let all = check(plan("smm-panel"), &histories::smm_panel(1, 300));
    assert_seen(&all, &["DIRECT", "sponsor_of", "not_the_sponsor", "nothing_to_pay", "REFUSED"]);
}

#[test]
fn listening_changes_nothing() {
    for (name, lines) in [
        ("autopool", lines(&random_autopool(&plan("autopool"), 5, 300))),
        ("rest-empire", histories::rest_empire(5, 300)),
        ("metax", histories::metax(5, 200)),
    ] {
        let mut plain = Simulation::lenient(plan(name));
        let mut told = Vec::new();
        replay(plan(name), lines.iter().map(String::as_str), |_, simulation, _| {
            told.push((simulation.records().to_vec(), simulation.machine().clone()));
        });
        let mut told = told.into_iter();
        for line in &lines {
            if let Step::Applied(_) | Step::Returned(..) = plain.take(line.as_bytes()) {
                let (records, machine) = told.next().unwrap();
                assert_eq!(plain.records(), records);
                assert!(*plain.machine() == machine, "listening is no state");
            }
        }
        assert!(told.next().is_none());
    }
}
