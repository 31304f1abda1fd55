//! A raw log as what it says. Only the meaning is read here; whether it continues what came before is the block
//! source's business.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::{SolEvent, SolValue};
use banyan_types::history::{Entry, EntryBody, Fact, Outflow};
use banyan_types::{Amount, PlanHash};

use super::abi::BanyanSettlement as event;
use super::kind;
use crate::eip712::Domain;
use crate::node::RawLog;

/// Why a log of the contract cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Topics and data are not those of the event that the first topic names.
    #[error("expected the fields of {event}, but {reason}")]
    Shape {
        /// The event's name.
        event: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// A number is beyond what Banyan counts with.
    #[error("expected {field} of {event} below {limit}, got {found}")]
    Range {
        /// The event's name.
        event: &'static str,
        /// The field's name.
        field: &'static str,
        /// The bound.
        limit: &'static str,
        /// What came.
        found: U256,
    },
    /// The first entry of a history is another directive than the genesis.
    #[error("expected the directive GENESIS at seq 0, got the kind {kind}")]
    Genesis {
        /// The directive's kind.
        kind: B256,
    },
}

/// What a log of the contract says.
///
/// # Errors
/// When a known event does not have the fields of its kind. An unknown event is [`Fact::Other`].
pub fn decode(domain: &Domain, log: &RawLog) -> Result<Fact, DecodeError> {
    let topic = log.topics.first().copied().unwrap_or_default();
    match topic {
        event::RegistrationAccepted::SIGNATURE_HASH => registration(&read(log)?),
        event::RetopupCompleted::SIGNATURE_HASH => retopup(&read(log)?),
        event::Directive::SIGNATURE_HASH => directive(domain, read(log)?),
        event::PayoutExecuted::SIGNATURE_HASH => paid(&read(log)?),
        event::PayoutOwed::SIGNATURE_HASH => owed(&read(log)?),
        event::BatchExecuted::SIGNATURE_HASH => batch(&read(log)?),
        event::OwedWithdrawn::SIGNATURE_HASH => owed_withdrawn(&read(log)?),
        event::RootPublished::SIGNATURE_HASH => root_published(&read(log)?),
        event::RootVoided::SIGNATURE_HASH => read::<event::RootVoided>(log).map(|_| Fact::RootVoided),
        event::Frozen::SIGNATURE_HASH => read::<event::Frozen>(log).map(|it| frozen(it.account, true)),
        event::Unfrozen::SIGNATURE_HASH => read::<event::Unfrozen>(log).map(|it| frozen(it.account, false)),
        _ => Ok(Fact::Other { topic }),
    }
}

fn read<E: SolEvent>(log: &RawLog) -> Result<E, DecodeError> {
    E::decode_raw_log_validate(log.topics.iter().copied(), &log.data)
        .map_err(|error| DecodeError::Shape { event: E::SIGNATURE, reason: error.to_string() })
}

fn number(event: &'static str, field: &'static str, found: U256) -> Result<u64, DecodeError> {
    u64::try_from(found).map_err(|_| DecodeError::Range { event, field, limit: "2^64", found })
}

fn amount(event: &'static str, field: &'static str, found: U256) -> Result<Amount, DecodeError> {
    let units = i128::try_from(found).ok().and_then(Amount::from_units);
    units.ok_or(DecodeError::Range { event, field, limit: "10^38 wei", found })
}

fn frozen(account: Address, frozen: bool) -> Fact {
    Fact::Frozen { account, frozen }
}

fn registration(it: &event::RegistrationAccepted) -> Result<Fact, DecodeError> {
    const NAME: &str = "RegistrationAccepted";
    let body = EntryBody::Registration {
        user: it.user,
        sponsor: it.sponsor,
        plan: PlanHash(it.plan),
        amount: amount(NAME, "amount", it.amount)?,
    };
    entry(NAME, it.seq, it.time, it.head, body)
}

fn retopup(it: &event::RetopupCompleted) -> Result<Fact, DecodeError> {
    const NAME: &str = "RetopupCompleted";
    let amount = amount(NAME, "amount", it.amount)?;
    let body = EntryBody::Retopup { user: it.user, plan: PlanHash(it.plan), amount };
    entry(NAME, it.seq, it.time, it.head, body)
}

fn directive(domain: &Domain, it: event::Directive) -> Result<Fact, DecodeError> {
    const NAME: &str = "Directive";
    let seq = number(NAME, "seq", it.seq)?;
    let genesis = kind("GENESIS");
    let body = if seq == 0 && it.kind == genesis {
        let (plan, predecessor) = <(B256, B256)>::abi_decode_params(&it.data)
            .map_err(|error| DecodeError::Shape { event: "Directive GENESIS", reason: error.to_string() })?;
        EntryBody::Genesis {
            chain_id: domain.chain_id,
            contract: domain.contract,
            plan: PlanHash(plan),
            predecessor,
        }
    } else if seq == 0 {
        return Err(DecodeError::Genesis { kind: it.kind });
    } else {
        EntryBody::Directive { kind: it.kind, amount: amount(NAME, "amount", it.amount)?, data: it.data }
    };
    entry(NAME, it.seq, it.time, it.head, body)
}

fn entry(
    event: &'static str,
    seq: U256,
    time: U256,
    head: B256,
    body: EntryBody,
) -> Result<Fact, DecodeError> {
    let (seq, time) = (number(event, "seq", seq)?, number(event, "time", time)?);
    Ok(Fact::Entry { entry: Entry { seq, time, body }, head })
}

fn paid(it: &event::PayoutExecuted) -> Result<Fact, DecodeError> {
    const NAME: &str = "PayoutExecuted";
    Ok(Fact::Outflow(Outflow::Paid {
        account: it.user,
        out: number(NAME, "out", it.out)?,
        amount: amount(NAME, "amount", it.amount)?,
        paid_total: amount(NAME, "paidTotal", it.paidTotal)?,
    }))
}

fn owed(it: &event::PayoutOwed) -> Result<Fact, DecodeError> {
    const NAME: &str = "PayoutOwed";
    Ok(Fact::Outflow(Outflow::Owed {
        account: it.user,
        out: number(NAME, "out", it.out)?,
        amount: amount(NAME, "amount", it.amount)?,
        paid_total: amount(NAME, "paidTotal", it.paidTotal)?,
    }))
}

fn batch(it: &event::BatchExecuted) -> Result<Fact, DecodeError> {
    const NAME: &str = "BatchExecuted";
    Ok(Fact::Outflow(Outflow::Batch {
        out: number(NAME, "out", it.out)?,
        seq: number(NAME, "seq", it.seq)?,
        root: it.root,
        count: number(NAME, "count", it.count)?,
        total: amount(NAME, "total", it.total)?,
    }))
}

fn owed_withdrawn(it: &event::OwedWithdrawn) -> Result<Fact, DecodeError> {
    const NAME: &str = "OwedWithdrawn";
    Ok(Fact::Outflow(Outflow::OwedWithdrawn {
        account: it.user,
        out: number(NAME, "out", it.out)?,
        to: it.to,
        amount: amount(NAME, "amount", it.amount)?,
    }))
}

fn root_published(it: &event::RootPublished) -> Result<Fact, DecodeError> {
    Ok(Fact::RootPublished { seq: number("RootPublished", "seq", it.seq)?, root: it.root })
}
