//! The driver: node, proving, judging and books joined by channels, and the result put together.

use std::time::{Duration, Instant};

use banyan_chain::eip712::Domain;
use banyan_chain::node::{Block, BlockTag, Finality};
use banyan_chain::{BlockSource, ContractView, NodeError, start_cursor};
use banyan_entitlement::{EntitlementError, Plans};
use banyan_ledger::store::Pool;
use banyan_reconciliation::{Beside, Judged, Reconciler};
use banyan_types::history::{BlockRange, ChainEvent};
use banyan_types::{Amount, PlanHash};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::AuditError;
use crate::ending::{self, Money};
use crate::finding::{Finding, Source, of_books};
use crate::judging::Judge;
use crate::proving::Proving;
use crate::reading::Reading;
use crate::summary::{Audit, Figures, Pace, milliseconds};

/// Ranges that wait between two stages at most.
const WAITING: usize = 4;

/// What is to be audited.
#[derive(Debug)]
pub struct Request {
    /// The contract on a node.
    pub view: ContractView,
    /// The chain that the node must be on; any if `None`.
    pub chain_id: Option<u64>,
    /// Which blocks are final.
    pub finality: Finality,
    /// Every plan that was ever in force.
    pub plans: Plans,
    /// A block not behind the contract's creation.
    pub from_block: u64,
    /// The last block; the newest final one if `None`, or that at which the books stand.
    pub to_block: Option<u64>,
    /// The books, if they are to be compared.
    pub books: Option<Pool>,
}

/// A judged range on its way to the books.
type ToBooks = (BlockRange, Vec<Judged>);

/// Audits a contract.
///
/// # Errors
/// Why there is no answer. A difference is no error.
pub async fn audit(mut request: Request) -> Result<Audit, AuditError> {
    let start = Instant::now();
    // No transaction is in the chain's own first block.
    request.from_block = request.from_block.max(1);
    let chain_id = right_place(&request).await?;
    let reconciler = request
        .books
        .clone()
        .map(|pool| Reconciler::new(pool, request.view.clone(), chain_id, request.plans.clone()));
    let mut books = match &reconciler {
        Some(reconciler) => Some(reconciler.beside().await?),
        None => None,
    };
    let end = last_block(&request, books.as_ref()).await?;
    let reading = Reading { view: request.view.clone(), from: request.from_block, end };
    let domain = Domain { chain_id, contract: request.view.contract() };
    let source = BlockSource::new(domain, start_cursor(request.from_block));
    let mut proving = Proving::new(reading.clone(), source);
    let judge = Judge::new(request.plans.clone(), books.is_some());

    let (to_proof, pieces) = channel(WAITING);
    let (to_judge, ranges) = channel(WAITING);
    let (to_books, judged) = channel(WAITING);
    let asking = tokio::spawn(reading.run(to_proof));
    let judging = tokio::task::spawn_blocking(move || judge_all(judge, ranges, &to_books));
    let (proven, compared) =
        tokio::join!(prove_all(&mut proving, pieces, to_judge), compare_all(books.as_mut(), judged));
    asking.abort();
    let judged = judging.await.map_err(|_| AuditError::Broken("the judging"))?;
    // What cannot be judged ends the proving too, and is the reason.
    let mut judge = judged?;
    let waiting = proven?;
    for finding in compared? {
        judge.findings.add(finding);
    }
    let reading_time = start.elapsed();
    if judge.entitlements.seq().is_none() {
        return Err(AuditError::Unborn { to: end.number });
    }
    let money = ending::compare(&request.view, end, &mut judge).await?;
    let with_books = books.is_some();
    if let Some(books) = books {
        let differences = books.finish(&judge.entitlements).await?;
        differences.into_iter().for_each(|difference| judge.findings.add(of_books(difference, None)));
    }
    let figures = figures(&request, chain_id, end, &judge, &proving, money)?;
    let pace = pace(&judge, proving, [start.elapsed(), reading_time, waiting]);
    Ok(Audit {
        clean: judge.findings.count == 0,
        findings: judge.findings.told,
        finding_count: judge.findings.count,
        figures,
        events: judge.counts,
        books: with_books,
        pace,
    })
}

/// Node, contract and plan files belong together.
async fn right_place(request: &Request) -> Result<u64, AuditError> {
    let (node, contract) = (request.view.node(), request.view.contract());
    if let Some(expected) = request.chain_id {
        node.expect_chain(expected).await?;
    }
    let chain_id = node.chain_id().await?;
    if node.code(contract).await?.is_empty() {
        return Err(AuditError::NoContract { contract, chain_id });
    }
    let head = node.head_block().await?;
    let plan = request.view.plan(head.hash).await.map_err(|error| match error {
        NodeError::Reverted { reason, .. } | NodeError::Malformed { reason, .. } => {
            AuditError::NoSettlement { contract, reason }
        }
        error => AuditError::Node(error),
    })?;
    let known: Vec<PlanHash> = request.plans.hashes().collect();
    if plan != PlanHash::NONE && !known.contains(&plan) {
        return Err(AuditError::MissingPlan { plan, known });
    }
    Ok(chain_id)
}

async fn last_block(request: &Request, books: Option<&Beside<'_>>) -> Result<Block, AuditError> {
    let node = request.view.node();
    let newest = node.finalized_block(request.finality).await?;
    let newest = newest.ok_or(AuditError::Unborn { to: request.from_block })?;
    let asked = match (books.map(Beside::block), request.to_block) {
        (Some(books), Some(asked)) if books != asked => return Err(AuditError::OtherEnd { books, asked }),
        (Some(books), _) => books,
        (None, Some(asked)) => asked,
        (None, None) => newest.number,
    };
    if asked > newest.number {
        return Err(AuditError::NotFinal { asked, finalized: newest.number });
    }
    if asked < request.from_block {
        return Err(AuditError::Unborn { to: asked });
    }
    let block = node.block(BlockTag::Number(asked)).await?;
    block.ok_or(AuditError::NotFinal { asked, finalized: newest.number })
}

/// Proves range after range; says for how long it waited for the node.
async fn prove_all(
    proving: &mut Proving,
    mut pieces: Receiver<Result<crate::reading::Piece, NodeError>>,
    to_judge: Sender<BlockRange>,
) -> Result<Duration, AuditError> {
    let mut waiting = Duration::ZERO;
    loop {
        let start = Instant::now();
        let piece = pieces.recv().await;
        waiting += start.elapsed();
        let Some(piece) = piece else { return Ok(waiting) };
        let range = proving.prove(piece?).await?;
        if to_judge.send(range).await.is_err() {
            // The judge has given up, and says why.
            return Ok(waiting);
        }
    }
}

fn judge_all(
    mut judge: Judge,
    mut ranges: Receiver<BlockRange>,
    to_books: &Sender<ToBooks>,
) -> Result<Judge, EntitlementError> {
    while let Some(range) = ranges.blocking_recv() {
        let judged = judge.range(&range)?;
        if judge.for_books() && to_books.blocking_send((range, judged)).is_err() {
            // The books could not be read, which is told there.
            break;
        }
    }
    Ok(judge)
}

/// The books beside each range, as it comes.
async fn compare_all(
    books: Option<&mut Beside<'_>>,
    mut judged: Receiver<ToBooks>,
) -> Result<Vec<Finding>, AuditError> {
    let mut findings = Vec::new();
    let Some(books) = books else { return Ok(findings) };
    while let Some((range, judged)) = judged.recv().await {
        for (difference, event) in books.range(&range, &judged).await? {
            let event: Option<&ChainEvent> = event.and_then(|index| range.events.get(index));
            findings.push(of_books(difference, event.map(Source::event)));
        }
    }
    Ok(findings)
}

fn figures(
    request: &Request,
    chain_id: u64,
    end: Block,
    judge: &Judge,
    proving: &Proving,
    money: Money,
) -> Result<Figures, AuditError> {
    let entitlements = &judge.entitlements;
    let seq = entitlements.seq().ok_or(AuditError::Unborn { to: end.number })?;
    let earned = Amount::sum(entitlements.as_of(seq)?.accounts().map(|(_, earned)| earned));
    let Money { total_in, total_paid, total_owed, balance, excess } = money;
    Ok(Figures {
        chain_id,
        contract: request.view.contract(),
        from_block: request.from_block,
        to_block: end.number,
        to_hash: end.hash,
        plan: entitlements.plan_in_force(),
        seq,
        head: entitlements.head(),
        out: proving.out(),
        accounts: entitlements.account_count(),
        root: entitlements.root(),
        total_in,
        total_paid,
        total_owed,
        earned: earned.unwrap_or(Amount::MAX),
        balance,
        excess,
    })
}

fn pace(judge: &Judge, proving: Proving, [all, reading, waiting]: [Duration; 3]) -> Pace {
    let per_second = u128::from(judge.counts.total) * 1_000 / all.as_millis().max(1);
    Pace {
        milliseconds: milliseconds(all),
        reading_milliseconds: milliseconds(reading),
        waiting_milliseconds: milliseconds(waiting),
        proving_milliseconds: milliseconds(proving.time),
        judging_milliseconds: milliseconds(judge.time),
        events_per_second: u64::try_from(per_second).unwrap_or(u64::MAX),
        ranges: proving.ranges,
        faults: proving.faults,
    }
}
