//! Referral levels: a purchase's shares for the nearest sponsors, whoever of them is not set inactive.

mod lint;
mod plan;

pub(crate) use plan::ReferralPlan;

use banyan_types::Amount;

use crate::UserId;
use crate::books::{Books, plus};
use crate::components::unilevel::Base;
use crate::explain::arithmetic::Step;
use crate::explain::trace::Pass;
use crate::participants::Participants;
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};

/// Pays the shares of a purchase; what was paid comes back. An inactive sponsor uses up her level.
pub(crate) fn pay(plan: &ReferralPlan, base: &Base, people: &Participants, books: &mut Books) -> Amount {
    let mut paid = Amount::ZERO;
    for ((depth, share), sponsor) in (1..).zip(&plan.shares).zip(people.upline(base.buyer)) {
        let amount = base.amount.share(*share);
        if people.is_set_inactive(sponsor) {
            books.tell(move |trace| trace.passed(sponsor, Pass::SetInactive { depth, lost: amount }));
            continue;
        }
        let (of, share) = (base.amount, *share);
        books.tell(move |trace| {
            trace.step(Step::share("the level's share of the purchase", of, share, amount))
        });
        books.reward(reward(base, sponsor, depth, amount));
        paid = plus(paid, amount);
    }
    paid
}

fn reward(base: &Base, to: UserId, depth: u32, amount: Amount) -> Reward {
    Reward {
        kind: if depth == 1 { RewardKind::Direct } else { RewardKind::Level },
        to,
        amount,
        source: base.buyer,
        state: RewardState::Payable,
        detail: Detail::Depth(depth),
        fund: Fund::Payment,
    }
}
