//! Money that left or became owed: where the books take it from, and which rewards it settles.
//!
//! A payment takes from what a batch holds, then from what is payable (a claim pays what no batch has taken), and what is
//! left of it, which nobody had, from suspense. Rewards are settled on their boundaries: those whose cumulative total
//! the contract's `paidTotal` has reached.

use std::collections::BTreeMap;

use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_types::history::{ChainEvent, Outflow};
use banyan_types::{Address, Amount};

use super::{Deciding, Holdings, place, seconds, signed};
use crate::rows::{PayoutRow, Settlement, Withdrawal};
use crate::{Alarm, ProgrammeError};

/// Rewards of one entry have ids from seq · 2²⁰ on.
const REWARDS_PER_ENTRY: u64 = 1 << 20;

/// The outflows of a range, as far as it is decided.
#[derive(Debug)]
pub(super) struct Outflows {
    holdings: Holdings,
    transactions: BTreeMap<u64, Transaction>,
    settlements: Vec<Settlement>,
    /// The total up to which this range has decided on a user's rewards.
    settled: BTreeMap<u64, Amount>,
    withdrawals: BTreeMap<i64, Withdrawal>,
}

/// A payment to an account, delivered or owed.
struct Payment {
    account: Address,
    user: u64,
    out: u64,
    amount: Amount,
    paid_total: Amount,
    owed: bool,
}

impl Deciding<'_> {
    pub(super) fn outflow(&mut self, event: &ChainEvent, outflow: &Outflow) -> Result<(), ProgrammeError> {
        self.advance_out(match outflow {
            Outflow::Paid { out, .. }
            | Outflow::Owed { out, .. }
            | Outflow::Batch { out, .. }
            | Outflow::OwedWithdrawn { out, .. } => *out,
        })?;
        match *outflow {
            Outflow::Paid { account, out, amount, paid_total } => {
                let user = self.receiver(out, account)?;
                self.pay(event, &Payment { account, user, out, amount, paid_total, owed: false })
            }
            Outflow::Owed { account, out, amount, paid_total } => {
                let user = self.receiver(out, account)?;
                self.pay(event, &Payment { account, user, out, amount, paid_total, owed: true })
            }
            Outflow::Batch { .. } => Ok(()),
            Outflow::OwedWithdrawn { account, out, to, amount } => {
                self.withdraw(event, account, out, to, amount)
            }
        }
    }

    /// Outflows are numbered without gaps; a batch's events share its number.
    fn advance_out(&mut self, came: u64) -> Result<(), ProgrammeError> {
        let last = self.memory.cursor.out;
        if came != last + 1 && (came != last || last == 0) {
            return Err(ProgrammeError::Outflow { expected: last + 1, came });
        }
        self.memory.cursor.out = came;
        Ok(())
    }

    fn receiver(&self, out: u64, account: Address) -> Result<u64, ProgrammeError> {
        self.memory.id(account).ok_or(ProgrammeError::Stranger { out, account })
    }

    fn pay(&mut self, event: &ChainEvent, payment: &Payment) -> Result<(), ProgrammeError> {
        let Payment { account, user, out, amount, paid_total, owed } = *payment;
        let overflow = ProgrammeError::Overflow { block: event.block };
        let before = self.memory.cursor.paid_totals.get(&account).copied().unwrap_or_default();
        let computed = before.checked_add(amount).ok_or(overflow)?;
        if computed != paid_total {
            return Err(ProgrammeError::PaidTotal { out, account, stated: paid_total, computed });
        }
        self.memory.cursor.paid_totals.insert(account, paid_total);
        let overpaid = self.outflows.take(event, payment)?;
        if overpaid.is_positive() {
            self.rows.alarms.push(Alarm::Overpaid { out, account, amount: overpaid });
        }
        let kind = if owed { "owed" } else { "paid" };
        let row = payout(event, user, out, kind, amount)?;
        self.rows.payouts.push(PayoutRow { paid_total: Some(paid_total), ..row });
        let next_seq = self.memory.cursor.seq.map_or(0, |seq| seq + 1);
        self.outflows.settlements.push(Settlement {
            user: signed("user", user)?,
            above: self.outflows.settled.insert(user, paid_total).unwrap_or_default(),
            up_to: paid_total,
            before_id: signed("seq", next_seq.saturating_mul(REWARDS_PER_ENTRY))?,
            state: if owed { "owed" } else { "settled" },
            tx_hash: event.tx_hash,
            at: seconds(event)?,
        });
        Ok(())
    }

    fn withdraw(
        &mut self,
        event: &ChainEvent,
        account: Address,
        out: u64,
        to: Address,
        amount: Amount,
    ) -> Result<(), ProgrammeError> {
        let user = self.receiver(out, account)?;
        let overpaid = self.outflows.withdraw(event, user, out, amount)?;
        if overpaid.is_positive() {
            self.rows.alarms.push(Alarm::Overpaid { out, account, amount: overpaid });
        }
        let row = payout(event, user, out, "owed_withdrawn", amount)?;
        self.rows.payouts.push(PayoutRow { destination: Some(to), ..row });
        Ok(())
    }
}

fn payout(
    event: &ChainEvent,
    user: u64,
    out: u64,
    kind: &'static str,
    amount: Amount,
) -> Result<PayoutRow, ProgrammeError> {
    let (block, log_index) = place(event)?;
    Ok(PayoutRow {
        out: signed("out", out)?,
        user: signed("user", user)?,
        kind,
        amount,
        paid_total: None,
        destination: None,
        tx_hash: event.tx_hash,
        block,
        log_index,
        at: seconds(event)?,
    })
}

impl Outflows {
    pub fn new(holdings: Holdings) -> Outflows {
        let (transactions, settlements, settled, withdrawals) = Default::default();
        Outflows { holdings, transactions, settlements, settled, withdrawals }
    }

    /// An entry made `amount` payable to a user; only what is paid out in the same range needs to know.
    pub fn credit(&mut self, user: u64, amount: Amount, block: u64) -> Result<(), ProgrammeError> {
        let holding = self.holdings.entry(user).or_default();
        holding.payable = holding.payable.checked_add(amount).ok_or(ProgrammeError::Overflow { block })?;
        Ok(())
    }

    pub fn into_rows(self) -> (Vec<Transaction>, Vec<Settlement>, Vec<Withdrawal>) {
        let withdrawals = self.withdrawals.into_values().collect();
        (self.transactions.into_values().collect(), self.settlements, withdrawals)
    }

    /// Books a payment; what is returned was nobody's.
    fn take(&mut self, event: &ChainEvent, payment: &Payment) -> Result<Amount, ProgrammeError> {
        let Payment { user, out, amount, owed, .. } = *payment;
        let overflow = ProgrammeError::Overflow { block: event.block };
        let holding = self.holdings.entry(user).or_default();
        let (from_batch, rest) = split(amount, &mut holding.in_batch);
        let (from_payable, rest) = split(rest, &mut holding.payable);
        if owed {
            holding.owed = holding.owed.checked_add(amount).ok_or(overflow)?;
        }
        let credit = if owed { Account::owed(user) } else { Account::FUNDS };
        let parts = [
            (Account::in_batch(user), from_batch),
            (Account::payable(user), from_payable),
            (Account::SUSPENSE, rest),
        ];
        self.post(event, out, parts, credit);
        Ok(rest)
    }

    /// Books a withdrawal of what was owed; what is returned was nobody's.
    fn withdraw(
        &mut self,
        event: &ChainEvent,
        user: u64,
        out: u64,
        amount: Amount,
    ) -> Result<Amount, ProgrammeError> {
        let (from_owed, rest) = split(amount, &mut self.holdings.entry(user).or_default().owed);
        let parts = [(Account::owed(user), from_owed), (Account::SUSPENSE, rest)];
        self.post(event, out, parts, Account::FUNDS);
        let (user, tx_hash, at) = (signed("user", user)?, event.tx_hash, seconds(event)?);
        self.withdrawals.entry(user).or_insert(Withdrawal { user, tx_hash, at });
        for row in self.settlements.iter_mut().filter(|row| row.user == user && row.state == "owed") {
            (row.state, row.tx_hash, row.at) = ("settled", tx_hash, at);
        }
        Ok(rest)
    }

    fn post(
        &mut self,
        event: &ChainEvent,
        out: u64,
        parts: impl IntoIterator<Item = (Account, Amount)>,
        credit: Account,
    ) {
        let fresh = Transaction {
            cause: Cause::outflow(out),
            at: event.block_time,
            block: event.block,
            postings: vec![],
        };
        let transaction = self.transactions.entry(out).or_insert(fresh);
        let postings = parts.into_iter().filter(|(_, amount)| amount.is_positive());
        transaction.postings.extend(postings.map(|(debit, amount)| Posting { debit, credit, amount }));
    }
}

/// Takes what there is of `wanted` from a balance: (taken, still wanted). A balance below zero has nothing.
fn split(wanted: Amount, balance: &mut Amount) -> (Amount, Amount) {
    let taken = wanted.min(*balance).max(Amount::ZERO);
    let less = |from: Amount| from.checked_sub(taken).expect("what is taken is no more than there is");
    *balance = less(*balance);
    (taken, less(wanted))
}
