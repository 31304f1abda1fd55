//! Level income: a retopup's pot, split over the sponsors above the payer.

mod lint;
mod plan;

pub use plan::{Ineligible, RetopupPlan};

use crate::UserId;
use crate::books::{Books, minus};
use crate::explain::arithmetic::Step;
use crate::explain::trace::{Ground, Pass, Rule, Topic, Trace};
use crate::participants::Participants;
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};

use banyan_types::Amount;

/// Splits a retopup of `user`, whose payment the books have already begun: level n goes to its taker; where there is
/// none, to the company. What flooring leaves is the company's too.
pub(crate) fn pay(retopup: &RetopupPlan, people: &Participants, books: &mut Books, user: UserId) {
    let rule = Rule::Level {
        levels: retopup.level_amounts.len() as u32,
        compress: retopup.ineligible == Ineligible::Compress,
    };
    let topic = Topic::Retopup { payer: user, amount: retopup.amount };
    books.tell(move |trace| {
        trace.topic(topic);
        trace.rule(rule);
    });
    let mut upline = people.upline(user);
    let mut fee = retopup.amount;
    for (depth, amount) in (1..).zip(&retopup.level_amounts) {
        let (kind, to) = match taker(retopup, people, books, &mut upline, depth) {
            Some(sponsor) => (RewardKind::Level, sponsor),
            None => (RewardKind::LevelBreakage, UserId::COMPANY),
        };
        books.tell(move |trace| tell_share(trace, retopup, depth));
        books.reward(reward(kind, to, *amount, user, Detail::Depth(depth)));
        fee = minus(fee, *amount);
    }
    books.tell(move |trace| {
        let parts = retopup.level_amounts.clone();
        trace.step(Step::less("what the levels leave of the retopup", retopup.amount, parts, fee));
    });
    books.reward(reward(RewardKind::CompanyFee, UserId::COMPANY, fee, user, Detail::None));
}

/// Who takes a level's share. A sponsor is eligible who has an earlier retopup; the company is no sponsor here, the
/// walk ends below it.
fn taker(
    retopup: &RetopupPlan,
    people: &Participants,
    books: &mut Books,
    upline: &mut impl Iterator<Item = UserId>,
    depth: u32,
) -> Option<UserId> {
    for sponsor in upline {
        if people.has_retopup(sponsor) {
            books.tell(move |trace| trace.ground(Ground::HasRetopup(sponsor)));
            return Some(sponsor);
        }
        books.tell(move |trace| {
            let lost = retopup.level_amounts[depth as usize - 1];
            trace.passed(sponsor, Pass::NoRetopup { depth, lost });
        });
        if retopup.ineligible == Ineligible::Company {
            books.tell(move |trace| trace.ground(Ground::Ineligible(sponsor)));
            return None;
        }
    }
    books.tell(|trace| trace.ground(Ground::ChainEnds));
    None
}

fn tell_share(trace: &mut Trace, retopup: &RetopupPlan, depth: u32) {
    let place = depth as usize - 1;
    let pot = retopup.amount.share(retopup.pot_share);
    trace.step(Step::share("the pot of the retopup", retopup.amount, retopup.pot_share, pot));
    let (share, amount) = (retopup.shares[place], retopup.level_amounts[place]);
    trace.step(Step::share("the level's share of the pot", pot, share, amount));
}

fn reward(kind: RewardKind, to: UserId, amount: Amount, source: UserId, detail: Detail) -> Reward {
    let (state, fund) = (RewardState::Payable, Fund::Payment);
    Reward { kind, to, amount, source, state, detail, fund }
}
