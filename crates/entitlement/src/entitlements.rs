//! The history, read entry by entry.

use banyan_engine::explain::Told;
use banyan_engine::{Machine, Quote, UserId};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};

use crate::as_of::AsOf;
use crate::error::LatestSeq;
use crate::judgement::Outcome;
use crate::running::{Running, judgement};
use crate::{ContractPlan, EntitlementError, Judgement, Plans};

/// What every account has earned, by the history read so far. Empty until the genesis comes.
#[derive(Clone, Debug)]
pub struct Entitlements {
    plans: Plans,
    running: Option<Running>,
}

impl Entitlements {
    /// Nothing read yet; `plans` are those that may come into force.
    pub fn new(plans: Plans) -> Entitlements {
        Entitlements { plans, running: None }
    }

    /// Reads the next entry and says what it did.
    ///
    /// # Errors
    /// An entry out of order, one that the contract cannot have written, a plan that is not at hand, or an overflow.
    /// After an error nothing has changed, and the history cannot be read any further.
    pub fn apply(&mut self, entry: &Entry) -> Result<Judgement, EntitlementError> {
        let expected = self.seq().map_or(0, |last| last + 1);
        if entry.seq != expected {
            return Err(EntitlementError::Gap { expected, came: entry.seq });
        }
        match (&mut self.running, &entry.body) {
            (None, EntryBody::Genesis { plan, predecessor, .. }) => {
                self.running = Some(begin(&self.plans, entry, *plan, *predecessor)?);
                Ok(judgement(entry, None, Outcome::Applied))
            }
            (None, _) => Err(EntitlementError::NoGenesis),
            (Some(running), _) => running.apply(&self.plans, entry),
        }
    }

    /// The last entry read; `None` before the genesis.
    pub fn seq(&self) -> Option<u64> {
        self.running.as_ref().map(Running::seq)
    }

    /// The head after the last entry; zero before the genesis.
    pub fn head(&self) -> B256 {
        self.running.as_ref().map_or(B256::ZERO, Running::head)
    }

    /// The head after an earlier entry; `None` if it has not come.
    pub fn head_at(&self, seq: u64) -> Option<B256> {
        self.running.as_ref()?.mark(seq).map(|mark| mark.head)
    }

    /// Block time of the last entry, in seconds since 1970; `None` before the genesis.
    pub fn time(&self) -> Option<u64> {
        self.running.as_ref().map(Running::time)
    }

    /// The plan that the contract holds in force; [`PlanHash::NONE`] after a wind-up. A payment under it is taken only
    /// if it is also [`Entitlements::plan`]'s hash.
    pub fn plan_in_force(&self) -> PlanHash {
        self.running.as_ref().map_or(PlanHash::NONE, Running::in_force)
    }

    /// The plan that judges; `None` before the genesis.
    pub fn plan(&self) -> Option<&ContractPlan> {
        self.plans.get(self.running.as_ref()?.judging())
    }

    /// The hash of [`Entitlements::plan`]; [`PlanHash::NONE`] before the genesis.
    pub fn judging(&self) -> PlanHash {
        self.running.as_ref().map_or(PlanHash::NONE, Running::judging)
    }

    /// The engine with its queries by number; `None` before the genesis.
    pub fn machine(&self) -> Option<&Machine> {
        self.running.as_ref().map(Running::machine)
    }

    /// Adds a plan that may come into force.
    pub(crate) fn know(&mut self, plan: ContractPlan) {
        self.plans.add(plan);
    }

    /// Lets the next entry tell what it looks at.
    pub(crate) fn listen(&mut self) {
        if let Some(running) = &mut self.running {
            running.machine_mut().listen();
        }
    }

    /// What was told since; nothing before the genesis.
    pub(crate) fn hear(&mut self) -> Told {
        self.running.as_mut().map_or_else(Told::default, |running| running.machine_mut().hear())
    }

    /// The seat of `level` that would be taken now; `None` when there is none.
    pub fn quote(&self, level: u32) -> Option<Quote> {
        self.machine()?.next_seat(level)
    }

    /// The wallet with this number; the company's is the zero address.
    pub fn address(&self, id: UserId) -> Option<Address> {
        self.running.as_ref()?.accounts().address(id)
    }

    /// The number of a wallet that the contract registered; the company's is 0.
    pub fn id(&self, account: Address) -> Option<UserId> {
        self.running.as_ref()?.accounts().id(account)
    }

    /// How many accounts there are, the company included; 0 before the genesis.
    pub fn account_count(&self) -> usize {
        self.running.as_ref().map_or(0, |running| running.accounts().len())
    }

    /// Whether the plan counts this wallet among its participants: one whose registration it refused is none, nor is
    /// the company.
    pub fn is_participant(&self, account: Address) -> bool {
        let known = self.id(account).zip(self.machine());
        known.is_some_and(|(id, machine)| machine.is_participant(id))
    }

    /// What an account has earned in all; nothing if it does not exist.
    pub fn cumulative(&self, account: Address) -> Amount {
        let Some(running) = &self.running else { return Amount::ZERO };
        running.accounts().id(account).map_or(Amount::ZERO, |id| running.accounts().earned(id))
    }

    /// The Merkle root over all accounts after the last entry; zero before the genesis.
    pub fn root(&self) -> B256 {
        let latest = self.running.as_ref().and_then(|running| running.as_of(running.seq()));
        latest.map_or(B256::ZERO, |latest| latest.root())
    }

    /// The state after an earlier entry, or the last.
    ///
    /// # Errors
    /// The entry has not come.
    pub fn as_of(&self, seq: u64) -> Result<AsOf<'_>, EntitlementError> {
        let not_yet = EntitlementError::NotYet { latest: LatestSeq(self.seq()), asked: seq };
        self.running.as_ref().and_then(|running| running.as_of(seq)).ok_or(not_yet)
    }
}

fn begin(
    plans: &Plans,
    entry: &Entry,
    plan: PlanHash,
    predecessor: B256,
) -> Result<Running, EntitlementError> {
    if predecessor != B256::ZERO {
        return Err(EntitlementError::Predecessor { predecessor });
    }
    let found = plans.get(plan).ok_or_else(|| unknown_plan(plans, entry.seq, plan))?;
    Ok(Running::new(entry, plan, found.plan().clone()))
}

/// The error that names a missing plan and those at hand.
pub(crate) fn unknown_plan(plans: &Plans, seq: u64, hash: PlanHash) -> EntitlementError {
    EntitlementError::UnknownPlan { seq, hash, known: plans.hashes().collect() }
}
