//! What follows from the raw logs is what the live tables have, and whatever somebody does to either is named.

use banyan_ledger::store::{book, lock_books};
use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_reconciliation::{Blocks, Replay, ReplayError, Replayer};
use banyan_types::B256;
use std::time::Duration;

use crate::world::{Books, World, amount, bnb};

/// Blocks from the contract's first to where the books stand.
async fn all(world: &World, books: &Books) -> Blocks {
    let last = "SELECT last_block FROM blockchain_sync";
    let last: i64 = sqlx::query_scalar(last).fetch_one(&books.superuser().await).await.unwrap();
    Blocks { from: world.settlement.start_block, to: last.unsigned_abs() }
}

async fn replay(replayer: &Replayer, blocks: Blocks) -> Replay {
    replayer.start(blocks, "test").await.unwrap().finish().await.unwrap()
}

/// Table, key and column of each difference.
fn named(replay: &Replay) -> Vec<String> {
    let text = |it: &banyan_reconciliation::RowDifference| {
        format!("{} {} {}", it.table, it.key, it.column.as_deref().unwrap_or("row"))
    };
    replay.differences.iter().map(text).collect()
}

/// A batch takes what `person(2)` has, as settlement would book it; then the contract pays it.
async fn pay_by_batch(world: &World, books: &Books) {
    let pool = books.pool().await;
    let mut work = pool.begin().await.unwrap();
    lock_books(&mut work).await.unwrap();
    let (block, at): (i64, i64) =
        sqlx::query_as("SELECT last_block, extract(epoch FROM updated_at)::bigint FROM blockchain_sync")
            .fetch_one(&mut *work)
            .await
            .unwrap();
    let posting = |debit, credit| Posting { debit, credit, amount: amount("1") };
    let (block, at) = (block.unsigned_abs(), at.unsigned_abs());
    let built = Transaction {
        cause: Cause::batch_built(1),
        at,
        block,
        postings: vec![posting(Account::payable(2), Account::in_batch(2))],
    };
    sqlx::query(
        "WITH built AS (
             INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block,
                                         created_at, updated_at)
             SELECT gen_random_uuid(), 1, 'building', seq, head, head, 1, 'test', last_block, now(), now()
             FROM blockchain_sync RETURNING id
         ) INSERT INTO payout_items (batch_id, user_id, cumulative, amount) SELECT id, 2, 1, 1 FROM built",
    )
    .execute(&mut *work)
    .await
    .unwrap();
    book(&mut work, &[built]).await.unwrap();
    work.commit().await.unwrap();
    world.settlement.pay(&[(world.person(2), bnb(1))], B256::ZERO, bnb(2)).await.unwrap();
    world.catch_up(books).await;
}

#[tokio::test]
async fn books_that_nobody_touched_are_what_the_logs_give() {
    let world = World::lived().await;
    let books = world.books().await;
    pay_by_batch(&world, &books).await;
    world.settlement.force(world.anvil.address(0), alloy::primitives::U256::from(7)).await.unwrap();
    world.settlement.register(world.anvil.address(47), world.person(1), bnb(20)).await.unwrap();
    world.catch_up(&books).await;
    world.reconciler(&books).await.run(banyan_reconciliation::Scope::All, "test").await.unwrap();
    let replayer = world.replayer(&books).await;
    let blocks = all(&world, &books).await;
    let live = async || -> Vec<i64> {
        let counts = "SELECT unnest(ARRAY[(SELECT count(*) FROM outbox), (SELECT count(*) FROM journal_causes),
                                          (SELECT count(*) FROM rewards), (SELECT epoch FROM blockchain_sync)])";
        sqlx::query_scalar(counts).fetch_all(&books.superuser().await).await.unwrap()
    };
    let before = live().await;
    let result = replay(&replayer, blocks).await;
    assert_eq!(live().await, before, "a replay writes to no live table");
    assert_eq!(named(&result), Vec::<String>::new());
    assert!(result.clean() && result.node_silent.is_none());
    assert_eq!((result.block, result.seq), (blocks.to, 20));
    let count = |table: &str| {
        let it = result.tables.iter().find(|it| it.table == table).unwrap();
        (it.derived, it.found)
    };
    assert_eq!((count("history"), count("users")), ((21, 21), (17, 17)));
    assert_eq!(count("chain_events").0, i64::try_from(result.events).unwrap());
    assert!(count("postings").0 > count("journal_transactions").0 && count("accounts").0 > 17);
    assert_eq!(
        result.tables.iter().filter(|it| it.derived == 0).map(|it| it.table.as_str()).collect::<Vec<_>>(),
        ["published_roots"]
    );

    let stored: (String, String, i64, i64, i64) = sqlx::query_as(
        "SELECT state::text, requested_by, differences, events, jsonb_array_length(tables)::bigint FROM replays WHERE id = $1",
    )
    .bind(result.id)
    .fetch_one(&books.superuser().await)
    .await
    .unwrap();
    let events = i64::try_from(result.events).unwrap();
    assert_eq!(stored, ("done".to_owned(), "test".to_owned(), 0, events, 13));
}

#[tokio::test]
async fn every_damaged_row_is_named() {
    let world = World::lived().await;
    let registration = "(SELECT block_number FROM history WHERE seq = 7)";
    let whole = world.books().await;
    let block: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT {registration}")))
        .fetch_one(&whole.superuser().await)
        .await
        .unwrap();
    let log = |column: &str| format!("chain_events block_number {block}, log_index 0 {column}");
    let cases: Vec<(&str, String, Vec<String>)> = vec![
        ("an edited amount", "UPDATE history SET amount = amount + 1 WHERE seq = 7".into(), vec!["history seq 7 amount".into()]),
        ("a lost entry", "DELETE FROM history WHERE seq = 19".into(), vec!["history seq 19 row".into()]),
        ("a moved entry", "UPDATE history SET block_number = block_number + 1000000 WHERE seq = 7".into(), vec!["history seq 7 block_number".into()]),
        ("a lost reward", "DELETE FROM rewards WHERE id = 7 * 1048576".into(), vec!["rewards id 7340032 row".into()]),
        (
            "a doubled reward",
            "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative,
                                  state, tx_hash, created_at, updated_at)
             SELECT id + 77, seq, ordinal + 77, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative, state,
                    tx_hash, created_at, updated_at FROM rewards WHERE id = 7 * 1048576"
                .into(),
            vec!["rewards id 7340109 row".into()],
        ),
        (
            "a reward of somebody else",
            "UPDATE rewards SET user_id = 3, depth = 9 WHERE id = 7 * 1048576".into(),
            vec!["rewards id 7340032 user_id".into(), "rewards id 7340032 depth".into()],
        ),
        ("a reward said to be paid", "UPDATE rewards SET state = 'settled' WHERE id = 17 * 1048576".into(), vec!["rewards id 17825792 state".into()]),
        ("a seat that changed hands", "UPDATE seats SET user_id = 2 WHERE user_id = 9".into(), vec!["seats id 4402341478409 user_id".into()]),
        ("a tree that is said to have more seats", "UPDATE pools SET seats = seats + 1 WHERE id = 1025".into(), vec!["pools id 1025 seats".into()]),
        ("a changed payout", "UPDATE payouts SET amount = amount - 1 WHERE user_id = 1".into(), vec!["payouts out 1, user_id 1 amount".into()]),
        ("a lost payout", "DELETE FROM payouts WHERE user_id = 1".into(), vec!["payouts out 1, user_id 1 row".into()]),
        ("a person under another sponsor", "UPDATE users SET referrer_id = 2 WHERE id = 7".into(), vec!["users id 7 referrer_id".into()]),
        ("a freeze undone", "UPDATE users SET frozen = false WHERE id = 5".into(), vec!["users id 5 frozen".into()]),
        ("a retopup said to have failed", "UPDATE retopups SET status = 'failed' WHERE id = 16".into(), vec!["retopups id 16 status".into()]),
        ("an edited balance", "UPDATE accounts SET balance = balance + 1 WHERE kind = 'payable' AND owner = 4".into(), vec!["accounts kind payable, owner 4 balance".into()]),
        ("a lost posting", "DELETE FROM postings WHERE cause = 'entry' AND ref = 7 AND ordinal = 0".into(), vec!["postings cause entry, ref 7, ordinal 0 row".into()]),
        ("an edited posting", "UPDATE postings SET amount = amount + 1 WHERE cause = 'outflow' AND ref = 1 AND ordinal = 0".into(), vec!["postings cause outflow, ref 1, ordinal 0 amount".into()]),
        ("a cursor that went on", "UPDATE blockchain_sync SET out = 9".into(), vec!["blockchain_sync id 1 out".into()]),
        (
            "a flipped byte of a log",
            format!("UPDATE chain_events SET data = set_byte(data, 63, get_byte(data, 63) # 1) WHERE block_number = {registration}"),
            vec![log("data")],
        ),
        ("a lost log", format!("DELETE FROM chain_events WHERE block_number = {registration}"), vec![log("row")]),
        ("a log of another transaction", format!("UPDATE chain_events SET tx_hash = sha256('x') WHERE block_number = {registration}"), vec![log("tx_hash")]),
        (
            "a lost log that no head covers",
            "DELETE FROM chain_events WHERE topics[1] = (SELECT topics[1] FROM chain_events WHERE block_number = (SELECT max(block_number) FROM chain_events WHERE block_number < (SELECT min(block_number) FROM payouts)))".into(),
            vec!["chain_events".into()],
        ),
    ];
    for (what, statement, expected) in cases {
        let books = world.books().await;
        books.tamper(&statement).await;
        let result = replay(&world.replayer(&books).await, all(&world, &books).await).await;
        let named = named(&result);
        match expected.as_slice() {
            [only] if only == "chain_events" => {
                assert!(named.len() == 1 && named[0].starts_with(only), "{what}: {named:?}")
            }
            _ => assert_eq!(named, expected, "{what}"),
        }
    }
}

#[tokio::test]
async fn only_the_range_is_compared_and_amounts_are_told_on_both_sides() {
    let world = World::lived().await;
    let books = world.books().await;
    let place = "SELECT block_number FROM history WHERE seq = 7";
    let block: i64 = sqlx::query_scalar(place).fetch_one(&books.superuser().await).await.unwrap();
    let block = block.unsigned_abs();
    books.tamper("UPDATE history SET amount = 21 WHERE seq = 7").await;
    let replayer = world.replayer(&books).await;
    let last = all(&world, &books).await;
    for (from, to, found) in [(0, block - 1, 0), (block, block, 1), (block + 1, last.to, 0), (0, last.to, 1)]
    {
        let result = replay(&replayer, Blocks { from, to }).await;
        assert_eq!(result.differing, found, "{from} to {to}");
        assert_eq!(result.seq, 19, "everything is derived, whatever is compared");
    }
    let only = replay(&replayer, Blocks { from: block, to: block }).await;
    let count = |table: &str| only.tables.iter().find(|it| it.table == table).unwrap().found;
    assert_eq!((count("chain_events"), count("history"), count("users"), count("payouts")), (1, 1, 2, 0));
    let it = &only.differences[0];
    assert_eq!((it.expected.as_str(), it.found.as_str()), ("20.000000000000000000", "21.000000000000000000"));
}

#[tokio::test]
async fn without_a_node_the_heads_prove_the_logs_and_a_broken_one_ends_the_replay() {
    let world = World::lived().await;
    let whole = world.books().await;
    let blocks = all(&world, &whole).await;
    let result = replay(&world.replayer_asking(&whole, world.nowhere()).await, blocks).await;
    assert!(result.clean());
    assert!(result.node_silent.unwrap().contains("127.0.0.1:9"));
    for statement in [
        "UPDATE chain_events SET data = set_byte(data, 63, get_byte(data, 63) # 1)
         WHERE block_number = (SELECT block_number FROM history WHERE seq = 7)",
        "DELETE FROM chain_events WHERE block_number = (SELECT block_number FROM history WHERE seq = 7)",
    ] {
        let books = world.books().await;
        books.tamper(statement).await;
        let result = replay(&world.replayer_asking(&books, world.nowhere()).await, blocks).await;
        assert_eq!((result.differing, result.tables.len()), (1, 0));
        let it = &result.differences[0];
        assert!(it.table == "chain_events" && it.key.starts_with("block_number "), "{it:?}");
        assert!(it.found.contains("seq"), "{it:?}");
    }
    // The last log is covered by no later head: the rows that it brought follow from nothing any more.
    let books = world.books().await;
    books
        .tamper("DELETE FROM chain_events WHERE block_number = (SELECT max(block_number) FROM payouts)")
        .await;
    let result = replay(&world.replayer_asking(&books, world.nowhere()).await, blocks).await;
    assert!(named(&result).contains(&"payouts out 1, user_id 1 row".to_owned()), "{:?}", named(&result));
    assert!(named(&result).contains(&"blockchain_sync id 1 out".to_owned()));
}

#[tokio::test]
async fn a_range_must_be_one_and_one_replay_is_under_way_at_a_time() {
    let world = World::lived().await;
    let nothing = Books::empty().await;
    let empty = world.replayer(&nothing).await.start(Blocks { from: 1, to: 2 }, "test").await;
    assert!(matches!(empty.unwrap_err(), ReplayError::Empty));
    let books = world.books().await;
    let replayer = world.replayer(&books).await;
    let Blocks { from, to } = all(&world, &books).await;
    let start = async |from, to| replayer.start(Blocks { from, to }, "test").await;
    assert!(matches!(start(5, 4).await.unwrap_err(), ReplayError::Range { from: 5, to: 4 }));
    assert!(matches!(start(1, to + 1).await.unwrap_err(), ReplayError::Beyond { .. }));
    let first = start(from, to).await.unwrap();
    assert!(matches!(start(from, to).await.unwrap_err(), ReplayError::Running));
    drop(first);
    // The process is gone: what it held goes with its connection, and the run is noted as what it is by the next.
    let again = async {
        loop {
            match start(from, to).await {
                Err(ReplayError::Running) => tokio::task::yield_now().await,
                other => break other.unwrap(),
            }
        }
    };
    let second = tokio::time::timeout(Duration::from_secs(120), again).await.expect("the place is free");
    assert!(second.finish().await.unwrap().clean());
    let states = "SELECT state::text || coalesce(': ' || reason, '') FROM replays ORDER BY run";
    let states: Vec<String> = sqlx::query_scalar(states).fetch_all(&books.superuser().await).await.unwrap();
    assert_eq!(states, ["failed: the process ended before the replay did", "done"]);
    let left = "SELECT count(*) FROM pg_class WHERE relpersistence = 't'";
    let left: i64 = sqlx::query_scalar(left).fetch_one(&books.superuser().await).await.unwrap();
    assert_eq!(left, 0, "no table of a replay is left");
}
