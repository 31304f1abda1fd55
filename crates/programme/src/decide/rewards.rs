//! What a judged entry did, as rewards and postings.

use banyan_engine::{Fund, Record, Reserve, Reward, RewardKind, RewardState, SeatRef};
use banyan_entitlement::{Cause, Credit, Judgement};
use banyan_ledger::{Account, Posting, Seat};
use banyan_types::Amount;
use banyan_types::history::Entry;

use super::{Deciding, signed};
use crate::ProgrammeError;
use crate::rows::{RewardRow, SpentReserve};

/// One amount credited, before it is a row.
struct Credited {
    to: u64,
    source: u64,
    kind: &'static str,
    amount: Amount,
    /// The pool, for the pool's kinds.
    pool: Option<u64>,
    /// The receiver's seat that earned it.
    seat: Option<Seat>,
    depth: Option<u32>,
    /// `None`: it goes into the seat's reserve.
    credit: Option<Credit>,
    fund: Account,
}

impl Deciding<'_> {
    /// Writes the rows of all effects and says the postings, one for each reward.
    pub(super) fn effects(
        &mut self,
        entry: &Entry,
        judgement: &Judgement,
    ) -> Result<Vec<Posting>, ProgrammeError> {
        let mut postings = Vec::new();
        for effect in &judgement.effects {
            let credited = match effect.cause {
                Cause::Record(Record::Seat(taken)) => {
                    self.trees.seat(&taken, entry)?;
                    None
                }
                Cause::Record(Record::Completed(completed)) => {
                    self.trees.complete(place(completed.seat)?, entry)?;
                    None
                }
                Cause::Record(Record::Vested { .. }) => return Err(foreign("vested")),
                Cause::Record(Record::Rank { .. }) => return Err(foreign("rank")),
                Cause::Record(Record::Order(_)) => return Err(foreign("order")),
                Cause::Record(Record::Reserve(reserve)) => self.reserve(&reserve, effect.credit, entry)?,
                Cause::Record(Record::Reward(reward)) => {
                    Some(self.reward(&reward, effect.credit, judgement)?)
                }
                Cause::Directive { amount } => Some(directive(amount, effect.credit)),
            };
            if let Some(credited) = credited {
                postings.push(self.write(credited, entry, postings.len())?);
            }
        }
        Ok(postings)
    }

    fn reward(
        &self,
        reward: &Reward,
        credit: Option<Credit>,
        judgement: &Judgement,
    ) -> Result<Credited, ProgrammeError> {
        let seat = reward.seat().map(place).transpose()?;
        let pool = match (seat, reward.level()) {
            (Some(seat), _) => Some(seat.pool_id()),
            // Breakage and the company's share have no seat of their own: theirs is the tree of the new seat.
            (None, Some(level)) => taken_at(judgement, level).map(place).transpose()?.map(Seat::pool_id),
            (None, None) => None,
        };
        Ok(Credited {
            to: u64::from(reward.to.0),
            source: u64::from(reward.source.0),
            kind: name(reward.kind)?,
            amount: reward.amount,
            pool,
            seat,
            depth: reward.depth(),
            credit: match reward.state {
                RewardState::Payable => credit,
                RewardState::Reserved => None,
            },
            fund: match reward.fund {
                Fund::Payment => Account::FUNDS,
                Fund::Reserve(seat) => Account::reserved(place(seat)?),
                Fund::Company | Fund::Stake => return Err(foreign(reward.kind.name())),
            },
        })
    }

    /// A reserve ended: what lay in it is spent, and what it released is one new reward.
    fn reserve(
        &mut self,
        reserve: &Reserve,
        credit: Option<Credit>,
        entry: &Entry,
    ) -> Result<Option<Credited>, ProgrammeError> {
        let seat = place(reserve.seat)?;
        self.trees.end(seat, reserve.spent, reserve.released)?;
        let at = signed("time", entry.time)?;
        self.rows.spent.push(SpentReserve { seat: signed("seat", seat.id())?, at });
        let user = u64::from(reserve.user.0);
        Ok(credit.map(|credit| Credited {
            to: user,
            source: user,
            kind: "BONUS",
            amount: reserve.released,
            pool: Some(seat.pool_id()),
            seat: Some(seat),
            depth: None,
            credit: Some(credit),
            fund: Account::reserved(seat),
        }))
    }

    /// The reward's row, and its posting.
    fn write(
        &mut self,
        credited: Credited,
        entry: &Entry,
        ordinal: usize,
    ) -> Result<Posting, ProgrammeError> {
        let beyond = |_| ProgrammeError::Beyond { what: "ordinal", number: ordinal as u64 };
        self.rows.rewards.push(RewardRow {
            seq: signed("seq", entry.seq)?,
            ordinal: i32::try_from(ordinal).map_err(beyond)?,
            user: signed("user", credited.to)?,
            source: signed("user", credited.source)?,
            pool: credited.pool.map(|pool| signed("pool", pool)).transpose()?,
            seat: credited.seat.map(|seat| signed("seat", seat.id())).transpose()?,
            kind: credited.kind,
            depth: credited.depth.map(|depth| small("depth", depth)).transpose()?,
            amount: credited.amount,
            cumulative: credited.credit.map(|credit| credit.cumulative),
            at: signed("time", entry.time)?,
        });
        let credit = match (credited.credit, credited.seat) {
            (None, Some(seat)) => Account::reserved(seat),
            (None, None) | (Some(_), _) => Account::payable(credited.to),
        };
        Ok(Posting { debit: credited.fund, credit, amount: credited.amount })
    }
}

/// The value of a directive without effect is the company's.
fn directive(amount: Amount, credit: Option<Credit>) -> Credited {
    let (pool, seat, depth, fund) = (None, None, None, Account::FUNDS);
    Credited { to: 0, source: 0, kind: "DIRECTIVE", amount, pool, seat, depth, credit, fund }
}

/// The seat of that level that the entry brought; an entry brings one of a level at most.
fn taken_at(judgement: &Judgement, level: u32) -> Option<SeatRef> {
    judgement.records().find_map(|record| match record {
        Record::Seat(taken) if taken.seat.level == level => Some(taken.seat),
        Record::Seat(_)
        | Record::Reward(_)
        | Record::Completed(_)
        | Record::Reserve(_)
        | Record::Vested { .. }
        | Record::Rank { .. }
        | Record::Order(_) => None,
    })
}

/// A kind's name in the database; one by one, so that a new kind does not compile until the database knows it.
fn name(kind: RewardKind) -> Result<&'static str, ProgrammeError> {
    Ok(match kind {
        RewardKind::Direct => "DIRECT",
        RewardKind::PoolL1 => "POOL_L1",
        RewardKind::PoolL2 => "POOL_L2",
        RewardKind::PoolL3 => "POOL_L3",
        RewardKind::PoolBreakage => "POOL_BREAKAGE",
        RewardKind::PoolCompany => "POOL_COMPANY",
        RewardKind::SeatRefund => "SEAT_REFUND",
        RewardKind::Level => "LEVEL",
        RewardKind::LevelBreakage => "LEVEL_BREAKAGE",
        RewardKind::CompanyFee => "COMPANY_FEE",
        RewardKind::Grant => "GRANT",
        RewardKind::Refused => "REFUSED",
        RewardKind::Unilevel
        | RewardKind::Retained
        | RewardKind::Rank
        | RewardKind::Infinity
        | RewardKind::Staking
        | RewardKind::Principal => return Err(foreign(kind.name())),
    })
}

/// What no plan that the contract can carry out brings.
fn foreign(what: &'static str) -> ProgrammeError {
    ProgrammeError::Foreign { what }
}

/// The engine's place as the ledger's, which has the ids.
pub(super) fn place(seat: SeatRef) -> Result<Seat, ProgrammeError> {
    let beyond = |what, number: u64| ProgrammeError::Beyond { what, number };
    let narrow = |what, number: u32| u16::try_from(number).map_err(|_| beyond(what, u64::from(number)));
    Ok(Seat {
        level: narrow("level", seat.level)?,
        tree: narrow("tree", seat.tree)?,
        index: u32::try_from(seat.index).map_err(|_| beyond("seat index", seat.index))?,
    })
}

fn small(what: &'static str, number: u32) -> Result<i32, ProgrammeError> {
    i32::try_from(number).map_err(|_| ProgrammeError::Beyond { what, number: u64::from(number) })
}
