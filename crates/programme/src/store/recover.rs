//! Recovery: the memory rebuilt from the stored history, every head and judgement compared with what is stored.

use banyan_entitlement::Judgement;
use banyan_ledger::store::Pool;
use banyan_types::{Amount, B256};
use futures::TryStreamExt as _;

use super::history::{Stored, address, word};
use crate::decide::outcome_name;
use crate::memory::Memory;
use crate::{Deployment, ProgrammeError};

/// What a row of `history` says besides its entry.
struct Judged {
    head: Vec<u8>,
    outcome: String,
    reason: Option<String>,
}

/// Reads history, payouts and cursor into `memory`.
pub(crate) async fn recover(
    pool: &Pool,
    mut memory: Memory,
    deployment: &Deployment,
) -> Result<Memory, ProgrammeError> {
    let contract = (deployment.chain_id, deployment.contract);
    let mut rows = sqlx::query!(
        r#"SELECT seq, kind::text AS "kind!", extract(epoch FROM at)::bigint AS "at!", head, wallet_address AS wallet,
                  sponsor, plan, amount AS "amount: Amount", directive, data, outcome::text AS "outcome!", reason
           FROM history ORDER BY seq"#
    )
    .fetch(pool);
    while let Some(row) = rows.try_next().await? {
        let judged = Judged { head: row.head, outcome: row.outcome, reason: row.reason };
        let stored = Stored {
            seq: row.seq,
            kind: row.kind,
            at: row.at,
            wallet: row.wallet,
            sponsor: row.sponsor,
            plan: row.plan,
            amount: row.amount,
            directive: row.directive,
            data: row.data,
        };
        let entry = stored.entry(contract)?;
        let judgement = memory.read(&entry)?;
        memory.use_nonce(&entry.body);
        compare(&judged, &judgement, memory.cursor.head)?;
    }
    drop(rows);
    read_payouts(pool, &mut memory).await?;
    read_cursor(pool, &mut memory).await?;
    Ok(memory)
}

/// What the contract has ever sent to each account.
async fn read_payouts(pool: &Pool, memory: &mut Memory) -> Result<(), ProgrammeError> {
    let rows = sqlx::query!(
        r#"SELECT u.wallet_address, max(p.paid_total) AS "paid_total!: Amount"
           FROM payouts p JOIN users u ON u.id = p.user_id
           WHERE p.paid_total IS NOT NULL GROUP BY u.wallet_address"#
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        memory.cursor.paid_totals.insert(address(&row.wallet_address)?, row.paid_total);
    }
    Ok(())
}

async fn read_cursor(pool: &Pool, memory: &mut Memory) -> Result<(), ProgrammeError> {
    let row =
        sqlx::query!("SELECT last_block, last_block_hash, seq, head, out FROM blockchain_sync WHERE id = 1")
            .fetch_one(pool)
            .await?;
    let cursor = &mut memory.cursor;
    let computed = cursor.seq.map_or("-1".to_owned(), |seq| seq.to_string());
    if row.seq.to_string() != computed {
        let (field, stored) = ("as the last seq in blockchain_sync", row.seq.to_string());
        return Err(ProgrammeError::Stored { seq: cursor.seq.unwrap_or(0), field, stored, computed });
    }
    let head = word(&row.head)?;
    if head != cursor.head {
        let (field, stored) = ("as the head in blockchain_sync", head.to_string());
        let (seq, computed) = (cursor.seq.unwrap_or(0), cursor.head.to_string());
        return Err(ProgrammeError::Stored { seq, field, stored, computed });
    }
    cursor.block = row.last_block.unsigned_abs();
    cursor.block_hash = word(&row.last_block_hash)?;
    cursor.out = row.out.unsigned_abs();
    Ok(())
}

/// The stored row against what follows from the entries before it and the plans at hand.
fn compare(row: &Judged, judgement: &Judgement, head: B256) -> Result<(), ProgrammeError> {
    let text = |reason: &Option<String>| reason.clone().unwrap_or("none".to_owned());
    let fields = [
        ("head", word(&row.head)?.to_string(), head.to_string()),
        ("outcome", row.outcome.clone(), outcome_name(&judgement.outcome).to_owned()),
        ("reason", text(&row.reason), text(&judgement.reason())),
    ];
    match fields.into_iter().find(|(_, stored, computed)| stored != computed) {
        None => Ok(()),
        Some((field, stored, computed)) => {
            Err(ProgrammeError::Stored { seq: judgement.seq, field, stored, computed })
        }
    }
}
