//! The stored history as entries: read again by the recovery, and by whoever explains it.

use banyan_ledger::LedgerError;
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};
use sqlx::PgConnection;

use crate::ProgrammeError;

/// A row of `history`, as far as the entry needs it.
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) at: i64,
    pub(super) wallet: Option<String>,
    pub(super) sponsor: Option<String>,
    pub(super) plan: Option<Vec<u8>>,
    pub(super) amount: Amount,
    pub(super) directive: Option<String>,
    pub(super) data: Option<Vec<u8>>,
}

/// The contract whose history is stored: chain id and address, which its genesis names.
pub type Contract = (u64, Address);

/// Of the stored entries after `after` (−1: from the genesis on) up to `last`, the first `limit`.
///
/// # Errors
/// The database does not answer, or a row lacks what its kind must have.
pub async fn history_between(
    connection: &mut PgConnection,
    contract: Contract,
    (after, last): (i64, i64),
    limit: i64,
) -> Result<Vec<Entry>, ProgrammeError> {
    let rows = sqlx::query_as!(
        Stored,
        r#"SELECT seq, kind::text AS "kind!", extract(epoch FROM at)::bigint AS "at!",
                  wallet_address AS wallet, sponsor, plan, amount AS "amount: Amount", directive, data
           FROM history WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"#,
        after,
        last,
        limit
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| row.entry(contract)).collect()
}

impl Stored {
    /// The entry.
    pub(super) fn entry(&self, (chain_id, contract): Contract) -> Result<Entry, ProgrammeError> {
        let missing =
            || corrupt("history rows with the columns of their kind", &format!("entry {}", self.seq));
        let user = || address(self.wallet.as_deref().ok_or_else(missing)?);
        let plan = || Ok::<_, ProgrammeError>(PlanHash(word(self.plan.as_deref().ok_or_else(missing)?)?));
        let data = || self.data.as_deref().ok_or_else(missing);
        let amount = self.amount;
        let body = match self.kind.as_str() {
            "GENESIS" => {
                EntryBody::Genesis { chain_id, contract, plan: plan()?, predecessor: word(data()?)? }
            }
            "REGISTRATION" => {
                let sponsor = address(self.sponsor.as_deref().ok_or_else(missing)?)?;
                EntryBody::Registration { user: user()?, sponsor, plan: plan()?, amount }
            }
            "RETOPUP" => EntryBody::Retopup { user: user()?, plan: plan()?, amount },
            "DIRECTIVE" => {
                let kind = kind(self.directive.as_deref().ok_or_else(missing)?)?;
                EntryBody::Directive { kind, amount, data: data()?.to_vec().into() }
            }
            other => return Err(corrupt("a known kind of entry", other)),
        };
        Ok(Entry { seq: self.seq.unsigned_abs(), time: self.at.unsigned_abs(), body })
    }
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

pub(super) fn address(text: &str) -> Result<Address, ProgrammeError> {
    text.parse().map_err(|_| corrupt("an address of 20 bytes", text))
}

pub(super) fn word(bytes: &[u8]) -> Result<B256, ProgrammeError> {
    B256::try_from(bytes).map_err(|_| corrupt("hashes of 32 bytes", &format!("{} bytes", bytes.len())))
}

fn corrupt(expected: &'static str, found: &str) -> ProgrammeError {
    LedgerError::Corrupt { expected, found: found.to_owned() }.into()
}
