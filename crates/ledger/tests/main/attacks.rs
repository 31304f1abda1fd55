//! The database refuses what would make the books say something else than what happened, whoever asks: each attack is
//! raw SQL, as the services' role, the reader's, or the owner's of every table, and names the invariant that it tries.

use sqlx::{Connection as _, PgConnection};

use crate::attack::Attacker;
use crate::attack_table::ATTACKS;
use crate::scene::Scene;
use crate::seal_attack_table::SEAL_ATTACKS;

#[tokio::test]
async fn every_attack_is_refused_with_its_reason_and_leaves_the_books_as_they_were() {
    let scene = Scene::booked().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let mut app = PgConnection::connect(&scene.database.url_as("banyan_app")).await.unwrap();
    let mut reader = PgConnection::connect(&scene.database.url_as("banyan_read")).await.unwrap();
    let before = picture(&mut owner).await;
    let mut missed = Vec::new();
    for attack in ATTACKS.iter().chain(SEAL_ATTACKS) {
        for by in attack.by {
            let connection = match by {
                Attacker::App => &mut app,
                Attacker::Owner => &mut owner,
                Attacker::Reader => &mut reader,
            };
            let met = strike(connection, attack.sql).await;
            if !met.iter().flatten().any(|met| met == attack.code) {
                missed.push(format!("{} ({by:?}): expected {}, met {met:?}", attack.invariant, attack.code));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let by = |who| ATTACKS.iter().chain(SEAL_ATTACKS).filter(|attack| attack.by.contains(&who)).count();
    let counts = [by(Attacker::App), by(Attacker::Owner), by(Attacker::Reader)];
    assert!(counts[0] >= 90 && counts[1] >= 90 && counts[2] >= 30, "{counts:?}");
    assert_eq!(picture(&mut owner).await, before);
}

/// The SQLSTATE and the constraint that the attack meets, in a transaction that is committed if the database lets it.
pub async fn strike(connection: &mut PgConnection, sql: &'static str) -> [Option<String>; 2] {
    let mut work = connection.begin().await.unwrap();
    let met = match sqlx::raw_sql(sql).execute(&mut *work).await {
        Ok(_) => work.commit().await.err(),
        Err(error) => {
            work.rollback().await.unwrap();
            Some(error)
        }
    };
    let met = met.as_ref().and_then(|error| error.as_database_error());
    [met.and_then(|met| met.code()).map(Into::into), met.and_then(|met| met.constraint()).map(Into::into)]
}

/// All that must stay as it is.
pub async fn picture(owner: &mut PgConnection) -> String {
    sqlx::query_scalar(
        "SELECT concat((SELECT json_agg(t) FROM journal_transactions t), (SELECT json_agg(p) FROM postings p),
                       (SELECT json_agg(a) FROM accounts a), (SELECT json_agg(h) FROM history h),
                       (SELECT json_agg(e) FROM chain_events e), (SELECT json_agg(l) FROM audit_logs l),
                       (SELECT json_agg(r) FROM rewards r), (SELECT json_agg(p) FROM payouts p),
                       (SELECT json_agg(u) FROM users u), (SELECT json_agg(c) FROM journal_causes c),
                       (SELECT json_agg(w) FROM journal_unsealed w), (SELECT json_agg(s) FROM journal_seals s),
                       (SELECT json_agg(h) FROM seal_head h), (SELECT json_agg(o) FROM outbox o))",
    )
    .fetch_one(owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_services_have_two_functions_with_the_owners_rights_and_the_reader_none() {
    let scene = Scene::facts().await;
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let may = "SELECT concat_ws(' ', r.rolname, p.proname) FROM pg_proc p, pg_roles r
               WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND r.rolname IN ('banyan_app', 'banyan_read')
                 AND has_function_privilege(r.oid, p.oid, 'execute') ORDER BY 1";
    let found: Vec<String> = sqlx::query_scalar(may).fetch_all(&mut owner).await.unwrap();
    assert_eq!(found, ["banyan_app ensure_journal_months", "banyan_app seal_journal"]);
}
