//! Guards that an owner has changed, and what they put beside them, are found.

use banyan_ledger::store::{FUNCTIONS, Pool, proof, seal, verify};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::scene::Scene;

/// Damage, and the table and key of what is found.
const DAMAGES: &[(&str, &str, &str)] = &[
    ("CREATE TABLE more () INHERITS (accounts)", "pg_inherits", "more"),
    ("CREATE TABLE more () INHERITS (journal_seals)", "pg_inherits", "more"),
    (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "pg_proc",
        "refuse_change",
    ),
    ("ALTER FUNCTION check_postings() SECURITY INVOKER", "pg_proc", "check_postings"),
    ("ALTER FUNCTION run_sealer() RESET search_path", "pg_proc", "run_sealer"),
    ("ALTER FUNCTION apply_postings() OWNER TO banyan_app", "pg_proc", "apply_postings"),
    ("ALTER FUNCTION hold_books() RENAME TO hold_nothing", "pg_proc", "hold_books"),
    (
        "CREATE TRIGGER mine AFTER INSERT ON audit_logs FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()",
        "pg_trigger",
        "audit_logs",
    ),
    ("ALTER TABLE published_roots DISABLE TRIGGER ALL", "pg_trigger", "published_roots"),
    (
        "SET session_replication_role = replica;
         INSERT INTO journal_unsealed (id, cause, ref, at, block_number) OVERRIDING SYSTEM VALUE
         SELECT -1, cause, ref, at, 10 FROM journal_seals WHERE number = 2;
         DELETE FROM journal_seals WHERE number = 2;
         ALTER TABLE seal_head DISABLE TRIGGER run_sealer;
         UPDATE seal_head SET number = 1, hash = (SELECT hash FROM journal_seals);
         ALTER TABLE seal_head ENABLE TRIGGER run_sealer;
         RESET session_replication_role",
        "journal_unsealed",
        "-1",
    ),
];

#[tokio::test]
async fn changed_guards_and_what_stands_beside_them_are_found() {
    let mut missed = Vec::new();
    for (damage, table, key) in DAMAGES {
        let scene = Scene::booked().await;
        seal(&scene.pool).await.unwrap();
        let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
        assert_eq!(verify(&mut owner, None).await.unwrap().finding, None);
        sqlx::raw_sql(AssertSqlSafe(*damage)).execute(&mut owner).await.unwrap();
        let found = verify(&mut owner, None).await.unwrap().finding;
        let met = found.as_ref().map(|found| (found.table.as_str(), found.key.as_str()));
        if met != Some((*table, *key)) {
            missed.push(format!("{damage}: {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn every_function_of_the_schema_is_known_by_its_digest() {
    let scene = Scene::facts().await;
    let owner = Pool::connect(scene.database.url()).await.unwrap();
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT p.proname::text, left(encode(sha256(convert_to(concat_ws('|', l.lanname, p.prosecdef, p.provolatile,
                                                                        p.proconfig::text, p.prosrc), 'UTF8')), 'hex'), 16)
         FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
         WHERE p.pronamespace = 'public'::regnamespace ORDER BY p.proname COLLATE \"C\"",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    let known: Vec<_> =
        FUNCTIONS.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect();
    let changed: Vec<_> = found.iter().filter(|it| !known.contains(it)).collect();
    assert!(changed.is_empty(), "put these into FUNCTIONS: {changed:?}");
    assert_eq!(found.len(), known.len());
}

#[tokio::test]
async fn a_child_of_the_accounts_does_not_hide_a_balance() {
    let scene = Scene::booked().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let hidden = "SET session_replication_role = replica;
                  CREATE TABLE more () INHERITS (accounts);
                  INSERT INTO more SELECT * FROM ONLY accounts;
                  UPDATE ONLY accounts SET balance = balance + 1000 WHERE kind = 'payable' AND owner = 1";
    sqlx::raw_sql(hidden).execute(&mut owner).await.unwrap();
    let found = proof(&mut owner).await.unwrap();
    assert!(!found.holds());
    assert_eq!(found.imbalances.first().map(|it| it.account), Some(banyan_ledger::Account::payable(1)));
}
