//! What operators do with batches: build, have signed, queue, retry, give up, look at. The API calls this; the
//! settlement process does the same by itself in automatic mode.

use alloy::primitives::Bytes;
use banyan_chain::eip712::{Domain, Payload, PayoutBatch, pack_items, recover};
use banyan_ledger::store::{Connection, Pool, seal, try_seal};
use banyan_signer::client::{ClientError, SignerClient};
use banyan_signer::protocol::{PayoutBatchRequest, PayoutItem, Problem, SignedBatch};
use banyan_types::{Address, Amount, B256};
use uuid::Uuid;

use crate::batch::State;
use crate::error::SettlementError;
use crate::record::{BatchDetail, BatchKey, BatchRecord, Page};
use crate::select::{self, Item, Limits};
use crate::store::{self, Ending, NewBatch, Point, Signed};

/// What a batch should hold. What is left out is the settings'.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these accounts; the zero address is the company.
    pub accounts: Option<Vec<Address>>,
    /// Leave out who is owed less, in wei.
    pub minimum: Option<Amount>,
    /// At most so many items.
    pub max_items: Option<usize>,
    /// Publish a root of all entitlements, if the contract would take one now.
    pub publish_root: bool,
}

/// How often a batch is built again that PostgreSQL undid.
const AGAIN: u32 = 3;

/// States in which no transaction carries a batch.
pub(crate) const UNSENT: [State; 3] = [State::Building, State::Signed, State::Queued];

/// Payout batches, for whoever may command them. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Payouts {
    pool: Pool,
    signer: SignerClient,
    domain: Domain,
    limits: Limits,
}

type Result<T> = std::result::Result<T, SettlementError>;

impl Payouts {
    /// Payouts of the contract of `domain`, signed by `signer` with the settlement's token, within `limits`.
    pub fn new(pool: Pool, signer: SignerClient, domain: Domain, limits: Limits) -> Payouts {
        Payouts { pool, signer, domain, limits }
    }

    /// Takes payable rewards into a new batch; it is building, until it is signed. What PostgreSQL undoes for another
    /// session's sake is chosen and written again, a few times.
    ///
    /// # Errors
    /// [`SettlementError::Held`], [`SettlementError::BooksNotReady`], [`SettlementError::NothingToPay`], or PostgreSQL's.
    pub async fn build_batch(&self, filter: &Filter, requested_by: &str) -> Result<BatchDetail> {
        let mut again = AGAIN;
        loop {
            match self.try_to_build(filter, requested_by).await {
                Err(SettlementError::Storage(error)) if error.is_undone() && again > 0 => {
                    again -= 1;
                    tracing::warn!(%error, requested_by, "the batch is built again");
                }
                built => return built,
            }
        }
    }

    async fn try_to_build(&self, filter: &Filter, requested_by: &str) -> Result<BatchDetail> {
        let limits = Limits {
            minimum: filter.minimum.unwrap_or(self.limits.minimum),
            max_items: filter.max_items.unwrap_or(self.limits.max_items),
            max_total: self.limits.max_total,
        };
        let mut work = store::begin(&self.pool).await?;
        let point = store::stand_still(&mut work).await?.ok_or(SettlementError::BooksNotReady)?;
        unless_held(&mut work).await?;
        let candidates = store::candidates(&mut work, filter.accounts.as_deref(), limits.max_total).await?;
        let considered = candidates.len();
        let items = select::items(candidates, limits);
        let root = root(&mut work, filter.publish_root, point).await?;
        if items.is_empty() && root == B256::ZERO {
            return Err(SettlementError::NothingToPay { minimum: limits.minimum, considered });
        }
        let max_total = total(&items);
        let id = Uuid::now_v7();
        let new = NewBatch { id, point, root, max_total, items: &items, requested_by };
        let number = store::insert_batch(&mut work, &new).await?;
        let detail = read(&mut work, id).await?;
        store::commit(work).await?;
        try_seal(&self.pool).await;
        tracing::info!(number, items = items.len(), %max_total, seq = point.seq, requested_by, "batch built");
        Ok(detail)
    }

    /// Has the signer sign a batch that is building.
    ///
    /// # Errors
    /// [`SettlementError::SignerRefused`]: the batch is abandoned, and its rewards are payable again.
    /// [`SettlementError::Stopped`]: so it is when an account was held or frozen meanwhile.
    /// [`SettlementError::SignerUnavailable`]: nothing has changed. [`SettlementError::WrongState`],
    /// [`SettlementError::Held`], [`SettlementError::UnknownBatch`], or PostgreSQL's.
    pub async fn sign_batch(&self, id: Uuid) -> Result<BatchDetail> {
        let detail = self.get(BatchKey::Id(id)).await?;
        match detail.batch.state {
            State::Building => self.obtain_signature(&detail).await,
            state => Err(wrong_state(
                &detail.batch,
                state,
                "a batch that is building (a signed one can be retried)",
            )),
        }
    }

    /// Lets a signed batch be sent by the settlement process.
    ///
    /// # Errors
    /// [`SettlementError::Stopped`]: an account was held or frozen meanwhile, and the batch is abandoned.
    /// [`SettlementError::WrongState`], [`SettlementError::Held`], [`SettlementError::UnknownBatch`], or PostgreSQL's.
    pub async fn queue_batch(&self, id: Uuid) -> Result<BatchDetail> {
        self.unless_stopped(id).await?;
        let mut connection = store::acquire(&self.pool).await?;
        let moved = store::queue(&mut connection, id).await?;
        let detail = read(&mut connection, id).await?;
        if moved {
            tracing::info!(number = detail.batch.number, "batch queued");
            return Ok(detail);
        }
        Err(wrong_state(&detail.batch, detail.batch.state, "a signed batch: sign it first"))
    }

    /// Makes a new start of a batch that did not get through. One that was never sent is signed again with a new
    /// deadline; of one that expired or was abandoned the accounts go into a new batch, which is signed.
    ///
    /// # Errors
    /// [`SettlementError::WrongState`] while a transaction is under way (its fate is known once the deadline has
    /// passed) and when it is settled; else those of [`Payouts::build_batch`] and [`Payouts::sign_batch`].
    pub async fn retry_batch(&self, id: Uuid, requested_by: &str) -> Result<BatchDetail> {
        let detail = self.get(BatchKey::Id(id)).await?;
        match detail.batch.state {
            State::Building | State::Signed | State::Queued if detail.attempts.is_empty() => {
                self.obtain_signature(&detail).await
            }
            State::Expired | State::Abandoned => {
                let filter = Filter {
                    accounts: Some(detail.items.iter().map(|item| item.account).collect()),
                    minimum: Some(Amount::ZERO),
                    max_items: None,
                    publish_root: detail.batch.root.is_some(),
                };
                let anew = self.build_batch(&filter, requested_by).await?;
                self.obtain_signature(&anew).await
            }
            state @ (State::Building
            | State::Signed
            | State::Queued
            | State::Broadcast
            | State::Included
            | State::Final) => Err(wrong_state(
                &detail.batch,
                state,
                "a batch that no transaction carries: the process follows it until it is paid or its deadline has passed",
            )),
            state @ State::Settled => {
                Err(wrong_state(&detail.batch, state, "a batch that was not paid: build a new one"))
            }
        }
    }

    /// Gives up a batch that was never sent; its rewards are payable again.
    ///
    /// # Errors
    /// [`SettlementError::WrongState`], [`SettlementError::UnknownBatch`], or PostgreSQL's.
    pub async fn abandon_batch(&self, id: Uuid, reason: &str) -> Result<BatchDetail> {
        let abandoned = self.abandon(id, reason).await?;
        let detail = self.get(BatchKey::Id(id)).await?;
        if abandoned {
            return Ok(detail);
        }
        Err(wrong_state(&detail.batch, detail.batch.state, "a batch that was never sent"))
    }

    /// A page of batches, newest first.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub async fn list(&self, page: &Page) -> Result<Vec<BatchRecord>> {
        let mut connection = store::acquire(&self.pool).await?;
        Ok(store::list(&mut connection, page).await?)
    }

    /// A batch with its items and attempts.
    ///
    /// # Errors
    /// [`SettlementError::UnknownBatch`], or PostgreSQL's.
    pub async fn get(&self, key: BatchKey) -> Result<BatchDetail> {
        let mut connection = store::acquire(&self.pool).await?;
        let found = store::id_of(&mut connection, key).await?;
        let id = found.ok_or_else(|| SettlementError::UnknownBatch(key.to_string()))?;
        read(&mut connection, id).await
    }

    /// Asks the signer, and keeps its signature or its refusal.
    async fn obtain_signature(&self, detail: &BatchDetail) -> Result<BatchDetail> {
        let number = detail.batch.number;
        self.unless_stopped(detail.batch.id).await?;
        // What is asked to be signed rests on sealed books: where they cannot be sealed the signer is not asked.
        seal(&self.pool).await?;
        match self.signer.payout_batch(&request(detail)).await {
            Ok(signed) => self.keep(detail, &signed).await,
            Err(ClientError::Refused(problem)) => {
                let reason = refusal_in_words(&problem);
                tracing::warn!(number, reason, "the signer refuses a batch");
                self.abandon(detail.batch.id, &reason).await?;
                Err(SettlementError::SignerRefused { number, problem })
            }
            Err(
                error @ (ClientError::NotNow(_)
                | ClientError::Rejected(_)
                | ClientError::Failed(_)
                | ClientError::Unreachable { .. }
                | ClientError::Malformed { .. }),
            ) => Err(SettlementError::SignerUnavailable { number, error }),
        }
    }

    async fn keep(&self, detail: &BatchDetail, signed: &SignedBatch) -> Result<BatchDetail> {
        let (id, number) = (detail.batch.id, detail.batch.number);
        let digest = Payload::PayoutBatch(payload(detail, signed.deadline)?).digest(&self.domain);
        if digest != signed.digest || recover(digest, &signed.signature) != Some(signed.signer) {
            let found = format!("a signature over {} (the batch is {digest})", signed.digest);
            return Err(SettlementError::NotItsSignature { number, found });
        }
        let mut work = store::begin(&self.pool).await?;
        let kept = Signed { deadline: signed.deadline, digest, signature: &signed.signature };
        let moved = store::sign(&mut work, id, &kept).await?;
        let now = read(&mut work, id).await?;
        store::commit(work).await?;
        if moved {
            tracing::info!(number, deadline = signed.deadline, "batch signed");
            return Ok(now);
        }
        Err(wrong_state(&now.batch, now.batch.state, "a batch that no transaction carries"))
    }

    /// Nothing goes on while batches are held. One that was never sent ends if an account of it is held or frozen.
    async fn unless_stopped(&self, id: Uuid) -> Result<()> {
        let mut connection = store::acquire(&self.pool).await?;
        unless_held(&mut connection).await?;
        let Some(reason) = stopped_in_words(&store::stopped(&mut connection, id).await?) else {
            return Ok(());
        };
        let number = read(&mut connection, id).await?.batch.number;
        drop(connection);
        if self.abandon(id, &reason).await? {
            tracing::warn!(number, reason, "batch abandoned");
            return Err(SettlementError::Stopped { number, reason });
        }
        Ok(())
    }

    async fn abandon(&self, id: Uuid, reason: &str) -> Result<bool> {
        let mut work = store::begin(&self.pool).await?;
        let ending = Ending::Abandoned { reason: reason.to_owned() };
        let closed = store::close(&mut work, id, &UNSENT, &ending).await?;
        store::commit(work).await?;
        try_seal(&self.pool).await;
        Ok(closed)
    }
}

async fn unless_held(connection: &mut Connection) -> Result<()> {
    match store::hold(connection).await? {
        Some(hold) => Err(SettlementError::Held(hold)),
        None => Ok(()),
    }
}

async fn read(connection: &mut Connection, id: Uuid) -> Result<BatchDetail> {
    let detail = store::detail(connection, id).await?;
    detail.ok_or_else(|| SettlementError::UnknownBatch(id.to_string()))
}

/// The root to publish, or zero.
async fn root(connection: &mut Connection, wanted: bool, point: Point) -> Result<B256> {
    let standing = store::standing_root(connection).await?;
    if wanted && select::root_is_due(standing, point.seq, point.time) {
        return Ok(store::root_at(connection, point.seq).await?);
    }
    Ok(B256::ZERO)
}

fn total(items: &[Item]) -> Amount {
    Amount::sum(items.iter().map(|item| item.amount)).expect("200 amounts below 2^96 are below 10^38")
}

fn wrong_state(batch: &BatchRecord, state: State, expected: &'static str) -> SettlementError {
    SettlementError::WrongState { number: batch.number, state, expected }
}

/// The items as they are signed: in ascending order of the accounts.
fn signed_order(detail: &BatchDetail) -> Vec<(Address, Amount)> {
    let mut items: Vec<_> = detail.items.iter().map(|item| (item.account, item.cumulative)).collect();
    items.sort_unstable();
    items
}

fn request(detail: &BatchDetail) -> PayoutBatchRequest {
    let batch = &detail.batch;
    PayoutBatchRequest {
        seq: batch.seq,
        head: batch.head,
        root: batch.root.unwrap_or(B256::ZERO),
        max_total: batch.max_total,
        items: signed_order(detail)
            .into_iter()
            .map(|(account, cumulative)| PayoutItem { account, cumulative })
            .collect(),
    }
}

/// The payload of a batch with that deadline.
///
/// # Errors
/// When an amount does not fit into an item.
pub fn payload(detail: &BatchDetail, deadline: u64) -> Result<PayoutBatch> {
    let batch = &detail.batch;
    Ok(PayoutBatch {
        seq: batch.seq,
        head: batch.head,
        root: batch.root.unwrap_or(B256::ZERO),
        max_total: batch.max_total,
        deadline,
        items: pack_items(&signed_order(detail))?,
    })
}

/// The calldata that executes a signed batch; `None` if it is not signed.
///
/// # Errors
/// When an amount does not fit into an item.
pub fn calldata(detail: &BatchDetail) -> Result<Option<Bytes>> {
    match (detail.batch.deadline, &detail.batch.signature) {
        (Some(deadline), Some(signature)) => {
            let payload = payload(detail, deadline)?;
            Ok(Some(banyan_chain::contract::execute_batch_payouts(&payload, signature)))
        }
        (None, _) | (_, None) => Ok(None),
    }
}

/// A refusal in one line, for `payout_batches.reason`.
fn refusal_in_words(problem: &Problem) -> String {
    let details: Vec<String> = problem
        .refusals
        .iter()
        .map(|refusal| format!("{}: expected {}, got {}", refusal.field, refusal.expected, refusal.found))
        .collect();
    let joined = if details.is_empty() { problem.detail.clone() } else { details.join("; ") };
    format!("the signer refuses: {joined}")
}

/// Accounts that are held or frozen in one line, for `payout_batches.reason`; `None` if there is none.
pub(crate) fn stopped_in_words(accounts: &[Address]) -> Option<String> {
    let accounts: Vec<String> = accounts.iter().map(Address::to_string).collect();
    (!accounts.is_empty()).then(|| format!("held or frozen since it was built: {}", accounts.join(", ")))
}
