//! The unilevel bonus: a purchase's shares for the active sponsors above the buyer.

mod plan;

pub(crate) use plan::{Inactive, UnilevelPlan};

use banyan_types::Amount;

use crate::UserId;
use crate::books::{Books, plus};
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};

/// What is shared out.
pub(crate) struct Base {
    pub(crate) buyer: UserId,
    pub(crate) amount: Amount,
}

/// Pays the shares of a purchase to `upline`, nearest sponsor first; what was paid comes back.
pub(crate) fn pay(
    plan: &UnilevelPlan,
    base: &Base,
    upline: impl Iterator<Item = UserId>,
    is_active: impl Fn(UserId) -> bool,
    books: &mut Books,
) -> Amount {
    let shares = (1..).zip(plan.shares.iter().map(|share| base.amount.share(*share)));
    let mut paid = Amount::ZERO;
    let mut pay = |to: UserId, depth: u32, amount: Amount| {
        books.reward(reward(base, to, depth, amount));
        paid = plus(paid, amount);
    };
    match plan.inactive {
        Inactive::Compress => {
            let takers = upline.filter(|sponsor| is_active(*sponsor));
            shares.zip(takers).for_each(|((depth, amount), sponsor)| pay(sponsor, depth, amount));
        }
        Inactive::None => {
            let takers = shares.zip(upline).filter(|(_, sponsor)| is_active(*sponsor));
            takers.for_each(|((depth, amount), sponsor)| pay(sponsor, depth, amount));
        }
        Inactive::RollUp => {
            let mut carried = Amount::ZERO;
            for ((depth, amount), sponsor) in shares.zip(upline) {
                carried = plus(carried, amount);
                if is_active(sponsor) {
                    pay(sponsor, depth, std::mem::take(&mut carried));
                }
            }
        }
    }
    paid
}

fn reward(base: &Base, to: UserId, depth: u32, amount: Amount) -> Reward {
    Reward {
        kind: RewardKind::Unilevel,
        to,
        amount,
        source: base.buyer,
        state: RewardState::Payable,
        detail: Detail::Depth(depth),
        fund: Fund::Payment,
    }
}
