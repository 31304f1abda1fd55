//! The operators' decisions in the books, and who may take them: table `history`, view `role_holders`.

use banyan_types::{Address, Amount};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::wallet;
use crate::problem::Answer;

/// A directive and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Its place in the history.
    pub seq: i64,
    /// Block time.
    pub at: OffsetDateTime,
    /// Its kind, or all 32 bytes in hex.
    pub kind: String,
    /// Its data as it came.
    pub data: Vec<u8>,
    /// What it brought.
    pub amount: Amount,
    /// `applied`, `refused` or `recorded`.
    pub outcome: String,
    /// Why it did not come into effect.
    pub reason: Option<String>,
    /// Its transaction.
    pub tx_hash: String,
}

/// The directives below the entry `below`, newest first.
pub async fn decided(connection: &mut PgConnection, below: i64, limit: i64) -> Answer<Vec<Decided>> {
    let rows = sqlx::query_as!(
        Decided,
        r#"SELECT seq, at, directive AS "kind!", data AS "data!", amount AS "amount: Amount",
                  outcome::text AS "outcome!", reason, tx_hash
           FROM history WHERE kind IN ('GENESIS', 'DIRECTIVE') AND kind = 'DIRECTIVE' AND seq < $1
           ORDER BY seq DESC LIMIT $2"#,
        below,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Who holds a role of the contract, by its id, in the order in which they got it.
pub async fn holders(connection: &mut PgConnection, role: &[u8]) -> Answer<Vec<Address>> {
    let rows = sqlx::query_scalar!(
        r#"SELECT wallet_address AS "wallet!" FROM role_holders WHERE role = $1 ORDER BY since_block, since_log"#,
        role
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|text| wallet(text)).collect()
}
