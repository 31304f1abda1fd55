//! What the guards do: their functions say what this program's migrations say, nothing stands beside them, and no table
//! has children that a question about it would read along.

use super::Stop;
use crate::Finding;
use crate::store::Work;

/// The functions of the schema, and the start of the SHA-256 of what each is: its language, rights, settings and text. A
/// migration that changes one changes its line here.
pub const FUNCTIONS: [(&str, &str); 31] = [
    ("apply_postings", "83077eac41e5bb28"),
    ("check_batch_step", "7b0493700a098f8d"),
    ("check_batched_rewards", "ee74fcb557bba9f9"),
    ("check_completed_seats", "e4d09cfae7dc4f2e"),
    ("check_history", "32e3ba501130c422"),
    ("check_items", "155eede0a2899041"),
    ("check_new_batch", "afa7df97a0c26de0"),
    ("check_payouts", "d2748a050b96b2e1"),
    ("check_postings", "064e81678df6707d"),
    ("check_retopups", "95fd64704f52e255"),
    ("check_rewards", "d9b6db90af7b2019"),
    ("check_seats", "cd6e8d26f440d2ce"),
    ("check_transactions", "2e748da991570bbd"),
    ("check_users", "50abb2c9d50bad5c"),
    ("ensure_journal_months", "98fe80e90ffff3a5"),
    ("hold_books", "5525cfbaf1c96bc7"),
    ("journal_row_bytes", "beb1a4ea82a9ba1d"),
    ("number_run", "1ed1f125d18e0e73"),
    ("number_unsealed", "5162d50989801f31"),
    ("posting_row_bytes", "68cabf5a9bbd7bf2"),
    ("refuse_balance", "57634e97a1bd4573"),
    ("refuse_change", "9bd48383eecbf716"),
    ("refuse_loss", "80c04fb54dc875eb"),
    ("refuse_month", "9b46fc88d0a51038"),
    ("refuse_reference", "20e2a89a4c6eca53"),
    ("refuse_seal", "416a4306ca49d0a2"),
    ("refuse_unsealed", "ea13e4b6d0239a4b"),
    ("run_sealer", "9101cf9231cdd621"),
    ("seal_journal", "1292f8e395b3dc2f"),
    ("take_books", "0caafd96ad465779"),
    ("tell_lift", "8e42528e9c5fe1a0"),
];

/// Functions are as they were made and their owner's, triggers are those that are known, and children are months.
pub(super) async fn check(work: &mut Work<'_>) -> Result<(), Stop> {
    functions(work).await?;
    strangers(work).await?;
    children(work).await
}

async fn functions(work: &mut Work<'_>) -> Result<(), Stop> {
    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
    let digests: Vec<&str> = FUNCTIONS.iter().map(|(_, digest)| *digest).collect();
    let row = sqlx::query!(
        r#"SELECT known.name AS "name!", known.digest AS "digest!", found.digest AS found,
                  found.owned AS "owned: Option<bool>"
           FROM unnest($1::text[], $2::text[]) AS known (name, digest)
           LEFT JOIN (
               SELECT p.proname::text AS name,
                      left(encode(sha256(convert_to(concat_ws('|', l.lanname, p.prosecdef, p.provolatile,
                                                              p.proconfig::text, p.prosrc), 'UTF8')), 'hex'), 16) AS digest,
                      p.proowner = (SELECT c.relowner FROM pg_class c WHERE c.oid = 'accounts'::regclass) AS owned
               FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
               WHERE p.pronamespace = 'public'::regnamespace
           ) AS found ON found.name = known.name
           WHERE found.digest IS DISTINCT FROM known.digest OR NOT found.owned
           ORDER BY known.name LIMIT 1"#,
        &names as _,
        &digests as _
    )
    .fetch_optional(&mut **work)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let (expected, found) = match row.found {
        None => (format!("the function {}", row.digest), "none".to_owned()),
        Some(found) if found == row.digest => {
            ("the owner of the tables as its owner".to_owned(), "another".to_owned())
        }
        Some(found) => (format!("the function {}", row.digest), found),
    };
    Err(Finding::new("pg_proc", row.name, expected, found).into())
}

/// A trigger of somebody's own, or one that is switched off, those that PostgreSQL keeps references by included.
async fn strangers(work: &mut Work<'_>) -> Result<(), Stop> {
    let tables: Vec<&str> = super::GUARDS.iter().map(|(table, _)| *table).collect();
    let triggers: Vec<&str> = super::GUARDS.iter().map(|(_, trigger)| *trigger).collect();
    let row = sqlx::query!(
        r#"SELECT c.relname::text AS "table!", t.tgname::text AS "trigger!", t.tgenabled IN ('O', 'A') AS "on!"
           FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
           WHERE c.relnamespace = 'public'::regnamespace
             AND (t.tgenabled NOT IN ('O', 'A')
                  OR NOT t.tgisinternal AND NOT (t.tgname = 'month_is_closed' AND c.relispartition)
                     AND (c.relname::text, t.tgname::text) NOT IN (SELECT * FROM unnest($1::text[], $2::text[])))
           ORDER BY 1, 2 LIMIT 1"#,
        &tables as _,
        &triggers as _
    )
    .fetch_optional(&mut **work)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let expected = if row.on { "no such trigger" } else { "its trigger switched on" };
    Err(Finding::new("pg_trigger", row.table, expected, row.trigger).into())
}

/// Whoever asks a table reads its children along: only the journal has any, its months.
async fn children(work: &mut Work<'_>) -> Result<(), Stop> {
    let row = sqlx::query!(
        r#"SELECT i.inhrelid::regclass::text AS "child!", i.inhparent::regclass::text AS "parent!"
           FROM pg_inherits i
           JOIN pg_class parent ON parent.oid = i.inhparent
           JOIN pg_class child ON child.oid = i.inhrelid
           WHERE parent.relnamespace = 'public'::regnamespace AND parent.relkind IN ('r', 'p')
             AND NOT (parent.relname IN ('journal_transactions', 'postings') AND child.relispartition
                      AND child.relnamespace = parent.relnamespace
                      AND child.relname ~ ('^' || parent.relname || '_[0-9]{4}_[0-9]{2}$'))
           ORDER BY 1 LIMIT 1"#
    )
    .fetch_optional(&mut **work)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let expected = format!("no child of {} but months", row.parent);
    Err(Finding::new("pg_inherits", row.child, expected, "a child").into())
}
