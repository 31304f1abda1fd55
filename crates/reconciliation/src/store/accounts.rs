//! What was compared of each account, as far as it is not what its last row says: so the rows grow with what happens and not
//! with the runs, and every run's figures are still to be had.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Connection;
use banyan_types::Amount;

use crate::figures::ComparedAccount;

/// Writes what changed since the last run that is stored; whoever calls holds the books, so that none comes between.
pub(super) async fn insert_accounts(
    connection: &mut Connection,
    run: i64,
    accounts: &[ComparedAccount],
) -> Result<(), LedgerError> {
    let amounts = |pick: fn(&ComparedAccount) -> Amount| accounts.iter().map(pick).collect::<Vec<_>>();
    let some = |pick: fn(&ComparedAccount) -> Option<Amount>| accounts.iter().map(pick).collect::<Vec<_>>();
    let flags = |pick: fn(&ComparedAccount) -> bool| accounts.iter().map(pick).collect::<Vec<_>>();
    let users: Vec<i64> = accounts.iter().map(|it| it.user).collect();
    let wallets: Vec<String> = accounts.iter().map(|it| format!("{:#x}", it.wallet)).collect();
    sqlx::query!(
        r#"INSERT INTO reconciliation_accounts
               (user_id, run, wallet_address, chain_paid, chain_owed, chain_frozen, chain_registered, earned,
                earned_reserved, payable, in_batch, reserved, owed, paid, frozen)
           SELECT n.user_id, $1, n.wallet, n.chain_paid, n.chain_owed, n.chain_frozen, n.chain_registered, n.earned,
                  n.earned_reserved, n.payable, n.in_batch, n.reserved, n.owed, n.paid, n.frozen
           FROM unnest($2::bigint[], $3::text[], $4::numeric[], $5::numeric[], $6::bool[], $7::bool[], $8::numeric[],
                       $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[],
                       $15::bool[])
               AS n (user_id, wallet, chain_paid, chain_owed, chain_frozen, chain_registered, earned, earned_reserved,
                     payable, in_batch, reserved, owed, paid, frozen)
           LEFT JOIN LATERAL (
               SELECT * FROM reconciliation_accounts a WHERE a.user_id = n.user_id ORDER BY a.run DESC LIMIT 1
           ) AS l ON true
           WHERE (n.wallet, n.chain_paid, n.chain_owed, n.chain_frozen, n.chain_registered, n.earned, n.earned_reserved,
                  n.payable, n.in_batch, n.reserved, n.owed, n.paid, n.frozen)
             IS DISTINCT FROM
                 (l.wallet_address, l.chain_paid, l.chain_owed, l.chain_frozen, l.chain_registered, l.earned,
                  l.earned_reserved, l.payable, l.in_batch, l.reserved, l.owed, l.paid, l.frozen)"#,
        run,
        &users,
        &wallets,
        &amounts(|it| it.chain_paid) as _,
        &amounts(|it| it.chain_owed) as _,
        &flags(|it| it.chain_frozen),
        &flags(|it| it.chain_registered),
        &some(|it| it.earned) as _,
        &some(|it| it.earned_reserved) as _,
        &amounts(|it| it.payable) as _,
        &amounts(|it| it.in_batch) as _,
        &amounts(|it| it.reserved) as _,
        &amounts(|it| it.owed) as _,
        &amounts(|it| it.paid) as _,
        &flags(|it| it.frozen)
    )
    .execute(connection)
    .await?;
    Ok(())
}
