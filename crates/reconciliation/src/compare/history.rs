//! A row of the history beside the event that it was made of.

use banyan_entitlement::{Judgement, Outcome, kind_text};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Amount, B256};

use crate::difference::{Difference, DifferenceKind};
use crate::store::StoredEntry;

/// A row's columns in words, by name; a column that has nothing says `none`.
type Columns = Vec<(&'static str, String)>;

/// Each column in which the stored row is not what its event and the plan say.
pub(crate) fn history_row(
    stored: &StoredEntry,
    entry: &Entry,
    head: B256,
    judgement: &Judgement,
) -> Vec<Difference> {
    let expected = expected(stored, entry, head, judgement);
    let pairs = expected.into_iter().zip(found(stored)).filter(|(expected, found)| expected.1 != found.1);
    pairs
        .map(|((column, expected), (_, found))| {
            let (expected, found) = (format!("{column} {expected}"), format!("{column} {found}"));
            Difference::new(DifferenceKind::HistoryRow, expected, found)
                .seen_in("history", format!("seq {}", stored.seq))
        })
        .collect()
}

fn expected(stored: &StoredEntry, entry: &Entry, head: B256, judgement: &Judgement) -> Columns {
    let (mut wallet, mut sponsor, mut plan, mut directive, mut data) = (None, None, None, None, None);
    let (kind, amount) = match &entry.body {
        EntryBody::Genesis { plan: first, predecessor, .. } => {
            (plan, data) = (Some(first.0), Some(predecessor.to_vec()));
            ("GENESIS", Amount::ZERO)
        }
        EntryBody::Registration { user, sponsor: above, plan: named, amount } => {
            (wallet, sponsor, plan) = (Some(*user), Some(*above), Some(named.0));
            ("REGISTRATION", *amount)
        }
        EntryBody::Retopup { user, plan: named, amount } => {
            (wallet, plan) = (Some(*user), Some(named.0));
            ("RETOPUP", *amount)
        }
        EntryBody::Directive { kind, amount, data: bytes } => {
            (directive, data) = (Some(kind_text(*kind)), Some(bytes.to_vec()));
            ("DIRECTIVE", *amount)
        }
    };
    vec![
        ("seq", entry.seq.to_string()),
        ("kind", kind.to_owned()),
        // As PostgreSQL writes seconds since 1970.
        ("at", format!("{}.000000", entry.time)),
        ("head", head.to_string()),
        ("wallet_address", text(wallet.map(|wallet| format!("{wallet:#x}")))),
        ("sponsor", text(sponsor.map(|sponsor| format!("{sponsor:#x}")))),
        ("plan", text(plan.map(|plan| plan.to_string()))),
        ("amount", amount.to_string()),
        ("directive", text(directive)),
        ("data", bytes(data.as_deref())),
        ("outcome", outcome(&judgement.outcome).to_owned()),
        ("reason", text(judgement.reason())),
        ("tx_hash", format!("{:#x}", stored.log.tx_hash)),
    ]
}

/// The same columns in the same order.
fn found(stored: &StoredEntry) -> Columns {
    vec![
        ("seq", stored.seq.to_string()),
        ("kind", stored.kind.clone()),
        ("at", stored.at.clone()),
        ("head", stored.head.to_string()),
        ("wallet_address", text(stored.wallet.clone())),
        ("sponsor", text(stored.sponsor.clone())),
        ("plan", text(stored.plan.map(|plan| plan.to_string()))),
        ("amount", stored.amount.to_string()),
        ("directive", text(stored.directive.clone())),
        ("data", bytes(stored.data.as_deref())),
        ("outcome", stored.outcome.clone()),
        ("reason", text(stored.reason.clone())),
        ("tx_hash", stored.tx_hash.clone()),
    ]
}

fn text(value: Option<String>) -> String {
    value.unwrap_or_else(|| "none".to_owned())
}

fn bytes(value: Option<&[u8]>) -> String {
    text(value.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// The outcome's word in the database.
fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Refused(_) => "refused",
        Outcome::Recorded(_) => "recorded",
    }
}
