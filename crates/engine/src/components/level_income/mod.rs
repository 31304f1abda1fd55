//! Level income: a retopup's pot, split over the sponsors above the payer.

mod plan;

pub use plan::{Ineligible, RetopupPlan};

use crate::UserId;
use crate::books::{Books, minus};
use crate::participants::Participants;
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};

use banyan_types::Amount;

/// Splits a retopup of `user`, whose payment the books have already begun.
///
/// A sponsor is eligible who has an earlier retopup. The company is no sponsor here: the walk ends below it.
pub(crate) fn pay(retopup: &RetopupPlan, people: &Participants, books: &mut Books, user: UserId) {
    match retopup.ineligible {
        Ineligible::Company => {
            let takers = people.upline(user).map(|sponsor| people.has_retopup(sponsor).then_some(sponsor));
            split(retopup, takers, books, user);
        }
        Ineligible::Compress => {
            let takers = people.upline(user).filter(|sponsor| people.has_retopup(*sponsor)).map(Some);
            split(retopup, takers, books, user);
        }
    }
}

/// Level n goes to the nth taker; where there is none, to the company. What flooring leaves is the company's too.
fn split(
    retopup: &RetopupPlan,
    mut takers: impl Iterator<Item = Option<UserId>>,
    books: &mut Books,
    user: UserId,
) {
    let mut fee = retopup.amount;
    for (depth, amount) in (1..).zip(&retopup.level_amounts) {
        let (kind, to) = match takers.next().flatten() {
            Some(sponsor) => (RewardKind::Level, sponsor),
            None => (RewardKind::LevelBreakage, UserId::COMPANY),
        };
        books.reward(reward(kind, to, *amount, user, Detail::Depth(depth)));
        fee = minus(fee, *amount);
    }
    books.reward(reward(RewardKind::CompanyFee, UserId::COMPANY, fee, user, Detail::None));
}

fn reward(kind: RewardKind, to: UserId, amount: Amount, source: UserId, detail: Detail) -> Reward {
    let (state, fund) = (RewardState::Payable, Fund::Payment);
    Reward { kind, to, amount, source, state, detail, fund }
}
