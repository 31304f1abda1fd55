//! Proven events, judged: what everybody has earned after each entry, and whether each payment and each root is what that
//! allows. Beside it the contract's accounts are kept as the events say, for the comparison at the end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use banyan_entitlement::{EntitlementError, Entitlements, Plans};
use banyan_reconciliation::Judged;
use banyan_types::history::{BlockRange, ChainEvent, Entry, EntryBody, Fact, Outflow};
use banyan_types::{Address, Amount, B256};

use crate::finding::{Finding, Source};
use crate::summary::{Counts, TOLD};

/// An account as the events say that the contract keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) paid: Amount,
    pub(crate) owed: Amount,
    pub(crate) nonce: u32,
    pub(crate) frozen: bool,
    /// The last event that concerned it.
    pub(crate) last: Source,
}

/// A payment whose batch, or end, has not come yet.
#[derive(Clone, Copy, Debug)]
struct Payment {
    account: Address,
    paid_total: Amount,
    source: Source,
}

/// What claims are measured against.
#[derive(Debug)]
struct StandingRoot {
    seq: u64,
    /// What everybody had earned by then, in order of the leaves; worked out when somebody claims.
    earned: Option<Vec<Amount>>,
}

/// The judge of one contract.
pub(crate) struct Judge {
    pub(crate) entitlements: Entitlements,
    pub(crate) accounts: HashMap<Address, Kept>,
    pub(crate) counts: Counts,
    pub(crate) total_in: Amount,
    pub(crate) findings: Findings,
    pub(crate) time: Duration,
    standing: Option<StandingRoot>,
    payments: Vec<Payment>,
    /// Whether what follows from entries is wanted for the books.
    for_books: bool,
}

/// What was found: all of it counted, the first of it told.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) told: Vec<Finding>,
    pub(crate) count: u64,
}

impl Findings {
    pub(crate) fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(finding);
        }
    }
}

impl Judge {
    pub(crate) fn new(plans: Plans, for_books: bool) -> Judge {
        Judge {
            entitlements: Entitlements::new(plans),
            accounts: HashMap::new(),
            counts: Counts::default(),
            total_in: Amount::ZERO,
            findings: Findings::default(),
            time: Duration::ZERO,
            standing: None,
            payments: Vec::new(),
            for_books,
        }
    }

    /// Whether what follows from entries is wanted for the books.
    pub(crate) fn for_books(&self) -> bool {
        self.for_books
    }

    /// Judges a range, and says what follows from its entries if the books want to know.
    pub(crate) fn range(&mut self, range: &BlockRange) -> Result<Vec<Judged>, EntitlementError> {
        let start = Instant::now();
        let mut judged = Vec::new();
        for event in &range.events {
            // What pays without a batch ends with its transaction.
            if self.payments.first().is_some_and(|first| first.source.transaction != Some(event.tx_hash)) {
                self.claims();
            }
            self.event(event, &mut judged)?;
        }
        self.claims();
        self.time += start.elapsed();
        Ok(judged)
    }

    fn event(&mut self, event: &ChainEvent, judged: &mut Vec<Judged>) -> Result<(), EntitlementError> {
        let source = Source::event(event);
        self.counts.total += 1;
        match &event.fact {
            Fact::Entry { entry, .. } => {
                let judgement = self.entitlements.apply(entry)?;
                self.entry(entry, source);
                if self.for_books {
                    judged.push(Judged::new(entry, judgement, &self.entitlements));
                }
            }
            Fact::Outflow(outflow) => self.outflow(outflow, source),
            Fact::Frozen { account, frozen } => {
                self.counts.others += 1;
                self.kept(*account, source).frozen = *frozen;
            }
            Fact::RootPublished { seq, root } => {
                self.counts.roots += 1;
                self.root("published_root", *seq, *root, source);
                self.standing = Some(StandingRoot { seq: *seq, earned: None });
            }
            Fact::RootVoided => {
                self.counts.others += 1;
                self.standing = None;
            }
            Fact::Other { .. } => self.counts.others += 1,
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, source: Source) {
        let (payer, amount) = match &entry.body {
            EntryBody::Genesis { .. } => {
                self.counts.directives += 1;
                self.kept(Address::ZERO, source);
                return;
            }
            EntryBody::Registration { user, amount, .. } => {
                self.counts.registrations += 1;
                (Some(*user), *amount)
            }
            EntryBody::Retopup { user, amount, .. } => {
                self.counts.retopups += 1;
                (Some(*user), *amount)
            }
            EntryBody::Directive { amount, .. } => {
                self.counts.directives += 1;
                (None, *amount)
            }
        };
        // The engine has bounded the sum of all that came in.
        self.total_in = self.total_in.checked_add(amount).unwrap_or(Amount::MAX);
        if let Some(payer) = payer {
            self.kept(payer, source).nonce += 1;
        }
    }

    fn outflow(&mut self, outflow: &Outflow, source: Source) {
        match *outflow {
            Outflow::Paid { account, paid_total, .. } => {
                self.counts.payments += 1;
                self.kept(account, source).paid = paid_total;
                self.payments.push(Payment { account, paid_total, source });
            }
            Outflow::Owed { account, amount, paid_total, .. } => {
                self.counts.owed += 1;
                let kept = self.kept(account, source);
                kept.paid = paid_total;
                kept.owed = kept.owed.checked_add(amount).unwrap_or(Amount::MAX);
                self.payments.push(Payment { account, paid_total, source });
            }
            Outflow::Batch { seq, root, .. } => {
                self.counts.batches += 1;
                self.batch(seq);
                if !root.is_zero() {
                    self.root("batch_root", seq, root, source);
                }
            }
            Outflow::OwedWithdrawn { account, amount, .. } => {
                self.counts.withdrawals += 1;
                let kept = self.kept(account, source);
                let rest = kept.owed.checked_sub(amount).filter(|rest| *rest >= Amount::ZERO);
                let owed = kept.owed;
                kept.owed = rest.unwrap_or_default();
                if rest.is_none() {
                    let finding =
                        Finding::new("withdrawal", format!("at most {owed}, which is owed"), amount);
                    self.findings.add(finding.of(account).at(source));
                }
            }
        }
    }

    /// Each payment of a batch is covered by what its account had earned after the batch's entry.
    fn batch(&mut self, seq: u64) {
        let payments = std::mem::take(&mut self.payments);
        let Ok(then) = self.entitlements.as_of(seq) else { return };
        for payment in &payments {
            check(&mut self.findings, payment, then.cumulative(payment.account), seq);
        }
    }

    /// Payments that no batch ended were claims: covered by what their accounts had earned after the root's entry.
    fn claims(&mut self) {
        for payment in std::mem::take(&mut self.payments) {
            let Some(standing) = &mut self.standing else {
                let finding = Finding::new("claim", "a standing root to claim against", "none");
                self.findings.add(finding.of(payment.account).at(payment.source));
                continue;
            };
            let entitlements = &self.entitlements;
            let earned = standing.earned.get_or_insert_with(|| {
                let then = entitlements.as_of(standing.seq);
                then.map_or(Vec::new(), |then| then.accounts().map(|(_, earned)| earned).collect())
            });
            let id = self.entitlements.id(payment.account).map(|id| id.0 as usize);
            let earned = id.and_then(|id| earned.get(id).copied()).unwrap_or_default();
            check(&mut self.findings, &payment, earned, standing.seq);
        }
    }

    fn root(&mut self, kind: &'static str, seq: u64, found: B256, source: Source) {
        let Ok(then) = self.entitlements.as_of(seq) else { return };
        let expected = then.root();
        if expected != found {
            let finding = Finding::new(kind, format!("{expected} over seq {seq}"), found);
            self.findings.add(finding.at(source));
        }
    }

    /// The account as far as it has come, and that this event concerned it.
    fn kept(&mut self, account: Address, last: Source) -> &mut Kept {
        let nothing = Kept { paid: Amount::ZERO, owed: Amount::ZERO, nonce: 0, frozen: false, last };
        let kept = self.accounts.entry(account).or_insert(nothing);
        kept.last = last;
        kept
    }
}

fn check(findings: &mut Findings, payment: &Payment, earned: Amount, seq: u64) {
    if payment.paid_total > earned {
        let expected = format!("at most {earned} paid in all, which was earned by seq {seq}");
        let finding = Finding::new("payment", expected, payment.paid_total);
        findings.add(finding.of(payment.account).at(payment.source));
    }
}
