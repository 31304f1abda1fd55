//! Verifying the books: the whole journal is read again in the order of its seals, every row hashed and compared, and what
//! is left over or missing is looked for.
//!
//! All of it is one read of one moment. The first row that is not what it should be ends it.

mod definitions;
mod guards;
mod rest;
mod rows;

use std::collections::HashMap;

use sqlx::Connection as _;

use super::copy::copied;
use super::{Connection, Work};
use crate::verification::{Chain, Seal, Stretch};
use crate::{Account, AccountKind, Finding, LedgerError, Posting, SealPoint, Verified};
pub use definitions::FUNCTIONS;
pub use guards::GUARDS;

/// Seals in a stretch: some megabytes of rows.
const STRETCH: u64 = 10_000;

/// Sums of postings by account, in wei, on the account's normal side.
type Sums = HashMap<Account, i128>;

/// Verifies the books: seals without gaps and each hash, every row's content, causes, balances, positions of the outbox,
/// and the triggers that keep them so. `from` is a seal that is known to be right, kept elsewhere: the chain is followed
/// from there, and the rows before it are only counted.
///
/// # Errors
/// When PostgreSQL fails, or the schema is not ours. Books that are wrong are no error: the answer names the first row.
pub async fn verify(connection: &mut Connection, from: Option<SealPoint>) -> Result<Verified, LedgerError> {
    let mut work = connection.begin().await?;
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *work).await?;
    let mut reading =
        Reading { verified: Verified::default(), sums: Sums::new(), taken: rows::Taken::default() };
    let finding = match reading.all(&mut work, from).await {
        Ok(()) => None,
        Err(Stop::Found(finding)) => Some(finding),
        Err(Stop::Failed(error)) => return Err(error),
    };
    work.rollback().await?;
    Ok(Verified { finding, ..reading.verified })
}

/// Why a verification ends early.
enum Stop {
    Found(Finding),
    Failed(LedgerError),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Stop {
        Stop::Found(finding)
    }
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Stop {
        Stop::Failed(error)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Stop {
        Stop::Failed(error.into())
    }
}

/// A verification under way.
struct Reading {
    verified: Verified,
    sums: Sums,
    taken: rows::Taken,
}

impl Reading {
    async fn all(&mut self, work: &mut Work<'_>, from: Option<SealPoint>) -> Result<(), Stop> {
        guards::check(work).await?;
        let mut chain = Chain::default();
        if let Some(from) = from {
            known(work, from).await?;
            chain.last = from;
            self.verified.last = from;
        }
        self.sealed(work, &mut chain).await?;
        head(work, chain.last).await?;
        self.waiting(work, &mut chain).await?;
        if from.is_none() {
            rest::nothing_more(work, self.taken).await?;
            self.verified.accounts = rest::balances(work, &self.sums).await?;
        }
        rest::positions(work).await?;
        rest::passed_over(work).await?;
        self.verified.lifts = rest::lifts(work).await?;
        definitions::check(work).await?;
        Ok(())
    }

    async fn sealed(&mut self, work: &mut Work<'_>, chain: &mut Chain) -> Result<(), Stop> {
        loop {
            let seals = rows::seals(work, chain.last.number, STRETCH).await?;
            if seals.is_empty() {
                return Ok(());
            }
            self.stretch(work, seals, chain).await?;
        }
    }

    async fn waiting(&mut self, work: &mut Work<'_>, chain: &mut Chain) -> Result<(), Stop> {
        let mut after = i64::MIN;
        loop {
            let (waiting, last) = rows::unsealed(work, after, STRETCH).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            after = last;
            self.verified.unsealed += waiting.len() as u64;
            self.stretch(work, waiting, chain).await?;
        }
    }

    async fn stretch(
        &mut self,
        work: &mut Work<'_>,
        seals: Vec<Seal>,
        chain: &mut Chain,
    ) -> Result<(), Stop> {
        let mut stretch = Stretch::new(seals);
        let taken = rows::fill(work, &mut stretch).await?;
        let sums = &mut self.sums;
        let closed = stretch.close(chain, |posting| add(sums, posting));
        self.verified.last = chain.last;
        closed?;
        self.taken.transactions += taken.transactions;
        self.taken.postings += taken.postings;
        (self.verified.transactions, self.verified.postings) = (self.taken.transactions, self.taken.postings);
        Ok(())
    }
}

/// Adds a posting to what its accounts should have.
fn add(sums: &mut Sums, posting: &Posting) -> Result<(), Finding> {
    let units = posting.amount.units();
    for (account, change) in [(posting.debit, -units), (posting.credit, units)] {
        let change = if account.kind == AccountKind::Funds { -change } else { change };
        let sum = sums.entry(account).or_default();
        *sum = sum.checked_add(change).ok_or_else(|| {
            Finding::new("accounts", account, "a sum of postings within the range", "a larger one")
        })?;
    }
    Ok(())
}

/// The seal that is known to be right is there as it is known.
async fn known(work: &mut Work<'_>, from: SealPoint) -> Result<(), Stop> {
    if from.number == 0 {
        return Ok(());
    }
    let expected = format!("the known hash {}", crate::verification::hex(&from.hash));
    let seals = rows::seals(work, from.number - 1, 1).await?;
    let found = seals.first().and_then(|seal| seal.point);
    match found {
        Some(point) if point == from => Ok(()),
        Some(point) if point.number == from.number => {
            let hash = crate::verification::hex(&point.hash);
            Err(Finding::new("journal_seals", from.number, expected, hash).into())
        }
        Some(_) | None => Err(Finding::new("journal_seals", from.number, expected, "no such seal").into()),
    }
}

/// The sealer stands where its chain ends.
async fn head(work: &mut Work<'_>, last: SealPoint) -> Result<(), Stop> {
    let mut head = None;
    copied(work, "SELECT number, hash FROM seal_head", |mut row| {
        head = Some(SealPoint { number: row.u64()?, hash: row.hash()? });
        Ok(())
    })
    .await?;
    let words = |point: SealPoint| format!("seal {} {}", point.number, crate::verification::hex(&point.hash));
    match head {
        Some(head) if head == last => Ok(()),
        // What the sealer gave and is not there is the row that lacks.
        Some(head) if head.number > last.number => {
            Err(Finding::new("journal_seals", last.number + 1, "a seal up to the sealer's last", "none")
                .into())
        }
        Some(head) => Err(Finding::new("seal_head", 1, words(last), words(head)).into()),
        None => Err(Finding::new("seal_head", 1, words(last), "no row").into()),
    }
}
