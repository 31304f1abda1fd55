//! The sponsor tree in a snapshot: one number a user. How many each has referred is counted anew.

use super::{FLAGS, NOBODY, Participant, Participants};
use crate::UserId;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};

impl Participants {
    /// Writes all users but the company.
    pub(crate) fn save(&self, out: &mut Writer) {
        out.count(self.known.len() - 1);
        for known in &self.known[1..] {
            let flags = u64::from(known.referrals & FLAGS);
            let number = (u64::from(known.sponsor) << FLAGS.count_ones() | flags) + 1;
            out.number(if known.is_registered() { number } else { 0 });
        }
    }

    /// Reads what [`Participants::save`] wrote; there are `users` names.
    pub(crate) fn restore(input: &mut Reader<'_>, users: u32) -> Result<Participants, Fault> {
        let count = input.count()?;
        expect(count < users as usize, "no more participants than names")?;
        let mut people = Participants { known: vec![Participant::STRANGER] };
        people.known.reserve_exact(count);
        for _ in 0..count {
            let known = match input.number()?.checked_sub(1) {
                None => Participant::STRANGER,
                Some(number) => {
                    let sponsor = u32::try_from(number >> FLAGS.count_ones()).ok();
                    let sponsor = sponsor.filter(|sponsor| *sponsor != NOBODY).ok_or(Fault("a sponsor"))?;
                    Participant { sponsor, referrals: number as u32 & FLAGS }
                }
            };
            people.known.push(known);
        }
        let ends_in_stranger = people.known.len() > 1 && people.known.last() == Some(&Participant::STRANGER);
        expect(!ends_in_stranger, "a participant as the last user")?;
        people.count_referrals()?;
        people.check_ends_at_company()?;
        Ok(people)
    }

    /// All participants, each after everybody below her.
    pub(crate) fn bottom_up(&self) -> Vec<UserId> {
        let mut below: Vec<u32> = (0..self.known.len() as u32).map(|id| self.referrals(UserId(id))).collect();
        let participants = (1..self.known.len() as u32).map(UserId).filter(|user| self.is_registered(*user));
        let mut order: Vec<UserId> = participants.filter(|user| below[user.index()] == 0).collect();
        let mut next = 0;
        while let Some(user) = order.get(next).copied() {
            next += 1;
            let sponsor = self.sponsor(user).expect("only participants are listed");
            below[sponsor.index()] -= 1;
            if sponsor != UserId::COMPANY && below[sponsor.index()] == 0 {
                order.push(sponsor);
            }
        }
        order
    }

    fn count_referrals(&mut self) -> Result<(), Fault> {
        for user in (1..self.known.len() as u32).map(UserId) {
            if let Some(sponsor) = self.sponsor(user) {
                let known = sponsor == UserId::COMPANY || self.is_registered(sponsor);
                expect(known, "a registered sponsor")?;
                self.known[sponsor.index()].refer();
            }
        }
        Ok(())
    }

    /// Every way up must end at the company, or a walk would not.
    fn check_ends_at_company(&self) -> Result<(), Fault> {
        /// Not walked yet; otherwise the walk that came by.
        const NEW: u32 = u32::MAX;
        let mut walked = vec![NEW; self.known.len()];
        for start in 1..self.known.len() as u32 {
            let mut at = UserId(start);
            while at != UserId::COMPANY && walked[at.index()] == NEW {
                walked[at.index()] = start;
                at = self.sponsor(at).unwrap_or(UserId::COMPANY);
            }
            let in_a_circle = at != UserId::COMPANY && walked[at.index()] == start;
            expect(!in_a_circle, "sponsors that lead up to the company")?;
        }
        Ok(())
    }
}
