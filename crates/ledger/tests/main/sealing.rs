//! The sealer: numbers without gaps and positions in the order of commits, whoever books and seals at once, and nothing
//! half when it dies.

use std::collections::BTreeSet;
use std::time::Duration;

use banyan_ledger::store::{Pool, book, connect, seal, verify};
use banyan_ledger::{Account, Cause, Transaction};
use sqlx::{Connection as _, PgConnection};

use crate::scene::{Scene, posting};

/// How many write at once, and how often each.
const WRITERS: u64 = 8;
const ROUNDS: u64 = 15;

/// Batch `number` takes 1 and gives it back at once, so that any number of them can be booked.
fn batch(number: u64) -> [Transaction; 2] {
    let (payable, taken) = (Account::payable(1), Account::in_batch(1));
    let mut small = posting(payable, taken, 1);
    small.amount = banyan_types::Amount::from_units(1).unwrap();
    let back = banyan_ledger::Posting { debit: taken, credit: payable, ..small };
    let at = 1_030 + number * 3_600;
    [
        Transaction { cause: Cause::batch_built(number), at, block: 13, postings: vec![small] },
        Transaction { cause: Cause::batch_closed(number), at, block: 13, postings: vec![back] },
    ]
}

/// Books a batch and tells of it, in one database transaction.
async fn book_and_tell(pool: &Pool, number: u64) {
    let mut work = pool.begin().await.unwrap();
    tell(&mut work, number).await;
    book(&mut work, &batch(number)).await.unwrap();
    work.commit().await.unwrap();
}

async fn tell(connection: &mut PgConnection, number: u64) {
    sqlx::query(
        "INSERT INTO outbox (topic, reference, body, at, block_number)
         VALUES ('batch.built', $1, '{}', to_timestamp(1030), 13)",
    )
    .bind(i64::try_from(number).unwrap())
    .execute(connection)
    .await
    .unwrap();
}

/// Reads what is above the last position, until it has seen `count` rows: as any reader of the outbox does.
async fn follow(pool: Pool, count: usize) -> Vec<(i64, i64)> {
    let mut seen: Vec<(i64, i64)> = Vec::new();
    let started = std::time::Instant::now();
    while seen.len() < count {
        assert!(started.elapsed() < Duration::from_secs(120), "{} of {count} came", seen.len());
        let last = seen.last().map_or(0, |seen| seen.0);
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT position, reference FROM outbox WHERE position > $1 ORDER BY position")
                .bind(last)
                .fetch_all(&pool)
                .await
                .unwrap();
        seen.extend(rows);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_follows_positions_never_skips_while_many_book_and_seal_at_once() {
    let scene = Scene::booked().await;
    let pool = connect(&scene.database.url_as("banyan_app"), "test", 20).await.unwrap();
    Scene::batches(&pool, 1, WRITERS * ROUNDS, 13).await;
    let all = usize::try_from(WRITERS * ROUNDS).unwrap();
    let reader = tokio::spawn(follow(pool.clone(), all));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let pool = pool.clone();
        writers.spawn(async move {
            for round in 0..ROUNDS {
                book_and_tell(&pool, 1 + writer * ROUNDS + round).await;
                seal(&pool).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let seen = reader.await.unwrap();
    assert!(seen.iter().map(|seen| seen.0).eq(1..=i64::try_from(all).unwrap()), "{seen:?}");
    let told: BTreeSet<i64> = seen.iter().map(|seen| seen.1).collect();
    assert_eq!(told.len(), all);
    let verified = verify(&mut pool.acquire().await.unwrap(), None).await.unwrap();
    assert_eq!((verified.finding.clone(), verified.unsealed), (None, 0), "{verified:?}");
    assert_eq!(verified.last.number, 2 + 2 * WRITERS * ROUNDS);
}

#[tokio::test]
async fn nothing_is_told_before_the_journal_of_its_commit_is_sealed() {
    let scene = Scene::facts().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    crate::scene::Scene::book(&scene.pool, &[crate::scene::entry()]).await;
    Scene::batches(&scene.pool, 1, 3, 13).await;
    for number in 1..=3 {
        book_and_tell(&scene.pool, number).await;
    }
    let run = "SELECT concat_ws(' ', sealed, positioned, number, position) FROM seal_journal(2)";
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(sqlx::query_scalar::<_, String>(run).fetch_one(&mut owner).await.unwrap());
    }
    // Seven transactions, two a run: full runs tell nothing, the one that emptied the queue tells two, the next the third.
    assert_eq!(runs, ["2 0 2 0", "2 0 4 0", "2 0 6 0", "1 2 7 2", "0 1 7 3"]);
}

#[tokio::test]
async fn a_transaction_that_is_cut_leaves_no_gap_in_what_waits_and_in_what_is_told() {
    let scene = Scene::booked().await;
    Scene::batches(&scene.pool, 1, 6, 13).await;
    let sealed = "SELECT concat_ws(' ', number, taken_to, position, told_to) FROM seal_head";
    for number in 1..=6 {
        let mut cut = scene.pool.begin().await.unwrap();
        tell(&mut cut, number).await;
        book(&mut cut, &batch(number)).await.unwrap();
        cut.rollback().await.unwrap();
        book_and_tell(&scene.pool, number).await;
        // Some numbers follow rows that wait, others what the sealer took away.
        if number % 3 == 0 {
            seal(&scene.pool).await.unwrap();
            let told = number;
            let booked = 2 + 2 * number;
            let found: String = sqlx::query_scalar(sealed).fetch_one(&scene.pool).await.unwrap();
            assert_eq!(
                found,
                format!("{booked} {booked} {told} {told}"),
                "number, taken_to, position, told_to"
            );
        }
    }
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM outbox ORDER BY id").fetch_all(&scene.pool).await.unwrap();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn nobody_books_or_tells_under_an_older_snapshot_for_its_numbers_would_be_behind_the_sealer() {
    let scene = Scene::booked().await;
    Scene::batches(&scene.pool, 1, 2, 13).await;
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        let mut behind = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
        for number in [1, 2] {
            let begin = format!("BEGIN ISOLATION LEVEL {level}; SELECT FROM seal_head");
            sqlx::raw_sql(sqlx::AssertSqlSafe(begin)).execute(&mut behind).await.unwrap();
            let refusal = match number {
                1 => {
                    let told = "INSERT INTO outbox (topic, reference, body, at, block_number)
                                VALUES ('batch.built', 1, '{}', to_timestamp(1030), 13)";
                    sqlx::query(told).execute(&mut behind).await.unwrap_err()
                }
                _ => {
                    let booked = "WITH t AS (INSERT INTO journal_transactions VALUES
                                      ('batch_built', 2, to_timestamp(1030), 13, 0, decode(repeat('00', 32), 'hex')))
                                  INSERT INTO postings VALUES
                                      ('batch_built', 2, 0, to_timestamp(1030), 13, 'payable', 1, 'in_batch', 1, 1)";
                    sqlx::query(booked).execute(&mut behind).await.unwrap_err()
                }
            };
            assert!(refusal.to_string().contains("READ COMMITTED"), "{level}: {refusal}");
            sqlx::raw_sql("ROLLBACK").execute(&mut behind).await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_tells_waits_for_whoever_told_before_so_that_positions_are_those_of_commits() {
    let scene = Scene::booked().await;
    let mut first = scene.pool.begin().await.unwrap();
    tell(&mut first, 2).await;
    let second = tokio::spawn({
        let pool = scene.pool.clone();
        async move {
            let mut second = pool.begin().await.unwrap();
            tell(&mut second, 1).await;
            second.commit().await.unwrap();
        }
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&scene.pool).await.unwrap() == 0 {
        assert!(!second.is_finished(), "it was told beside another");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(seal(&scene.pool).await.unwrap().position, 0);
    first.commit().await.unwrap();
    second.await.unwrap();
    assert_eq!(seal(&scene.pool).await.unwrap().position, 2);
    let order: String =
        sqlx::query_scalar("SELECT string_agg(reference::text, ' ' ORDER BY position) FROM outbox")
            .fetch_one(&scene.pool)
            .await
            .unwrap();
    assert_eq!(order, "2 1");
}

#[tokio::test]
async fn a_sealer_that_is_killed_in_the_middle_leaves_nothing_half() {
    let scene = Scene::booked().await;
    let mut killed = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut killed).await.unwrap();
    let mut work = killed.begin().await.unwrap();
    sqlx::query("SELECT seal_journal(100)").execute(&mut *work).await.unwrap();
    let waiting = tokio::spawn({
        let pool = scene.pool.clone();
        async move { seal(&pool).await }
    });
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    sqlx::query("SELECT pg_terminate_backend($1)").bind(backend).execute(&mut owner).await.unwrap();
    let sealed = waiting.await.unwrap().unwrap();
    assert_eq!((sealed.number, sealed.sealed), (2, 2));
    drop(work);
    let verified = verify(&mut scene.pool.acquire().await.unwrap(), None).await.unwrap();
    assert_eq!((verified.finding, verified.last.number), (None, 2));
}

#[tokio::test]
async fn an_update_of_the_sealers_row_seals_and_nothing_that_it_says_is_listened_to() {
    let scene = Scene::booked().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    sqlx::raw_sql("UPDATE seal_head SET number = 77, hash = decode(repeat('77', 32), 'hex'), position = 77")
        .execute(&mut owner)
        .await
        .unwrap();
    let sealed = seal(&scene.pool).await.unwrap();
    // That update was a run of one; the rest is the next run's.
    assert_eq!((sealed.number, sealed.position, sealed.sealed), (2, 0, 1));
    assert_eq!(verify(&mut owner, None).await.unwrap().finding, None);
}

#[tokio::test]
async fn whoever_lifts_a_stop_is_told_to_the_letter() {
    let scene = Scene::with_cursor().await;
    let mut session = scene.pool.acquire().await.unwrap();
    for (scope, block, stops) in [("sample", 12, true), ("all", 13, false)] {
        let run = format!(
            "INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                          finished_at, balanced, stops_batches, figures)
             SELECT gen_random_uuid(), '{scope}', coalesce(max(run), 0), {block}, decode(repeat('00', 32), 'hex'), 1, 'an operator',
                    to_timestamp(1030), to_timestamp(1031), {}, {stops}, '{{}}' FROM reconciliations",
            !stops
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(run)).execute(&mut *session).await.unwrap();
    }
    let as_it_should: bool = sqlx::query_scalar(
        "SELECT (o.topic, o.reference, o.wallet_address, o.at, o.block_number)
                    IS NOT DISTINCT FROM ('batches.released', r.run, NULL, to_timestamp(1031), 13::bigint)
                AND o.body = jsonb_build_object(
                    'stops', (SELECT jsonb_agg(run) FROM reconciliations WHERE stops_batches), 'run', r.run, 'block', 13,
                    'requestedBy', 'an operator', 'role', 'banyan_app', 'application', 'test',
                    'client', inet_client_addr(), 'backend', pg_backend_pid())
         FROM outbox o, reconciliations r WHERE r.scope = 'all'",
    )
    .fetch_one(&mut *session)
    .await
    .unwrap();
    assert!(as_it_should);
}
