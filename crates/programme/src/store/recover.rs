//! Recovery: the memory rebuilt from the stored history, every head and judgement compared with what is stored.

use banyan_entitlement::Judgement;
use banyan_ledger::LedgerError;
use banyan_ledger::store::Pool;
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};
use futures::TryStreamExt as _;

use crate::decide::outcome_name;
use crate::memory::Memory;
use crate::{Deployment, ProgrammeError};

/// A row of `history`, as far as the entry and its judgement need it.
struct Stored {
    seq: i64,
    kind: String,
    at: i64,
    head: Vec<u8>,
    wallet: Option<String>,
    sponsor: Option<String>,
    plan: Option<Vec<u8>>,
    amount: Amount,
    directive: Option<String>,
    data: Option<Vec<u8>>,
    outcome: String,
    reason: Option<String>,
}

/// Reads history, payouts and cursor into `memory`.
pub(crate) async fn recover(
    pool: &Pool,
    mut memory: Memory,
    deployment: &Deployment,
) -> Result<Memory, ProgrammeError> {
    let mut rows = sqlx::query_as!(
        Stored,
        r#"SELECT seq, kind::text AS "kind!", extract(epoch FROM at)::bigint AS "at!", head, wallet_address AS wallet,
                  sponsor, plan, amount AS "amount: Amount", directive, data, outcome::text AS "outcome!", reason
           FROM history ORDER BY seq"#
    )
    .fetch(pool);
    while let Some(row) = rows.try_next().await? {
        let entry = entry(&row, deployment)?;
        let judgement = memory.read(&entry)?;
        memory.use_nonce(&entry.body);
        compare(&row, &judgement, memory.cursor.head)?;
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
fn compare(row: &Stored, judgement: &Judgement, head: B256) -> Result<(), ProgrammeError> {
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

fn entry(row: &Stored, deployment: &Deployment) -> Result<Entry, ProgrammeError> {
    let missing = || corrupt("history rows with the columns of their kind", &format!("entry {}", row.seq));
    let user = || address(row.wallet.as_deref().ok_or_else(missing)?);
    let plan = || Ok::<_, ProgrammeError>(PlanHash(word(row.plan.as_deref().ok_or_else(missing)?)?));
    let data = || row.data.as_deref().ok_or_else(missing);
    let amount = row.amount;
    let body = match row.kind.as_str() {
        "GENESIS" => EntryBody::Genesis {
            chain_id: deployment.chain_id,
            contract: deployment.contract,
            plan: plan()?,
            predecessor: word(data()?)?,
        },
        "REGISTRATION" => {
            let sponsor = address(row.sponsor.as_deref().ok_or_else(missing)?)?;
            EntryBody::Registration { user: user()?, sponsor, plan: plan()?, amount }
        }
        "RETOPUP" => EntryBody::Retopup { user: user()?, plan: plan()?, amount },
        "DIRECTIVE" => {
            let kind = kind(row.directive.as_deref().ok_or_else(missing)?)?;
            EntryBody::Directive { kind, amount, data: data()?.to_vec().into() }
        }
        other => return Err(corrupt("a known kind of entry", other)),
    };
    Ok(Entry { seq: row.seq.unsigned_abs(), time: row.at.unsigned_abs(), body })
}

/// The kind whose text is kept: a name, or all 32 bytes in hex, which is longer than a name can be.
fn kind(text: &str) -> Result<B256, ProgrammeError> {
    let unreadable = || corrupt("a directive's kind", text);
    if text.len() > 32 {
        return text.parse().map_err(|_| unreadable());
    }
    let mut word = [0; 32];
    word[..text.len()].copy_from_slice(text.as_bytes());
    Ok(B256::from(word))
}

fn address(text: &str) -> Result<Address, ProgrammeError> {
    text.parse().map_err(|_| corrupt("an address of 20 bytes", text))
}

fn word(bytes: &[u8]) -> Result<B256, ProgrammeError> {
    B256::try_from(bytes).map_err(|_| corrupt("hashes of 32 bytes", &format!("{} bytes", bytes.len())))
}

fn corrupt(expected: &'static str, found: &str) -> ProgrammeError {
    LedgerError::Corrupt { expected, found: found.to_owned() }.into()
}
