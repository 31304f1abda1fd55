//! What follows from the contract's events, worked out anew: users, seats and rewards as the books should have them.

use banyan_engine::{Record, RewardState};
use banyan_entitlement::{Cause, Effect, Entitlements, Judgement, Outcome};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount};

/// Rewards of one entry have ids from seq · 2²⁰ on.
pub(crate) const REWARDS_PER_ENTRY: i64 = 1 << 20;

/// A reward as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedReward {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) source: i64,
    pub(crate) kind: &'static str,
    pub(crate) amount: Amount,
    /// `None`: it lies in a seat's reserve and earned nothing yet.
    pub(crate) cumulative: Option<Amount>,
}

/// A user as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedUser {
    pub(crate) id: i64,
    pub(crate) wallet: Address,
    pub(crate) sponsor: i64,
    pub(crate) participant: bool,
}

/// A seat as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedSeat {
    pub(crate) id: i64,
    pub(crate) user: i64,
}

/// What one entry brought.
#[derive(Clone, Debug, Default)]
pub(crate) struct Consequences {
    pub(crate) rewards: Vec<ExpectedReward>,
    pub(crate) seats: Vec<ExpectedSeat>,
    pub(crate) user: Option<ExpectedUser>,
}

/// The entry's consequences. `entitlements` has just judged it.
pub(crate) fn consequences(
    entry: &Entry,
    judgement: &Judgement,
    entitlements: &Entitlements,
) -> Consequences {
    let mut consequences =
        Consequences { user: newcomer(entry, judgement, entitlements), ..Consequences::default() };
    let first = i64::try_from(entry.seq).unwrap_or(i64::MAX).saturating_mul(REWARDS_PER_ENTRY);
    for effect in &judgement.effects {
        if let Cause::Record(Record::Seat(seat)) = &effect.cause {
            let id = seat_id(seat.seat.level, seat.seat.tree, seat.seat.index);
            consequences.seats.push(ExpectedSeat { id, user: i64::from(seat.user.0) });
        }
        let ordinal = i64::try_from(consequences.rewards.len()).unwrap_or(i64::MAX);
        consequences.rewards.extend(reward(effect, first.saturating_add(ordinal)));
    }
    consequences
}

/// What one effect credits or reserves; seats and completions are no rewards, and a reserve is one if it released
/// something.
fn reward(effect: &Effect, id: i64) -> Option<ExpectedReward> {
    let credited = effect.credit.map(|credit| credit.cumulative);
    match &effect.cause {
        Cause::Record(Record::Reward(reward)) => Some(ExpectedReward {
            id,
            user: i64::from(reward.to.0),
            source: i64::from(reward.source.0),
            kind: reward.kind.name(),
            amount: reward.amount,
            cumulative: match reward.state {
                RewardState::Payable => credited,
                RewardState::Reserved => None,
            },
        }),
        Cause::Record(Record::Reserve(reserve)) => credited.map(|cumulative| ExpectedReward {
            id,
            user: i64::from(reserve.user.0),
            source: i64::from(reserve.user.0),
            kind: "BONUS",
            amount: reserve.released,
            cumulative: Some(cumulative),
        }),
        Cause::Record(
            Record::Seat(_)
            | Record::Completed(_)
            | Record::Vested { .. }
            | Record::Rank { .. }
            | Record::Order(_),
        ) => None,
        Cause::Directive { amount } => Some(ExpectedReward {
            id,
            user: 0,
            source: 0,
            kind: "DIRECTIVE",
            amount: *amount,
            cumulative: credited,
        }),
    }
}

fn newcomer(entry: &Entry, judgement: &Judgement, entitlements: &Entitlements) -> Option<ExpectedUser> {
    match &entry.body {
        EntryBody::Registration { user, sponsor, .. } => Some(ExpectedUser {
            id: i64::from(entitlements.id(*user)?.0),
            wallet: *user,
            sponsor: i64::from(entitlements.id(*sponsor)?.0),
            participant: judgement.outcome == Outcome::Applied,
        }),
        EntryBody::Genesis { .. } | EntryBody::Retopup { .. } | EntryBody::Directive { .. } => None,
    }
}

/// `seats.id`: (level · 1024 + tree) · 2³² + index.
fn seat_id(level: u32, tree: u32, index: u64) -> i64 {
    let pool = i64::from(level) * 1024 + i64::from(tree);
    pool.saturating_mul(1 << 32).saturating_add(i64::try_from(index).unwrap_or(i64::MAX))
}
