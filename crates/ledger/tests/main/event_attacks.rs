//! What is booked has behind it what it says it has: its events, whom they name, when and where; its batch's items; the
//! reconciliation that found it.

use sqlx::{Connection as _, PgConnection};

use crate::attacks::{picture, strike};
use crate::scene::Scene;

const AS_SAID: &str = "booked_as_the_events_say";
const WHOSE: &str = "outflows_are_of_whom_the_chain_says";
const ITEMS: &str = "batches_move_their_items";
const FOUND: &str = "excess_was_found";

/// Outflow 2: user 1 was paid 1. Outflow 3: they are owed 2, and user 2 was paid 1. A reconciliation found 1 of forced ether.
const PAID: &str = "
    INSERT INTO payouts (out, user_id, kind, amount, paid_total, tx_hash, block_number, log_index, at)
    VALUES (2, 1, 'paid', 1, 3, '0x', 12, 0, to_timestamp(1020)), (3, 1, 'owed', 2, 5, '0x', 12, 0, to_timestamp(1020)),
           (3, 2, 'paid', 1, 1, '0x', 12, 0, to_timestamp(1020));
    INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at, finished_at,
                                 balanced, stops_batches, figures)
    VALUES (gen_random_uuid(), 'sample', 0, 12, decode(repeat('00', 32), 'hex'), 1, 'x', now(), now(), true, false,
            '{\"chain\": {\"excess\": \"1000000000000000000\"}}')";

/// A cause, its block and time, its postings without cause and ordinal, and what refuses it; nothing: it is right.
const BOOKINGS: &[(&str, i64, i64, &[&str], &str)] = &[
    ("'entry', 2", 11, 1011, &["'funds', 0, 'payable', 1, 20"], AS_SAID),
    ("'entry', 2", 12, 1010, &["'funds', 0, 'payable', 1, 20"], AS_SAID),
    ("'entry', 2", 11, 1010, &["'funds', 0, 'payable', 1, 20"], ""),
    ("'outflow', 2", 11, 1020, &["'payable', 1, 'funds', 0, 1"], AS_SAID),
    ("'outflow', 2", 12, 1021, &["'payable', 1, 'funds', 0, 1"], AS_SAID),
    ("'outflow', 2", 12, 1020, &["'payable', 0, 'funds', 0, 1"], WHOSE),
    (
        "'outflow', 2",
        12,
        1020,
        &["'payable', 1, 'funds', 0, 1", "'suspense', 0, 'owed', 9, 1000000"],
        AS_SAID,
    ),
    ("'outflow', 2", 12, 1020, &["'payable', 1, 'funds', 0, 1"], ""),
    ("'outflow', 2", 12, 1020, &["'suspense', 0, 'funds', 0, 1"], ""),
    ("'outflow', 3", 12, 1020, &["'suspense', 0, 'funds', 0, 1", "'payable', 1, 'owed', 1, 1"], AS_SAID),
    ("'outflow', 3", 12, 1020, &["'suspense', 0, 'funds', 0, 1"], AS_SAID),
    ("'outflow', 3", 12, 1020, &["'suspense', 0, 'funds', 0, 1", "'suspense', 0, 'owed', 9, 2"], WHOSE),
    ("'outflow', 3", 12, 1020, &["'suspense', 0, 'funds', 0, 1", "'suspense', 0, 'owed', 2, 2"], WHOSE),
    ("'outflow', 3", 12, 1020, &["'payable', 1, 'funds', 0, 1", "'payable', 1, 'owed', 1, 2"], WHOSE),
    ("'outflow', 3", 12, 1020, &["'suspense', 0, 'funds', 0, 1", "'payable', 1, 'owed', 1, 2"], ""),
    ("'batch_built', 3", 13, 1030, &["'payable', 1, 'in_batch', 1, 1"], ITEMS),
    ("'batch_built', 1", 12, 1030, &["'payable', 1, 'in_batch', 1, 1"], ITEMS),
    ("'batch_built', 1", 13, 1030, &["'payable', 0, 'in_batch', 0, 1"], ITEMS),
    (
        "'batch_built', 1",
        13,
        1030,
        &["'payable', 1, 'in_batch', 1, 6", "'payable', 1, 'in_batch', 1, 95"],
        ITEMS,
    ),
    ("'batch_built', 1", 13, 1030, &["'payable', 1, 'in_batch', 1, 5"], ""),
    ("'excess', 12", 12, 1020, &["'funds', 0, 'excess', 0, 2"], FOUND),
    ("'excess', 11", 11, 1020, &["'funds', 0, 'excess', 0, 1"], FOUND),
    ("'excess', 9223372036854775807", 12, 1020, &["'funds', 0, 'excess', 0, 1"], FOUND),
    ("'excess', 12", 12, 1020, &["'funds', 0, 'excess', 0, 1"], ""),
];

/// A batch's cause, used twice: nothing else would be wrong with it.
const TWICE: &[&str] = &[
    "WITH t AS (INSERT INTO journal_transactions VALUES
         ('batch_built', 1, to_timestamp(1030), 13, 0, decode(repeat('00', 32), 'hex')),
         ('batch_built', 1, to_timestamp(1031), 13, 0, decode(repeat('00', 32), 'hex')))
     INSERT INTO postings VALUES
         ('batch_built', 1, 0, to_timestamp(1030), 13, 'payable', 1, 'in_batch', 1, 1),
         ('batch_built', 1, 0, to_timestamp(1031), 13, 'payable', 1, 'in_batch', 1, 1)",
    "SELECT ensure_journal_months(to_timestamp(4000000), to_timestamp(4000000));
     WITH t AS (INSERT INTO journal_transactions VALUES
         ('batch_built', 1, to_timestamp(1030), 13, 0, decode(repeat('00', 32), 'hex')))
     INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 13, 'payable', 1, 'in_batch', 1, 1);
     WITH t AS (INSERT INTO journal_transactions VALUES
         ('batch_built', 1, to_timestamp(4000000), 13, 0, decode(repeat('00', 32), 'hex')))
     INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(4000000), 13, 'payable', 1, 'in_batch', 1, 1)",
];

#[tokio::test]
async fn a_booking_without_what_it_says_it_has_behind_it_is_refused() {
    let scene = Scene::booked().await;
    sqlx::raw_sql(PAID).execute(&scene.pool).await.unwrap();
    Scene::batches(&scene.pool, 1, 1, 13).await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    // Enough for an attack to meet what it is meant to meet.
    let rich = "SET session_replication_role = replica; UPDATE accounts SET balance = balance + 200;
                RESET session_replication_role";
    sqlx::raw_sql(rich).execute(&mut owner).await.unwrap();
    let mut app = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let before = picture(&mut owner).await;
    let mut missed = Vec::new();
    for (cause, block, at, postings, code) in BOOKINGS {
        let rows: Vec<String> = postings
            .iter()
            .enumerate()
            .map(|(ordinal, posting)| format!("({cause}, {ordinal}, to_timestamp({at}), {block}, {posting})"))
            .collect();
        let sql = format!(
            "WITH t AS (INSERT INTO journal_transactions VALUES
                 ({cause}, to_timestamp({at}), {block}, {}, decode(repeat('00', 32), 'hex')))
             INSERT INTO postings VALUES {}",
            postings.len() - 1,
            rows.join(", ")
        );
        let tried = if code.is_empty() { format!("{sql}; SELECT 1 / 0") } else { sql };
        let expected = if code.is_empty() { "22012" } else { *code };
        for connection in [&mut app, &mut owner] {
            let met = strike(connection, Box::leak(tried.clone().into_boxed_str())).await;
            if !met.iter().flatten().any(|met| met == expected) {
                missed.push(format!("{cause} {block} {at} {postings:?}: expected {expected}, met {met:?}"));
            }
        }
    }
    for sql in TWICE {
        for connection in [&mut app, &mut owner] {
            let met = strike(connection, sql).await;
            if met[0].as_deref() != Some("23505") {
                missed.push(format!("{sql}: met {met:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(picture(&mut owner).await, before);
}
