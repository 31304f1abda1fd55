//! Positions in a snapshot, in order of their events. What an open one has earned follows from the time.

use banyan_types::Amount;

use super::{Position, Staking, StakingPlan};
use crate::books::minus;
use crate::calendar::{LAST_DAY, day};
use crate::participants::Participants;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};
use crate::{EventId, UserId};

const CLOSED: u64 = 1;

impl Staking {
    /// Writes all positions.
    pub(crate) fn save(&self, out: &mut Writer) {
        out.count(self.all.len());
        let (mut next_event, mut opened, mut user) = (0, 0, UserId::COMPANY);
        for (place, position) in (0..).zip(&self.all) {
            let is_open = self.open.contains(&place);
            let gap = u64::from(position.event.0) - next_event;
            out.number(gap << 1 | u64::from(!is_open));
            out.number((position.opened - opened) as u64);
            out.step(user, position.user);
            out.amount(position.principal);
            if !is_open {
                out.amount(position.paid);
            }
            (next_event, opened, user) = (u64::from(position.event.0) + 1, position.opened, position.user);
        }
    }

    /// Reads what [`Staking::save`] wrote at `now`; events have numbers below `events`.
    pub(crate) fn restore(
        input: &mut Reader<'_>,
        plan: Option<&StakingPlan>,
        people: &Participants,
        (events, now): (u32, i64),
    ) -> Result<Staking, Fault> {
        let count = input.count()?;
        let Some(plan) = plan else {
            expect(count == 0, "no position without [staking]")?;
            return Ok(Staking::default());
        };
        let today = day(now).max(0);
        let mut staking = Staking { paid_until: today, ..Staking::default() };
        let (mut next_event, mut opened, mut user) = (0, 0, UserId::COMPANY);
        for place in 0..count as u32 {
            let number = input.number()?;
            let event = next_event + (number >> 1);
            expect(event < events.into(), "a position's event among the events")?;
            opened += input.below((today - opened + 1) as u64, "a position opened by now")? as i64;
            user = input.step(user)?;
            expect(people.is_registered(user), "a participant's position")?;
            let principal = input.payment()?;
            let earned = plan.interest(principal, (today - opened - 1).max(0));
            let paid = if number & CLOSED > 0 { Some(input.amount()?) } else { earned };
            let paid = paid.filter(|paid| *paid >= Amount::ZERO).ok_or(Fault("interest within the range"))?;
            staking.all.push(Position { event: EventId(event as u32), user, principal, opened, paid });
            if number & CLOSED == 0 {
                staking.open.insert(place);
            }
            next_event = event + 1;
        }
        Ok(staking)
    }

    /// The principals of open positions.
    pub(crate) fn staked(&self) -> Option<Amount> {
        Amount::sum(self.all_open().map(|position| position.principal))
    }

    /// What open positions may yet earn; `None` beyond the range of amounts.
    pub(crate) fn outstanding(&self, plan: &StakingPlan) -> Option<Amount> {
        let most = |position: &Position| plan.interest(position.principal, LAST_DAY);
        self.all_open()
            .try_fold(Amount::ZERO, |sum, position| sum.checked_add(minus(most(position)?, position.paid)))
    }

    fn all_open(&self) -> impl Iterator<Item = &Position> {
        self.open.iter().map(|place| &self.all[*place as usize])
    }
}
