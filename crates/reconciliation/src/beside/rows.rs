//! Rows beside the events that they are made of: pure comparisons, each difference with its event.

use std::collections::BTreeMap;

use banyan_types::history::{BlockRange, ChainEvent, EntryBody, Fact, Outflow};
use banyan_types::{Address, Amount, B256};

use super::{Judged, Traced, signed};
use crate::compare::history_row;
use crate::consequences::REWARDS_PER_ENTRY;
use crate::difference::{Difference, DifferenceKind};
use crate::store::{EventRow, PayoutRow, PostingRow, RootRow, StoredEntry};

/// A row in words, column by column.
type Words = Vec<(&'static str, String)>;

/// Sets the rows of two sides side by side by key; what is missing, invented or different is told with `row`'s words.
fn side_by_side<K: Ord + Clone>(
    kind: DifferenceKind,
    table: &'static str,
    expected: BTreeMap<K, (Words, usize)>,
    mut found: BTreeMap<K, Words>,
    row: impl Fn(&K) -> String,
) -> Vec<Traced> {
    let mut differences = Vec::new();
    for (key, (words, event)) in expected {
        let difference = match found.remove(&key) {
            None => Some(Difference::new(kind, told(&words), "no row")),
            Some(other) => differing(kind, &words, &other),
        };
        differences.extend(difference.map(|it| (it.seen_in(table, row(&key)), Some(event))));
    }
    let invented = found
        .into_iter()
        .map(|(key, words)| (Difference::new(kind, "no row", told(&words)).seen_in(table, row(&key)), None));
    differences.extend(invented);
    differences
}

fn differing(kind: DifferenceKind, expected: &Words, found: &Words) -> Option<Difference> {
    let differ: Vec<_> =
        expected.iter().zip(found).filter(|(expected, found)| expected.1 != found.1).collect();
    if differ.is_empty() {
        return None;
    }
    let expected = differ.iter().map(|(expected, _)| (*expected).clone()).collect();
    let found = differ.iter().map(|(_, found)| (*found).clone()).collect();
    Some(Difference::new(kind, told(&expected), told(&found)))
}

fn told(words: &Words) -> String {
    words.iter().map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ")
}

fn place(place: &(u64, u64)) -> String {
    format!("block {}, log {}", place.0, place.1)
}

/// `chain_events`.
pub(super) fn events(range: &BlockRange, stored: &[EventRow]) -> Vec<Traced> {
    let expected = range.events.iter().enumerate().map(|(index, event)| {
        let words =
            event_words(event.block_hash, event.tx_hash, event.block_time, &event.topics, &event.data);
        ((event.block, event.log_index), (words, index))
    });
    let found = stored.iter().map(|row| {
        let words = event_words(row.block_hash, row.tx_hash, row.time.unsigned_abs(), &row.topics, &row.data);
        ((row.block.unsigned_abs(), row.log_index.unsigned_abs()), words)
    });
    let (expected, found) = (expected.collect(), found.collect());
    side_by_side(DifferenceKind::EventRow, "chain_events", expected, found, place)
}

fn event_words(block: B256, transaction: B256, time: u64, topics: &[B256], data: &[u8]) -> Words {
    vec![
        ("block_hash", block.to_string()),
        ("tx_hash", transaction.to_string()),
        ("block_time", time.to_string()),
        ("topics", topics.iter().map(B256::to_string).collect::<Vec<_>>().join(" ")),
        ("data", data.iter().map(|byte| format!("{byte:02x}")).collect()),
    ]
}

/// `published_roots`. A root that was voided is a row of its own.
pub(super) fn roots(range: &BlockRange, stored: &[RootRow]) -> Vec<Traced> {
    let mut expected = BTreeMap::new();
    for (index, event) in range.events.iter().enumerate() {
        if let Fact::RootPublished { seq, root } = &event.fact {
            let words = vec![("seq", seq.to_string()), ("root", root.to_string())];
            expected.insert((event.block, event.log_index), (words, index));
        }
    }
    let published = stored.iter().filter(|row| !row.voided);
    let found = published.map(|row| {
        let words = vec![("seq", row.seq.to_string()), ("root", row.root.to_string())];
        ((row.block.unsigned_abs(), row.log_index.unsigned_abs()), words)
    });
    side_by_side(DifferenceKind::RootRow, "published_roots", expected, found.collect(), place)
}

/// `history`.
pub(super) fn history(range: &BlockRange, judged: &[Judged], stored: &[StoredEntry]) -> Vec<Traced> {
    let mut rows: BTreeMap<i64, &StoredEntry> = stored.iter().map(|row| (row.seq, row)).collect();
    let events = entry_events(range);
    let mut differences = Vec::new();
    for one in judged {
        let (seq, event) = (signed(one.entry.seq), events.get(&one.entry.seq).copied());
        let Some(row) = rows.remove(&seq) else {
            let missing = Difference::new(
                DifferenceKind::HistoryRow,
                format!("entry {seq}"),
                "no row, or no log of it",
            );
            differences.push((missing.seen_in("history", format!("seq {seq}")), event));
            continue;
        };
        let mut row = row.clone();
        if let Some(event) = event.and_then(|index| range.events.get(index)) {
            row.log.tx_hash = event.tx_hash;
        }
        let found = history_row(&row, &one.entry, one.head, &one.judgement);
        differences.extend(found.into_iter().map(|it| (it, event)));
    }
    differences
}

/// The entries of a range by seq, as indexes of its events.
fn entry_events(range: &BlockRange) -> BTreeMap<u64, usize> {
    let entries = range.events.iter().enumerate().filter_map(|(index, event)| match &event.fact {
        Fact::Entry { entry, .. } => Some((entry.seq, index)),
        Fact::Outflow(_)
        | Fact::Frozen { .. }
        | Fact::RootPublished { .. }
        | Fact::RootVoided
        | Fact::Other { .. } => None,
    });
    entries.collect()
}

/// The event whose reward a difference is about, by the reward's id.
pub(super) fn reward_event(range: &BlockRange, difference: &Difference) -> Option<usize> {
    let id: i64 = difference.evidence.first()?.id.parse().ok()?;
    entry_events(range).get(&(id / REWARDS_PER_ENTRY).unsigned_abs()).copied()
}

/// `postings` of entries: one for each reward, at the reward's ordinal, and from the funds what the entry brought.
pub(super) fn entry_postings(range: &BlockRange, judged: &[Judged], stored: &[PostingRow]) -> Vec<Traced> {
    let events = entry_events(range);
    let mut expected = BTreeMap::new();
    for one in judged {
        let Some(event) = events.get(&one.entry.seq).copied() else { continue };
        for (ordinal, reward) in (0i32..).zip(&one.consequences.rewards) {
            let to = match reward.cumulative {
                Some(_) => format!("payable/{}", reward.user),
                None => "reserved".to_owned(),
            };
            let words = vec![("amount", reward.amount.to_string()), ("credit", to)];
            expected.insert((signed(one.entry.seq), ordinal), (words, event));
        }
    }
    let found = stored.iter().map(|row| {
        let to = if row.credit_kind == "reserved" {
            row.credit_kind.clone()
        } else {
            format!("{}/{}", row.credit_kind, row.credit_owner)
        };
        ((row.reference, row.ordinal), vec![("amount", row.amount.to_string()), ("credit", to)])
    });
    let row = |(seq, ordinal): &(i64, i32)| format!("entry {seq}, ordinal {ordinal}");
    let mut differences = side_by_side(DifferenceKind::Posting, "postings", expected, found.collect(), row);
    differences.extend(brought(&events, judged, stored));
    differences
}

fn brought(events: &BTreeMap<u64, usize>, judged: &[Judged], stored: &[PostingRow]) -> Vec<Traced> {
    let mut sums: BTreeMap<i64, Vec<Amount>> = BTreeMap::new();
    for row in stored.iter().filter(|row| row.debit_kind == "funds") {
        sums.entry(row.reference).or_default().push(row.amount);
    }
    let differ = judged.iter().filter_map(|one| {
        let expected = match &one.entry.body {
            EntryBody::Genesis { .. } => Amount::ZERO,
            EntryBody::Registration { amount, .. }
            | EntryBody::Retopup { amount, .. }
            | EntryBody::Directive { amount, .. } => *amount,
        };
        let seq = signed(one.entry.seq);
        let found = Amount::sum(sums.remove(&seq).unwrap_or_default()).unwrap_or(Amount::MAX);
        (expected != found).then(|| {
            let difference = Difference::new(
                DifferenceKind::Posting,
                format!("from funds {expected}"),
                format!("from funds {found}"),
            );
            (difference.seen_in("postings", format!("entry {seq}")), events.get(&one.entry.seq).copied())
        })
    });
    differ.collect()
}

/// A payment or withdrawal: its number, account, kind, amount, what was paid in all, and where it went.
type Paying = (u64, Address, &'static str, Amount, Option<Amount>, Option<Address>);

/// What pays, if the event does.
fn paying(event: &ChainEvent) -> Option<Paying> {
    match &event.fact {
        Fact::Outflow(Outflow::Paid { account, out, amount, paid_total }) => {
            Some((*out, *account, "paid", *amount, Some(*paid_total), None))
        }
        Fact::Outflow(Outflow::Owed { account, out, amount, paid_total }) => {
            Some((*out, *account, "owed", *amount, Some(*paid_total), None))
        }
        Fact::Outflow(Outflow::OwedWithdrawn { account, out, to, amount }) => {
            Some((*out, *account, "owed_withdrawn", *amount, None, Some(*to)))
        }
        Fact::Outflow(Outflow::Batch { .. })
        | Fact::Entry { .. }
        | Fact::Frozen { .. }
        | Fact::RootPublished { .. }
        | Fact::RootVoided
        | Fact::Other { .. } => None,
    }
}

/// `payouts`.
pub(super) fn payouts(range: &BlockRange, stored: &[PayoutRow]) -> Vec<Traced> {
    let mut expected = BTreeMap::new();
    for (index, event) in range.events.iter().enumerate() {
        let Some((out, account, kind, amount, paid_total, to)) = paying(event) else { continue };
        let words = vec![
            ("kind", kind.to_owned()),
            ("amount", amount.to_string()),
            ("paid_total", or_none(paid_total)),
            ("destination", to.map_or("none".to_owned(), |to| format!("{to:#x}"))),
            ("tx_hash", format!("{:#x}", event.tx_hash)),
            ("place", place(&(event.block, event.log_index))),
        ];
        expected.insert((signed(out), format!("{account:#x}")), (words, index));
    }
    let found = stored.iter().map(|row| ((row.out, row.wallet.clone()), payout_words(row)));
    let row = |(out, wallet): &(i64, String)| format!("out {out}, wallet {wallet}");
    side_by_side(DifferenceKind::PayoutRow, "payouts", expected, found.collect(), row)
}

fn payout_words(row: &PayoutRow) -> Words {
    vec![
        ("kind", row.kind.clone()),
        ("amount", row.amount.to_string()),
        ("paid_total", or_none(row.paid_total)),
        ("destination", row.destination.clone().unwrap_or_else(|| "none".to_owned())),
        ("tx_hash", row.tx_hash.clone()),
        ("place", place(&(row.block.unsigned_abs(), row.log_index.unsigned_abs()))),
    ]
}

fn or_none(amount: Option<Amount>) -> String {
    amount.map_or("none".to_owned(), |amount| amount.to_string())
}

/// `postings` of outflows: what left the funds, and what became owed, under each number.
pub(super) fn outflow_postings(range: &BlockRange, stored: &[PostingRow]) -> Vec<Traced> {
    let mut expected: BTreeMap<i64, (Amount, Amount, usize)> = BTreeMap::new();
    for (index, event) in range.events.iter().enumerate() {
        let Some((out, _, kind, amount, ..)) = paying(event) else { continue };
        let (left, owed, _) = expected.entry(signed(out)).or_insert((Amount::ZERO, Amount::ZERO, index));
        let sum = if kind == "owed" { owed } else { left };
        *sum = sum.checked_add(amount).unwrap_or(Amount::MAX);
    }
    let mut found: BTreeMap<i64, (Amount, Amount)> = BTreeMap::new();
    for row in stored {
        let (left, owed) = found.entry(row.reference).or_default();
        let sum = if row.credit_kind == "owed" { owed } else { left };
        *sum = sum.checked_add(row.amount).unwrap_or(Amount::MAX);
    }
    let words =
        |left: Amount, owed: Amount| vec![("to funds", left.to_string()), ("to owed", owed.to_string())];
    let expected =
        expected.into_iter().map(|(out, (left, owed, event))| (out, (words(left, owed), event))).collect();
    let found = found.into_iter().map(|(out, (left, owed))| (out, words(left, owed))).collect();
    side_by_side(DifferenceKind::Posting, "postings", expected, found, |out| format!("outflow {out}"))
}

/// A row of the history behind its end.
pub(super) fn invented_entry(seq: i64) -> Difference {
    Difference::new(DifferenceKind::HistoryRow, "no row", format!("entry {seq}"))
        .seen_in("history", format!("seq {seq}"))
}

/// A payout behind the last one.
pub(super) fn invented_payout(row: &PayoutRow) -> Difference {
    let id = format!("out {}, wallet {}", row.out, row.wallet);
    Difference::new(DifferenceKind::PayoutRow, "no row", told(&payout_words(row))).seen_in("payouts", id)
}
