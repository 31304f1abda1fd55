//! Registrations as they come from the chain, proven: heads are hashed as the contract does, nothing else is decided.

use alloy_primitives::U256;
use banyan_entitlement::{ContractPlan, Plans};
use banyan_programme::Deployment;
use banyan_types::history::{BlockRange, ChainEvent, Entry, EntryBody, Fact};
use banyan_types::{Address, Amount, B256, PlanHash};

use crate::Outcome;

const DEPLOYMENT: Deployment =
    Deployment { chain_id: 31_337, contract: Address::repeat_byte(0xc0), start_block: 5 };
/// Entries of a block.
const BLOCK: u64 = 100;
/// 2026-01-01.
const BEGIN: u64 = 1_767_225_600;
/// 20 BNB.
const ENTRY: i128 = 20 * 10i128.pow(18);

/// A contract that is only registered with.
pub struct Chain {
    plan: PlanHash,
    head: B256,
    seq: u64,
    block: u64,
}

impl Chain {
    /// The contract before its first block, and the plans that judge it.
    pub fn new() -> Outcome<(Chain, Plans, Deployment)> {
        let path = banyan_testkit::paths::root().join("config/plans/autopool.toml");
        let mut plans = Plans::new();
        let plan = plans.add(ContractPlan::from_toml(&std::fs::read_to_string(path)?)?);
        let chain = Chain { plan, head: B256::ZERO, seq: 0, block: DEPLOYMENT.start_block };
        Ok((chain, plans, DEPLOYMENT))
    }

    /// Everybody who has registered.
    pub fn people(&self) -> u64 {
        self.seq.saturating_sub(1)
    }

    /// The next range of this many entries.
    pub fn next(&mut self, entries: u64) -> Outcome<BlockRange> {
        let from = self.block;
        let mut events = Vec::new();
        for entry in 0..entries {
            if entry > 0 && entry % BLOCK == 0 {
                self.block += 1;
            }
            events.push(self.entry(entry % BLOCK)?);
        }
        let to = self.block;
        self.block += 1;
        Ok(BlockRange { from, to, to_hash: block_hash(to), to_time: BEGIN + to, events })
    }

    fn entry(&mut self, log_index: u64) -> Outcome<ChainEvent> {
        let entry = Entry { seq: self.seq, time: BEGIN + self.block, body: self.body()? };
        self.head = entry.head_after(self.head);
        self.seq += 1;
        let word = |n: u64| B256::from(U256::from(n));
        Ok(ChainEvent {
            block: self.block,
            block_hash: block_hash(self.block),
            block_time: BEGIN + self.block,
            tx_hash: scattered(entry.seq),
            log_index,
            topics: vec![B256::repeat_byte(7), word(entry.seq), word(entry.seq), word(entry.seq / 2)],
            data: [self.plan.0, word(1), word(entry.time), self.head].concat().into(),
            fact: Fact::Entry { entry, head: self.head },
        })
    }

    /// After the genesis, everybody registers under anybody who was there before.
    fn body(&self) -> Outcome<EntryBody> {
        let (chain_id, contract, plan) = (DEPLOYMENT.chain_id, DEPLOYMENT.contract, self.plan);
        if self.seq == 0 {
            return Ok(EntryBody::Genesis { chain_id, contract, plan, predecessor: B256::ZERO });
        }
        let luck = U256::from_be_bytes(scattered(self.seq).0) % U256::from(self.seq);
        let amount = Amount::from_units(ENTRY).ok_or("expected an amount")?;
        Ok(EntryBody::Registration { user: wallet(self.seq), sponsor: wallet(luck.to()), plan, amount })
    }
}

/// The wallet of participant `n`, as scattered as real ones; 0 is the company.
fn wallet(n: u64) -> Address {
    if n == 0 { Address::ZERO } else { Address::from_word(scattered(n)) }
}

fn block_hash(block: u64) -> B256 {
    scattered(block + (1 << 40))
}

fn scattered(n: u64) -> B256 {
    alloy_primitives::keccak256(n.to_be_bytes())
}
