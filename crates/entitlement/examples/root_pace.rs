//! How long the root takes after 200 changes in a tree of a million, on the wall and in processor time:
//! `cargo run --release -p banyan-entitlement --example root_pace`.

use std::time::{Duration, Instant};

use banyan_entitlement::merkle::{Tree, leaf};
use banyan_entitlement::{ContractPlan, Entitlements, Plans};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};
use rustix::time::{ClockId, clock_gettime};

const ACCOUNTS: u64 = 1_000_000;
const CHANGES: u64 = 200;
const RUNS: u64 = 101;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut tree = Tree::new((0..ACCOUNTS).map(|n| (wallet(n), wei(n))));
    println!("a tree of {ACCOUNTS} built in {:?}", start.elapsed());
    report(
        "200 changed leaves anywhere",
        runs(|run| {
            let at = |n: u64| mixed(run * CHANGES + n) % ACCOUNTS;
            let changes: Vec<_> = (0..CHANGES).map(|n| (at(n), wei(run + n))).collect();
            timed(|| {
                tree.update(
                    ACCOUNTS as usize,
                    changes.into_iter().map(|(at, sum)| (at as usize, leaf(wallet(at), sum))),
                );
                tree.root()
            })
        }),
    );
    let mut history = Entitlements::new(plans()?);
    let plan = history_of(&mut history, ACCOUNTS)?;
    let start = Instant::now();
    history.root();
    println!("a history of {ACCOUNTS} registrations: the first root in {:?}", start.elapsed());
    let mut next = ACCOUNTS;
    report(
        "the root after the next 50 registrations (about 200 changes)",
        runs(|_| {
            for _ in 0..50 {
                next += 1;
                history.apply(&registration(next, plan)).expect("a registration");
            }
            timed(|| history.root())
        }),
    );
    Ok(())
}

/// Wall and processor time of one run.
type Times = [Duration; 2];

fn timed<R>(work: impl FnOnce() -> R) -> Times {
    let (start, busy) = (Instant::now(), busy());
    std::hint::black_box(work());
    [start.elapsed(), self::busy() - busy]
}

fn busy() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

fn runs(one: impl FnMut(u64) -> Times) -> Vec<Times> {
    (0..RUNS).map(one).collect()
}

fn report(what: &str, times: Vec<Times>) {
    for (kind, name) in ["on the wall", "of the processor"].into_iter().enumerate() {
        let mut times: Vec<Duration> = times.iter().map(|it| it[kind]).collect();
        times.sort();
        let last = times.len() - 1;
        println!("{what}, {name}: median {:?}, worst of {} {:?}", times[last / 2], times.len(), times[last]);
    }
}

fn plans() -> Result<Plans, Box<dyn std::error::Error>> {
    let mut plans = Plans::new();
    plans.add(ContractPlan::from_toml(include_str!("../../../config/plans/autopool.toml"))?);
    Ok(plans)
}

/// The genesis, and that many registrations under sponsors of all ages.
fn history_of(history: &mut Entitlements, count: u64) -> Result<PlanHash, Box<dyn std::error::Error>> {
    let plan = plans()?.hashes().next().ok_or("a plan")?;
    let contract = Address::repeat_byte(0xc0);
    let body = EntryBody::Genesis { chain_id: 31337, contract, plan, predecessor: B256::ZERO };
    history.apply(&Entry { seq: 0, time: 1_800_000_000, body })?;
    let start = Instant::now();
    for number in 1..=count {
        history.apply(&registration(number, plan))?;
    }
    println!("a history of {count} registrations judged in {:?}", start.elapsed());
    Ok(plan)
}

fn registration(number: u64, plan: PlanHash) -> Entry {
    let (user, sponsor) = (wallet(number), wallet(mixed(number) % number));
    let amount = Amount::from_units(20 * 10i128.pow(18)).expect("20 BNB");
    Entry {
        seq: number,
        time: 1_800_000_000 + number,
        body: EntryBody::Registration { user, sponsor, plan, amount },
    }
}

fn mixed(number: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

fn wei(number: u64) -> Amount {
    Amount::from_units(i128::from(number)).expect("64 bits")
}

/// 0 is the company.
fn wallet(number: u64) -> Address {
    let mut bytes = [0u8; 20];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Address::from(bytes)
}
