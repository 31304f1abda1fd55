//! Snapshots: a run that stopped and went on is the run that never stopped, and nothing but a whole snapshot of the
//! same plan is gone on from.

use banyan_engine::Plan;
use banyan_engine::interchange::Simulation;
use banyan_engine::random::{Numbers, random_autopool};
use banyan_engine::snapshot::{self, Progress, SnapshotError};
use banyan_types::keccak256;

use crate::shipped::{PLANS, history, take};
use crate::table::plan;

const HEAD: usize = 56;
const CHECKSUM: usize = 32;

fn progress(lines: usize) -> Progress {
    Progress { lines: lines as u64, last: [7; 32] }
}

/// What every line of a lenient run printed, and the run.
fn run(mut simulation: Simulation, lines: &[String]) -> (String, Simulation) {
    let printed = lines.iter().filter_map(|line| take(&mut simulation, line)).collect();
    (printed, simulation)
}

/// A run that stopped after each of `cuts` lines, was written, and went on from what was read.
fn run_with_stops(name: &str, lines: &[String], cuts: &[usize]) -> (String, Simulation) {
    let plan = plan(name);
    let mut simulation = Simulation::lenient(plan.clone());
    let (mut all, mut done) = (String::new(), 0);
    for cut in cuts {
        let (text, stopped) = run(simulation, &lines[done..*cut]);
        let bytes = snapshot::write(&stopped, &progress(*cut));
        let (resumed, read) =
            snapshot::read(&bytes, plan.clone()).unwrap_or_else(|err| panic!("{name}: {err}"));
        assert_eq!(read, progress(*cut));
        assert!(resumed.machine() == stopped.machine(), "{name}: nothing is lost");
        assert_eq!(snapshot::write(&resumed, &read), bytes, "{name}: the same state has the same bytes");
        (all, done, simulation) = (all + &text, *cut, resumed.judging(true));
    }
    let (text, simulation) = run(simulation, &lines[done..]);
    (all + &text, simulation)
}

#[test]
fn a_run_that_stopped_goes_on_as_if_it_had_not() {
    for name in PLANS {
        for seed in 1..=4 {
            let lines = history(name, seed, 700);
            let (all, whole) = run(Simulation::lenient(plan(name)), &lines);
            assert!(all.len() > 10_000, "{name}: hardly anything happened");
            let mut numbers = Numbers::new(seed);
            let mut cuts: Vec<usize> = (0..8).map(|_| numbers.below(701) as usize).collect();
            cuts.sort_unstable();
            let (again, resumed) = run_with_stops(name, &lines, &cuts);
            assert!(all == again, "{name}, seed {seed}, cut at {cuts:?}");
            let end = progress(lines.len());
            assert!(snapshot::write(&whole, &end) == snapshot::write(&resumed, &end), "{name}, seed {seed}");
        }
    }
}

#[test]
fn every_moment_of_a_history_can_be_gone_on_from() {
    for name in PLANS {
        let lines = history(name, 9, 150);
        let (all, _) = run(Simulation::lenient(plan(name)), &lines);
        let everywhere: Vec<usize> = (0..=lines.len()).collect();
        assert!(run_with_stops(name, &lines, &everywhere).0 == all, "{name}");
    }
}

/// A small run under a plan, as a snapshot.
fn small(name: &str, n: usize) -> Vec<u8> {
    let (_, simulation) = run(Simulation::lenient(plan(name)), &history(name, 2, n));
    snapshot::write(&simulation, &progress(n))
}

fn refusal(bytes: &[u8], plan: Plan) -> SnapshotError {
    match snapshot::read(bytes, plan) {
        Err(err) => err,
        Ok(_) => panic!("taken"),
    }
}

/// Gives changed bytes the checksum that fits them.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - CHECKSUM;
    let checksum = keccak256(&bytes[..end]);
    bytes[end..].copy_from_slice(checksum.as_slice());
    bytes
}

#[test]
fn every_flipped_bit_is_noticed() {
    for name in PLANS {
        let (bytes, plan) = (small(name, 25), plan(name));
        assert!(snapshot::read(&bytes, plan.clone()).is_ok());
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[place] ^= 1 << bit;
                assert!(snapshot::read(&changed, plan.clone()).is_err(), "{name}: byte {place}, bit {bit}");
            }
        }
    }
}

#[test]
fn what_is_not_whole_is_refused_by_its_length() {
    let bytes = small("metax", 30);
    for end in 0..bytes.len() {
        let err = refusal(&bytes[..end], plan("metax"));
        let expected = if end < 8 { "expected a snapshot, got something else" } else { "truncated" };
        assert!(err.to_string().contains(expected), "{end}: {err}");
    }
    let longer = [&bytes[..], b"\n"].concat();
    let (expected, came) = (bytes.len() as u64, bytes.len() as u64 + 1);
    assert_eq!(refusal(&longer, plan("metax")), SnapshotError::Length { expected, came });
}

#[test]
fn what_is_foreign_is_refused_by_name() {
    let bytes = small("rest-empire", 30);
    let edit = |place: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[place] = byte;
        sealed(changed)
    };
    for other in [&b""[..], b"{}", b"SQLite format 3\0", &[0; 400]] {
        assert_eq!(refusal(other, plan("rest-empire")), SnapshotError::Foreign);
    }
    assert_eq!(refusal(&edit(8, 2), plan("rest-empire")), SnapshotError::Version { came: 2 });
    let semantics = SnapshotError::Semantics { expected: 1, came: 2 };
    assert_eq!(refusal(&edit(12, 2), plan("rest-empire")), semantics);
    let other = refusal(&bytes, plan("variants/rest-empire-none"));
    let (expected, came) = (plan("variants/rest-empire-none").hash(), plan("rest-empire").hash());
    assert_eq!(other, SnapshotError::Plan { expected, came });
    assert!(other.to_string().contains(&came.to_string()), "{other}");
    let mut unsealed = bytes.clone();
    unsealed[HEAD + 40] ^= 1;
    assert_eq!(refusal(&unsealed, plan("rest-empire")), SnapshotError::Corrupt);
}

/// One change of a payload: a byte set, bytes removed, bytes repeated, or one number moved elsewhere.
fn mutate(payload: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(payload.len() as u64) as usize;
    let length = 1 + numbers.below(6) as usize;
    let end = (at + length).min(payload.len());
    match numbers.below(6) {
        0 => payload[at] ^= 1 << numbers.below(8),
        1 => payload[at] = numbers.below(256) as u8,
        2 => payload[at] = payload[at].wrapping_add(1),
        3 => drop(payload.drain(at..end)),
        4 => {
            let copy = payload[at..end].to_vec();
            payload.splice(at..at, copy);
        }
        _ => {
            let other = numbers.below(payload.len() as u64) as usize;
            payload.swap(at, other);
        }
    }
}

/// Whatever a crafted file with a good checksum holds, it is refused or makes a machine that goes on without a panic.
#[test]
fn a_crafted_state_is_refused_or_works() {
    let (mut refused, mut taken) = (0, 0);
    let mut numbers = Numbers::new(42);
    for name in PLANS {
        let (lines, plan) = (history(name, 5, 160), plan(name));
        let (_, simulation) = run(Simulation::lenient(plan.clone()), &lines[..100]);
        let bytes = snapshot::write(&simulation, &progress(100));
        for _ in 0..1_000 {
            let mut payload = bytes[HEAD..bytes.len() - CHECKSUM].to_vec();
            (0..=numbers.below(3)).for_each(|_| mutate(&mut payload, &mut numbers));
            let mut head = bytes[..HEAD].to_vec();
            head[HEAD - 8..].copy_from_slice(&(payload.len() as u64).to_le_bytes());
            let crafted = sealed([head, payload, vec![0; CHECKSUM]].concat());
            let Ok((resumed, progress)) = snapshot::read(&crafted, plan.clone()) else {
                refused += 1;
                continue;
            };
            taken += 1;
            assert_eq!(snapshot::write(&resumed, &progress), crafted, "one state, one form");
            assert!(resumed.machine().recount().holds());
            let (_, later) = run(resumed.judging(true), &lines[100..]);
            assert_eq!(later.machine().recount(), later.machine().conservation());
        }
    }
    assert!(refused > 3_000 && taken > 300, "{refused} refused, {taken} taken");
}

/// Bytes of a snapshot for each participant, names and ids included.
fn bytes_each(name: &str, lines: &[String]) -> usize {
    let (_, simulation) = run(Simulation::new(plan(name)), lines);
    let people = simulation.texts().users;
    let participants = lines.iter().filter(|line| line.contains("registered")).count();
    assert!(people.find("p1").is_some());
    snapshot::write(&simulation, &progress(0)).len() / participants
}

#[test]
fn a_participant_takes_a_few_dozen_bytes() {
    let lines = random_autopool(&plan("autopool"), 1, 20_000);
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    let autopool = bytes_each("autopool", &lines);
    let line =
        |id: u32, fields: String| format!(r#"{{"id":"e{id}","at":"2026-01-01T00:00:00Z","type":{fields}}}"#);
    let both = |user: u32| {
        let sponsor = if user == 1 { "company".to_owned() } else { format!("p{}", user / 2) };
        let registered = format!(r#""registered","user":"p{user}","sponsor":"{sponsor}""#);
        let purchase = format!(r#""purchase","user":"p{user}","amount":"{}""#, user * 100);
        [line(2 * user, registered), line(2 * user + 1, purchase)]
    };
    let lines: Vec<String> = (1..5_000).flat_map(both).collect();
    let rest_empire = bytes_each("rest-empire", &lines);
    assert!(autopool <= 32 && rest_empire <= 27, "{autopool} and {rest_empire} bytes");
}
