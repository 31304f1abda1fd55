//! The columns of transactions and postings as arrays of the journal's own types, so that PostgreSQL casts nothing. A
//! transaction and its postings must be one statement; [`super::Table`], which fills one table, is not for them.

use banyan_types::Amount;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
use sqlx::types::time::OffsetDateTime;
use sqlx::{Encode, Postgres, Type};

use super::convert::to_i64;
use super::filling::microseconds;
use crate::{Account, LedgerError, Posting, Transaction};

/// `journal_transactions`.
#[derive(Default)]
pub(super) struct TransactionColumns {
    pub causes: Vec<CauseWord>,
    pub references: Vec<i64>,
    pub times: Vec<Seconds>,
    pub blocks: Vec<i64>,
    pub last_ordinals: Vec<i32>,
    pub hashes: Vec<[u8; 32]>,
}

/// `postings`.
#[derive(Default)]
pub(super) struct PostingColumns {
    pub causes: Vec<CauseWord>,
    pub references: Vec<i64>,
    pub ordinals: Vec<i32>,
    pub times: Vec<Seconds>,
    pub blocks: Vec<i64>,
    pub debits: AccountColumns,
    pub credits: AccountColumns,
    pub amounts: Vec<Amount>,
}

/// One side of postings.
#[derive(Default)]
pub(super) struct AccountColumns {
    pub kinds: Vec<AccountWord>,
    pub owners: Vec<i64>,
}

/// What the transactions are in the journal.
pub(super) fn columns(
    transactions: &[&Transaction],
) -> Result<(TransactionColumns, PostingColumns), LedgerError> {
    let (mut heads, mut postings) = (TransactionColumns::default(), PostingColumns::default());
    for transaction in transactions {
        let mut count = 0;
        for posting in &transaction.postings {
            postings.push(transaction, count, posting)?;
            count += 1;
        }
        heads.push(transaction, count - 1)?;
    }
    Ok((heads, postings))
}

impl TransactionColumns {
    fn push(&mut self, transaction: &Transaction, last_ordinal: i32) -> Result<(), LedgerError> {
        self.causes.push(CauseWord(transaction.cause.kind.name()));
        self.references.push(to_i64(transaction.cause.reference)?);
        self.times.push(Seconds(to_i64(transaction.at)?));
        self.blocks.push(to_i64(transaction.block)?);
        self.last_ordinals.push(last_ordinal);
        self.hashes.push(transaction.content_hash().0);
        Ok(())
    }
}

impl PostingColumns {
    fn push(
        &mut self,
        transaction: &Transaction,
        ordinal: i32,
        posting: &Posting,
    ) -> Result<(), LedgerError> {
        self.causes.push(CauseWord(transaction.cause.kind.name()));
        self.references.push(to_i64(transaction.cause.reference)?);
        self.ordinals.push(ordinal);
        self.times.push(Seconds(to_i64(transaction.at)?));
        self.blocks.push(to_i64(transaction.block)?);
        self.debits.push(posting.debit)?;
        self.credits.push(posting.credit)?;
        self.amounts.push(posting.amount);
        Ok(())
    }
}

impl AccountColumns {
    fn push(&mut self, account: Account) -> Result<(), LedgerError> {
        self.kinds.push(AccountWord(account.kind.name()));
        self.owners.push(to_i64(account.owner)?);
        Ok(())
    }
}

/// A word of `cause_kind`.
pub(super) struct CauseWord(&'static str);

/// A word of `account_kind`.
pub(super) struct AccountWord(&'static str);

/// A `timestamptz`, as seconds since 1970.
pub(super) struct Seconds(i64);

impl Type<Postgres> for CauseWord {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("cause_kind")
    }
}

impl PgHasArrayType for CauseWord {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::array_of("cause_kind")
    }
}

impl Encode<'_, Postgres> for CauseWord {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl Type<Postgres> for AccountWord {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("account_kind")
    }
}

impl PgHasArrayType for AccountWord {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::array_of("account_kind")
    }
}

impl Encode<'_, Postgres> for AccountWord {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

impl Type<Postgres> for Seconds {
    fn type_info() -> PgTypeInfo {
        OffsetDateTime::type_info()
    }
}

impl PgHasArrayType for Seconds {
    fn array_type_info() -> PgTypeInfo {
        OffsetDateTime::array_type_info()
    }
}

impl Encode<'_, Postgres> for Seconds {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let microseconds = microseconds(self.0).ok_or("expected a time that PostgreSQL can hold")?;
        buffer.extend_from_slice(&microseconds.to_be_bytes());
        Ok(IsNull::No)
    }
}
