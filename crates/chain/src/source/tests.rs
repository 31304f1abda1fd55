//! A short history as a contract would emit it, and everything that a node can do to it: each fault is refused with what
//! was expected and what came, and nothing of the range is taken.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::{SolEvent, SolValue};
use banyan_types::history::{Entry, EntryBody, Fact, Outflow};
use banyan_types::{Amount, PlanHash};

use super::*;
use crate::contract::abi::BanyanSettlement as event;
use crate::contract::{DecodeError, kind};
use crate::view::PublishedRoot;

const CONTRACT: Address = Address::repeat_byte(0xC0);
const DOMAIN: Domain = Domain { chain_id: 31337, contract: CONTRACT };
const PLAN: PlanHash = PlanHash(B256::repeat_byte(9));
/// What [`history`] leaves.
const ROOT: PublishedRoot = PublishedRoot { seq: 2, root: B256::repeat_byte(1) };
const ALICE: Address = Address::repeat_byte(0xA1);
const BOB: Address = Address::repeat_byte(0xB0);

fn bnb(units: i128) -> Amount {
    Amount::from_units(units).unwrap()
}

fn wei(units: u64) -> U256 {
    U256::from(units)
}

fn block(number: u64) -> Block {
    Block { number, hash: B256::from(U256::from(0xB10C_0000 + number)), time: 1_000 + number / 2 }
}

/// Writes logs as the contract would.
struct Pen {
    logs: Vec<RawLog>,
    seq: u64,
    head: B256,
}

impl Pen {
    fn emit(&mut self, number: u64, tx: u64, event: impl SolEvent) -> &mut Pen {
        let data = event.encode_log_data();
        let before = self.logs.iter().filter(|log| log.block == number).count();
        let Block { number, hash, time } = block(number);
        self.logs.push(RawLog {
            address: CONTRACT,
            block: number,
            block_hash: hash,
            block_time: time,
            tx_hash: B256::from(U256::from(0x7A_0000 + tx)),
            log_index: u64::try_from(before).unwrap() * 3,
            topics: data.topics().to_vec(),
            data: data.data,
            removed: false,
        });
        self
    }

    fn entry(&mut self, number: u64, body: EntryBody) -> (U256, U256, B256) {
        let entry = Entry { seq: self.seq, time: block(number).time, body };
        self.head = entry.head_after(self.head);
        self.seq += 1;
        (wei(entry.seq), wei(entry.time), self.head)
    }

    fn genesis(&mut self, number: u64) -> &mut Pen {
        let body = EntryBody::Genesis {
            chain_id: DOMAIN.chain_id,
            contract: CONTRACT,
            plan: PLAN,
            predecessor: B256::ZERO,
        };
        let (seq, time, head) = self.entry(number, body);
        let data = (PLAN.0, B256::ZERO).abi_encode_params().into();
        self.emit(number, 0, event::CompanyChanged { previous: Address::ZERO, current: BOB });
        self.emit(
            number,
            0,
            event::Directive { seq, kind: kind("GENESIS"), data, amount: U256::ZERO, time, head },
        )
    }

    fn register(&mut self, number: u64, tx: u64, user: Address) -> &mut Pen {
        let body = EntryBody::Registration { user, sponsor: Address::ZERO, plan: PLAN, amount: bnb(20) };
        let (seq, time, head) = self.entry(number, body);
        let sponsor = Address::ZERO;
        self.emit(
            number,
            tx,
            event::RegistrationAccepted { seq, user, sponsor, plan: PLAN.0, amount: wei(20), time, head },
        )
    }

    fn paid(
        &mut self,
        (number, tx): (u64, u64),
        user: Address,
        out: u64,
        amount: u64,
        total: u64,
    ) -> &mut Pen {
        self.emit(
            number,
            tx,
            event::PayoutExecuted { user, out: wei(out), amount: wei(amount), paidTotal: wei(total) },
        )
    }

    fn owed(
        &mut self,
        (number, tx): (u64, u64),
        user: Address,
        out: u64,
        amount: u64,
        total: u64,
    ) -> &mut Pen {
        self.emit(
            number,
            tx,
            event::PayoutOwed { user, out: wei(out), amount: wei(amount), paidTotal: wei(total) },
        )
    }

    fn batch(&mut self, (number, tx): (u64, u64), out: u64, seq: u64, count: u64, total: u64) -> &mut Pen {
        self.emit(
            number,
            tx,
            event::BatchExecuted {
                out: wei(out),
                seq: wei(seq),
                root: B256::ZERO,
                count: wei(count),
                total: wei(total),
            },
        )
    }
}

/// Blocks 1 to 9 of a contract born in block 2. The logs, by position:
/// 0 company, 1 genesis | 2 alice registers, 3 bob registers | 4 … 6 batch 1 pays alice and owes bob | 7 alice claims |
/// 8 bob withdraws | 9 bob is frozen | 10 a root is published, 11 by batch 4.
fn history() -> Fetched {
    let mut pen = Pen { logs: Vec::new(), seq: 0, head: B256::ZERO };
    pen.genesis(2).register(4, 1, ALICE).register(4, 2, BOB);
    pen.paid((5, 3), ALICE, 1, 7, 7).owed((5, 3), BOB, 1, 5, 5).batch((5, 3), 1, 2, 2, 12);
    pen.paid((5, 4), ALICE, 2, 2, 9);
    pen.emit(7, 5, event::OwedWithdrawn { user: BOB, out: wei(3), to: BOB, amount: wei(5) });
    pen.emit(8, 6, event::Frozen { account: BOB });
    pen.emit(8, 7, event::RootPublished { seq: wei(ROOT.seq), root: ROOT.root });
    pen.batch((8, 7), 4, 2, 0, 0);
    let standing = Standing { seq: 2, head: pen.head, out: 4, root: Some(ROOT) };
    Fetched { from: 1, to: block(9), logs: pen.logs, standing: Some(standing) }
}

fn source() -> BlockSource {
    BlockSource::new(DOMAIN, start_cursor(1))
}

/// What receipts with the same logs would say.
fn receipts(logs: &[RawLog]) -> BTreeMap<B256, Vec<ReceiptLog>> {
    let mut receipts: BTreeMap<B256, Vec<ReceiptLog>> = BTreeMap::new();
    for log in logs.iter().cloned() {
        let RawLog { block, block_hash, log_index, topics, data, .. } = log;
        let log_of = ReceiptLog { block, block_hash, log_index, topics, data };
        receipts.entry(log.tx_hash).or_default().push(log_of);
    }
    receipts
}

/// Takes a range whose claims are what they seem to be.
fn accept(source: &mut BlockSource, fetched: Fetched) -> Result<BlockRange, SourceFault> {
    let receipts = receipts(&fetched.logs);
    source.accept(source.examine(fetched)?, &receipts)
}

/// The next two blocks after [`history`], empty.
fn following() -> Fetched {
    Fetched { from: 10, to: block(11), logs: Vec::new(), standing: history().standing }
}

#[test]
fn a_true_history_is_taken_and_the_cursor_moves_behind_it() {
    let mut source = source();
    let fetched = history();
    let range = accept(&mut source, fetched.clone()).unwrap();
    assert_eq!((range.from, range.to, range.to_hash, range.to_time), (1, 9, block(9).hash, block(9).time));
    assert_eq!(range.events.len(), fetched.logs.len());
    assert_eq!(range.events[0].fact, Fact::Other { topic: event::CompanyChanged::SIGNATURE_HASH });
    let owed = Outflow::Owed { account: BOB, out: 1, amount: bnb(5), paid_total: bnb(5) };
    assert_eq!(range.events[5].fact, Fact::Outflow(owed));
    assert_eq!(range.events[9].fact, Fact::Frozen { account: BOB, frozen: true });

    let cursor = source.cursor();
    assert_eq!((cursor.block, cursor.block_hash), (9, block(9).hash));
    assert_eq!((cursor.seq, cursor.out), (Some(2), 4));
    assert_eq!(cursor.paid_totals.get(&ALICE), Some(&bnb(9)));
    assert_eq!(cursor.paid_totals.get(&BOB), Some(&bnb(5)));
}

#[test]
fn a_history_may_come_in_pieces_and_gives_the_same() {
    let whole = history();
    let mut at_once = source();
    accept(&mut at_once, whole.clone()).unwrap();
    let mut in_pieces = source();
    for number in 1..=9 {
        let logs = whole.logs.iter().filter(|log| log.block == number).cloned().collect();
        let fetched = Fetched { from: number, to: block(number), logs, standing: None };
        accept(&mut in_pieces, fetched).unwrap();
    }
    assert_eq!(in_pieces.cursor(), at_once.cursor());
}

#[test]
fn blocks_before_the_contract_and_blocks_without_events_move_only_the_block() {
    let mut source = source();
    let empty = Fetched { from: 1, to: block(1), logs: Vec::new(), standing: None };
    assert!(accept(&mut source, empty).unwrap().events.is_empty());
    assert_eq!((source.cursor().block, source.cursor().seq), (1, None));
}

/// Applies a fault to the true history and expects to be refused with that and to have taken nothing.
fn refused(fault: impl FnOnce(&mut Fetched), expected: &SourceFault) {
    let mut fetched = history();
    fault(&mut fetched);
    refused_after(source(), fetched, expected);
}

fn refused_after(mut source: BlockSource, fetched: Fetched, expected: &SourceFault) {
    let before = source.cursor().clone();
    assert_eq!(&accept(&mut source, fetched).unwrap_err(), expected);
    assert_eq!(source.cursor(), &before, "nothing is taken of a range with a fault: {expected}");
}

fn place(block: u64, log_index: u64) -> Place {
    Place { block, log_index }
}

#[test]
fn a_missing_or_repeated_entry_is_a_gap() {
    refused(|f| drop(f.logs.remove(2)), &SourceFault::Seq { expected: 1, found: 2, at: place(4, 3) });
    refused(|f| drop(f.logs.remove(1)), &SourceFault::NoGenesis { found: 1, at: place(4, 0) });
    let again = |f: &mut Fetched| {
        let mut again = f.logs[3].clone();
        again.log_index += 1;
        f.logs.insert(4, again);
    };
    refused(again, &SourceFault::Seq { expected: 3, found: 2, at: place(4, 4) });
}

#[test]
fn an_entry_that_is_not_what_the_contract_hashed_has_a_wrong_head() {
    let stated = B256::from_slice(&history().logs[2].data[96..]);
    let entry = |amount: i128| Entry {
        seq: 1,
        time: block(4).time,
        body: EntryBody::Registration {
            user: ALICE,
            sponsor: Address::ZERO,
            plan: PLAN,
            amount: bnb(amount),
        },
    };
    let before = B256::from_slice(&history().logs[1].data[96..128]);
    assert_eq!(entry(20).head_after(before), stated, "the offsets of this test are right");
    let with = |amount: u8| move |f: &mut Fetched| edit(&mut f.logs[2], 63, amount);
    let fault = |amount| SourceFault::Head {
        seq: 1,
        expected: entry(amount).head_after(before),
        found: stated,
        at: place(4, 0),
    };
    refused(with(21), &fault(21));
    let mut other = DOMAIN;
    other.chain_id = 56;
    let mut elsewhere = BlockSource::new(other, start_cursor(1));
    assert_eq!(accept(&mut elsewhere, history()).unwrap_err().class(), "head", "the genesis names the chain");
}

fn edit(log: &mut RawLog, at: usize, byte: u8) {
    let mut data = log.data.to_vec();
    data[at] = byte;
    log.data = data.into();
}

#[test]
fn logs_come_once_and_in_order() {
    refused(|f| f.logs.swap(2, 3), &SourceFault::Seq { expected: 1, found: 2, at: place(4, 3) });
    refused(|f| f.logs.swap(8, 9), &SourceFault::Unordered { before: place(8, 0), at: place(7, 0) });
    refused(|f| f.logs.insert(9, f.logs[9].clone()), &SourceFault::Duplicate { at: place(8, 0) });
}

#[test]
fn foreign_removed_and_misplaced_logs_are_refused() {
    refused(
        |f| f.logs[9].address = ALICE,
        &SourceFault::Foreign { expected: CONTRACT, found: ALICE, at: place(8, 0) },
    );
    refused(|f| f.logs[9].removed = true, &SourceFault::Removed { at: place(8, 0) });
    refused(|f| f.to = block(7), &SourceFault::OutsideRange { from: 1, to: 7, at: place(8, 0) });
    refused(|f| f.from = 2, &SourceFault::Range { expected: 1, from: 2, to: 9 });
    refused(|f| f.to = block(0), &SourceFault::Range { expected: 1, from: 1, to: 0 });
}

#[test]
fn one_block_has_one_hash_and_one_time() {
    let other = B256::repeat_byte(0xEE);
    refused(
        |f| f.logs[3].block_hash = other,
        &SourceFault::BlockHash { block: 4, expected: block(4).hash, found: other },
    );
    refused(
        |f| {
            f.to = Block { hash: other, ..block(8) };
        },
        &SourceFault::BlockHash { block: 8, expected: other, found: block(8).hash },
    );
    refused(
        |f| f.logs[10].block_time += 1,
        &SourceFault::BlockTime { block: 8, expected: 1004, found: 1005 },
    );
    let both = |f: &mut Fetched| f.logs[2..=3].iter_mut().for_each(|log| log.block_time = 9);
    refused(both, &SourceFault::BlockTime { block: 4, expected: 9, found: 1002 });
}

#[test]
fn a_missing_or_repeated_outflow_is_a_gap() {
    refused(|f| drop(f.logs.remove(7)), &SourceFault::Out { expected: 2, found: 3, at: place(7, 0) });
    refused(|f| drop(f.logs.drain(4..=6)), &SourceFault::Out { expected: 1, found: 2, at: place(5, 9) });
    let again = |f: &mut Fetched| {
        let mut again = f.logs[8].clone();
        again.log_index += 1;
        f.logs.insert(9, again);
    };
    refused(again, &SourceFault::Out { expected: 4, found: 3, at: place(7, 1) });
    refused(
        |f| {
            let batch = &mut f.logs[6];
            batch.topics[1] = B256::from(wei(2));
        },
        &SourceFault::BatchEnd { out: 1, count: 2 },
    );
}

#[test]
fn a_paid_total_continues_the_last_one() {
    let mut cursor = start_cursor(1);
    cursor.paid_totals.insert(ALICE, bnb(1));
    refused_after(
        BlockSource::new(DOMAIN, cursor),
        history(),
        &SourceFault::PaidTotal { account: ALICE, expected: bnb(8), found: bnb(7), at: place(5, 0) },
    );
    refused(
        |f| edit(&mut f.logs[7], 63, 10),
        &SourceFault::PaidTotal { account: ALICE, expected: bnb(9), found: bnb(10), at: place(5, 9) },
    );
}

#[test]
fn a_batch_made_the_payouts_that_it_says() {
    let fault = |count, total| SourceFault::BatchTotal {
        out: 1,
        expected_count: 2,
        expected_total: bnb(12),
        count,
        total: bnb(total),
        at: place(5, 6),
    };
    refused(|f| drop(f.logs.remove(5)), &fault(1, 7));
    refused(|f| drop(f.logs.remove(4)), &fault(1, 5));
    refused(|f| drop(f.logs.remove(6)), &SourceFault::BatchEnd { out: 1, count: 2 });
    refused(
        |f| f.logs[11].topics[2] = B256::from(wei(3)),
        &SourceFault::Beyond { seq: 3, last: 2, at: place(8, 6) },
    );
    refused(
        |f| f.logs[10].topics[1] = B256::from(wei(4)),
        &SourceFault::Beyond { seq: 4, last: 2, at: place(8, 3) },
    );
}

#[test]
fn a_payout_without_its_batch_is_no_claim() {
    let mut source = source();
    accept(&mut source, history()).unwrap();
    let mut pen = Pen { logs: Vec::new(), seq: 3, head: B256::ZERO };
    pen.paid((10, 8), ALICE, 5, 1, 10).batch((10, 8), 5, 2, 1, 1).paid((11, 9), ALICE, 6, 2, 12);
    let receipts = receipts(&pen.logs);
    let standing = history().standing.map(|standing| Standing { out: 6, ..standing });
    let whole = Fetched { logs: pen.logs, standing, ..following() };
    let claim = whole.logs[2].tx_hash;

    let mut lone = whole.clone();
    let batch = lone.logs.remove(1).tx_hash;
    let examined = source.examine(lone).unwrap();
    assert_eq!(examined.claims(), &BTreeSet::from([batch, claim]));
    let before = source.cursor().clone();
    let fault = source.accept(examined, &receipts).unwrap_err();
    assert_eq!(fault, SourceFault::Receipt { tx_hash: batch, at: place(10, 3) });
    assert_eq!(source.cursor(), &before);

    let examined = source.examine(whole).unwrap();
    assert_eq!(examined.claims(), &BTreeSet::from([claim]));
    let fault = source.accept(examined.clone(), &BTreeMap::new()).unwrap_err();
    assert_eq!(fault, SourceFault::Receipt { tx_hash: claim, at: place(11, 0) });
    source.accept(examined.clone(), &receipts).unwrap();
    let again = source.accept(examined, &receipts).unwrap_err();
    assert_eq!(again, SourceFault::Range { expected: 12, from: 10, to: 11 });
}

#[test]
fn an_answer_that_ends_too_early_is_noticed_at_once() {
    refused(
        |f| f.logs.truncate(3),
        &SourceFault::Truncated { counter: "seq", block: 9, expected: 2, found: 1 },
    );
    refused(
        |f| f.logs.truncate(8),
        &SourceFault::Truncated { counter: "out", block: 9, expected: 4, found: 2 },
    );
    refused(|f| f.logs.clear(), &SourceFault::Truncated { counter: "seq", block: 9, expected: 2, found: -1 });
    refused(
        |f| f.logs.truncate(5),
        &SourceFault::Truncated { counter: "out", block: 9, expected: 4, found: 1 },
    );
}

#[test]
fn a_history_that_follows_from_itself_but_is_not_the_contract_s_is_noticed() {
    let mut pen = Pen { logs: Vec::new(), seq: 0, head: B256::ZERO };
    pen.genesis(2).register(4, 1, ALICE).register(4, 2, CONTRACT);
    let mut invented = history();
    invented.logs.splice(..4, pen.logs);
    let expected = invented.standing.unwrap().head;
    refused_after(source(), invented, &SourceFault::Invented { seq: 2, block: 9, expected, found: pen.head });
}

#[test]
fn a_root_that_was_published_or_voided_without_an_event_is_noticed() {
    let (expected, found) = (Some(ROOT), None);
    refused(|f| drop(f.logs.remove(10)), &SourceFault::Root { block: 9, expected, found });
    let later = Some(PublishedRoot { seq: 1, ..ROOT });
    refused(
        |f| f.logs[10].topics[1] = B256::from(wei(1)),
        &SourceFault::Root { block: 9, expected, found: later },
    );

    let mut source = source();
    accept(&mut source, history()).unwrap();
    let mut voided = following();
    voided.standing.as_mut().unwrap().root = None;
    let (expected, found) = (None, Some(ROOT));
    refused_after(source.clone(), voided.clone(), &SourceFault::Root { block: 11, expected, found });
    let mut pen = Pen { logs: Vec::new(), seq: 3, head: B256::ZERO };
    pen.emit(10, 8, event::RootVoided { seq: wei(ROOT.seq), root: ROOT.root });
    accept(&mut source, Fetched { logs: pen.logs, ..voided }).unwrap();
}

#[test]
fn a_source_that_goes_on_from_a_cursor_takes_the_contract_s_root_and_compares_from_there() {
    let mut before = source();
    accept(&mut before, history()).unwrap();
    let mut restored = BlockSource::new(DOMAIN, before.cursor().clone());
    accept(&mut restored, following()).unwrap();
    let mut next = Fetched { from: 12, to: block(12), ..following() };
    next.standing.as_mut().unwrap().root = None;
    let (expected, found) = (None, Some(ROOT));
    refused_after(restored, next, &SourceFault::Root { block: 12, expected, found });
}

#[test]
fn without_the_contract_s_counters_a_lost_end_is_noticed_with_the_next_event() {
    let mut source = source();
    let mut fetched = history();
    fetched.logs.truncate(3);
    fetched.standing = None;
    accept(&mut source, fetched).unwrap();
    let mut pen = Pen { logs: Vec::new(), seq: 3, head: B256::repeat_byte(5) };
    pen.register(10, 9, CONTRACT);
    let next = Fetched { logs: pen.logs, ..following() };
    refused_after(source, next, &SourceFault::Seq { expected: 2, found: 3, at: place(10, 0) });
}

#[test]
fn a_log_that_does_not_have_the_fields_of_its_event_is_refused() {
    let mut source = source();
    let mut fetched = history();
    fetched.logs[2].data = Bytes::from(fetched.logs[2].data[..96].to_vec());
    let fault = accept(&mut source, fetched).unwrap_err();
    assert!(matches!(
        &fault,
        SourceFault::Undecodable { at, error: DecodeError::Shape { .. } } if *at == place(4, 0)
    ));
    refused(
        |f| edit(&mut f.logs[2], 32, 0xFF),
        &SourceFault::Undecodable {
            at: place(4, 0),
            error: DecodeError::Range {
                event: "RegistrationAccepted",
                field: "amount",
                limit: "10^38 wei",
                found: (U256::from(0xFF) << 248) + wei(20),
            },
        },
    );
    let other = kind("HELLO");
    refused(
        |f| f.logs[1].topics[2] = other,
        &SourceFault::Undecodable { at: place(2, 3), error: DecodeError::Genesis { kind: other } },
    );
}

#[test]
fn after_a_fault_the_true_answer_is_still_taken() {
    let mut source = source();
    let mut wrong = history();
    wrong.logs.remove(3);
    accept(&mut source, wrong).unwrap_err();
    accept(&mut source, history()).unwrap();
    accept(&mut source, following()).unwrap();
    assert_eq!(source.cursor().block, 11);
}
