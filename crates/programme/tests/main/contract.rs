//! A contract that is played: it numbers, hashes and adds up as `BanyanSettlement` does, one block for each action.

use std::collections::BTreeMap;

use alloy_primitives::{Bytes, U256};
use banyan_entitlement::{ContractPlan, Directive, Entitlements, Plans};
use banyan_types::history::{BlockRange, ChainEvent, Entry, EntryBody, Fact, Outflow};
use banyan_types::{Address, Amount, B256, PlanHash};

pub const CHAIN_ID: u64 = 31_337;
/// The genesis is in block 5.
pub const START_BLOCK: u64 = 5;

/// The contract's own address.
pub fn address() -> Address {
    Address::repeat_byte(0xc0)
}

/// The wallet of participant `n`; 0 is the company.
pub fn wallet(n: u64) -> Address {
    if n == 0 { Address::ZERO } else { Address::from_word(B256::from(U256::from(0xa000_0000 + n))) }
}

/// An amount in tenths of a BNB.
pub fn tenths(n: i128) -> Amount {
    Amount::from_units(n * 10i128.pow(17)).unwrap()
}

/// Whole BNB.
pub fn bnb(n: i128) -> Amount {
    tenths(n * 10)
}

/// The plans of a file of `config/plans`.
pub fn plans(file: &str) -> (Plans, PlanHash) {
    let path = banyan_testkit::paths::root().join("config/plans").join(file);
    let mut plans = Plans::new();
    let hash = plans.add(ContractPlan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap());
    (plans, hash)
}

/// The contract and all its events so far.
pub struct Contract {
    pub plan: PlanHash,
    /// What everyone has earned: the test's own reading.
    pub entitlements: Entitlements,
    pub paid: BTreeMap<Address, Amount>,
    pub owed: BTreeMap<Address, Amount>,
    pub out: u64,
    events: Vec<ChainEvent>,
    block: u64,
}

impl Contract {
    pub fn deploy(file: &str) -> Contract {
        let (plans, plan) = plans(file);
        let mut contract = Contract {
            plan,
            entitlements: Entitlements::new(plans),
            paid: BTreeMap::new(),
            owed: BTreeMap::new(),
            out: 0,
            events: Vec::new(),
            block: START_BLOCK - 1,
        };
        let genesis =
            EntryBody::Genesis { chain_id: CHAIN_ID, contract: address(), plan, predecessor: B256::ZERO };
        contract.entry(genesis);
        contract
    }

    pub fn register_paying(&mut self, user: u64, sponsor: u64, amount: Amount) {
        let (user, sponsor, plan) = (wallet(user), wallet(sponsor), self.plan);
        self.entry(EntryBody::Registration { user, sponsor, plan, amount });
    }

    pub fn register(&mut self, user: u64, sponsor: u64) {
        self.register_paying(user, sponsor, bnb(20));
    }

    pub fn retopup(&mut self, user: u64) {
        self.entry(EntryBody::Retopup { user: wallet(user), plan: self.plan, amount: bnb(40) });
    }

    pub fn directive(&mut self, directive: &Directive, amount: Amount) {
        let (kind, data) = directive.encode();
        self.entry(EntryBody::Directive { kind, amount, data });
    }

    pub fn raw_directive(&mut self, kind: B256, data: &[u8], amount: Amount) {
        self.entry(EntryBody::Directive { kind, amount, data: Bytes::copy_from_slice(data) });
    }

    /// A batch that brings each account's total to what is given; `refuses`: the account does not take it.
    pub fn batch(&mut self, items: &[(u64, Amount)], refuses: bool) {
        self.block += 1;
        self.out += 1;
        let out = self.out;
        for (user, total) in items {
            let fact = self.payment(wallet(*user), out, *total, refuses);
            self.log(fact);
        }
        let (seq, count) = (self.entitlements.seq().unwrap(), items.len() as u64);
        self.log(Fact::Outflow(Outflow::Batch { out, seq, root: B256::ZERO, count, total: Amount::ZERO }));
    }

    /// A claim of one account up to `total`.
    pub fn claim(&mut self, user: u64, total: Amount) {
        self.block += 1;
        self.out += 1;
        let fact = self.payment(wallet(user), self.out, total, false);
        self.log(fact);
    }

    pub fn withdraw_owed(&mut self, user: u64, to: Address) {
        self.block += 1;
        self.out += 1;
        let (account, out) = (wallet(user), self.out);
        let amount = self.owed.remove(&account).unwrap();
        self.log(Fact::Outflow(Outflow::OwedWithdrawn { account, out, to, amount }));
    }

    pub fn freeze(&mut self, user: u64, frozen: bool) {
        self.fact(Fact::Frozen { account: wallet(user), frozen });
    }

    pub fn fact(&mut self, fact: Fact) {
        self.block += 1;
        self.log(fact);
    }

    /// The total that an account has earned by now.
    pub fn earned(&self, user: u64) -> Amount {
        self.entitlements.cumulative(wallet(user))
    }

    pub fn last_block(&self) -> u64 {
        self.block
    }

    /// Hash of the transaction of a block.
    pub fn tx_hash(block: u64) -> B256 {
        B256::from(U256::from(0xdead_0000 + block))
    }

    /// All events so far as ranges of `blocks` blocks each.
    pub fn ranges(&self, blocks: u64) -> Vec<BlockRange> {
        let starts = (START_BLOCK..=self.block).step_by(usize::try_from(blocks).unwrap());
        starts.map(|from| self.range(from, (from + blocks - 1).min(self.block))).collect()
    }

    /// All events of these blocks.
    pub fn range(&self, from: u64, to: u64) -> BlockRange {
        let inside = |event: &&ChainEvent| (from..=to).contains(&event.block);
        let events = self.events.iter().filter(inside).cloned().collect();
        BlockRange { from, to, to_hash: block_hash(to), to_time: time(to), events }
    }

    fn payment(&mut self, account: Address, out: u64, paid_total: Amount, refuses: bool) -> Fact {
        let before = self.paid.insert(account, paid_total).unwrap_or_default();
        let amount = paid_total.checked_sub(before).unwrap();
        if !refuses {
            return Fact::Outflow(Outflow::Paid { account, out, amount, paid_total });
        }
        let owed = self.owed.entry(account).or_default();
        *owed = owed.checked_add(amount).unwrap();
        Fact::Outflow(Outflow::Owed { account, out, amount, paid_total })
    }

    fn entry(&mut self, body: EntryBody) {
        self.block += 1;
        let seq = self.entitlements.seq().map_or(0, |seq| seq + 1);
        let entry = Entry { seq, time: time(self.block), body };
        self.entitlements.apply(&entry).unwrap();
        let head = self.entitlements.head();
        self.log(Fact::Entry { entry, head });
    }

    fn log(&mut self, fact: Fact) {
        let log_index = self.events.iter().rev().take_while(|event| event.block == self.block).count() as u64;
        self.events.push(ChainEvent {
            block: self.block,
            block_hash: block_hash(self.block),
            block_time: time(self.block),
            tx_hash: Contract::tx_hash(self.block),
            log_index,
            topics: vec![B256::repeat_byte(7), B256::repeat_byte(8)],
            data: Bytes::from_static(&[1, 2, 3]),
            fact,
        });
    }
}

fn block_hash(block: u64) -> B256 {
    B256::from(U256::from(0xb10c_0000 + block))
}

/// Block time: one second a block.
pub fn time(block: u64) -> u64 {
    1_767_225_600 + block
}
