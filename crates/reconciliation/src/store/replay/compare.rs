//! The comparison: each table of the empty schema beside the live one, in one statement a table and one snapshot for all.
//!
//! These queries are not checked ones: they name two tables of one name, and every column that the live table has, so
//! that a column which is added later is compared without being asked for.

use banyan_ledger::store::Work;
use sqlx::{AssertSqlSafe, Row as _};

use super::Session;
use super::session::columns;
use crate::replay::{
    Blocks, KEPT_DIFFERENCES, Numbers, Replay, ReplayError, RowDifference, TABLES, Table, TableCount,
};

/// Compares all tables; `None` if the books have gone on since, so that there is more to derive first, and that is not
/// `settled`. It was derived up to `read_to`, and `copied` journal transactions of
/// others than the chain were copied.
pub(crate) async fn compare(
    session: &Session,
    blocks: Blocks,
    (read_to, copied): (u64, usize),
    settled: bool,
) -> Result<Option<Replay>, ReplayError> {
    let pool = session.pool();
    let mut work = pool.begin().await?;
    sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *work).await?;
    let (block, complete) = standing(&mut work, read_to, copied).await?;
    if !complete && !settled {
        return Ok(None);
    }
    let numbers = numbers(&mut work, blocks).await?;
    let mut replay = Replay { block, ..Replay::empty(blocks) };
    for table in &TABLES {
        let (count, differences) = one(&mut work, table, &numbers).await?;
        replay.differing += count.differing;
        replay.tables.push(count);
        replay.differences.extend(differences);
    }
    replay.differences.truncate(KEPT_DIFFERENCES);
    work.rollback().await?;
    Ok(Some(replay))
}

/// Where the books stand in this snapshot, and whether all that they have is derived.
async fn standing(work: &mut Work<'_>, read_to: u64, copied: usize) -> Result<(u64, bool), ReplayError> {
    let row = sqlx::query(
        "SELECT (SELECT last_block FROM public.blockchain_sync WHERE id = 1) AS block,
                EXISTS (SELECT FROM public.chain_events WHERE block_number > $1) AS more,
                (SELECT count(*) FROM public.journal_transactions WHERE cause IN ('batch_built', 'batch_closed', 'excess')) AS others,
                (SELECT count(*) FROM pg_temp.journal_transactions WHERE cause IN ('batch_built', 'batch_closed', 'excess')) AS copied",
    )
    .bind(number(read_to))
    .fetch_one(&mut **work)
    .await?;
    let (block, more): (i64, bool) = (row.get("block"), row.get("more"));
    let (others, here): (i64, i64) = (row.get("others"), row.get("copied"));
    if usize::try_from(here) != Ok(copied) {
        return Err(ReplayError::Broken);
    }
    Ok((block.unsigned_abs(), !more && others == here))
}

/// The entries and outflows of the range, by what was derived: up to the first that came later, so that a row is found
/// too whose number follows from no log of the range.
async fn numbers(work: &mut Work<'_>, blocks: Blocks) -> Result<Numbers, ReplayError> {
    let row = sqlx::query(
        "SELECT (SELECT coalesce(max(seq), -1) + 1 FROM pg_temp.history WHERE block_number < $1) AS first_seq,
                (SELECT coalesce(min(seq) - 1, $3) FROM pg_temp.history WHERE block_number > $2) AS last_seq,
                (SELECT coalesce(max(out), 0) + 1 FROM pg_temp.payouts WHERE block_number < $1) AS first_out,
                (SELECT coalesce(min(out) - 1, $3) FROM pg_temp.payouts WHERE block_number > $2) AS last_out",
    )
    .bind(number(blocks.from))
    .bind(number(blocks.to))
    .bind(i64::MAX)
    .fetch_one(&mut **work)
    .await?;
    Ok(Numbers {
        blocks,
        seq: (row.get("first_seq"), row.get("last_seq")),
        out: (row.get("first_out"), row.get("last_out")),
    })
}

/// One table: how many rows, and those that differ.
async fn one(
    work: &mut Work<'_>,
    table: &Table,
    numbers: &Numbers,
) -> Result<(TableCount, Vec<RowDifference>), ReplayError> {
    let columns: Vec<String> = columns(&mut *work, table.name).await?;
    let columns: Vec<&str> =
        columns.iter().map(String::as_str).filter(|column| !table.left_out.contains(column)).collect();
    let statement = statement(table, &columns, numbers);
    let (derived, found) = (table.within("d", numbers), table.within("l", numbers));
    let counted = format!(
        "SELECT (SELECT count(*) FROM {} d WHERE {derived}) AS derived,
                (SELECT count(*) FROM {} l WHERE {found}) AS found",
        side(table, "pg_temp"),
        side(table, "public")
    );
    let counted = sqlx::query(AssertSqlSafe(counted)).fetch_one(&mut **work).await?;
    let rows = sqlx::query(AssertSqlSafe(statement)).fetch_all(&mut **work).await?;
    let count = TableCount {
        table: table.name.to_owned(),
        derived: counted.get("derived"),
        found: counted.get("found"),
        differing: rows.first().map_or(0, |row| row.get("differing")),
    };
    let mut differences = Vec::new();
    for row in &rows {
        let details: Vec<Detail> = serde_json::from_value(row.get("detail")).map_err(|error| {
            banyan_ledger::LedgerError::Corrupt { expected: "triples of texts", found: error.to_string() }
        })?;
        let key: String = row.get("key");
        differences.extend(details.into_iter().map(|(column, expected, found)| RowDifference {
            table: table.name.to_owned(),
            key: key.clone(),
            column,
            expected: expected.unwrap_or_else(|| "null".to_owned()),
            found: found.unwrap_or_else(|| "null".to_owned()),
        }));
    }
    Ok((count, differences))
}

/// A column, what it should be, what it is.
type Detail = (Option<String>, Option<String>, Option<String>);

/// The rows of one of the two tables, with the coarser forms beside the columns.
fn side(table: &Table, schema: &str) -> String {
    let forms: String =
        table.coarser.iter().map(|(name, form)| format!(", {form} AS coarse_{name}")).collect();
    let only = if table.only.is_empty() { String::new() } else { format!(" WHERE {}", table.only) };
    format!("(SELECT *{forms} FROM {schema}.{}{only})", table.name)
}

/// The rows of the range that are not the same in both, at most as many as are kept.
fn statement(table: &Table, columns: &[&str], numbers: &Numbers) -> String {
    let join = |parts: Vec<String>, by: &str| parts.join(by);
    let values = |alias| join(columns.iter().map(|column| table.value(alias, column)).collect(), ", ");
    let pairs = columns.iter().map(|column| {
        format!("('{column}', {}::text, {}::text)", table.value("d", column), table.value("l", column))
    });
    let on = table.key.iter().map(|column| format!("d.{column} = l.{column}"));
    let key = table.key.iter().map(|column| format!("'{column} ' || coalesce(d.{column}, l.{column})"));
    let order = table.key.iter().map(|column| format!("coalesce(d.{column}, l.{column})"));
    let first = table.key[0];
    format!(
        "SELECT {key} AS key, count(*) OVER () AS differing,
                CASE WHEN l.{first} IS NULL THEN jsonb_build_array(jsonb_build_array(NULL, d::text, 'nothing'))
                     WHEN d.{first} IS NULL THEN jsonb_build_array(jsonb_build_array(NULL, 'nothing', l::text))
                     ELSE (SELECT jsonb_agg(jsonb_build_array(c, e, f)) FROM (VALUES {pairs}) AS v (c, e, f)
                           WHERE e IS DISTINCT FROM f) END AS detail
         FROM {derived} d FULL JOIN {found} l ON {on}
         WHERE ({within_d} OR {within_l})
           AND (d.{first} IS NULL OR l.{first} IS NULL OR ({d}) IS DISTINCT FROM ({l}))
         ORDER BY {order} LIMIT {KEPT_DIFFERENCES}",
        key = join(key.collect(), " || ', ' || "),
        pairs = join(pairs.collect(), ", "),
        derived = side(table, "pg_temp"),
        found = side(table, "public"),
        on = join(on.collect(), " AND "),
        within_d = table.within("d", numbers),
        within_l = table.within("l", numbers),
        d = values("d"),
        l = values("l"),
        order = join(order.collect(), ", "),
    )
}

fn number(block: u64) -> i64 {
    i64::try_from(block).unwrap_or(i64::MAX)
}
