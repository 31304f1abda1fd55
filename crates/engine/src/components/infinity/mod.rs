//! The infinity bonus: once a month, those of higher rank share a part of what was bought below them.
//!
//! On the way up from each purchase of the month, an active sponsor of rank gets what her rank's share exceeds the
//! highest share before her. Few have such a rank: the next of them above anybody is looked for once a month and then
//! remembered, so those without are walked past once, however many purchases lie below them.

mod lint;
mod plan;

pub(crate) use plan::InfinityPlan;

use std::collections::BTreeMap;

use banyan_types::{Amount, Bps};

use crate::UserId;
use crate::books::{Books, plus};
use crate::calendar::Month;
use crate::explain::trace::{Fact, Part, Pass, Rule, Topic};
use crate::participants::Participants;
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};

/// Vested purchases by month, until the month is shared out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Infinity {
    months: BTreeMap<Month, Vec<(UserId, Amount)>>,
}

impl Infinity {
    /// Notes a vested purchase of that month.
    pub(crate) fn note(&mut self, month: Month, buyer: UserId, amount: Amount) {
        self.months.entry(month).or_default().push((buyer, amount));
    }

    /// The oldest month that is not shared out, and what was bought in it.
    pub(crate) fn oldest(&self) -> Option<Month> {
        self.months.first_key_value().map(|(month, _)| *month)
    }

    /// What was bought in all months that are not shared out; `None` beyond the range of amounts.
    pub(crate) fn outstanding(&self) -> Option<Amount> {
        Amount::sum(self.months.values().flatten().map(|(_, amount)| *amount))
    }

    /// Shares out the oldest month; `share_of` is a participant's share then, 0 for those without rank or activity, who
    /// is active for `days` days by a purchase.
    pub(crate) fn share_out(
        &mut self,
        plan: &InfinityPlan,
        people: &Participants,
        books: &mut Books,
        days: i64,
        share_of: impl Fn(UserId, &mut Books) -> Bps,
    ) -> Vec<Reward> {
        let Some((month, purchases)) = self.months.pop_first() else { return Vec::new() };
        books.tell(move |trace| {
            trace.topic(Topic::Month { month });
            trace.rule(Rule::Infinity { days });
        });
        let mut takers = Takers::new(people, share_of);
        let mut earned: BTreeMap<UserId, Amount> = BTreeMap::new();
        for (buyer, amount) in purchases {
            let mut top = Bps::ZERO;
            let mut above = takers.above(buyer, books);
            while let Some((taker, share)) = above.filter(|_| top < plan.highest) {
                if let Some(gain) = share.get().checked_sub(top.get()).filter(|gain| *gain > 0) {
                    let result = amount.share(Bps::new(gain).expect("a part of a share is a share"));
                    let part = Part { buyer, of: amount, share, top, result };
                    books.tell(move |trace| trace.facts.push(Fact::Gain { taker, part }));
                    let sum = earned.entry(taker).or_insert(Amount::ZERO);
                    *sum = plus(*sum, result);
                    top = share;
                } else {
                    let part = Part { buyer, of: amount, share, top, result: Amount::ZERO };
                    books.tell(move |trace| trace.passed(taker, Pass::Outranked(part)));
                }
                above = takers.above(taker, books);
            }
        }
        earned.into_iter().map(|(taker, amount)| reward(month, taker, amount)).collect()
    }
}

/// The next sponsor with a share above anybody, remembered for everybody on the way.
struct Takers<'a, F> {
    people: &'a Participants,
    share_of: F,
    /// By participant: nobody knows yet, nobody is there, or who.
    nearest: Vec<Option<Option<(UserId, Bps)>>>,
    walked: Vec<UserId>,
}

impl<'a, F: Fn(UserId, &mut Books) -> Bps> Takers<'a, F> {
    fn new(people: &'a Participants, share_of: F) -> Takers<'a, F> {
        Takers { people, share_of, nearest: vec![None; people.known()], walked: Vec::new() }
    }

    /// The nearest sponsor above `user` with a share.
    fn above(&mut self, user: UserId, books: &mut Books) -> Option<(UserId, Bps)> {
        let mut found = None;
        let mut at = user;
        loop {
            if let Some(known) = self.nearest[at.index()] {
                found = known;
                break;
            }
            self.walked.push(at);
            let sponsor = self.people.sponsor(at).filter(|sponsor| *sponsor != UserId::COMPANY);
            let Some(sponsor) = sponsor else { break };
            let share = (self.share_of)(sponsor, books);
            if share > Bps::ZERO {
                found = Some((sponsor, share));
                break;
            }
            at = sponsor;
        }
        for user in self.walked.drain(..) {
            self.nearest[user.index()] = Some(found);
        }
        found
    }
}

/// What a month brings somebody; no payment funds it.
fn reward(month: Month, to: UserId, amount: Amount) -> Reward {
    Reward {
        kind: RewardKind::Infinity,
        to,
        amount,
        source: UserId::COMPANY,
        state: RewardState::Payable,
        detail: Detail::Month(month),
        fund: Fund::Company,
    }
}
