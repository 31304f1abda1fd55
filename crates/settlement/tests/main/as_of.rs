//! A random life of a programme with real batches: out of the journal and out of everything else, every balance is the
//! same at every block and at times between blocks, and so is every statement.

use std::collections::BTreeMap;

use banyan_ledger::store::{balances_at, differences_at, moment, movements, totals, totals_at};
use banyan_ledger::{Account, Asked, LedgerError, Source};
use banyan_settlement::Filter;
use banyan_testkit::counts;
use banyan_types::{Address, Amount, B256};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::world::{OPERATOR, World, amount, wei};

/// Most people; the chain has wallets for a few more.
const MOST: usize = 36;

/// One random act, and sometimes the books read it.
async fn act(world: &mut World, rng: &mut ChaCha8Rng, people: &mut Vec<Address>) {
    let person = people[rng.random_range(0..people.len())];
    match rng.random_range(0..100) {
        0..35 if people.len() < MOST => people.push(world.join().await),
        0..50 => {
            // Frozen ones are refused by the contract, which is no concern of the books.
            let _ = world.contract.retopup(person, wei(amount("40"))).await;
        }
        50..55 => drop(world.contract.freeze(person).await),
        55..60 => drop(world.contract.unfreeze(person).await),
        60..85 => batch(world, rng).await,
        _ => pay_behind_the_batches(world, rng, person).await,
    }
    if rng.random_bool(0.6) {
        world.finalize_and_read().await;
    }
}

/// A batch of some or all, which goes its way, is given up, or waits.
async fn batch(world: &mut World, rng: &mut ChaCha8Rng) {
    let max_items = rng.random_bool(0.5).then(|| rng.random_range(1..4));
    let filter = Filter { publish_root: rng.random_bool(0.3), max_items, ..Filter::default() };
    let Ok(built) = world.payouts.build_batch(&filter, OPERATOR).await else { return };
    let id = built.batch.id;
    match rng.random_range(0..4) {
        0 => drop(world.payouts.abandon_batch(id, "a change of mind").await.unwrap()),
        1 => {
            world.finalize_and_read().await;
            world.payouts.abandon_batch(id, "a change of mind, later").await.unwrap();
        }
        _ => {
            if world.payouts.sign_batch(id).await.is_ok() && world.payouts.queue_batch(id).await.is_ok() {
                for _ in 0..rng.random_range(0..6) {
                    world.turn().await;
                    world.finalize_and_read().await;
                }
            }
        }
    }
}

/// The contract pays somebody while a batch may hold the account, as a claim does: by the executor's own batch.
async fn pay_behind_the_batches(world: &World, rng: &mut ChaCha8Rng, person: Address) {
    let earned: Option<Amount> = sqlx::query_scalar(
        "SELECT max(r.cumulative) FROM rewards r JOIN users u ON u.id = r.user_id WHERE u.wallet_address = $1",
    )
    .bind(format!("{person:#x}"))
    .fetch_one(&world.pool)
    .await
    .unwrap();
    let Some(earned) = earned else { return };
    let part = Amount::from_units(earned.units() / rng.random_range(1..4)).unwrap();
    let _ = world.contract.pay(&[(person, wei(part))], B256::ZERO, wei(part)).await;
}

#[tokio::test]
async fn a_random_life_is_told_the_same_at_every_block_and_time() {
    let mut world = World::start().await;
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_121);
    // A participant that refuses money, so that something becomes owed.
    let owner = world.person(38);
    let wallet = world.contract.recipient_wallet(owner).await.unwrap();
    let mut people = vec![world.join().await];
    world.contract.register_wallet(owner, wallet, people[0], wei(amount("20"))).await.unwrap();
    world.contract.register(world.person(39), wallet, wei(amount("20"))).await.unwrap();
    world.finalize_and_read().await;
    for _ in 0..counts::pick(50, 300) {
        act(&mut world, &mut rng, &mut people).await;
    }
    world.finalize_and_read().await;
    let kinds = every_block_is_told_the_same(&world).await;
    for kind in ["payable", "reserved", "in_batch", "owed", "funds"] {
        assert!(kinds.get(kind).is_some_and(|blocks| *blocks > 2), "{kind}: {kinds:?}");
    }
    statements_are_told_the_same(&world).await;
}

/// In how many blocks each kind of account held something.
async fn every_block_is_told_the_same(world: &World) -> BTreeMap<&'static str, u32> {
    let mut connection = world.pool.acquire().await.unwrap();
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    let (mut kinds, mut last_time) = (BTreeMap::new(), 0);
    for block in world.contract.start_block..=now.block {
        let at = match moment(&mut connection, Asked::Block(block)).await {
            Ok(at) => at,
            Err(LedgerError::BeforeStart { .. }) => continue,
            Err(error) => panic!("block {block}: {error}"),
        };
        let posted = balances_at(&mut connection, Source::Journal, at).await.unwrap();
        let projected = balances_at(&mut connection, Source::Projections, at).await.unwrap();
        assert_eq!(posted, projected, "block {block}");
        for time in [at.time, at.time.saturating_sub(1).max(last_time)] {
            let asked = moment(&mut connection, Asked::Time(time)).await;
            let Ok(then) = asked else { continue };
            assert!(then.time <= time && then.block <= now.block);
            assert_eq!(differences_at(&mut connection, then, 5).await.unwrap(), vec![], "time {time}");
            if time == at.time {
                let by_time = balances_at(&mut connection, Source::Journal, then).await.unwrap();
                let through = moment(&mut connection, Asked::Block(then.block)).await.unwrap();
                assert_eq!(
                    by_time,
                    balances_at(&mut connection, Source::Projections, through).await.unwrap()
                );
            }
        }
        last_time = at.time;
        let held: std::collections::BTreeSet<_> =
            posted.iter().map(|(account, _)| account.kind.name()).collect();
        held.into_iter().for_each(|kind| *kinds.entry(kind).or_default() += 1);
        assert!(
            posted.iter().all(|(account, it)| *account == Account::payable(0) || it.is_positive()),
            "{block}"
        );
    }
    assert_eq!(
        totals_at(&mut connection, Source::Projections, now).await.unwrap(),
        totals(&mut connection).await.unwrap()
    );
    kinds
}

async fn statements_are_told_the_same(world: &World) {
    let mut connection = world.pool.acquire().await.unwrap();
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    let users: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM users").fetch_all(&mut *connection).await.unwrap();
    for user in users.into_iter().map(i64::unsigned_abs) {
        let posted = movements(&mut connection, Source::Journal, user, now).await.unwrap();
        let projected = movements(&mut connection, Source::Projections, user, now).await.unwrap();
        assert_eq!(posted, projected, "user {user}");
    }
}
