//! All SQL of the reconciliation: the books in one snapshot, and the result.

mod accounts;
mod beside;
mod history;
mod now;
pub(crate) mod replay;
mod result;
mod rows;
mod seals;

use banyan_ledger::store::{Pool, Work};
use banyan_ledger::{LedgerError, TrialBalance, store as ledger};
use banyan_types::{Address, Amount, B256};

pub(crate) use beside::{
    EventRow, PayoutRow, PostingRow, RootRow, events_between, payouts_between, postings_between,
    roots_between,
};
pub(crate) use history::{StoredEntry, entries_after};
pub use now::{RowNow, rows_now};
pub(crate) use replay::books_stand_at;
pub(crate) use result::save;
pub(crate) use rows::{RewardRow, SeatRow, owed_ranges, rewards, seats};
pub(crate) use seals::{last_booked, unsealed};

/// Where the books stand, and what they say.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    pub(crate) contract: String,
    pub(crate) block: u64,
    pub(crate) block_hash: B256,
    /// Time of the block, in seconds since 1970.
    pub(crate) at: u64,
    pub(crate) seq: i64,
    pub(crate) head: B256,
    pub(crate) out: i64,
    /// The last reconciliation that was stored before; 0 if there was none.
    pub(crate) last_run: i64,
    pub(crate) trial: TrialBalance,
    /// All users, the company first.
    pub(crate) users: Vec<UserRow>,
}

/// A user, and what the books say of its money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserRow {
    pub(crate) id: i64,
    pub(crate) wallet: Address,
    pub(crate) sponsor: Option<i64>,
    pub(crate) participant: bool,
    pub(crate) frozen: bool,
    pub(crate) payable: Amount,
    pub(crate) in_batch: Amount,
    /// A batch holds the account.
    pub(crate) held: bool,
    pub(crate) owed: Amount,
    pub(crate) reserved: Amount,
    /// All that was ever sent to or made owed to it: the sum of its payouts.
    pub(crate) paid: Amount,
    /// The same, as its latest payout says.
    pub(crate) paid_latest: Amount,
    /// The same, as that of its payouts says that says most.
    pub(crate) paid_most: Amount,
    /// What of it was made owed and not withdrawn, by its payouts.
    pub(crate) still_owed: Amount,
}

/// Opens a snapshot in which everything else is read. The programme commits cursor, journal, balances and rewards in one
/// transaction, and so does settlement with a batch and its postings; so each snapshot shows books that are of one moment,
/// and nobody waits for anybody.
pub(crate) async fn snapshot(pool: &Pool) -> Result<Work<'static>, LedgerError> {
    ledger::snapshot(pool).await
}

/// The books; `None` before the first block was read.
pub(crate) async fn books(work: &mut Work<'_>) -> Result<Option<Books>, LedgerError> {
    let row = sqlx::query!(
        r#"SELECT contract, last_block, last_block_hash, extract(epoch FROM updated_at)::bigint AS "at!", seq, head, out,
                  (SELECT coalesce(max(run), 0) FROM reconciliations) AS "last_run!"
           FROM blockchain_sync WHERE id = 1"#
    )
    .fetch_optional(&mut **work)
    .await?;
    let Some(row) = row.filter(|row| row.seq >= 0) else { return Ok(None) };
    let trial = ledger::trial_balance(work).await?;
    Ok(Some(Books {
        contract: row.contract,
        block: row.last_block.unsigned_abs(),
        block_hash: word(&row.last_block_hash)?,
        at: row.at.unsigned_abs(),
        seq: row.seq,
        head: word(&row.head)?,
        out: row.out,
        last_run: row.last_run,
        trial,
        users: users(work).await?,
    }))
}

async fn users(work: &mut Work<'_>) -> Result<Vec<UserRow>, LedgerError> {
    let rows = sqlx::query!(
        r#"WITH held AS (
               SELECT owner, coalesce(sum(balance) FILTER (WHERE kind = 'payable'), 0) AS payable,
                      coalesce(sum(balance) FILTER (WHERE kind = 'in_batch'), 0) AS in_batch,
                      coalesce(sum(balance) FILTER (WHERE kind = 'owed'), 0) AS owed
               FROM accounts WHERE kind IN ('payable', 'in_batch', 'owed') GROUP BY owner
           ), kept AS (
               SELECT s.user_id, sum(a.balance) AS reserved
               FROM accounts a JOIN seats s ON s.id = a.owner WHERE a.kind = 'reserved' GROUP BY s.user_id
           ), sent AS (
               SELECT user_id, sum(amount) FILTER (WHERE kind <> 'owed_withdrawn') AS paid,
                      (array_agg(paid_total ORDER BY out DESC) FILTER (WHERE kind <> 'owed_withdrawn'))[1] AS latest,
                      max(paid_total) AS most,
                      sum(CASE kind WHEN 'owed' THEN amount WHEN 'owed_withdrawn' THEN -amount END) AS still_owed
               FROM payouts GROUP BY user_id
           )
           SELECT u.id, u.wallet_address, u.referrer_id, u.participant, u.frozen,
                  EXISTS (SELECT FROM payout_items i WHERE i.user_id = u.id AND i.open) AS "held!",
                  coalesce(h.payable, 0)::numeric(38, 18) AS "payable!: Amount",
                  coalesce(h.in_batch, 0)::numeric(38, 18) AS "in_batch!: Amount",
                  coalesce(h.owed, 0)::numeric(38, 18) AS "owed!: Amount",
                  coalesce(k.reserved, 0)::numeric(38, 18) AS "reserved!: Amount",
                  coalesce(s.paid, 0)::numeric(38, 18) AS "paid!: Amount",
                  coalesce(s.latest, 0)::numeric(38, 18) AS "latest!: Amount",
                  coalesce(s.most, 0)::numeric(38, 18) AS "most!: Amount",
                  coalesce(s.still_owed, 0)::numeric(38, 18) AS "still_owed!: Amount"
           FROM users u
           LEFT JOIN held h ON h.owner = u.id
           LEFT JOIN kept k ON k.user_id = u.id
           LEFT JOIN sent s ON s.user_id = u.id
           ORDER BY u.id"#
    )
    .fetch_all(&mut **work)
    .await?;
    let users = rows.into_iter().map(|row| {
        Ok(UserRow {
            id: row.id,
            wallet: address(&row.wallet_address)?,
            sponsor: row.referrer_id,
            participant: row.participant,
            frozen: row.frozen,
            payable: row.payable,
            in_batch: row.in_batch,
            held: row.held,
            owed: row.owed,
            reserved: row.reserved,
            paid: row.paid,
            paid_latest: row.latest,
            paid_most: row.most,
            still_owed: row.still_owed,
        })
    });
    users.collect()
}

fn address(text: &str) -> Result<Address, LedgerError> {
    text.parse()
        .map_err(|_| LedgerError::Corrupt { expected: "wallets of 20 bytes in hex", found: text.to_owned() })
}

fn word(bytes: &[u8]) -> Result<B256, LedgerError> {
    B256::try_from(bytes).map_err(|_| LedgerError::Corrupt {
        expected: "hashes of 32 bytes",
        found: format!("{} bytes", bytes.len()),
    })
}
