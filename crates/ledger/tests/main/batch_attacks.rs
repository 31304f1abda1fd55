//! Nothing is signed over books that could still be told otherwise: no way round by the batch's states and columns, and no
//! race between who books and who signs.

use std::time::Duration;

use banyan_ledger::store::{book, seal};
use sqlx::{Connection as _, PgConnection};

use crate::attacks::strike;
use crate::scene::{Scene, entry, outflow};

const FORBIDDEN: &str = "42501";
const LOST: &str = "23001";
const STEPS: &str = "a_batch_goes_step_by_step";
const SIGNED: &str = "what_was_signed_stays";
const BEGINS: &str = "a_batch_begins_where_the_books_stand";
const UNSEALED: &str = "sealed_before_signed";

/// Batch 1, built at block 13.
const BATCH: &str = "
    INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block, created_at,
                                updated_at)
    VALUES ('00000000-0000-0000-0000-000000000001', 1, 'building', 1, decode(repeat('00', 32), 'hex'),
            decode(repeat('00', 32), 'hex'), 5, 'x', 13, now(), now());
    INSERT INTO payout_items VALUES ('00000000-0000-0000-0000-000000000001', 1, 13, 5)";
const SIGN: &str =
    "UPDATE payout_batches SET state = 'signed', signature = '\\x01', digest = '\\x01', deadline = now()";
const SENT: &str = "
    UPDATE payout_batches SET state = 'broadcast';
    INSERT INTO payout_attempts (batch_id, attempt, nonce, tx_hash, raw, max_fee_wei, priority_fee_wei, outcome, created_at,
                                 updated_at)
    VALUES ('00000000-0000-0000-0000-000000000001', 1, 0, '0x', '', 0, 0, 'written', now(), now())";

/// What is tried; whether by the services too, or by the owner only because the services are not even let so far; before
/// or after the batch was signed; and the constraint or code that refuses.
const ATTACKS: &[(&str, bool, &str, &str)] = &[
    ("", true, "UPDATE payout_batches SET state = 'abandoned', closed_block = 13;
                UPDATE payout_batches SET state = 'signed', closed_block = NULL, signature = '', deadline = now()", UNSEALED),
    ("", true, "UPDATE payout_batches SET state = 'signed', built_block = 0, signature = '', deadline = now()", ""),
    ("", true, "UPDATE payout_batches SET state = 'broadcast', signature = '', deadline = now()", UNSEALED),
    ("", true, "UPDATE payout_batches SET signature = '\\x01'", UNSEALED),
    ("", true, "INSERT INTO payout_batches SELECT gen_random_uuid(), 2, state, seq, head, root, max_total, NULL, NULL, NULL,
                NULL, 'x', 0, NULL, NULL, NULL, now(), now() FROM payout_batches", BEGINS),
    ("seal", true, "UPDATE payout_batches SET state = 'abandoned', closed_block = 13;
                    UPDATE payout_batches SET state = 'signed', closed_block = NULL, signature = '', deadline = now()", STEPS),
    ("seal", true, "UPDATE payout_batches SET state = 'abandoned', closed_block = 13;
                    UPDATE payout_batches SET state = 'building', closed_block = NULL", STEPS),
    ("seal", true, "UPDATE payout_batches SET state = 'abandoned', closed_block = 13;
                    UPDATE payout_batches SET reason = 'another'", STEPS),
    ("seal", true, "UPDATE payout_batches SET state = 'queued', signature = '', deadline = now()", STEPS),
    ("seal", true, "UPDATE payout_batches SET max_total = 1000", ""),
    ("seal", true, "UPDATE payout_batches SET number = 9", ""),
    ("seal", true, "UPDATE payout_batches SET seq = 2", ""),
    ("seal", true, "UPDATE payout_batches SET head = root", ""),
    ("seal", true, "UPDATE payout_batches SET root = head", ""),
    ("seal", true, "UPDATE payout_batches SET requested_by = 'y'", ""),
    ("seal", true, "UPDATE payout_batches SET created_at = now()", ""),
    ("seal", true, "UPDATE payout_items SET amount = 6", ""),
    ("seal", true, "UPDATE payout_items SET cumulative = 1000", ""),
    ("seal", true, "UPDATE payout_items SET open = false; UPDATE payout_items SET open = true", LOST),
    ("seal", true, "DELETE FROM payout_items", ""),
    ("sign", true, "UPDATE payout_batches SET state = 'building', signature = NULL", STEPS),
    ("sign", true, "INSERT INTO payout_items VALUES ('00000000-0000-0000-0000-000000000001', 2, 13, 5)",
     "items_come_while_building"),
    ("send", true, "UPDATE payout_batches SET signature = '\\x02'", SIGNED),
    ("send", true, "UPDATE payout_batches SET digest = '\\x02'", SIGNED),
    ("send", true, "UPDATE payout_batches SET deadline = now() + interval '1 day'", SIGNED),
    ("send", true, "UPDATE payout_batches SET state = 'signed'", STEPS),
    ("send", true, "UPDATE payout_batches SET state = 'final', tx_hash = '0x1', block_number = 14;
                    UPDATE payout_batches SET state = 'settled', tx_hash = '0x2', out = 2, closed_block = 14", SIGNED),
];

#[tokio::test]
async fn a_batch_stays_what_was_built_and_goes_step_by_step() {
    let scene = Scene::with_cursor().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let mut app = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    sqlx::raw_sql(BATCH).execute(&mut app).await.unwrap();
    let mut missed = Vec::new();
    for stage in ["", "seal", "sign", "send"] {
        match stage {
            "seal" => assert_eq!(seal(&scene.pool).await.unwrap().sealed, 2),
            "sign" => assert_eq!(strike(&mut app, SIGN).await, [None, None]),
            "send" => {
                assert_eq!(
                    strike(&mut app, "UPDATE payout_batches SET state = 'queued'").await,
                    [None, None]
                );
                let again =
                    "UPDATE payout_batches SET signature = '\\x03', digest = '\\x03', deadline = now()";
                assert_eq!(
                    strike(&mut app, again).await,
                    [None, None],
                    "one that was never sent is signed again"
                );
                assert_eq!(strike(&mut app, SENT).await, [None, None]);
            }
            _ => {}
        }
        for (_, by_app, sql, code) in ATTACKS.iter().filter(|attack| attack.0 == stage) {
            // Columns that the services are not granted meet that first; the owner meets the guard.
            let (of_app, of_owner) = if code.is_empty() { (FORBIDDEN, LOST) } else { (*code, *code) };
            let tries = [(by_app, &mut app, of_app), (&true, &mut owner, of_owner)];
            for (tried, connection, code) in tries {
                let met = if *tried { strike(connection, sql).await } else { continue };
                if !met.iter().flatten().any(|met| met == code) {
                    missed.push(format!("{sql}: expected {code}, met {met:?}"));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn whoever_signs_waits_for_whoever_books_and_then_sees_what_was_booked() {
    let scene = Scene::with_cursor().await;
    sqlx::raw_sql(BATCH).execute(&scene.pool).await.unwrap();
    seal(&scene.pool).await.unwrap();
    // An operator's correction of an earlier block is booked and not committed: nobody else sees it.
    let mut late = scene.pool.begin().await.unwrap();
    book(&mut late, &[entry(), outflow()]).await.unwrap();
    let booked = "WITH t AS (INSERT INTO journal_transactions VALUES
                      ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
                  INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 20)";
    sqlx::raw_sql(booked).execute(&mut *late).await.unwrap();
    let signing = tokio::spawn({
        let url = scene.database.url_as("banyan_app");
        async move {
            let mut signer = PgConnection::connect(&url).await.unwrap();
            strike(&mut signer, SIGN).await
        }
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let mut looked = 0;
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&scene.pool).await.unwrap() == 0 {
        assert!(!signing.is_finished(), "it was signed beside what is being booked: {:?}", signing.await);
        looked += 1;
        assert!(looked < 12_000, "nobody waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    late.commit().await.unwrap();
    assert_eq!(signing.await.unwrap()[1].as_deref(), Some(UNSEALED));
}
