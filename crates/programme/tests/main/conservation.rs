//! Whatever happens, in whatever ranges: funds equal all other accounts, and the books say what the engine says.

use banyan_engine::random::History;
use banyan_engine::{EventBody, Plan};
use banyan_entitlement::Directive;
use banyan_ledger::store::{entitlements_at, trial_balance};
use banyan_types::Amount;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::contract::{Contract, wallet};
use crate::scene::{Scene, apply};

const PLAN: &str = "variants/autopool-small.toml";

/// A random history of the engine's own generator, with payments of random parts of what accounts have earned.
fn contract(seed: u64, events: usize) -> Contract {
    let path = banyan_testkit::paths::root().join("config/plans").join(PLAN);
    let plan = Plan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut contract, mut history) = (Contract::deploy(PLAN), History::new(plan, seed));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut people = 0;
    for _ in 0..events {
        let event = history.next_event();
        if let EventBody::Registered { user, .. } = event.body {
            people = people.max(u64::from(user.0));
        }
        play(&mut contract, event.body);
        if random.random_bool(0.15) {
            pay(&mut contract, &mut random, people);
        }
    }
    contract.directive(&Directive::WindUp, Amount::ZERO);
    contract
}

fn play(contract: &mut Contract, event: EventBody) {
    match event {
        EventBody::Registered { user, sponsor, amount } => {
            contract.register_paying(u64::from(user.0), u64::from(sponsor.0), amount.unwrap());
        }
        EventBody::Retopup { user, .. } => contract.retopup(u64::from(user.0)),
        EventBody::Place { user, level, tree, index, amount } => {
            let user = wallet(u64::from(user.0));
            contract.directive(&Directive::Place { user, level, tree, index }, amount);
        }
        EventBody::Grant { user, amount } => {
            let directive =
                Directive::Grant { user: wallet(u64::from(user.0)), reason: "for the test".to_owned() };
            contract.directive(&directive, amount);
        }
        EventBody::WindUp => contract.directive(&Directive::WindUp, Amount::ZERO),
        EventBody::Tick => {}
        EventBody::Purchase { .. }
        | EventBody::Refund { .. }
        | EventBody::Stake { .. }
        | EventBody::Unstake { .. }
        | EventBody::Status { .. }
        | EventBody::Order { .. }
        | EventBody::OrderCompleted { .. }
        | EventBody::OrderRefunded { .. } => unreachable!("the contract takes no {}", event.name()),
    }
}

/// Some accounts are paid some of what they have earned; some do not take it, some take what is owed.
fn pay(contract: &mut Contract, random: &mut ChaCha8Rng, people: u64) {
    let first = random.random_range(0..=people);
    let users = first..=(first + random.random_range(0..4)).min(people);
    let items: Vec<(u64, Amount)> = users
        .filter_map(|user| {
            let paid = contract.paid.get(&wallet(user)).copied().unwrap_or_default();
            let open = contract.earned(user).checked_sub(paid)?;
            let part = if random.random_bool(0.5) { open.units() } else { open.units() / 3 };
            let total = paid.checked_add(Amount::from_units(part)?)?;
            (part > 0).then_some((user, total))
        })
        .collect();
    if !items.is_empty() {
        contract.batch(&items, random.random_bool(0.3));
    }
    let somebody = (0..=people).find(|user| contract.owed.contains_key(&wallet(*user)));
    if let Some(user) = somebody.filter(|_| random.random_bool(0.5)) {
        contract.withdraw_owed(user, wallet(user));
    }
}

#[tokio::test]
async fn the_books_balance_after_every_range_of_a_random_history() {
    let contract = contract(7, banyan_testkit::counts::pick(250, 20_000));
    let scene = Scene::new(PLAN).await;
    let mut programme = scene.open().await.unwrap();
    for range in contract.ranges(9) {
        let applied = programme.apply(&range).await.unwrap();
        assert!(applied.alarms.is_empty(), "{:?}", applied.alarms);
        let trial = trial_balance(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
        assert!(trial.balanced(), "after block {}: {trial:?}", range.to);
        assert!(trial.totals.suspense.is_zero());
    }
    assert_eq!(scene.text("SELECT count(*) > 20 FROM payouts").await, "true");
    assert_eq!(scene.text("SELECT count(*) > 0 FROM pools WHERE status = 'completed'").await, "true");
    let mut connection = scene.pool.acquire().await.unwrap();
    for seq in [40, 150, contract.entitlements.seq().unwrap()] {
        let computed: Vec<_> = contract.entitlements.as_of(seq).unwrap().accounts().collect();
        let stored = entitlements_at(&mut connection, seq).await.unwrap();
        let stored: Vec<_> = stored.into_iter().map(|leaf| (leaf.address, leaf.cumulative)).collect();
        assert_eq!(stored, computed, "after entry {seq}");
    }
    assert_eq!(scene.text("SELECT count(*) FROM rewards WHERE state = 'reserved'").await, "0", "wound up");
}

#[tokio::test]
async fn a_random_history_in_other_ranges_and_through_restarts_writes_identical_tables() {
    let contract = contract(8, 120);
    let (one, other) = (Scene::new(PLAN).await, Scene::new(PLAN).await);
    one.follow(&contract, 1_000).await;
    for range in contract.ranges(13) {
        apply(&mut other.open().await.unwrap(), std::slice::from_ref(&range)).await;
    }
    assert_eq!(one.picture().await, other.picture().await);
}
