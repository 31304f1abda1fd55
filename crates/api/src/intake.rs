//! What registering and paying again have in common: the quote, the record, and the answer.

use banyan_entitlement::ContractPlan;
use banyan_signer::protocol::SignedIntake;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::permit::{self, Wanted};
use crate::problem::{Answer, Problem};
use crate::state::App;
use crate::store::intake::{NewPayload, SeatQuote, record as store_payload};
use crate::store::pool::Tree;
use crate::views::intake::{Payload, Quote};
use crate::views::{CURRENCY, Call, Finality, Hash, Moment, Wallet, Wei};

/// The seat that a registration would buy now, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedSeat {
    /// Where.
    pub seat: SeatQuote,
    /// For the registrant's sponsor instead of the registrant.
    pub for_sponsor: bool,
}

/// What is to be prepared, and what the books say about it.
pub struct Preparation<'a> {
    /// What the wallet wants to pay for.
    pub wanted: Wanted,
    /// Its number, if it is registered.
    pub user: Option<i64>,
    /// The plan in force.
    pub plan: &'a ContractPlan,
    /// The seat that it would buy now.
    pub quote: Option<QuotedSeat>,
    /// As of when.
    pub finality: Finality,
}

/// The seat of level 1 that a registration under `sponsor`, who has `referrals` so far, would buy; `newest` is the level's
/// newest tree. `None` when the plan seats nobody on it, or all trees are full.
pub fn quote(plan: &ContractPlan, newest: Option<&Tree>, sponsor: i64, referrals: i32) -> Option<QuotedSeat> {
    let for_sponsor = match plan.sponsor_seat() {
        None => false,
        Some(rule) => {
            let number = u32::try_from(referrals).unwrap_or(u32::MAX).saturating_add(1);
            if sponsor == 0 || number != rule.on_referral {
                return None;
            }
            true
        }
    };
    next_seat(plan, 1, newest).map(|seat| QuotedSeat { seat, for_sponsor })
}

/// The next breadth-first seat of a level, given its newest tree; `None` when all trees are full.
pub fn next_seat(plan: &ContractPlan, level: i32, newest: Option<&Tree>) -> Option<SeatQuote> {
    let at =
        |tree: i32, index: i64| SeatQuote { level, tree, index, parent: (index > 1).then_some(index >> 1) };
    let capacity = capacity(plan);
    match newest {
        Some(tree) if tree.next_index <= capacity => Some(at(tree.tree, tree.next_index)),
        Some(tree) => {
            let trees = i32::try_from(plan.pool().trees).unwrap_or(i32::MAX);
            (tree.tree < trees).then(|| at(tree.tree + 1, 1))
        }
        None => Some(at(1, 1)),
    }
}

/// The last index of a tree.
pub fn capacity(plan: &ContractPlan) -> i64 {
    plan.pool().capacity.and_then(|capacity| i64::try_from(capacity).ok()).unwrap_or(i64::MAX)
}

/// Gets the signer's permission, or the same again while it lasts, and dresses it for its wallet.
pub async fn prepare(app: &App, asked: Preparation<'_>) -> Answer<Payload> {
    let Preparation { wanted, user, plan, quote, finality } = asked;
    let (id, signed) = match permit::unused(app, &wanted, finality.at.0).await? {
        Some(given) => given,
        None => {
            let signed = wanted.sign(app).await?;
            (record(app, &wanted, user, quote, &signed).await?, signed)
        }
    };
    Ok(Payload {
        transaction_id: format!("txn_{id}"),
        digest: Hash(signed.digest),
        signer: Wallet(signed.signer),
        nonce: signed.nonce,
        deadline: signed.deadline,
        expires_at: Moment(expiry(&signed)?),
        quote: quote.and_then(|quoted| dress(quoted, plan)),
        call: Call {
            to: Wallet(app.domain.contract),
            data: wanted.calldata(&signed).to_string(),
            value: Wei(wanted.amount()),
            chain_id: app.domain.chain_id,
            role: None,
        },
        amount: Wei(wanted.amount()),
        currency: CURRENCY,
        plan: Hash(wanted.plan().0),
        finality,
        typed_data: serde_json::to_value(&signed.typed_data).map_err(Problem::internal)?,
        signature: signed.signature.to_string(),
    })
}

async fn record(
    app: &App,
    wanted: &Wanted,
    user: Option<i64>,
    quote: Option<QuotedSeat>,
    signed: &SignedIntake,
) -> Answer<Uuid> {
    let id = Uuid::now_v7();
    let new = NewPayload {
        id,
        wallet: wanted.wallet(),
        user,
        action: wanted.action(),
        payload: &serde_json::to_value(&signed.typed_data).map_err(Problem::internal)?,
        signature: &signed.signature.to_string(),
        nonce: i64::from(signed.nonce),
        expires_at: expiry(signed)?,
        quote: quote.map(|quoted| quoted.seat),
    };
    store_payload(&app.pool, &new).await?;
    Ok(id)
}

fn expiry(signed: &SignedIntake) -> Answer<OffsetDateTime> {
    let deadline = i64::try_from(signed.deadline).ok();
    deadline
        .and_then(|deadline| OffsetDateTime::from_unix_timestamp(deadline).ok())
        .ok_or_else(|| Problem::internal("the signer's deadline is no time"))
}

fn dress(quoted: QuotedSeat, plan: &ContractPlan) -> Option<Quote> {
    let ticket = plan.ticket(u32::try_from(quoted.seat.level).ok()?)?;
    Some(Quote {
        quote: true,
        level: quoted.seat.level,
        tree: quoted.seat.tree,
        index: quoted.seat.index,
        parent: quoted.seat.parent,
        seated: if quoted.for_sponsor { "sponsor" } else { "registrant" },
        ticket: Wei(ticket.whole),
        price: Wei(ticket.price),
        currency: CURRENCY,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(name: &str) -> ContractPlan {
        let path = format!("{}/../../config/plans/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        ContractPlan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn tree(number: i32, next_index: i64) -> Tree {
        Tree {
            level: 1,
            tree: number,
            status: "active".to_owned(),
            seats: 0,
            completions: 0,
            next_index,
            root_user: None,
        }
    }

    fn seat(tree: i32, index: i64, parent: Option<i64>) -> Option<SeatQuote> {
        Some(SeatQuote { level: 1, tree, index, parent })
    }

    #[test]
    fn the_quote_is_the_next_breadth_first_seat() {
        let plan = plan("autopool");
        for (newest, expected) in [
            (None, seat(1, 1, None)),
            (Some(tree(1, 2)), seat(1, 2, Some(1))),
            (Some(tree(1, 15)), seat(1, 15, Some(7))),
        ] {
            assert_eq!(next_seat(&plan, 1, newest.as_ref()), expected);
        }
    }

    #[test]
    fn a_full_tree_opens_the_next_until_all_are_full() {
        let plan = plan("variants/autopool-small");
        let full = capacity(&plan) + 1;
        let trees = i32::try_from(plan.pool().trees).unwrap();
        assert_eq!(next_seat(&plan, 1, Some(&tree(1, full - 1))).unwrap().tree, 1);
        assert_eq!(next_seat(&plan, 1, Some(&tree(1, full))), seat(2, 1, None));
        assert_eq!(next_seat(&plan, 1, Some(&tree(trees, full))), None);
    }

    #[test]
    fn where_the_second_referral_buys_the_seat_it_is_the_sponsors() {
        let plan = plan("autopool-second-referral");
        assert_eq!(quote(&plan, None, 3, 0), None);
        let quoted = quote(&plan, None, 3, 1).unwrap();
        assert!(quoted.for_sponsor);
        assert_eq!(quote(&plan, None, 3, 2), None);
        assert_eq!(quote(&plan, None, 0, 1), None);
    }
}
