//! The books beside a history that somebody has read and proven from the chain itself: range by range the raw logs, the
//! history, rewards, payouts, roots and postings, row by row; at the end everything that a reconciliation compares. Reads
//! only, in one snapshot, and so at the block at which the books stand.

mod rows;

use banyan_entitlement::{Entitlements, Judgement};
use banyan_ledger::store::Work;
use banyan_ledger::{CauseKind, LedgerError};
use banyan_types::history::{BlockRange, Entry, Fact, Outflow};

use crate::ReconcileError;
use crate::chain_side::{self, ChainSide};
use crate::compare::{self, Directory};
use crate::consequences::{
    Consequences, ExpectedReward, ExpectedSeat, ExpectedUser, REWARDS_PER_ENTRY, consequences,
};
use crate::difference::Difference;
use crate::figures::RewardFigures;
use crate::reconciler::{Reconciler, book_figures, compare_accounts, directory};
use crate::rederive::Rederivation;
use crate::store::{self, Books};

/// A difference, and the event of the range that it comes from.
pub type Traced = (Difference, Option<usize>);

/// An entry that was judged, and what follows from it.
#[derive(Debug)]
pub struct Judged {
    entry: Entry,
    head: banyan_types::B256,
    judgement: Judgement,
    consequences: Consequences,
}

impl Judged {
    /// What follows from `entry`, which `entitlements` has just judged.
    pub fn new(entry: &Entry, judgement: Judgement, entitlements: &Entitlements) -> Judged {
        let consequences = consequences(entry, &judgement, entitlements);
        Judged { entry: entry.clone(), head: entitlements.head(), judgement, consequences }
    }
}

/// The books in one snapshot, and how far they have been compared.
#[derive(Debug)]
pub struct Beside<'a> {
    work: Work<'a>,
    contract: banyan_types::Address,
    books: Books,
    chain: ChainSide,
    directory: Directory,
    users: Vec<ExpectedUser>,
    seats: Vec<ExpectedSeat>,
    figures: RewardFigures,
    last_seq: i64,
    last_out: u64,
}

impl Reconciler {
    /// The books as they stand, to be compared with a history from the chain up to their block.
    ///
    /// # Errors
    /// Node or database did not answer, or belong to different contracts.
    pub async fn beside(&self) -> Result<Beside<'_>, ReconcileError> {
        let (mut work, books) = self.opened().await?;
        let wallets: Vec<_> = books.users.iter().map(|user| user.wallet).collect();
        let chain = chain_side::read(self.view(), books.block_hash, &wallets).await?;
        let directory = directory(&books, &chain, &store::owed_ranges(&mut work).await?);
        let (users, seats, figures) = Default::default();
        let contract = self.view().contract();
        Ok(Beside {
            work,
            contract,
            books,
            chain,
            directory,
            users,
            seats,
            figures,
            last_seq: -1,
            last_out: 0,
        })
    }
}

impl Beside<'_> {
    /// The block at which the books stand, and up to which the history is to be read.
    pub fn block(&self) -> u64 {
        self.books.block
    }

    /// Compares what the books have of a range; `judged` are its entries.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn range(
        &mut self,
        range: &BlockRange,
        judged: &[Judged],
    ) -> Result<Vec<Traced>, ReconcileError> {
        let mut differences = self.raw(range).await?;
        differences.extend(self.entries(range, judged).await?);
        differences.extend(self.outflows(range).await?);
        Ok(differences)
    }

    /// The raw logs, and the roots among them.
    async fn raw(&mut self, range: &BlockRange) -> Result<Vec<Traced>, LedgerError> {
        let stored = store::events_between(&mut self.work, range.from, range.to).await?;
        let mut differences = rows::events(range, &stored);
        let stored = store::roots_between(&mut self.work, range.from, range.to).await?;
        differences.extend(rows::roots(range, &stored));
        Ok(differences)
    }

    /// History, rewards and the postings of entries.
    async fn entries(&mut self, range: &BlockRange, judged: &[Judged]) -> Result<Vec<Traced>, LedgerError> {
        let (Some(first), Some(last)) = (judged.first(), judged.last()) else { return Ok(Vec::new()) };
        let (from, to) = (signed(first.entry.seq), signed(last.entry.seq));
        let limit = to.saturating_sub(from).saturating_add(1);
        let stored = store::entries_after(&mut self.work, self.contract, from - 1, limit).await?;
        let mut differences = rows::history(range, judged, &stored);

        let expected: Vec<ExpectedReward> =
            judged.iter().flat_map(|one| one.consequences.rewards.iter().cloned()).collect();
        let (low, high) =
            (from.saturating_mul(REWARDS_PER_ENTRY), (to + 1).saturating_mul(REWARDS_PER_ENTRY));
        let stored = store::rewards(&mut self.work, low, high, None).await?;
        let found = compare::rewards(&expected, &stored, &self.directory);
        differences.extend(found.into_iter().map(|it| {
            let event = rows::reward_event(range, &it);
            (it, event)
        }));
        let stored = store::postings_between(&mut self.work, CauseKind::Entry, from, to).await?;
        differences.extend(rows::entry_postings(range, judged, &stored));

        self.figures.entries += judged.len() as u64;
        self.figures.rewards += expected.len() as u64;
        self.last_seq = to;
        for one in judged {
            self.users.extend(one.consequences.user.clone());
            self.seats.extend(one.consequences.seats.iter().cloned());
        }
        Ok(differences)
    }

    /// Payouts, and the postings of outflows.
    async fn outflows(&mut self, range: &BlockRange) -> Result<Vec<Traced>, LedgerError> {
        let outs = range.events.iter().filter_map(|event| match &event.fact {
            Fact::Outflow(
                Outflow::Paid { out, .. }
                | Outflow::Owed { out, .. }
                | Outflow::Batch { out, .. }
                | Outflow::OwedWithdrawn { out, .. },
            ) => Some(*out),
            Fact::Entry { .. }
            | Fact::Frozen { .. }
            | Fact::RootPublished { .. }
            | Fact::RootVoided
            | Fact::Other { .. } => None,
        });
        let Some(last) = outs.max() else { return Ok(Vec::new()) };
        let (from, to) = (signed(self.last_out + 1), signed(last));
        self.last_out = last;
        let stored = store::payouts_between(&mut self.work, from, to).await?;
        let mut differences = rows::payouts(range, &stored);
        let stored = store::postings_between(&mut self.work, CauseKind::Outflow, from, to).await?;
        differences.extend(rows::outflow_postings(range, &stored));
        Ok(differences)
    }

    /// What is only known at the end: rows beyond the history, people, seats, accounts and totals.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn finish(mut self, entitlements: &Entitlements) -> Result<Vec<Difference>, ReconcileError> {
        let mut differences = self.beyond().await?;
        let figures = book_figures(&self.books);
        differences.extend(compare::totals(&self.chain.figures, &figures, &self.books.trial));
        self.seats.sort_by_key(|seat| seat.id);
        differences.extend(compare::seats(&self.seats, &store::seats(&mut self.work, None).await?));
        differences.extend(compare::users(&self.users, self.books.users.get(1..).unwrap_or_default()));
        let history = Rederivation {
            entitlements: Some(entitlements.clone()),
            users: self.users,
            figures: self.figures,
            differences: Vec::new(),
        };
        compare_accounts(&self.books, &self.chain, &history, &mut differences);
        self.work.rollback().await.map_err(LedgerError::from)?;
        Ok(differences)
    }

    /// Rows of what never happened.
    async fn beyond(&mut self) -> Result<Vec<Difference>, LedgerError> {
        let next = self.last_seq + 1;
        let stored = store::entries_after(&mut self.work, self.contract, self.last_seq, 100).await?;
        let mut differences: Vec<Difference> =
            stored.iter().map(|row| rows::invented_entry(row.seq)).collect();
        let from = next.saturating_mul(REWARDS_PER_ENTRY);
        let stored = store::rewards(&mut self.work, from, i64::MAX, None).await?;
        differences.extend(compare::rewards(&[], &stored, &self.directory));
        let stored = store::payouts_between(&mut self.work, signed(self.last_out + 1), i64::MAX).await?;
        differences.extend(stored.iter().map(rows::invented_payout));
        Ok(differences)
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
