//! What every block writes refers to what is there: the checks look at a whole statement, and refuse what row-level foreign
//! keys would. And what is referred to stays, whoever asks.

use sqlx::{Connection as _, PgConnection};

use crate::attacks::{picture, strike};
use crate::scene::Scene;

const FOREIGN_KEY: &str = "23503";
const RESTRICTED: &str = "23001";

/// Each refers to one thing that is not there; a row that refers to what is there comes with it where a statement can say so.
const DANGLING: &[(&str, &str)] = &[
    (
        "an entry without its event",
        "INSERT INTO history (seq, kind, at, head, amount, outcome, block_number, log_index, tx_hash)
         VALUES (3, 'RETOPUP', to_timestamp(1020), decode(repeat('03', 32), 'hex'), 40, 'applied', 12, 0, '0x'),
                (4, 'RETOPUP', to_timestamp(1030), decode(repeat('04', 32), 'hex'), 40, 'applied', 12, 1, '0x')",
    ),
    (
        "a user under nobody",
        "INSERT INTO users (id, wallet_address, referrer_id, participant, registered_seq, created_at, updated_at)
         VALUES (3, '0x' || repeat('33', 20), 4, true, 0, to_timestamp(1000), to_timestamp(1000))",
    ),
    (
        "a user who never registered",
        "INSERT INTO users (id, wallet_address, referrer_id, participant, registered_seq, created_at, updated_at)
         VALUES (3, '0x' || repeat('33', 20), 1, true, 3, to_timestamp(1000), to_timestamp(1000))",
    ),
    (
        "a retopup without its entry",
        "INSERT INTO retopups VALUES (2, 1, 40, 'confirmed', '0x', to_timestamp(1010)),
                                     (3, 1, 40, 'confirmed', '0x', to_timestamp(1010))",
    ),
    ("nobody's retopup", "INSERT INTO retopups VALUES (2, 3, 40, 'confirmed', '0x', to_timestamp(1010))"),
    (
        "a seat in no tree",
        "INSERT INTO seats (id, pool_id, queue_index, user_id, seq, manual, price, status, created_at)
         VALUES (1026::bigint * 4294967296 + 1, 1026, 1, 1, 1, false, 18, 'active', to_timestamp(1000))",
    ),
    (
        "nobody's seat",
        "INSERT INTO seats (id, pool_id, queue_index, user_id, seq, manual, price, status, created_at)
         VALUES (1025::bigint * 4294967296 + 2, 1025, 2, 3, 2, false, 18, 'active', to_timestamp(1010))",
    ),
    (
        "a seat that no entry brought",
        "INSERT INTO seats (id, pool_id, queue_index, user_id, seq, manual, price, status, created_at)
         VALUES (1025::bigint * 4294967296 + 2, 1025, 2, 2, 3, false, 18, 'active', to_timestamp(1010))",
    ),
    (
        "a seat that no entry completed",
        "INSERT INTO seats (id, pool_id, queue_index, user_id, seq, manual, price, status, completed_seq, created_at)
         VALUES (1025::bigint * 4294967296 + 2, 1025, 2, 2, 2, false, 18, 'completed', 3, to_timestamp(1010))",
    ),
    ("a seat that no entry completed later", "UPDATE seats SET status = 'completed', completed_seq = 3"),
    ("a reward of no entry", "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative,
                              state, created_at, updated_at)
         VALUES (3145728, 3, 0, 1, 2, NULL, NULL, 'DIRECT', NULL, 2, 17, 'payable', to_timestamp(1010), to_timestamp(1010))"),
    ("nobody's reward", "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative,
                              state, created_at, updated_at)
         VALUES (2097153, 2, 1, 3, 2, NULL, NULL, 'DIRECT', NULL, 2, 17, 'payable', to_timestamp(1010), to_timestamp(1010))"),
    ("a reward from nobody", "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative,
                              state, created_at, updated_at)
         VALUES (2097153, 2, 1, 1, 3, NULL, NULL, 'DIRECT', NULL, 2, 17, 'payable', to_timestamp(1010), to_timestamp(1010))"),
    ("a reward of no tree", "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative,
                              state, created_at, updated_at)
         VALUES (2097153, 2, 1, 1, 2, 1026, NULL, 'POOL_L1', 1, 2, 17, 'payable', to_timestamp(1010), to_timestamp(1010))"),
    ("a reward of no seat", "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, pool_id, seat_id, type, depth, amount, cumulative,
                              state, created_at, updated_at)
         VALUES (2097153, 2, 1, 1, 2, 1025, 9, 'POOL_L1', 1, 2, 17, 'payable', to_timestamp(1010), to_timestamp(1010))"),
    ("a reward in no batch", "UPDATE rewards SET state = 'batched', batch_id = '00000000-0000-0000-0000-000000000001' WHERE id = 1048576"),
    ("a payment to nobody", "INSERT INTO payouts VALUES (2, 3, 'paid', 1, 1, NULL, '0x', 12, 0, to_timestamp(1020))"),
    (
        "a payment without its event",
        "INSERT INTO payouts VALUES (2, 1, 'paid', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020)),
                                    (3, 1, 'paid', 1, 4, NULL, '0x', 13, 0, to_timestamp(1020))",
    ),
];

/// What others refer to, and what they refer by, would be lost.
const LOSSES: &[&str] = &[
    "DELETE FROM users WHERE id = 2",
    "TRUNCATE users CASCADE",
    "UPDATE users SET id = 7 WHERE id = 2",
    "UPDATE users SET referrer_id = 0 WHERE id = 2",
    "UPDATE users SET registered_seq = 0 WHERE id = 2",
    "DELETE FROM retopups",
    "UPDATE retopups SET user_id = 2",
    "DELETE FROM pools",
    "TRUNCATE pools CASCADE",
    "UPDATE pools SET id = 1026",
    "DELETE FROM seats",
    "TRUNCATE seats CASCADE",
    "UPDATE seats SET user_id = 2",
    "UPDATE seats SET seq = 2",
    "DELETE FROM rewards WHERE id = 1048576",
    "TRUNCATE rewards",
    "UPDATE rewards SET user_id = 2 WHERE id = 1048576",
    "UPDATE rewards SET source_user_id = 2",
    "UPDATE rewards SET seat_id = NULL",
    "DELETE FROM payout_batches",
    "UPDATE payout_batches SET id = '00000000-0000-0000-0000-000000000001'",
    "DELETE FROM payouts",
    "TRUNCATE payouts",
    "UPDATE payouts SET user_id = 2",
];

#[tokio::test]
async fn what_refers_to_nothing_is_refused_and_what_is_referred_to_stays() {
    let scene = Scene::booked().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let mut app = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let before = picture(&mut owner).await;
    let mut missed = Vec::new();
    for (what, sql) in DANGLING {
        for connection in [&mut app, &mut owner] {
            let met = strike(connection, sql).await;
            if met[0].as_deref() != Some(FOREIGN_KEY) {
                missed.push(format!("{what}: {met:?}"));
            }
        }
    }
    for sql in LOSSES {
        let met = strike(&mut owner, sql).await;
        if met[0].as_deref() != Some(RESTRICTED) {
            missed.push(format!("{sql}: {met:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(picture(&mut owner).await, before);
}

#[tokio::test]
async fn rows_of_one_statement_may_refer_to_each_other() {
    let scene = Scene::booked().await;
    let mut app = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let sql = "INSERT INTO chain_events
               VALUES (13, 0, decode(repeat('ab', 32), 'hex'), to_timestamp(1000), decode(repeat('cd', 32), 'hex'), '{}', '');
               INSERT INTO history (seq, kind, at, head, amount, outcome, block_number, log_index, tx_hash)
               VALUES (3, 'REGISTRATION', to_timestamp(1040), decode(repeat('03', 32), 'hex'), 0, 'applied', 13, 0, '0x');
               INSERT INTO users (id, wallet_address, referrer_id, participant, registered_seq, created_at, updated_at)
               VALUES (3, '0x' || repeat('33', 20), 4, true, 0, to_timestamp(1000), to_timestamp(1000)),
                      (4, '0x' || repeat('44', 20), 3, true, 3, to_timestamp(1000), to_timestamp(1000))";
    assert_eq!(strike(&mut app, sql).await, [None, None]);
}
