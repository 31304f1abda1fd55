//! The contract's history as it was booked, entry by entry.

use banyan_chain::eip712::Domain;
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};
use sqlx::PgConnection;

use super::wallet;
use crate::problem::{Answer, Problem};

/// A row of `history`, as far as the entry needs it.
struct Stored {
    seq: i64,
    kind: String,
    at: i64,
    wallet: Option<String>,
    sponsor: Option<String>,
    plan: Option<Vec<u8>>,
    amount: Amount,
    directive: Option<String>,
    data: Option<Vec<u8>>,
}

/// Of the entries after `after` (−1: from the genesis on) up to `last`, the first `limit`.
pub async fn between(
    connection: &mut PgConnection,
    domain: &Domain,
    (after, last): (i64, i64),
    limit: i64,
) -> Answer<Vec<Entry>> {
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
    rows.iter().map(|row| entry(row, domain)).collect()
}

fn entry(row: &Stored, domain: &Domain) -> Answer<Entry> {
    let missing =
        || Problem::internal(format!("expected the columns of its kind in history, seq {}", row.seq));
    let address = |text: &Option<String>| -> Answer<Address> { wallet(text.as_deref().ok_or_else(missing)?) };
    let plan = || Ok::<_, Problem>(PlanHash(word(row.plan.as_deref().ok_or_else(missing)?)?));
    let data = || row.data.as_deref().ok_or_else(missing);
    let amount = row.amount;
    let body = match row.kind.as_str() {
        "GENESIS" => EntryBody::Genesis {
            chain_id: domain.chain_id,
            contract: domain.contract,
            plan: plan()?,
            predecessor: word(data()?)?,
        },
        "REGISTRATION" => EntryBody::Registration {
            user: address(&row.wallet)?,
            sponsor: address(&row.sponsor)?,
            plan: plan()?,
            amount,
        },
        "RETOPUP" => EntryBody::Retopup { user: address(&row.wallet)?, plan: plan()?, amount },
        "DIRECTIVE" => EntryBody::Directive {
            kind: kind(row.directive.as_deref().ok_or_else(missing)?)?,
            amount,
            data: data()?.to_vec().into(),
        },
        other => return Err(Problem::internal(format!("expected a known kind of entry, got {other}"))),
    };
    Ok(Entry { seq: row.seq.unsigned_abs(), time: row.at.unsigned_abs(), body })
}

/// The kind whose text is kept: a name, or all 32 bytes in hex, which is longer than a name can be.
fn kind(text: &str) -> Answer<B256> {
    if text.len() > 32 {
        return text
            .parse()
            .map_err(|_| Problem::internal(format!("expected a directive's kind, got {text}")));
    }
    let mut word = [0; 32];
    word[..text.len()].copy_from_slice(text.as_bytes());
    Ok(B256::from(word))
}

fn word(bytes: &[u8]) -> Answer<B256> {
    B256::try_from(bytes).map_err(|_| Problem::internal(format!("expected 32 bytes, got {}", bytes.len())))
}
