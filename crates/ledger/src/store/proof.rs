//! The proof of all balances: every account beside the sum of its postings, in one read of both.
//!
//! PostgreSQL sends both tables in its binary copy format, and the adding up is done here in whole wei: summing millions of
//! NUMERICs by account takes the server three times as long.

use banyan_types::Amount;
use banyan_types::store::numeric_units;
use hashbrown::HashMap;

use super::Connection;
use super::convert::account as known_account;
use super::copy::copied;
use crate::{AccountKind, Imbalance, KindProof, LedgerError, Proof, Totals};

const POSTINGS: &str = "SELECT debit_kind, debit_owner, credit_kind, credit_owner, amount FROM postings";
const ACCOUNTS: &str = "SELECT kind, owner, balance FROM ONLY accounts";
/// Accounts that differ are named up to this many; all are counted.
const NAMED: usize = 100;

/// What the postings say of one account, in wei.
#[derive(Clone, Copy, Default)]
struct Sums {
    debits: i128,
    credits: i128,
    kept: Option<i128>,
}

/// Adds up every posting and compares every account. Read in one snapshot: give it a connection in a transaction that is
/// REPEATABLE READ where somebody may be writing.
///
/// # Errors
/// When PostgreSQL fails, or a sum is beyond the range of an amount. Books that do not balance are no error.
pub async fn proof(connection: &mut Connection) -> Result<Proof, LedgerError> {
    let mut accounts: HashMap<(AccountKind, i64), Sums> = HashMap::new();
    let mut postings = 0u64;
    copied(connection, POSTINGS, |mut row| {
        let (debit, credit) = (row.kind_and_owner()?, row.kind_and_owner()?);
        let units = units(row.bytes()?)?;
        let debit = accounts.entry(debit).or_default();
        debit.debits = debit.debits.checked_add(units).ok_or_else(super::convert::too_large)?;
        let credit = accounts.entry(credit).or_default();
        credit.credits = credit.credits.checked_add(units).ok_or_else(super::convert::too_large)?;
        postings += 1;
        row.end()
    })
    .await?;
    copied(connection, ACCOUNTS, |mut row| {
        let key = row.kind_and_owner()?;
        if accounts.entry(key).or_default().kept.replace(units(row.bytes()?)?).is_some() {
            let found = format!("two balances of {} {}", key.0.name(), key.1);
            return Err(LedgerError::Corrupt { expected: "one balance for each account", found });
        }
        row.end()
    })
    .await?;
    compare(accounts, postings)
}

fn compare(accounts: HashMap<(AccountKind, i64), Sums>, postings: u64) -> Result<Proof, LedgerError> {
    let mut kinds: Vec<KindProof> = AccountKind::ALL.into_iter().map(KindProof::empty).collect();
    let (mut totals, mut imbalances, mut differing) = (Totals::default(), Vec::new(), 0);
    let count = accounts.len() as u64;
    for ((kind, owner), sums) in accounts {
        let account = known_account(kind.name(), owner)?;
        let amount = |units: i128| Amount::from_units(units).ok_or_else(super::convert::too_large);
        let posted = amount(match kind {
            AccountKind::Funds => sums.debits - sums.credits,
            AccountKind::Payable
            | AccountKind::Reserved
            | AccountKind::InBatch
            | AccountKind::Owed
            | AccountKind::Suspense
            | AccountKind::Excess => sums.credits - sums.debits,
        })?;
        let kept = amount(sums.kept.unwrap_or_default())?;
        let entry = &mut kinds[kind as usize];
        entry.add(amount(sums.debits)?, amount(sums.credits)?, kept).ok_or_else(super::convert::too_large)?;
        totals.add(account, kept).ok_or_else(super::convert::too_large)?;
        if kept != posted {
            differing += 1;
            keep_first(&mut imbalances, Imbalance { account, kept, posted });
        }
    }
    imbalances.sort_by_key(|it: &Imbalance| it.account);
    imbalances.truncate(NAMED);
    Ok(Proof { accounts: count, postings, kinds, totals, differing, imbalances })
}

/// Keeps the first accounts by kind and owner, without holding all of a wholly wrong ledger twice.
fn keep_first(imbalances: &mut Vec<Imbalance>, imbalance: Imbalance) {
    imbalances.push(imbalance);
    if imbalances.len() >= 100 * NAMED {
        imbalances.sort_by_key(|it| it.account);
        imbalances.truncate(NAMED);
    }
}

fn units(field: &[u8]) -> Result<i128, LedgerError> {
    numeric_units(field).map_err(|found| LedgerError::Corrupt { expected: "amounts in whole wei", found })
}
