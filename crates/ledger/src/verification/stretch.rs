//! A stretch of the chain: some seals in order, and the journal's rows that they cover, each row judged as it comes.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::chain::hex;
use super::{Chain, Finding, Seal};
use crate::{Account, AccountKind, Cause, Posting, Transaction};

/// Seconds from 1970 to 2000, where the database's times begin.
const EPOCH: i64 = 946_684_800;

/// A row of `journal_transactions`.
#[derive(Debug)]
pub(crate) struct TransactionRow<'a> {
    pub cause: Cause,
    /// Microseconds since 2000.
    pub at: i64,
    pub block: u64,
    pub last_ordinal: u32,
    pub content_hash: &'a [u8],
    /// `journal_causes` has it with the same time and hash.
    pub caused: bool,
    /// The row as it is hashed.
    pub bytes: &'a [u8],
}

/// A row of `postings`.
#[derive(Debug)]
pub(crate) struct PostingRow<'a> {
    pub cause: Cause,
    pub ordinal: u32,
    /// Microseconds since 2000.
    pub at: i64,
    pub block: u64,
    pub posting: Posting,
    /// The row as it is hashed.
    pub bytes: &'a [u8],
}

/// Some seals in order.
#[derive(Debug)]
pub(crate) struct Stretch {
    covered: Vec<Covered>,
    places: HashMap<Cause, usize>,
    /// Where the last posting went: the next one is mostly of the same transaction.
    last: Option<(Cause, usize)>,
}

/// A seal and what came of its rows so far.
#[derive(Debug)]
struct Covered {
    seal: Seal,
    head: Option<Head>,
    postings: Vec<Posting>,
    content: Sha256,
    finding: Option<Finding>,
}

#[derive(Debug)]
struct Head {
    block: u64,
    last_ordinal: u32,
    content_hash: [u8; 32],
}

impl Stretch {
    /// Seals of the chain, in order.
    pub fn new(seals: Vec<Seal>) -> Stretch {
        let mut places = HashMap::with_capacity(seals.len());
        let mut covered = Vec::with_capacity(seals.len());
        for (place, seal) in seals.into_iter().enumerate() {
            // The first of two keeps the rows; the second is what is wrong.
            let twice = (*places.entry(seal.cause).or_insert(place) != place).then(|| {
                let number = seal.point.map_or(0, |point| point.number);
                let found = format!("{} a second time", seal.cause);
                Finding::new("journal_seals", number, "a transaction that has no seal before", found)
            });
            let (postings, content) = (Vec::new(), Sha256::new());
            covered.push(Covered { seal, head: None, postings, content, finding: twice });
        }
        Stretch { covered, places, last: None }
    }

    /// What the seals cover.
    pub fn causes(&self) -> impl Iterator<Item = Cause> {
        self.covered.iter().map(|covered| covered.seal.cause)
    }

    /// First and last time.
    pub fn times(&self) -> Option<(i64, i64)> {
        let times = || self.covered.iter().map(|covered| covered.seal.at);
        Some((times().min()?, times().max()?))
    }

    /// A transaction; one that no seal here covers is left to another stretch. Whether it was taken.
    pub fn transaction(&mut self, row: &TransactionRow<'_>) -> bool {
        let Some(covered) = self.covered(row.cause, row.at) else { return false };
        covered.content.update(row.bytes);
        let content_hash = <[u8; 32]>::try_from(row.content_hash).unwrap_or_default();
        covered.head = Some(Head { block: row.block, last_ordinal: row.last_ordinal, content_hash });
        if !row.caused {
            covered.find("journal_causes", row.cause, "a row of its time and content hash", "none such");
        }
        true
    }

    /// A posting, after its transaction and in order. Whether it was taken.
    pub fn posting(&mut self, row: &PostingRow<'_>) -> bool {
        let Some(covered) = self.covered(row.cause, row.at) else { return false };
        covered.content.update(row.bytes);
        let key = format!("{} {}", row.cause, row.ordinal);
        let expected = covered.postings.len();
        if usize::try_from(row.ordinal) != Ok(expected) {
            let lacking = format!("{} {expected}", row.cause);
            covered.find("postings", lacking, "the posting", format!("posting {} after it", row.ordinal));
        }
        let block = covered.head.as_ref().map(|head| head.block);
        if block.is_some_and(|block| block != row.block) {
            let block = block.unwrap_or_default();
            covered.find(
                "postings",
                &key,
                format!("block {block} of its transaction"),
                row.block.to_string(),
            );
        }
        if !row.posting.amount.is_positive() {
            covered.find("postings", &key, "an amount above 0", row.posting.amount.to_string());
        }
        if !row.cause.kind.allows(&row.posting) {
            let legs = format!("{} to {}", row.posting.debit, row.posting.credit);
            covered.find("postings", &key, format!("legs of {}", row.cause.kind.name()), legs);
        }
        covered.postings.push(row.posting);
        true
    }

    fn covered(&mut self, cause: Cause, at: i64) -> Option<&mut Covered> {
        let place = match self.last {
            Some((last, place)) if last == cause => place,
            Some(_) | None => *self.places.get(&cause)?,
        };
        self.last = Some((cause, place));
        self.covered.get_mut(place).filter(|covered| covered.seal.at == at)
    }

    /// Judges all in the seals' order and goes on with the chain; gives the postings of each that is right to `take`.
    pub fn close(
        self,
        chain: &mut Chain,
        mut take: impl FnMut(&Posting) -> Result<(), Finding>,
    ) -> Result<(), Finding> {
        for covered in self.covered {
            let (postings, point, content) = covered.judge()?;
            if let Some(point) = point {
                chain.advance(point, content)?;
            }
            postings.iter().try_for_each(&mut take)?;
        }
        Ok(())
    }
}

type Judged = (Vec<Posting>, Option<super::SealPoint>, [u8; 32]);

impl Covered {
    /// Keeps the first finding.
    fn find(
        &mut self,
        table: &str,
        key: impl std::fmt::Display,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        if self.finding.is_none() {
            self.finding = Some(Finding::new(table, key, expected, found));
        }
    }

    fn judge(mut self) -> Result<Judged, Finding> {
        let cause = self.seal.cause;
        if let Some(finding) = self.finding {
            return Err(finding);
        }
        let Some(head) = self.head.take() else {
            let expected = match self.seal.point {
                Some(point) => format!("the transaction of seal {}", point.number),
                None => "the transaction that waits for its seal".to_owned(),
            };
            return Err(Finding::new("journal_transactions", cause, expected, "none of that time"));
        };
        let last = u32::try_from(self.postings.len()).unwrap_or(u32::MAX).checked_sub(1);
        if last != Some(head.last_ordinal) {
            let lacking = last.map_or(0, |last| last.min(head.last_ordinal) + 1);
            let expected = format!("{} postings as the transaction says", u64::from(head.last_ordinal) + 1);
            let found = self.postings.len().to_string();
            return Err(Finding::new("postings", format!("{cause} {lacking}"), expected, found));
        }
        let seconds = self.seal.at.div_euclid(1_000_000) + EPOCH;
        let postings = self.postings;
        let at = u64::try_from(seconds).ok().filter(|_| self.seal.at.rem_euclid(1_000_000) == 0);
        let Some(at) = at else {
            let found = format!("{} µs from 2000", self.seal.at);
            return Err(Finding::new(
                "journal_transactions",
                cause,
                "a time of whole seconds from 1970 on",
                found,
            ));
        };
        let transaction = Transaction { cause, at, block: head.block, postings };
        let hash = transaction.content_hash().0;
        if hash != head.content_hash {
            let expected = format!("content hash {} of the row and its postings", hex(&hash));
            return Err(Finding::new("journal_transactions", cause, expected, hex(&head.content_hash)));
        }
        Ok((transaction.postings, self.seal.point, self.content.finalize().into()))
    }
}

/// Whether the account may be below zero: the company's, for a plan may make it pay first, and suspense.
pub(crate) fn may_be_below_zero(account: Account) -> bool {
    match account.kind {
        AccountKind::Suspense => true,
        AccountKind::Payable => account.owner == 0,
        AccountKind::Funds
        | AccountKind::Reserved
        | AccountKind::InBatch
        | AccountKind::Owed
        | AccountKind::Excess => false,
    }
}
