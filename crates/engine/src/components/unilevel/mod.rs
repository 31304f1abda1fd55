//! The unilevel bonus: a purchase's shares for the active sponsors above the buyer.

mod lint;
mod plan;

pub(crate) use plan::{Inactive, UnilevelPlan};

use banyan_types::{Amount, Bps};

use crate::UserId;
use crate::books::{Books, plus};
use crate::components::activity::Seen;
use crate::explain::arithmetic::Step;
use crate::explain::trace::{Ground, Pass, Rule};
use crate::record::{Detail, Fund, Reward, RewardKind, RewardState};

/// What is shared out.
pub(crate) struct Base {
    /// When it was bought.
    pub(crate) at: i64,
    pub(crate) buyer: UserId,
    pub(crate) amount: Amount,
}

impl UnilevelPlan {
    /// The rule, for those whom a purchase makes active for `days` days.
    pub(crate) fn rule(&self, days: i64) -> Rule {
        let inactive = match self.inactive {
            Inactive::Compress => "compress",
            Inactive::None => "none",
            Inactive::RollUp => "roll-up",
        };
        Rule::Unilevel { levels: self.shares.len() as u32, inactive, days }
    }
}

/// Pays the shares of a purchase to `upline`, nearest sponsor first; what was paid comes back.
pub(crate) fn pay(
    plan: &UnilevelPlan,
    base: &Base,
    mut upline: impl Iterator<Item = UserId>,
    activity: impl Fn(UserId) -> Seen,
    books: &mut Books,
) -> Amount {
    let (mut paid, mut carried) = (Amount::ZERO, Amount::ZERO);
    for (depth, share) in (1..).zip(&plan.shares) {
        let amount = base.amount.share(*share);
        for sponsor in upline.by_ref() {
            let seen = activity(sponsor);
            if seen.is_active {
                let whole = plus(std::mem::take(&mut carried), amount);
                tell_share(books, base, *share, amount, Some(seen));
                books.reward(reward(base, sponsor, depth, whole));
                paid = plus(paid, whole);
                break;
            }
            let pass = Pass::Inactive { depth, lost: amount, seen, at: base.at };
            books.tell(move |trace| trace.passed(sponsor, pass));
            match plan.inactive {
                Inactive::Compress => continue,
                Inactive::None => {}
                Inactive::RollUp => {
                    tell_share(books, base, *share, amount, None);
                    carried = plus(carried, amount);
                }
            }
            break;
        }
    }
    paid
}

/// Tells a share that is paid, or that waits for the next active sponsor.
fn tell_share(books: &mut Books, base: &Base, share: Bps, amount: Amount, paid: Option<Seen>) {
    let (of, at) = (base.amount, base.at);
    books.tell(move |trace| {
        let what =
            if paid.is_some() { "the level's share of the purchase" } else { "a share that rolled up" };
        trace.step(Step::share(what, of, share, amount));
        if let Some(seen) = paid {
            trace.ground(Ground::Active { seen, at });
            trace.total("the level's share and what rolled up to it");
        }
    });
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
