//! The driver: one snapshot of the books, one block of the chain, the history judged anew, and what differs.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::{Duration, Instant};

use banyan_chain::ContractView;
use banyan_chain::node::BlockTag;
use banyan_entitlement::Plans;
use banyan_ledger::store::{Pool, Work, try_seal};
use banyan_types::{Amount, B256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::chain_side::{self, ChainSide};
use crate::compare::{self, Directory, Earned};
use crate::difference::{Difference, DifferenceKind};
use crate::figures::{AccountFigures, BookFigures, ComparedAccount, Figures};
use crate::rederive::{Rederivation, rederive};
use crate::schedule::Schedule;
use crate::store::{self, Books};
use crate::{Metrics, ReconcileError};

/// How often the books are asked whether they have reached the next checkpoint.
const LOOK: Duration = Duration::from_secs(1);

/// How much is compared row by row. Totals, accounts and users are always compared all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Rewards and seats of that many users, others at each block. It may stop batches, but lifts no stop.
    Sample(usize),
    /// All rewards and seats.
    All,
}

impl Scope {
    /// What is compared every so often: 200 users.
    pub const SAMPLE: Scope = Scope::Sample(200);

    /// The scope's name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scope::Sample(_) => "sample",
            Scope::All => "all",
        }
    }
}

/// The result of one comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Its id.
    pub id: Uuid,
    /// How much was compared row by row.
    pub scope: Scope,
    /// The block at which chain and books were compared.
    pub block: u64,
    /// The block's hash.
    pub block_hash: B256,
    /// The last entry of the history that the books have.
    pub seq: u64,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it was done.
    pub finished_at: OffsetDateTime,
    /// Every figure that was compared.
    pub figures: Figures,
    /// What differs.
    pub differences: Vec<Difference>,
}

impl Reconciliation {
    /// Nothing differs.
    pub fn balanced(&self) -> bool {
        self.differences.is_empty()
    }

    /// No batch may be built until a later comparison of all is clean.
    pub fn stops_batches(&self) -> bool {
        self.differences.iter().any(|difference| difference.kind.stops_batches())
    }
}

/// Compares one contract with one database.
#[derive(Clone, Debug)]
pub struct Reconciler {
    pool: Pool,
    view: ContractView,
    chain_id: u64,
    plans: Plans,
}

impl Reconciler {
    /// Compares the contract of `view` with the books behind `pool`, by the plans at hand.
    pub fn new(pool: Pool, view: ContractView, chain_id: u64, plans: Plans) -> Reconciler {
        Reconciler { pool, view, chain_id, plans }
    }

    /// Compares once, books forced ether, and stores the result.
    ///
    /// # Errors
    /// Node or database did not answer, or belong to different contracts. Differences are no error.
    pub async fn run(&self, scope: Scope, requested_by: &str) -> Result<Reconciliation, ReconcileError> {
        let started_at = OffsetDateTime::now_utc();
        // What was committed before the snapshot is sealed before it; what came in between may wait for its own sealer.
        // What cannot be sealed is a difference to be named.
        let booked = store::last_booked(&self.pool).await?;
        try_seal(&self.pool).await;
        let (mut work, books) = self.opened().await?;
        let wallets: Vec<_> = books.users.iter().map(|user| user.wallet).collect();
        let chain = chain_side::read(&self.view, books.block_hash, &wallets).await?;
        let directory = directory(&books, &chain, &store::owed_ranges(&mut work).await?);
        let sample = sample(scope, &books);
        let unsealed = store::unsealed(&mut work, booked).await?;
        let history = self.rederive(&mut work, &books, &chain, &directory, sample.as_ref()).await?;
        work.rollback().await.map_err(banyan_ledger::LedgerError::from)?;

        let figures = book_figures(&books);
        let mut differences = compare::totals(&chain.figures, &figures, &books.trial);
        differences.extend(compare::unsealed(&unsealed));
        let (accounts, compared) = compare_accounts(&books, &chain, &history, &mut differences);
        differences.extend(history.differences);
        let figures = Figures {
            chain: chain.figures,
            books: figures,
            accounts,
            rewards: history.figures,
            differences: differences.len(),
        };
        let result = Reconciliation {
            id: Uuid::now_v7(),
            scope,
            block: books.block,
            block_hash: books.block_hash,
            seq: books.seq.unsigned_abs(),
            started_at,
            finished_at: OffsetDateTime::now_utc(),
            figures,
            differences,
        };
        store::save(&self.pool, &result, &books, &compared, requested_by).await?;
        report(&result);
        Ok(result)
    }

    /// A snapshot of the books, which are our contract's.
    pub(crate) async fn opened(&self) -> Result<(Work<'_>, Books), ReconcileError> {
        let mut work = store::snapshot(&self.pool).await?;
        let books = store::books(&mut work).await?.ok_or(ReconcileError::Empty)?;
        self.same_contract(&books).await?;
        Ok((work, books))
    }

    /// The contract on its node.
    pub(crate) fn view(&self) -> &ContractView {
        &self.view
    }

    /// Compares a sample at each checkpoint of `schedule`, until `until` is over. What keeps it from comparing is logged,
    /// and tried again at the next.
    pub async fn run_on(&self, schedule: Schedule, metrics: &Metrics, until: impl Future<Output = ()>) {
        tokio::pin!(until);
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last: Option<(Instant, u64)> = None;
        loop {
            tokio::select! {
                biased;
                () = &mut until => return,
                _ = looks.tick() => {}
            }
            let block = match store::books_stand_at(&self.pool).await {
                Ok(block) => block.unwrap_or_default(),
                Err(error) => {
                    metrics.failed();
                    tracing::error!(%error, "the books do not say where they stand");
                    continue;
                }
            };
            if !schedule.due(last.map(|(at, block)| (at.elapsed(), block)), block) {
                continue;
            }
            match self.run(Scope::SAMPLE, "schedule").await {
                Ok(result) => {
                    last = Some((Instant::now(), result.block));
                    metrics.compared(&result);
                }
                Err(error) => {
                    last = Some((Instant::now(), block));
                    metrics.failed();
                    tracing::error!(%error, "chain and books could not be compared");
                }
            }
        }
    }

    /// The books are those of our contract, and their block is on the node's chain.
    async fn same_contract(&self, books: &Books) -> Result<(), ReconcileError> {
        let configured = self.view.contract();
        if !books.contract.eq_ignore_ascii_case(&format!("{configured:#x}")) {
            return Err(ReconcileError::WrongContract { books: books.contract.clone(), configured });
        }
        let found = self.view.node().block(BlockTag::Number(books.block)).await?;
        match found {
            Some(block) if block.hash == books.block_hash => Ok(()),
            found => Err(ReconcileError::OtherChain {
                block: books.block,
                expected: books.block_hash,
                found: found.map_or("nothing".to_owned(), |block| block.hash.to_string()),
            }),
        }
    }

    async fn rederive(
        &self,
        work: &mut Work<'_>,
        books: &Books,
        chain: &ChainSide,
        directory: &Directory,
        sample: Option<&BTreeSet<i64>>,
    ) -> Result<Rederivation, ReconcileError> {
        let domain = banyan_chain::eip712::Domain { chain_id: self.chain_id, contract: self.view.contract() };
        let mut history = rederive(work, &domain, self.plans.clone(), directory, sample).await?;
        history.expect_end(chain.figures.seq, chain.figures.head);
        if history.entitlements.is_some() {
            let participants = books.users.get(1..).unwrap_or_default();
            history.differences.extend(compare::users(&history.users, participants));
        }
        Ok(history)
    }
}

fn report(result: &Reconciliation) {
    let (block, seq, differences) = (result.block, result.seq, result.differences.len());
    if result.balanced() {
        tracing::info!(block, seq, "chain and books agree to the wei");
        return;
    }
    let stops_batches = result.stops_batches();
    tracing::error!(block, seq, differences, stops_batches, "chain and books differ");
    for it in result.differences.iter().take(20) {
        let account = it.account.map(|account| account.to_string());
        tracing::error!(
            kind = it.kind.name(),
            account,
            expected = it.expected,
            found = it.found,
            "difference"
        );
    }
}

/// Of what the payouts say is owed, what is the contract's word: nothing of an account that it owes nothing.
pub(crate) fn directory(books: &Books, chain: &ChainSide, owed: &[(i64, Amount, Amount)]) -> Directory {
    let mut directory = Directory::default();
    let mut creditors = BTreeSet::new();
    for (user, state) in books.users.iter().zip(&chain.accounts) {
        directory.add(user.id, user.wallet, state.paid);
        if state.owed.is_positive() {
            creditors.insert(user.id);
        }
    }
    for (user, above, up_to) in owed.iter().filter(|(user, ..)| creditors.contains(user)) {
        directory.add_owed(*user, *above, *up_to);
    }
    directory
}

/// The users of a sample: a run of consecutive ids whose start the block's hash decides, so that nobody can foresee it and
/// every block has another one.
fn sample(scope: Scope, books: &Books) -> Option<BTreeSet<i64>> {
    match scope {
        Scope::All => None,
        Scope::Sample(size) if books.users.len() <= size => None,
        Scope::Sample(size) => {
            let mut seed = [0; 8];
            seed.copy_from_slice(&books.block_hash[..8]);
            let count = books.users.len();
            let start = usize::try_from(u64::from_be_bytes(seed) % count as u64).unwrap_or(0);
            let chosen = books.users.iter().cycle().skip(start).take(size);
            Some(chosen.map(|user| user.id).collect())
        }
    }
}

pub(crate) fn book_figures(books: &Books) -> BookFigures {
    let totals = &books.trial.totals;
    BookFigures {
        funds: totals.funds,
        payable: totals.payable,
        company: totals.company,
        reserved: totals.reserved,
        in_batch: totals.in_batch,
        owed: totals.owed,
        suspense: totals.suspense,
        excess: totals.excess,
        seq: books.seq,
        head: books.head,
        out: books.out,
        accounts: books.trial.accounts,
    }
}

pub(crate) fn compare_accounts(
    books: &Books,
    chain: &ChainSide,
    history: &Rederivation,
    differences: &mut Vec<Difference>,
) -> (AccountFigures, Vec<ComparedAccount>) {
    let mut compared = Vec::with_capacity(books.users.len());
    let mut figures = AccountFigures { compared: books.users.len(), ..AccountFigures::default() };
    for (user, state) in books.users.iter().zip(&chain.accounts) {
        let earned = history.earned(user.wallet);
        differences.extend(compare::accounts(user, state, earned));
        compared.push(ComparedAccount::new(user, state, earned));
        let Earned { cumulative, .. } = earned.unwrap_or_default();
        figures.paid = figures.paid.checked_add(state.paid).unwrap_or_default();
        figures.owed = figures.owed.checked_add(state.owed).unwrap_or_default();
        figures.entitlement = figures.entitlement.checked_add(cumulative).unwrap_or_default();
    }
    (figures, compared)
}

impl Rederivation {
    /// The history must end where the contract's does, with its head: else nothing that follows from it is proven.
    fn expect_end(&mut self, seq: u64, head: B256) {
        let Some(entitlements) = &self.entitlements else { return };
        let (found_seq, found_head) = (entitlements.seq(), entitlements.head());
        if (found_seq, found_head) == (Some(seq), head) {
            return;
        }
        let found = format!(
            "head {found_head} after {}",
            found_seq.map_or("nothing".into(), |seq| format!("seq {seq}"))
        );
        let difference =
            Difference::new(DifferenceKind::History, format!("head {head} after seq {seq}"), found);
        self.differences.push(difference.seen_in("history", format!("seq {}", found_seq.unwrap_or(0))));
    }

    /// What an account has earned and what is held back for it; `None` if the history could not be judged.
    fn earned(&self, wallet: banyan_types::Address) -> Option<Earned> {
        let entitlements = self.entitlements.as_ref()?;
        let (id, machine) = (entitlements.id(wallet)?, entitlements.machine()?);
        let reserved = machine.balances(id).reserved;
        Some(Earned { cumulative: entitlements.cumulative(wallet), reserved })
    }
}
