//! The books beside the chain: whatever row was damaged is named, with the event that it was made of.

use crate::world::{World, seen};

#[tokio::test]
async fn books_that_have_read_the_chain_are_clean() {
    let world = World::lived().await;
    let books = world.books().await;
    let audit = world.audit_with(&books).await.unwrap();
    assert_eq!(audit.findings, []);
    assert!(audit.clean && audit.books);
    assert_eq!(audit.figures.seq, 23);
}

/// What is damaged, the kind of what is found, and the beginning of its row.
const DAMAGE: [(&str, &str, &str); 14] = [
    ("DELETE FROM chain_events WHERE block_number = 8", "event_row", "chain_events block 8, log"),
    (
        "UPDATE chain_events SET data = data || '\\x00' WHERE block_number = 6",
        "event_row",
        "chain_events block 6",
    ),
    ("UPDATE history SET amount = amount + 1 WHERE seq = 4", "history_row", "history seq 4"),
    ("DELETE FROM history WHERE seq = 7", "history_row", "history seq 7"),
    ("UPDATE rewards SET amount = amount + 1 WHERE id = (9 << 20)", "reward_amount", "rewards 9437184"),
    ("DELETE FROM rewards WHERE id = (9 << 20)", "reward_missing", "rewards 9437184"),
    (
        "UPDATE payouts SET paid_total = paid_total + 1 WHERE out = 2",
        "payout_row",
        "payouts out 2, wallet 0x",
    ),
    ("DELETE FROM payouts WHERE out = 1 AND user_id = 0", "payout_row", "payouts out 1, wallet 0x0000"),
    ("UPDATE published_roots SET root = sha256(root)", "root_row", "published_roots block"),
    (
        "UPDATE postings SET amount = amount + 1 WHERE cause = 'entry' AND ref = 2 AND ordinal = 0",
        "posting",
        "postings entry 2, ordinal 0",
    ),
    (
        "UPDATE postings SET amount = amount + 1 WHERE cause = 'outflow' AND ref = 1 AND ordinal = 0",
        "posting",
        "postings outflow 1",
    ),
    (
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'payable' AND owner = 2",
        "balance",
        "accounts payable/2",
    ),
    ("UPDATE users SET referrer_id = 2 WHERE id = 6", "user", "users 6"),
    ("DELETE FROM seats WHERE id = (SELECT min(id) FROM seats)", "seat_missing", "seats "),
];

/// What has an event of its own.
const TRACED: [&str; 7] =
    ["event_row", "history_row", "reward_amount", "reward_missing", "payout_row", "root_row", "posting"];

#[tokio::test]
async fn damaged_rows_are_named_with_the_event_that_they_were_made_of() {
    let world = World::lived().await;
    for (damage, kind, row) in DAMAGE {
        let books = world.books().await;
        assert!(books.tamper(damage).await > 0, "{damage}");
        let audit = world.audit_with(&books).await.unwrap();
        let seen = seen(&audit.findings);
        assert!(
            !audit.clean && seen.iter().any(|(k, r)| *k == kind && r.starts_with(row)),
            "{damage}: {seen:?}"
        );
        let named = audit.findings.iter().filter(|it| it.kind == kind);
        let traced = named.filter(|it| it.source.is_some_and(|at| at.transaction.is_some())).count();
        assert_eq!(traced > 0, TRACED.contains(&kind), "{damage}: {:?}", audit.findings);
    }
}
