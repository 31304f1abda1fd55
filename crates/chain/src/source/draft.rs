//! One range under examination: the counters as they would be after it, and the checks of each log against them.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256};
use banyan_types::Amount;
use banyan_types::history::{Cursor, Entry, Fact, Outflow};

use super::fault::{Place, SourceFault};
use crate::contract::decode;
use crate::eip712::Domain;
use crate::node::{Block, RawLog};
use crate::view::{PublishedRoot, Standing};

/// What a proven range changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) seq: Option<u64>,
    pub(super) head: B256,
    pub(super) out: u64,
    pub(super) paid_totals: BTreeMap<Address, Amount>,
    pub(super) root: LastRoot,
}

/// The root that stands by the events that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastRoot {
    /// The reading began later than the last publication, which therefore did not come.
    Unknown,
    /// What the last publication or voiding left.
    Known(Option<PublishedRoot>),
}

/// Payouts under one number, whose end (a batch's event, or the next number after a claim) has not come yet.
#[derive(Clone, Copy)]
struct OpenOutflow {
    tx_hash: B256,
    count: u64,
    total: Amount,
}

pub(super) struct Draft<'a> {
    domain: &'a Domain,
    before: &'a Cursor,
    from: u64,
    to: Block,
    last: Option<(Place, Block)>,
    progress: Progress,
    open: Option<OpenOutflow>,
    claims: BTreeSet<B256>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        domain: &'a Domain,
        before: &'a Cursor,
        root: LastRoot,
        from: u64,
        to: Block,
    ) -> Draft<'a> {
        let (seq, head, out) = (before.seq, before.head, before.out);
        let progress = Progress { seq, head, out, paid_totals: BTreeMap::new(), root };
        Draft { domain, before, from, to, last: None, progress, open: None, claims: BTreeSet::new() }
    }

    /// Reads one log and checks that it continues what came before.
    pub(super) fn take(&mut self, log: &RawLog) -> Result<Fact, SourceFault> {
        let at = Place { block: log.block, log_index: log.log_index };
        self.place(log, at)?;
        let fact = decode(self.domain, log).map_err(|error| SourceFault::Undecodable { at, error })?;
        match &fact {
            Fact::Entry { entry, head } => self.entry(entry, *head, log, at)?,
            Fact::Outflow(outflow) => self.outflow(outflow, log.tx_hash, at)?,
            Fact::RootPublished { seq, root } => {
                self.in_history(*seq, at)?;
                self.progress.root = LastRoot::Known(Some(PublishedRoot { seq: *seq, root: *root }));
            }
            Fact::RootVoided => self.progress.root = LastRoot::Known(None),
            Fact::Frozen { .. } | Fact::Other { .. } => {}
        }
        Ok(fact)
    }

    /// Whose log it is, and where it lies.
    fn place(&mut self, log: &RawLog, at: Place) -> Result<(), SourceFault> {
        if log.address != self.domain.contract {
            return Err(SourceFault::Foreign { expected: self.domain.contract, found: log.address, at });
        }
        if log.removed {
            return Err(SourceFault::Removed { at });
        }
        if log.block < self.from || log.block > self.to.number {
            return Err(SourceFault::OutsideRange { from: self.from, to: self.to.number, at });
        }
        let block = Block { number: log.block, hash: log.block_hash, time: log.block_time };
        if let Some((before, last)) = self.last {
            if at == before {
                return Err(SourceFault::Duplicate { at });
            }
            if at < before {
                return Err(SourceFault::Unordered { before, at });
            }
            same_block(last, block)?;
        }
        same_block(self.to, block)?;
        self.last = Some((at, block));
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, head: B256, log: &RawLog, at: Place) -> Result<(), SourceFault> {
        let found = entry.seq;
        match self.progress.seq.map(|last| last + 1) {
            None if found != 0 => return Err(SourceFault::NoGenesis { found, at }),
            Some(expected) if found != expected => return Err(SourceFault::Seq { expected, found, at }),
            None | Some(_) => {}
        }
        let expected = entry.head_after(self.progress.head);
        if expected != head {
            return Err(SourceFault::Head { seq: found, expected, found: head, at });
        }
        if entry.time != log.block_time {
            let (block, expected) = (log.block, log.block_time);
            return Err(SourceFault::BlockTime { block, expected, found: entry.time });
        }
        self.progress.seq = Some(found);
        self.progress.head = head;
        Ok(())
    }

    fn outflow(&mut self, outflow: &Outflow, tx_hash: B256, at: Place) -> Result<(), SourceFault> {
        match *outflow {
            Outflow::Paid { account, out, amount, paid_total }
            | Outflow::Owed { account, out, amount, paid_total } => {
                self.numbered(out, tx_hash, at)?;
                self.payout(account, amount, paid_total, tx_hash, at)
            }
            Outflow::Batch { out, seq, count, total, .. } => {
                self.in_history(seq, at)?;
                self.numbered(out, tx_hash, at)?;
                self.batch(out, count, total, at)
            }
            Outflow::OwedWithdrawn { out, .. } => {
                self.close()?;
                self.numbered(out, tx_hash, at)
            }
        }
    }

    /// The number is that of the payouts under way, or the next one.
    fn numbered(&mut self, out: u64, tx_hash: B256, at: Place) -> Result<(), SourceFault> {
        let continues = self.open.is_some_and(|open| open.tx_hash == tx_hash);
        if continues && out == self.progress.out {
            return Ok(());
        }
        self.close()?;
        let expected = self.progress.out + 1;
        if out != expected {
            return Err(SourceFault::Out { expected, found: out, at });
        }
        self.progress.out = out;
        Ok(())
    }

    fn payout(
        &mut self,
        account: Address,
        amount: Amount,
        found: Amount,
        tx_hash: B256,
        at: Place,
    ) -> Result<(), SourceFault> {
        let totals = &mut self.progress.paid_totals;
        let before = totals.get(&account).or_else(|| self.before.paid_totals.get(&account));
        let before = before.copied().unwrap_or_default();
        let expected = before.checked_add(amount).unwrap_or(Amount::MAX);
        if found != expected {
            return Err(SourceFault::PaidTotal { account, expected, found, at });
        }
        totals.insert(account, found);
        let open = self.open.unwrap_or(OpenOutflow { tx_hash, count: 0, total: Amount::ZERO });
        let total = open.total.checked_add(amount).unwrap_or(Amount::MAX);
        self.open = Some(OpenOutflow { tx_hash, count: open.count + 1, total });
        Ok(())
    }

    /// A batch's own event ends its payouts.
    fn batch(
        &mut self,
        out: u64,
        expected_count: u64,
        expected_total: Amount,
        at: Place,
    ) -> Result<(), SourceFault> {
        let (count, total) = self.open.take().map_or((0, Amount::ZERO), |open| (open.count, open.total));
        if (count, total) == (expected_count, expected_total) {
            return Ok(());
        }
        Err(SourceFault::BatchTotal { out, expected_count, expected_total, count, total, at })
    }

    /// Payouts that no batch ended were a claim's: exactly one. The logs of a batch of one look the same when its own
    /// event is missing, so the transaction is one to check.
    fn close(&mut self) -> Result<(), SourceFault> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if open.count != 1 {
            return Err(SourceFault::BatchEnd { out: self.progress.out, count: open.count });
        }
        self.claims.insert(open.tx_hash);
        Ok(())
    }

    fn in_history(&self, seq: u64, at: Place) -> Result<(), SourceFault> {
        match self.progress.seq {
            Some(last) if seq <= last => Ok(()),
            last => Err(SourceFault::Beyond { seq, last: signed(last), at }),
        }
    }

    /// The end of the range: no payouts are under way, and the contract's counters, head and root are ours. Gives the
    /// transactions that pay outside of a batch, too.
    pub(super) fn finish(
        mut self,
        standing: Option<Standing>,
    ) -> Result<(Progress, BTreeSet<B256>), SourceFault> {
        self.close()?;
        if let Some(standing) = standing {
            self.compare(standing)?;
        }
        Ok((self.progress, self.claims))
    }

    fn compare(&mut self, standing: Standing) -> Result<(), SourceFault> {
        let block = self.to.number;
        let (expected, found) = (i128::from(standing.seq), signed(self.progress.seq));
        if expected != found {
            return Err(SourceFault::Truncated { counter: "seq", block, expected, found });
        }
        let (expected, found) = (i128::from(standing.out), i128::from(self.progress.out));
        if expected != found {
            return Err(SourceFault::Truncated { counter: "out", block, expected, found });
        }
        let (seq, expected, found) = (standing.seq, standing.head, self.progress.head);
        if expected != found {
            return Err(SourceFault::Invented { seq, block, expected, found });
        }
        self.progress.root = same_root(self.progress.root, standing.root, block)?;
        Ok(())
    }
}

/// The last seq; −1 before the genesis.
fn signed(seq: Option<u64>) -> i128 {
    seq.map_or(-1, i128::from)
}

/// The contract's root must be ours; where ours is not known, the contract's is where we begin.
fn same_root(known: LastRoot, expected: Option<PublishedRoot>, block: u64) -> Result<LastRoot, SourceFault> {
    match known {
        LastRoot::Known(found) if found != expected => Err(SourceFault::Root { block, expected, found }),
        LastRoot::Known(_) | LastRoot::Unknown => Ok(LastRoot::Known(expected)),
    }
}

/// Two answers about one block must agree.
fn same_block(known: Block, block: Block) -> Result<(), SourceFault> {
    if known.number != block.number {
        return Ok(());
    }
    if known.hash != block.hash {
        return Err(SourceFault::BlockHash { block: block.number, expected: known.hash, found: block.hash });
    }
    if known.time != block.time {
        return Err(SourceFault::BlockTime { block: block.number, expected: known.time, found: block.time });
    }
    Ok(())
}
