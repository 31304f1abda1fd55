//! What the owner of the tables can do, because nothing can stop them, is found, and the first bad row is named.

use banyan_ledger::store::{seal, verify};
use banyan_ledger::{Finding, SealPoint, Transaction};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::scene::{Scene, entry, outflow, posting};

/// Seal 1 is entry 1, seal 2 outflow 1, seal 3 that batch 1 was built; three rows of the outbox are told.
async fn sealed() -> Scene {
    let scene = Scene::booked().await;
    let postings = vec![posting(banyan_ledger::Account::payable(1), banyan_ledger::Account::in_batch(1), 5)];
    let built = Transaction { cause: banyan_ledger::Cause::batch_built(1), at: 1_030, block: 13, postings };
    Scene::batches(&scene.pool, 1, 1, 13).await;
    Scene::book(&scene.pool, &[built]).await;
    sqlx::raw_sql(
        "INSERT INTO outbox (topic, reference, body, at, block_number)
         SELECT 'entry.applied', n, '{}', to_timestamp(1000), 10 FROM generate_series(1, 3) AS n",
    )
    .execute(&scene.pool)
    .await
    .unwrap();
    let sealed = seal(&scene.pool).await.unwrap();
    assert_eq!((sealed.number, sealed.position), (3, 3));
    scene
}

async fn damaged(sql: &str) -> Option<Finding> {
    let scene = sealed().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    assert_eq!(verify(&mut owner, None).await.unwrap().finding, None);
    let silent = format!("SET session_replication_role = replica; {sql}; RESET session_replication_role");
    sqlx::raw_sql(AssertSqlSafe(silent)).execute(&mut owner).await.unwrap();
    verify(&mut owner, None).await.unwrap().finding
}

/// Damage, and the table and key of the first bad row.
const DAMAGES: &[(&str, &str, &str)] = &[
    // Rows of the journal.
    ("UPDATE postings SET amount = 14 WHERE cause = 'entry' AND ordinal = 0", "journal_transactions", "entry 1"),
    (
        "UPDATE postings SET amount = CASE ordinal WHEN 0 THEN 3 ELSE 13 END WHERE cause = 'entry' AND ordinal IN (0, 2)",
        "journal_transactions",
        "entry 1",
    ),
    (
        "UPDATE postings SET credit_owner = 2 WHERE cause = 'entry' AND ordinal = 0;
         UPDATE accounts SET owner = 2 WHERE kind = 'payable' AND owner = 1",
        "journal_transactions",
        "entry 1",
    ),
    ("UPDATE postings SET debit_kind = 'owed' WHERE cause = 'outflow'", "journal_transactions", "outflow 1"),
    (
        "ALTER TABLE postings DROP CONSTRAINT legs_fit_the_cause;
         UPDATE postings SET debit_kind = 'excess' WHERE cause = 'outflow'",
        "postings",
        "outflow 1 0",
    ),
    ("UPDATE postings SET block_number = 9 WHERE cause = 'outflow'", "postings", "outflow 1 0"),
    ("UPDATE postings SET at = at + interval '1 s' WHERE cause = 'entry' AND ordinal = 1", "postings", "entry 1 1"),
    ("UPDATE postings SET ordinal = 7 WHERE cause = 'entry' AND ordinal = 2", "postings", "entry 1 2"),
    ("DELETE FROM postings WHERE cause = 'entry' AND ordinal = 2", "postings", "entry 1 2"),
    (
        "INSERT INTO postings VALUES ('entry', 1, 3, to_timestamp(1000), 10, 'funds', 0, 'payable', 2, 1)",
        "postings",
        "entry 1 3",
    ),
    (
        "INSERT INTO postings VALUES ('entry', 9, 0, to_timestamp(1000), 10, 'funds', 0, 'payable', 2, 1)",
        "postings",
        "entry 9 0",
    ),
    ("UPDATE journal_transactions SET block_number = 9 WHERE cause = 'outflow'", "postings", "outflow 1 0"),
    ("UPDATE journal_transactions SET at = to_timestamp(999) WHERE cause = 'entry'", "journal_transactions", "entry 1"),
    ("UPDATE journal_transactions SET last_ordinal = 3 WHERE cause = 'entry'", "postings", "entry 1 3"),
    (
        "UPDATE journal_transactions SET content_hash = decode(repeat('00', 32), 'hex') WHERE cause = 'outflow'",
        "journal_causes",
        "outflow 1",
    ),
    (
        "DELETE FROM journal_transactions WHERE cause = 'outflow'; DELETE FROM postings WHERE cause = 'outflow'",
        "journal_transactions",
        "outflow 1",
    ),
    (
        "INSERT INTO journal_transactions VALUES
             ('excess', 99, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex'));
         INSERT INTO postings VALUES ('excess', 99, 0, to_timestamp(1030), 12, 'funds', 0, 'excess', 0, 1);
         UPDATE accounts SET balance = balance + 1 WHERE kind = 'funds';
         INSERT INTO accounts VALUES ('excess', 0, 1)",
        "journal_transactions",
        "excess 99",
    ),
    ("ALTER TABLE postings DETACH PARTITION postings_1970_01", "postings", "entry 1 0"),
    ("DROP TABLE journal_transactions_1970_01", "journal_transactions", "entry 1"),
    // Causes, seals, what waits.
    ("DELETE FROM journal_causes WHERE cause = 'outflow'", "journal_causes", "outflow 1"),
    ("INSERT INTO journal_causes VALUES ('entry', 7, to_timestamp(1), '')", "journal_causes", "entry 7"),
    ("DELETE FROM journal_seals WHERE number = 3", "journal_seals", "3"),
    ("DELETE FROM journal_seals WHERE number = 2", "journal_seals", "2"),
    ("UPDATE journal_seals SET hash = decode(repeat('00', 32), 'hex') WHERE number = 2", "journal_seals", "2"),
    (
        "UPDATE journal_seals s SET (cause, ref, at) = (SELECT cause, ref, at FROM journal_seals o WHERE o.number = 3 - s.number)
         WHERE number < 3",
        "journal_seals",
        "1",
    ),
    (
        "INSERT INTO journal_seals SELECT 4, cause, ref, at, hash FROM journal_seals WHERE number = 1",
        "journal_seals",
        "4",
    ),
    (
        "DELETE FROM journal_seals WHERE number = 3;
         UPDATE seal_head SET number = 2, hash = (SELECT hash FROM journal_seals WHERE number = 2)",
        "journal_transactions",
        "batch_built 1",
    ),
    ("UPDATE seal_head SET number = 9", "journal_seals", "4"),
    ("UPDATE seal_head SET hash = decode(repeat('00', 32), 'hex')", "seal_head", "1"),
    (
        "INSERT INTO journal_unsealed (cause, ref, at, block_number) VALUES ('entry', 5, to_timestamp(1000), 1)",
        "journal_transactions",
        "entry 5",
    ),
    // Balances and positions.
    ("UPDATE accounts SET balance = balance + 1 WHERE kind = 'payable' AND owner = 1", "accounts", "payable/1"),
    (
        "UPDATE accounts SET balance = balance + CASE owner WHEN 0 THEN 1 ELSE -1 END WHERE kind = 'payable'",
        "accounts",
        "payable/0",
    ),
    ("DELETE FROM accounts WHERE kind = 'in_batch'", "accounts", "in_batch/1"),
    ("INSERT INTO accounts VALUES ('owed', 2, 5)", "accounts", "owed/2"),
    ("UPDATE outbox SET position = 4 WHERE position = 3", "outbox", "3"),
    ("DELETE FROM outbox WHERE position = 2", "outbox", "2"),
    (
        "INSERT INTO outbox (topic, reference, body, at, block_number, position)
         VALUES ('entry.applied', 9, '{}', to_timestamp(1000), 10, 4)",
        "outbox",
        "4",
    ),
    // Guards.
    ("ALTER TABLE postings DISABLE TRIGGER check_postings", "pg_trigger", "postings"),
    ("DROP TRIGGER append_only ON history", "pg_trigger", "history"),
    ("ALTER TABLE postings_1970_01 DISABLE TRIGGER USER", "pg_trigger", "postings_1970_01"),
    (
        "ALTER TABLE postings DISABLE TRIGGER USER; UPDATE postings SET amount = 14 WHERE cause = 'outflow';
         ALTER TABLE postings ENABLE TRIGGER USER",
        "journal_transactions",
        "outflow 1",
    ),
    // A stop lifted without a word.
    (
        "INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                      finished_at, balanced, stops_batches, figures)
         SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'all', n - 1, 12, decode(repeat('00', 32), 'hex'), 1,
                'x', now(), now(), n = 2, n = 1, '{}' FROM generate_series(1, 2) AS n",
        "reconciliations",
        "00000000-0000-0000-0000-000000000002",
    ),
];

#[tokio::test]
async fn each_damage_is_found_and_its_first_row_named() {
    let mut missed = Vec::new();
    for (damage, table, key) in DAMAGES {
        let found = damaged(damage).await;
        let named = found.as_ref().map(|found| (found.table.as_str(), found.key.as_str()));
        if named != Some((*table, *key)) {
            missed.push(format!("{damage}: expected {table} {key}, got {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert!(DAMAGES.len() >= 30);
}

#[tokio::test]
async fn a_finding_says_what_is_expected_and_what_is_there() {
    let found = damaged("UPDATE accounts SET balance = 0 WHERE kind = 'owed' OR kind = 'in_batch'").await;
    assert_eq!(
        found.unwrap().to_string(),
        "accounts in_batch/1: expected 5000000000000000000 wei, the sum of its postings, found 0 wei"
    );
}

/// Everything forged: posting, balance, content hash, cause, and every seal after it.
async fn forge_everything(owner: &mut PgConnection) {
    let mut forged = outflow();
    forged.postings[0].debit = banyan_ledger::Account::payable(0);
    let hash = format!("'\\x{:x}'::bytea", forged.content_hash());
    let sql = format!(
        "SET session_replication_role = replica;
         UPDATE postings SET debit_owner = 0 WHERE cause = 'outflow';
         UPDATE accounts SET balance = balance + CASE owner WHEN 0 THEN -2 ELSE 2 END WHERE kind = 'payable';
         UPDATE journal_transactions SET content_hash = {hash} WHERE cause = 'outflow';
         UPDATE journal_causes SET content_hash = {hash} WHERE cause = 'outflow';
         DO $$
         DECLARE
             link record;
             last bytea := decode(repeat('00', 32), 'hex');
         BEGIN
             FOR link IN
                 SELECT s.number, sha256(journal_row_bytes(t) || (
                            SELECT string_agg(posting_row_bytes(p), ''::bytea ORDER BY p.ordinal) FROM postings p
                            WHERE p.cause = s.cause AND p.ref = s.ref)) AS content
                 FROM journal_seals s JOIN journal_transactions t USING (cause, ref, at) ORDER BY s.number
             LOOP
                 last := sha256(last || int8send(link.number) || link.content);
                 UPDATE journal_seals SET hash = last WHERE number = link.number;
             END LOOP;
             UPDATE seal_head SET hash = last;
         END
         $$;
         RESET session_replication_role"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(owner).await.unwrap();
}

#[tokio::test]
async fn a_journal_forged_to_its_last_hash_is_found_by_a_seal_that_was_written_down() {
    let scene = sealed().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let noted = verify(&mut owner, None).await.unwrap().last;
    forge_everything(&mut owner).await;
    assert_eq!(verify(&mut owner, None).await.unwrap().finding, None);
    let found = verify(&mut owner, Some(noted)).await.unwrap().finding.unwrap();
    assert_eq!((found.table.as_str(), found.key.as_str()), ("journal_seals", "3"));
}

#[tokio::test]
async fn from_a_known_seal_only_what_came_after_it_is_read() {
    let scene = sealed().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let all = verify(&mut owner, None).await.unwrap();
    assert_eq!((all.transactions, all.postings, all.last.number, all.accounts), (3, 5, 3, 5));
    let rest = verify(&mut owner, Some(all.last)).await.unwrap();
    assert_eq!((rest.rows(), rest.last, rest.finding), (0, all.last, None));
    let beyond = SealPoint { number: 4, hash: [0; 32] };
    let found = verify(&mut owner, Some(beyond)).await.unwrap().finding.unwrap();
    assert_eq!((found.table.as_str(), found.found.as_str()), ("journal_seals", "no such seal"));
    Scene::book(&scene.pool, &[entry()]).await;
    let known = verify(&mut owner, None).await.unwrap();
    assert_eq!((known.unsealed, known.finding), (0, None));
}

#[tokio::test]
async fn what_waits_for_its_seal_is_read_too() {
    let scene = Scene::booked().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let waiting = verify(&mut owner, None).await.unwrap();
    assert_eq!((waiting.unsealed, waiting.rows(), waiting.last.number, waiting.finding), (2, 6, 0, None));
    let damage =
        "SET session_replication_role = replica; UPDATE postings SET amount = 1 WHERE cause = 'outflow'";
    sqlx::raw_sql(damage).execute(&mut owner).await.unwrap();
    let found = verify(&mut owner, None).await.unwrap().finding.unwrap();
    assert_eq!((found.table.as_str(), found.key.as_str()), ("journal_transactions", "outflow 1"));
}

#[tokio::test]
async fn every_trigger_of_the_books_is_a_guard() {
    let scene = Scene::facts().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let triggers: Vec<(String, String)> = sqlx::query_as(
        "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
         WHERE NOT tgisinternal AND tgname <> 'month_is_closed' AND c.relnamespace = 'public'::regnamespace
         ORDER BY 1, 2",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let guards: Vec<(String, String)> = banyan_ledger::store::GUARDS
        .iter()
        .map(|(table, trigger)| ((*table).to_owned(), (*trigger).to_owned()))
        .collect();
    assert_eq!(triggers, guards);
}
