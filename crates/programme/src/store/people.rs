//! Users, retopups, and the signed payloads that payments used up.

use banyan_ledger::store::Column::{BigInt, Boolean, Hex, Int, Numeric, Time, Word};
use banyan_ledger::store::{Table, Work};

use super::{column, hash, wallet};
use crate::ProgrammeError;
use crate::rows::{PaymentRow, RetopupRow, UserChange, UserRow};

pub(super) const USERS: Table<UserRow> = Table {
    name: "users",
    columns: &[
        ("id", BigInt(|row| Some(row.id))),
        ("wallet_address", Hex(|row| Some(row.wallet.as_slice()))),
        ("referrer_id", BigInt(|row| Some(row.referrer))),
        ("referral_count", Int(|row| Some(row.change.referrals))),
        ("participant", Boolean(|row| row.participant)),
        ("frozen", Boolean(|row| row.change.frozen.unwrap_or(false))),
        ("has_retopup", Boolean(|row| row.change.has_retopup)),
        ("registered_seq", BigInt(|row| Some(row.seq))),
        ("created_at", Time(|row| row.created_at)),
        ("updated_at", Time(|row| row.change.at)),
    ],
};

pub(super) const RETOPUPS: Table<RetopupRow> = Table {
    name: "retopups",
    columns: &[
        ("id", BigInt(|row| Some(row.seq))),
        ("user_id", BigInt(|row| Some(row.user))),
        ("amount", Numeric(|row| Some(row.amount))),
        ("status", Word("retopup_status", |row| row.status)),
        ("tx_hash", Hex(|row| Some(row.tx_hash.as_slice()))),
        ("created_at", Time(|row| row.at)),
    ],
};

pub(super) async fn change_users(work: &mut Work<'_>, rows: &[UserChange]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"UPDATE users u
           SET referral_count = u.referral_count + c.referrals, has_retopup = u.has_retopup OR c.has_retopup,
               frozen = coalesce(c.frozen, u.frozen), updated_at = greatest(u.updated_at, to_timestamp(c.at))
           FROM unnest($1::bigint[], $2::int[], $3::bool[], $4::bool[], $5::bigint[])
               AS c (id, referrals, has_retopup, frozen, at)
           WHERE u.id = c.id"#,
        &column(rows, |row| row.id),
        &column(rows, |row| row.referrals),
        &column(rows, |row| row.has_retopup),
        &column(rows, |row| row.frozen) as _,
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// The payload that a payment used up is confirmed: that of its transaction if somebody told us which, else the last
/// submitted, else the last prepared. The other payloads of the same nonce can never be used any more.
pub(super) async fn match_payments(work: &mut Work<'_>, rows: &[PaymentRow]) -> Result<(), ProgrammeError> {
    sqlx::query!(
        r#"WITH seen AS (
               SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
                   AS given (wallet, user_id, action, nonce, tx_hash, at)
           ), open AS (
               SELECT t.id, s.user_id, s.tx_hash, s.at,
                      t.action = s.action::transaction_action AND row_number() OVER (
                          PARTITION BY t.wallet_address, t.nonce
                          ORDER BY t.action = s.action::transaction_action DESC,
                                   t.tx_hash IS NOT DISTINCT FROM s.tx_hash DESC,
                                   t.status = 'submitted' DESC, t.created_at DESC, t.id DESC
                      ) = 1 AS used
               FROM seen s
               JOIN transactions t ON t.wallet_address = s.wallet AND t.nonce = s.nonce
               WHERE t.status IN ('prepared', 'submitted')
           )
           UPDATE transactions t
           SET status = CASE WHEN o.used THEN 'confirmed' ELSE 'expired' END::transaction_status,
               tx_hash = CASE WHEN o.used THEN o.tx_hash ELSE t.tx_hash END,
               user_id = o.user_id, updated_at = to_timestamp(o.at)
           FROM open o WHERE o.id = t.id"#,
        &column(rows, |row| wallet(row.wallet)),
        &column(rows, |row| row.user),
        &column(rows, |row| row.action) as _,
        &column(rows, |row| row.nonce),
        &column(rows, |row| hash(row.tx_hash)),
        &column(rows, |row| row.at)
    )
    .execute(&mut **work)
    .await?;
    Ok(())
}
