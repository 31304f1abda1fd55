//! Who is active: a participant with an own purchase in the last days, or a direct referral's first purchase ever.
//!
//! Each participant has the purchases that make her active, in order, without refunded ones; those too old to matter
//! to any later question are dropped, so the memory of a participant is bounded by what happens in a few weeks.

mod lint;
mod plan;

pub(crate) use plan::ActivityPlan;

use std::collections::VecDeque;

use super::purchases::{Purchase, PurchaseNo};
use crate::UserId;
use crate::participants::Participants;

/// A purchase that makes somebody active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(crate) no: PurchaseNo,
    pub(crate) at: i64,
}

/// Whether somebody is active, and by which purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) is_active: bool,
    /// The last purchase that makes active, however old, if it is still known.
    pub(crate) last: Option<Sign>,
}

/// What is known of one participant.
#[derive(Clone, Debug, Default, PartialEq)]
struct Signs {
    /// Whether there was an own purchase, refunded or not.
    has_bought: bool,
    recent: VecDeque<Sign>,
}

/// The purchases that make participants active.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Activity {
    of: Vec<Signs>,
}

impl Activity {
    /// Whether a purchase by `user` now is her first ever.
    pub(crate) fn is_first(&self, user: UserId) -> bool {
        self.of.get(user.index()).is_none_or(|signs| !signs.has_bought)
    }

    /// Notes a purchase for the buyer and, if it is her first, for her sponsor. Signs that were `keep` seconds old
    /// matter no more.
    pub(crate) fn note(&mut self, people: &Participants, no: PurchaseNo, purchase: &Purchase, keep: i64) {
        let sign = Sign { no, at: purchase.at };
        self.of(purchase.user).has_bought = true;
        for user in takers(people, purchase) {
            let recent = &mut self.of(user).recent;
            while recent.front().is_some_and(|oldest| oldest.at <= sign.at - keep) {
                recent.pop_front();
            }
            recent.push_back(sign);
        }
    }

    /// Forgets a purchase that was refunded.
    pub(crate) fn forget(&mut self, people: &Participants, no: PurchaseNo, purchase: &Purchase) {
        for user in takers(people, purchase) {
            let recent = &mut self.of(user).recent;
            if let Ok(place) = recent.binary_search_by_key(&no, |sign| sign.no) {
                recent.remove(place);
            }
        }
    }

    /// Whether `user` is active as of a purchase: by that one or one before it, less than `seconds` older.
    pub(crate) fn as_of(&self, user: UserId, no: PurchaseNo, at: i64, seconds: i64) -> Seen {
        Seen::new(self.last(user, |sign| sign.no <= no), at, seconds)
    }

    /// Whether `user` was active at the end of a month: by a purchase before it, less than `seconds` older.
    pub(crate) fn at_end(&self, user: UserId, end: i64, seconds: i64) -> Seen {
        Seen::new(self.last(user, |sign| sign.at < end), end, seconds)
    }

    /// The last of the signs for which `is_before` holds; it holds for the first of them, or for none.
    fn last(&self, user: UserId, is_before: impl Fn(&Sign) -> bool) -> Option<Sign> {
        let recent = &self.of.get(user.index())?.recent;
        recent.get(recent.partition_point(is_before).checked_sub(1)?).copied()
    }

    fn of(&mut self, user: UserId) -> &mut Signs {
        if self.of.len() <= user.index() {
            self.of.resize(user.index() + 1, Signs::default());
        }
        &mut self.of[user.index()]
    }
}

impl Seen {
    fn new(last: Option<Sign>, at: i64, seconds: i64) -> Seen {
        Seen { is_active: last.is_some_and(|sign| at - sign.at < seconds), last }
    }
}

/// Whom a purchase makes active.
fn takers(people: &Participants, purchase: &Purchase) -> impl Iterator<Item = UserId> {
    let sponsor = people.sponsor(purchase.user).filter(|sponsor| *sponsor != UserId::COMPANY);
    std::iter::once(purchase.user).chain(sponsor.filter(|_| purchase.first))
}
