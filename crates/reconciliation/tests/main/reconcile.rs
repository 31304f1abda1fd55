//! What is in order is found in order, and whatever somebody does to the chain or the books is named.

use alloy::primitives::U256;
use banyan_chain::{ContractView, Node};
use banyan_entitlement::Plans;
use banyan_reconciliation::{ReconcileError, Reconciler, Scope};
use banyan_testkit::anvil::CHAIN_ID;
use banyan_testkit::postgres::{until, until_waiting};
use banyan_types::Address;
use std::time::Duration;

use crate::world::{Books, World, amount, bnb, seen};

#[tokio::test]
async fn chain_and_books_agree_after_everything_that_can_happen() {
    let world = World::lived().await;
    let books = world.books().await;
    let result = world.reconciler(&books).await.run(Scope::All, "operator 1").await.unwrap();
    assert_eq!(result.differences, []);
    assert!(result.balanced() && !result.stops_batches());

    let figures = &result.figures;
    assert_eq!(result.seq, 19);
    assert_eq!(figures.chain.total_in, amount("385"), "15 · 20 + 40 + 41 + 3 + 1");
    assert_eq!(figures.chain.total_paid, amount("145.6"));
    assert_eq!((figures.chain.balance, figures.books.funds), (amount("239.4"), amount("239.4")));
    assert_eq!((figures.accounts.compared, figures.accounts.paid), (16, amount("145.6")));
    assert_eq!((figures.rewards.entries, figures.rewards.seats), (20, 16));
    assert_eq!(figures.rewards.compared, figures.rewards.rewards);

    let stored = sqlx::query_as::<_, (String, bool, bool, serde_json::Value)>(
        "SELECT concat_ws(' ', run, scope, after_run, requested_by), balanced, stops_batches, figures FROM reconciliations WHERE id = $1",
    )
    .bind(result.id)
    .fetch_one(&books.superuser().await)
    .await
    .unwrap();
    assert_eq!((stored.0.as_str(), stored.1, stored.2), ("1 all 0 operator 1", true, false));
    assert_eq!(stored.3["chain"]["balance"], "239400000000000000000");
}

#[tokio::test]
async fn one_forced_wei_is_exactly_one_of_excess_and_is_booked_once() {
    let world = World::lived().await;
    let books = world.books().await;
    world.settlement.force(world.anvil.address(0), U256::from(1)).await.unwrap();
    world.catch_up(&books).await;
    let reconciler = world.reconciler(&books).await;
    let result = reconciler.run(Scope::All, "test").await.unwrap();
    assert_eq!(seen(&result.differences), [("excess", "accounts excess/0".to_owned())]);
    let excess = &result.differences[0];
    assert_eq!((excess.expected.as_str(), excess.found.as_str()), ("1", "0"));
    assert_eq!(result.figures.chain.excess.units(), 1);
    assert!(!result.balanced() && !result.stops_batches());

    for _ in 0..2 {
        let again = reconciler.run(Scope::All, "test").await.unwrap();
        assert_eq!(again.differences, []);
        assert_eq!(
            (again.figures.books.excess.units(), again.figures.books.funds),
            (1, again.figures.chain.balance)
        );
    }

    world.settlement.force(world.anvil.address(0), U256::from(5)).await.unwrap();
    world.catch_up(&books).await;
    let more = reconciler.run(Scope::All, "test").await.unwrap();
    assert_eq!((more.differences[0].expected.as_str(), more.differences[0].found.as_str()), ("6", "1"));
    assert_eq!(reconciler.run(Scope::All, "test").await.unwrap().figures.books.excess.units(), 6);
}

#[tokio::test]
async fn forced_ether_is_booked_with_the_result_that_found_it_or_not_at_all() {
    let world = World::lived().await;
    let books = world.books().await;
    world.settlement.force(world.anvil.address(0), U256::from(1)).await.unwrap();
    world.catch_up(&books).await;
    let (reconciler, superuser) = (world.reconciler(&books).await, books.superuser().await);
    let order = async |sql: &'static str| sqlx::raw_sql(sql).execute(&superuser).await.unwrap();
    order("REVOKE INSERT ON reconciliation_differences FROM banyan_app").await;
    let refused = reconciler.run(Scope::All, "test").await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
    let written = "SELECT (SELECT count(*) FROM reconciliations),
                          (SELECT count(*) FROM journal_transactions WHERE cause = 'excess')";
    let written = async || sqlx::query_as::<_, (i64, i64)>(written).fetch_one(&superuser).await.unwrap();
    assert_eq!(written().await, (0, 0));

    order("GRANT INSERT ON reconciliation_differences TO banyan_app").await;
    let result = reconciler.run(Scope::All, "test").await.unwrap();
    assert_eq!(seen(&result.differences), [("excess", "accounts excess/0".to_owned())]);
    assert_eq!(written().await, (1, 1));
}

#[tokio::test]
async fn a_deleted_settled_reward_is_named_and_stops_batches() {
    let world = World::lived().await;
    let books = world.books().await;
    let (id, wallet): (i64, String) = sqlx::query_as(
        "SELECT r.id, u.wallet_address FROM rewards r JOIN users u ON u.id = r.user_id
         WHERE r.state = 'settled' AND u.id = 1 ORDER BY r.id LIMIT 1",
    )
    .fetch_one(&books.superuser().await)
    .await
    .unwrap();
    books.tamper(&format!("DELETE FROM rewards WHERE id = {id}")).await;
    let result = world.reconciler(&books).await.run(Scope::All, "test").await.unwrap();
    assert_eq!(seen(&result.differences), [("reward_missing", format!("rewards {id}"))]);
    assert_eq!(result.differences[0].account, Some(wallet.parse().unwrap()));
    assert!(result.stops_batches());

    let stored: (String, String, serde_json::Value) = sqlx::query_as(
        "SELECT kind, wallet_address, evidence FROM reconciliation_differences WHERE reconciliation_id = $1",
    )
    .bind(result.id)
    .fetch_one(&books.superuser().await)
    .await
    .unwrap();
    let evidence = serde_json::json!([{ "table": "rewards", "id": id.to_string() }]);
    assert_eq!(stored, ("reward_missing".to_owned(), wallet, evidence));
}

#[tokio::test]
async fn a_changed_event_or_history_is_noticed_because_the_contract_s_head_is_another() {
    let world = World::lived().await;
    for (statement, kinds) in [
        ("UPDATE history SET outcome = 'recorded' WHERE seq = 7", &["history_row"][..]),
        ("UPDATE history SET head = decode(repeat('00', 32), 'hex') WHERE seq = 7", &["history_row"]),
        ("DELETE FROM history WHERE seq = 19", &["history"]),
        ("DELETE FROM history WHERE seq = 9", &["history"]),
        // The amount of a registration: it is judged otherwise, and every head after it is another.
        (
            "UPDATE chain_events SET data = overlay(data PLACING '\\x01'::bytea FROM 64)
             WHERE (block_number, log_index) = (SELECT block_number, log_index FROM history WHERE seq = 15)",
            &["history_row", "history"],
        ),
    ] {
        let books = world.books().await;
        books.tamper(statement).await;
        let result = world.reconciler(&books).await.run(Scope::All, "test").await.unwrap();
        assert!(result.stops_batches());
        for kind in kinds {
            assert!(result.differences.iter().any(|it| it.kind.name() == *kind), "{kind} of {statement}");
        }
    }
}

#[tokio::test]
async fn each_column_of_the_history_is_compared_with_its_event() {
    let world = World::lived().await;
    let other = "'0x' || repeat('99', 20)";
    for (column, change) in [
        ("kind", "kind = 'RETOPUP' WHERE seq = 7".to_owned()),
        ("at", "at = at + interval '1 microsecond' WHERE seq = 7".to_owned()),
        ("head", "head = decode(repeat('00', 32), 'hex') WHERE seq = 7".to_owned()),
        ("wallet_address", format!("wallet_address = {other} WHERE seq = 7")),
        ("wallet_address", "wallet_address = NULL WHERE seq = 16".to_owned()),
        ("sponsor", format!("sponsor = {other} WHERE seq = 7")),
        ("plan", "plan = NULL WHERE seq = 0".to_owned()),
        ("plan", "plan = decode(repeat('00', 32), 'hex') WHERE seq = 16".to_owned()),
        ("amount", "amount = amount + 0.000000000000000001 WHERE seq = 7".to_owned()),
        ("amount", "amount = 0 WHERE seq = 18".to_owned()),
        ("directive", "directive = 'HALLO' WHERE seq = 19".to_owned()),
        ("data", "data = '\\x01' WHERE seq = 18".to_owned()),
        ("data", "data = NULL WHERE seq = 0".to_owned()),
        ("outcome", "outcome = 'recorded' WHERE seq = 7".to_owned()),
        ("reason", "reason = 'a whim' WHERE seq = 17".to_owned()),
        ("tx_hash", "tx_hash = '0x' WHERE seq = 7".to_owned()),
    ] {
        let books = world.books().await;
        books.tamper(&format!("UPDATE history SET {change}")).await;
        let result = world.reconciler(&books).await.run(Scope::All, "test").await.unwrap();
        let (_, seq) = change.rsplit_once(" = ").unwrap();
        assert_eq!(seen(&result.differences), [("history_row", format!("history seq {seq}"))], "{change}");
        assert!(result.differences[0].found.starts_with(&format!("{column} ")), "{change}");
        assert!(result.stops_batches());
    }
}

#[tokio::test]
async fn owed_money_and_a_wound_up_programme_agree() {
    let world = World::lived().await;
    let owner = world.anvil.address(45);
    let wallet = world.settlement.recipient_wallet(owner).await.unwrap();
    world.settlement.register_wallet(owner, wallet, Address::ZERO, bnb(20)).await.unwrap();
    world.settlement.register(world.anvil.address(46), wallet, bnb(20)).await.unwrap();
    world.settlement.pay(&[(wallet, bnb(2))], Default::default(), bnb(2)).await.unwrap();
    world.settlement.directive("WIND_UP", Default::default(), U256::ZERO).await.unwrap();
    let books = world.books().await;
    let result = world.reconciler(&books).await.run(Scope::All, "test").await.unwrap();
    assert_eq!(result.differences, []);
    assert_eq!((result.figures.chain.total_owed, result.figures.books.owed), (amount("2"), amount("2")));
    let owed = "SELECT id FROM rewards WHERE state = 'owed' ORDER BY id LIMIT 1";
    let owed: i64 = sqlx::query_scalar(owed).fetch_one(&books.superuser().await).await.unwrap();
    let tampered = world.books().await;
    tampered.tamper(&format!("UPDATE rewards SET state = 'settled' WHERE id = {owed}")).await;
    let named = world.reconciler(&tampered).await.run(Scope::All, "test").await.unwrap();
    assert_eq!(seen(&named.differences), [("reward_owed", format!("rewards {owed}"))]);
    assert_eq!(result.figures.books.reserved, amount("0"), "a wind-up releases every reserve");
}

#[tokio::test]
async fn what_cannot_be_compared_says_what_to_do() {
    let world = World::empty().await;
    let nothing = Books::empty().await;
    let error = world.reconciler(&nothing).await.run(Scope::All, "test").await.unwrap_err();
    assert!(matches!(error, ReconcileError::Empty) && error.to_string().contains("banyan listen"));

    let books = world.books().await;
    let (pool, plans) = (books.pool().await, Plans::new());
    let other = ContractView::new(world.view().node().clone(), Address::repeat_byte(7));
    let error = Reconciler::new(pool.clone(), other, CHAIN_ID, plans.clone()).run(Scope::All, "test").await;
    assert!(matches!(error.unwrap_err(), ReconcileError::WrongContract { .. }));

    let node = Node::connect("http://127.0.0.1:9", Duration::from_secs(1)).unwrap();
    let nobody = ContractView::new(node, world.settlement.address);
    let error = Reconciler::new(pool, nobody, CHAIN_ID, plans).run(Scope::All, "test").await;
    assert!(matches!(error.unwrap_err(), ReconcileError::Node(_)));

    books.tamper("UPDATE blockchain_sync SET last_block_hash = decode(repeat('ee', 32), 'hex')").await;
    let error = world.reconciler(&books).await.run(Scope::All, "test").await.unwrap_err();
    assert!(matches!(error, ReconcileError::OtherChain { .. }), "{error}");
}

/// Puts a reward that nothing justifies into a user's rows, or takes it out again.
async fn invent_reward(books: &Books, user: u64, there: bool) {
    let statement = match there {
        true => format!(
            "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, type, amount, cumulative, state,
                                  created_at, updated_at)
             VALUES (1048576 + 77, 1, 77, {user}, 1, 'GRANT', 9, 9, 'payable', now(), now())"
        ),
        false => "DELETE FROM rewards WHERE ordinal = 77".to_owned(),
    };
    books.tamper(&statement).await;
}

/// Runs that stop batches.
async fn stops(books: &Books) -> Vec<i64> {
    let stops = sqlx::query_scalar("SELECT run FROM standing_stops ORDER BY run");
    stops.fetch_all(&books.superuser().await).await.unwrap()
}

#[tokio::test]
async fn a_sample_sees_its_own_users_only_and_lifts_no_stop() {
    let world = World::lived().await;
    let books = world.books().await;
    let reconciler = world.reconciler(&books).await;
    let run = async |scope| reconciler.run(scope, "test").await.unwrap();
    let (sample, all) = (Scope::Sample(3), Scope::All);
    let first = run(sample).await;
    assert_eq!((first.differences.len(), first.figures.accounts.compared), (0, 16));
    let start = u64::from_be_bytes(first.block_hash[..8].try_into().unwrap()) % 16;

    for within in 0..3 {
        invent_reward(&books, (start + within) % 16, true).await;
        let damaged = run(sample).await;
        assert_eq!(seen(&damaged.differences), [("reward_extra", "rewards 1048653".to_owned())]);
        assert!(damaged.stops_batches());
        invent_reward(&books, 0, false).await;
    }
    assert_eq!(stops(&books).await, [2, 3, 4]);
    assert!(run(sample).await.balanced());
    assert_eq!(stops(&books).await, [2, 3, 4], "a clean sample lifts nothing");
    assert!(run(all).await.balanced());
    assert_eq!(stops(&books).await, [0; 0], "a clean run of all lifts every stop before it");

    invent_reward(&books, (start + 3) % 16, true).await;
    assert!(run(sample).await.balanced(), "the damage is outside the sample");
    assert!(run(all).await.stops_batches());
    assert!(run(sample).await.balanced());
    assert_eq!(stops(&books).await, [8], "the sample found nothing where it looked");
}

#[tokio::test]
async fn a_run_that_read_the_books_before_another_s_stop_was_stored_does_not_lift_it() {
    let world = World::lived().await;
    let books = world.books().await;
    let reconciler = world.reconciler(&books).await;
    // The first run has read the books and waits for them in order to store its result.
    let superuser = books.superuser().await;
    let mut holder = superuser.begin().await.unwrap();
    banyan_ledger::store::lock_books(&mut holder).await.unwrap();
    let early = tokio::spawn({
        let reconciler = reconciler.clone();
        async move { reconciler.run(Scope::All, "early").await.unwrap() }
    });
    until_waiting(&superuser, 1).await;
    // Meanwhile another finds damage: stored as it would have been, for the books are held.
    let stop = "INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by,
                                             started_at, finished_at, balanced, stops_batches, figures)
                SELECT gen_random_uuid(), 'sample', 0, 1, decode(repeat('00', 32), 'hex'), 3, 'late', now(), now(),
                       false, true, '{}'";
    sqlx::query(stop).execute(&mut *holder).await.unwrap();
    holder.commit().await.unwrap();
    assert!(early.await.unwrap().balanced());
    assert_eq!(stops(&books).await, [1]);
    assert!(reconciler.run(Scope::All, "test").await.unwrap().balanced());
    assert_eq!(stops(&books).await, [0; 0]);
}

#[tokio::test]
async fn what_was_compared_of_each_account_is_kept_where_it_changed() {
    let world = World::lived().await;
    let books = world.books().await;
    let reconciler = world.reconciler(&books).await;
    let superuser = books.superuser().await;
    let kept = async || -> Vec<(i64, i64)> {
        let rows = "SELECT run, count(*) FROM reconciliation_accounts GROUP BY run ORDER BY run";
        sqlx::query_as(rows).fetch_all(&superuser).await.unwrap()
    };
    reconciler.run(Scope::All, "test").await.unwrap();
    reconciler.run(Scope::All, "test").await.unwrap();
    assert_eq!(kept().await, [(1, 16)], "the second run compared the same figures");
    let row: (String, String, String, String, String) = sqlx::query_as(
        "SELECT chain_paid::text, earned::text, payable::text, reserved::text, paid::text FROM reconciliation_accounts
         WHERE user_id = 1",
    )
    .fetch_one(&superuser)
    .await
    .unwrap();
    let paid = "45.600000000000000000".to_owned();
    assert_eq!((&row.0, &row.1, &row.4), (&paid, &paid, &paid));
    assert_eq!(row.2, "0.000000000000000000");

    // A registration under person(1): she, the company, whoever's board it fills, and the newcomer.
    world.settlement.register(world.anvil.address(47), world.person(1), bnb(20)).await.unwrap();
    world.catch_up(&books).await;
    reconciler.run(Scope::All, "test").await.unwrap();
    let changed = kept().await;
    assert!(changed.len() == 2 && changed[1].0 == 3 && (3..16).contains(&changed[1].1), "{changed:?}");
}

#[tokio::test]
async fn a_difference_leads_to_the_rows_as_they_are_now() {
    let world = World::lived().await;
    let books = world.books().await;
    books.tamper("UPDATE accounts SET balance = balance + 1 WHERE kind = 'payable' AND owner = 4").await;
    let result = world.reconciler(&books).await.run(Scope::All, "test").await.unwrap();
    let mut connection = books.pool().await.acquire().await.unwrap();
    let row = &result.differences[0].evidence[0];
    let rows = banyan_reconciliation::rows_now(&mut connection, row.table, &row.id).await.unwrap();
    assert_eq!((rows[0].table, rows[0].columns["owner"].as_str()), ("accounts", Some("4")));
    assert!(rows.len() > 1 && rows[1..].iter().all(|row| row.table == "postings"), "{rows:?}");
    for (table, id, tables) in [
        ("history", "seq 7", &["history", "chain_events"][..]),
        ("rewards", "7340032", &["rewards"]),
        ("rewards", "1", &[]),
        ("users", "7", &["users"]),
        ("payouts", "user_id 1, latest paid_total", &["payouts"]),
        ("blockchain_sync", "1", &["blockchain_sync"]),
        ("journal_transactions", "entry/7", &["journal_transactions"]),
    ] {
        let rows = banyan_reconciliation::rows_now(&mut connection, table, id).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.table).collect::<Vec<_>>(), tables, "{table} {id}");
    }
}

#[tokio::test]
async fn a_sample_is_compared_at_each_checkpoint_that_the_books_pass() {
    let world = World::lived().await;
    let books = world.books().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let metrics = banyan_reconciliation::Metrics::register(&prometheus::Registry::new()).unwrap();
    let schedule = banyan_reconciliation::Schedule { blocks: Some(100), interval: None };
    let reconciler = world.reconciler(&books).await;
    let running = tokio::spawn(async move {
        reconciler.run_on(schedule, &metrics, async { drop(stopped.await) }).await;
    });
    let superuser = books.superuser().await;
    let runs = async |at_least: usize| -> Vec<i64> {
        let enough = format!("SELECT count(*) >= {at_least} FROM reconciliations");
        until(&superuser, "a reconciliation", &enough).await;
        let blocks = "SELECT block_number / 100 FROM reconciliations ORDER BY run";
        sqlx::query_scalar(blocks).fetch_all(&superuser).await.unwrap()
    };
    let first = runs(1).await;
    world.anvil.rpc().mine(100).await.unwrap();
    world.catch_up(&books).await;
    let second = runs(2).await;
    assert_eq!((second.len(), second[0]), (2, first[0]));
    assert!(second[1] > first[0], "{second:?}");
    stop.send(()).unwrap();
    running.await.unwrap();
}
