//! Who could be paid, over which point of the history, and with which root.

use banyan_entitlement::merkle;
use banyan_ledger::LedgerError;
use banyan_ledger::store::{Connection, Work, entitlements_at, lock_books};
use banyan_types::{Address, Amount, B256};
use time::OffsetDateTime;

use super::Result;
use super::convert::{address, address_text, hash, seconds, to_u64};
use crate::select::{Candidate, StandingRoot};

/// Where the books stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The last entry of the history that they applied.
    pub seq: u64,
    /// The history's head there.
    pub head: B256,
    /// The last block that they read.
    pub block: u64,
    /// Its time in seconds since 1970.
    pub time: u64,
}

/// Where the books stand; `None` before the genesis.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn point(connection: &mut Connection) -> Result<Option<Point>> {
    let read = sqlx::query_as!(
        Cursor,
        "SELECT seq, head, last_block, updated_at FROM blockchain_sync WHERE id = 1 AND seq >= 0"
    );
    read.fetch_optional(connection).await?.map(Point::try_from).transpose()
}

/// Where the books stand and stay until `work` ends, with the books held; `None` before the genesis. Whoever writes down
/// at which block a batch begins or ends asks here: a range without events moves the cursor without holding the books.
/// First the cursor, then the books, as the programme takes them.
///
/// # Errors
/// When PostgreSQL fails, or somebody holds them for half a minute.
pub async fn stand_still(work: &mut Work<'_>) -> Result<Option<Point>> {
    let read = sqlx::query_as!(
        Cursor,
        "SELECT seq, head, last_block, updated_at FROM blockchain_sync WHERE id = 1 AND seq >= 0 FOR SHARE"
    );
    let read = read.fetch_optional(&mut **work).await?;
    lock_books(work).await?;
    read.map(Point::try_from).transpose()
}

/// The cursor's row.
struct Cursor {
    seq: i64,
    head: Vec<u8>,
    last_block: i64,
    updated_at: OffsetDateTime,
}

impl TryFrom<Cursor> for Point {
    type Error = LedgerError;

    fn try_from(row: Cursor) -> Result<Point> {
        Ok(Point {
            seq: to_u64(row.seq)?,
            head: hash(&row.head)?,
            block: to_u64(row.last_block)?,
            time: seconds(row.updated_at)?,
        })
    }
}

/// Every account with payable rewards that is in no open batch; of `accounts` only, if given. `max_total` is the most
/// that one batch may pay.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn candidates(
    connection: &mut Connection,
    accounts: Option<&[Address]>,
    max_total: Option<Amount>,
) -> Result<Vec<Candidate>> {
    let wanted: Option<Vec<String>> =
        accounts.map(|accounts| accounts.iter().copied().map(address_text).collect());
    let rows = sqlx::query!(
        r#"WITH unpaid AS (
               SELECT user_id, min(id) AS oldest, max(cumulative) AS earned
               FROM rewards WHERE state = 'payable' GROUP BY user_id
           )
           SELECT u.id, u.wallet_address, u.frozen OR u.held AS "stopped!", unpaid.oldest AS "oldest!",
                  unpaid.earned AS "earned!: Amount", coalesce(paid.total, 0)::numeric(38, 18) AS "paid!: Amount",
                  EXISTS (SELECT 1 FROM transactions t
                          WHERE t.user_id = u.id AND t.action = 'WITHDRAW' AND t.status = 'prepared') AS "asked!",
                  within.earned AS "within: Amount"
           FROM unpaid
           JOIN users u ON u.id = unpaid.user_id
           LEFT JOIN LATERAL (
               SELECT p.paid_total AS total FROM payouts p
               WHERE p.user_id = u.id AND p.kind <> 'owed_withdrawn' ORDER BY p.out DESC LIMIT 1
           ) AS paid ON true
           LEFT JOIN LATERAL (
               SELECT max(r.cumulative) AS earned FROM rewards r
               WHERE r.user_id = u.id AND r.state = 'payable' AND $1::numeric IS NOT NULL
                     AND r.cumulative <= coalesce(paid.total, 0) + $1::numeric
           ) AS within ON true
           WHERE NOT EXISTS (SELECT 1 FROM payout_items i WHERE i.user_id = u.id AND i.open)
                 AND ($2::text[] IS NULL OR u.wallet_address = ANY ($2))
           ORDER BY u.id"#,
        max_total as _,
        wanted.as_deref() as _
    )
    .fetch_all(connection)
    .await?;
    let candidates = rows.into_iter().map(|row| {
        Ok(Candidate {
            user: row.id,
            account: address(&row.wallet_address)?,
            stopped: row.stopped,
            asked: row.asked,
            paid: row.paid,
            earned: row.earned,
            within_limit: row.within.unwrap_or(if max_total.is_some() { row.paid } else { row.earned }),
            oldest: row.oldest,
        })
    });
    candidates.collect()
}

/// The root that stands on the contract, as the books know it.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn standing_root(connection: &mut Connection) -> Result<Option<StandingRoot>> {
    let row = sqlx::query!(
        r#"SELECT seq, at FROM published_roots WHERE NOT voided ORDER BY block_number DESC, log_index DESC LIMIT 1"#
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(StandingRoot { seq: to_u64(row.seq)?, time: seconds(row.at)? })).transpose()
}

/// The root of all entitlements after `seq`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn root_at(connection: &mut Connection, seq: u64) -> Result<B256> {
    let leaves = entitlements_at(connection, seq).await?;
    let leaves: Vec<(Address, Amount)> = leaves.iter().map(|leaf| (leaf.address, leaf.cumulative)).collect();
    Ok(merkle::root(&leaves))
}
