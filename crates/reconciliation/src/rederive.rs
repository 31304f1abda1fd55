//! The stored events judged anew, a chunk at a time, and compared with the stored rows as they come.

use std::collections::BTreeSet;

use banyan_chain::contract::decode;
use banyan_chain::eip712::Domain;
use banyan_entitlement::{Entitlements, Plans};
use banyan_ledger::LedgerError;
use banyan_ledger::store::Work;
use banyan_types::history::Fact;

use crate::compare::{self, Directory};
use crate::consequences::{
    Consequences, ExpectedReward, ExpectedSeat, ExpectedUser, REWARDS_PER_ENTRY, consequences,
};
use crate::difference::{Difference, DifferenceKind};
use crate::figures::RewardFigures;
use crate::store::{self, StoredEntry};

/// Entries judged between two reads of reward rows.
const CHUNK: i64 = 5_000;

/// What follows from the stored history.
#[derive(Debug)]
pub(crate) struct Rederivation {
    /// What everybody has earned; `None` if the history cannot be judged.
    pub(crate) entitlements: Option<Entitlements>,
    /// All who registered, by id.
    pub(crate) users: Vec<ExpectedUser>,
    pub(crate) figures: RewardFigures,
    pub(crate) differences: Vec<Difference>,
}

/// The judging under way.
struct Judge<'a> {
    domain: &'a Domain,
    sample: Option<&'a BTreeSet<i64>>,
    entitlements: Entitlements,
    users: Vec<ExpectedUser>,
    /// Of the chunk, and of the sample.
    rewards: Vec<ExpectedReward>,
    /// Of the sample.
    seats: Vec<ExpectedSeat>,
    figures: RewardFigures,
    differences: Vec<Difference>,
}

/// Judges the whole stored history and compares history, reward and seat rows with it; rewards and seats of `sample`
/// only, if there is one. A history that cannot be judged is a difference, and what follows from it is not compared.
pub(crate) async fn rederive(
    work: &mut Work<'_>,
    domain: &Domain,
    plans: Plans,
    directory: &Directory,
    sample: Option<&BTreeSet<i64>>,
) -> Result<Rederivation, LedgerError> {
    let chosen: Option<Vec<i64>> = sample.map(|sample| sample.iter().copied().collect());
    let mut judge = Judge::new(domain, plans, sample);
    let mut last = -1;
    loop {
        let entries = store::entries_after(work, domain.contract, last, CHUNK).await?;
        let complete = entries.len() < CHUNK as usize;
        let from = (last + 1).saturating_mul(REWARDS_PER_ENTRY);
        last = entries.last().map_or(last, |entry| entry.seq);
        if let Err(difference) = entries.iter().try_for_each(|entry| judge.entry(entry)) {
            return Ok(judge.given_up(difference));
        }
        let to = if complete { i64::MAX } else { (last + 1).saturating_mul(REWARDS_PER_ENTRY) };
        let rows = store::rewards(work, from, to, chosen.as_deref()).await?;
        judge.compare_rewards(&rows, directory);
        if complete {
            break;
        }
    }
    let rows = store::seats(work, chosen.as_deref()).await?;
    judge.seats.sort_by_key(|seat| seat.id);
    judge.differences.extend(compare::seats(&judge.seats, &rows));
    Ok(judge.finished())
}

impl<'a> Judge<'a> {
    fn new(domain: &'a Domain, plans: Plans, sample: Option<&'a BTreeSet<i64>>) -> Judge<'a> {
        Judge {
            domain,
            sample,
            entitlements: Entitlements::new(plans),
            users: Vec::new(),
            rewards: Vec::new(),
            seats: Vec::new(),
            figures: RewardFigures::default(),
            differences: Vec::new(),
        }
    }

    /// Judges one entry; what cannot be judged is returned as the difference that it is.
    fn entry(&mut self, stored: &StoredEntry) -> Result<(), Difference> {
        let broken = |expected: &str, found: String| {
            Difference::new(DifferenceKind::History, expected, found)
                .seen_in("history", format!("seq {}", stored.seq))
        };
        let fact = decode(self.domain, &stored.log)
            .map_err(|error| broken("a log that can be read", error.to_string()))?;
        let Fact::Entry { entry, .. } = fact else {
            return Err(broken("an entry of the history", format!("another event ({fact:?})")));
        };
        let judgement = self
            .entitlements
            .apply(&entry)
            .map_err(|error| broken("an entry that continues the history", error.to_string()))?;
        let head = self.entitlements.head();
        self.differences.extend(compare::history_row(stored, &entry, head, &judgement));
        let consequences = consequences(&entry, &judgement, &self.entitlements);
        self.keep(consequences);
        Ok(())
    }

    fn keep(&mut self, consequences: Consequences) {
        let chosen = |user: i64| self.sample.is_none_or(|sample| sample.contains(&user));
        self.figures.entries += 1;
        self.figures.rewards += consequences.rewards.len() as u64;
        self.figures.seats += consequences.seats.len() as u64;
        self.users.extend(consequences.user);
        self.rewards.extend(consequences.rewards.into_iter().filter(|reward| chosen(reward.user)));
        self.seats.extend(consequences.seats.into_iter().filter(|seat| chosen(seat.user)));
    }

    fn compare_rewards(&mut self, rows: &[store::RewardRow], directory: &Directory) {
        self.figures.compared += self.rewards.len() as u64;
        self.differences.extend(compare::rewards(&self.rewards, rows, directory));
        self.rewards.clear();
    }

    fn finished(self) -> Rederivation {
        let Judge { entitlements, users, figures, differences, .. } = self;
        Rederivation { entitlements: Some(entitlements), users, figures, differences }
    }

    fn given_up(mut self, difference: Difference) -> Rederivation {
        self.differences.push(difference);
        Rederivation { entitlements: None, ..self.finished() }
    }
}
