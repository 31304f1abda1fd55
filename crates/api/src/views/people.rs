//! Users, what is theirs, and who is below them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Finality, Moment, UserRef, Wallet, Wei};
use crate::role::Role;
use crate::store::people::{Person, Referral};

/// A wallet, and who it is in the programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The wallet.
    pub wallet: Wallet,
    /// The user's number; null while no registration of the wallet is final.
    pub id: Option<i64>,
    /// `active`, `frozen`, or `pending` if the plan refused the registration; null while not registered.
    #[schema(example = "active")]
    pub status: Option<String>,
    /// Whether the user takes part in the programme.
    pub participant: bool,
    /// Who referred the user.
    pub sponsor: Option<UserRef>,
    /// What the wallet may do here.
    pub roles: Vec<Role>,
    /// Whether the user has paid again, and so takes part in level income.
    pub has_retopup: bool,
    /// The entry of the contract's history that registered the wallet.
    pub registered_seq: Option<i64>,
}

impl User {
    /// A wallet as the books know it, or do not.
    pub fn new(wallet: banyan_types::Address, person: Option<&Person>, roles: Vec<Role>) -> User {
        User {
            wallet: Wallet(wallet),
            id: person.map(|person| person.id),
            status: person.map(|person| person.status.clone()),
            participant: person.is_some_and(|person| person.participant),
            sponsor: person.and_then(|person| person.sponsor).map(UserRef::from),
            roles,
            has_retopup: person.is_some_and(|person| person.has_retopup),
            registered_seq: person.and_then(|person| person.registered_seq),
        }
    }
}

/// What a user has, has had, and will have. All in wei.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Balances {
    /// `BNB`.
    pub currency: &'static str,
    /// May be paid now, and is in no batch.
    pub payable: Wei,
    /// In a batch that is not finished.
    pub in_batch: Wei,
    /// Held back for the next tickets of the user's seats.
    pub reserved: Wei,
    /// Owed by the contract, because the wallet did not take it: call `withdrawOwed`.
    pub owed: Wei,
    /// All that the contract ever sent or made owed.
    pub paid: Wei,
    /// All that was ever earned.
    pub entitlement: Wei,
    /// All that arrived in a wallet.
    pub withdrawn: Wei,
    /// Earned from the payments of own referrals.
    pub direct_income: Wei,
    /// Earned from the pool.
    pub pool_income: Wei,
    /// Earned from the retopups below.
    pub level_income: Wei,
    /// What is held back, by pool level.
    pub reserved_by_level: Vec<ReservedLevel>,
}

/// What is held back at one pool level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReservedLevel {
    /// Pool level.
    pub level: i32,
    /// How much.
    pub amount: Wei,
}

/// A user's profile.
#[derive(Serialize, ToSchema)]
pub struct Profile {
    /// Who.
    pub user: User,
    /// What is theirs.
    pub balances: Balances,
    /// Whom they referred.
    pub referrals: ReferralCount,
    /// Where they sit in the pool.
    pub seats: SeatList,
    /// As of when.
    pub finality: Finality,
}

/// How many were referred.
#[derive(Serialize, ToSchema)]
pub struct ReferralCount {
    /// Direct referrals who take part.
    pub count: i32,
}

/// A user's seats.
#[derive(Serialize, ToSchema)]
pub struct SeatList {
    /// How many are listed.
    pub count: usize,
    /// By level, tree and index; 100 at most.
    pub items: Vec<SeatRef>,
}

/// One seat of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatRef {
    /// Pool level.
    pub level: i32,
    /// Number of the tree.
    pub tree: i32,
    /// Breadth-first index.
    pub index: i64,
    /// `active`, or `completed` when the board has filled.
    #[schema(example = "active")]
    pub status: String,
    /// The entry of the history that completed it.
    pub completed_seq: Option<i64>,
}

/// A page of direct referrals, in order of registration.
#[derive(Serialize, ToSchema)]
pub struct Referrals {
    /// The referrals.
    pub items: Vec<ReferralItem>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// All direct referrals.
    pub total: u64,
    /// As of when.
    pub finality: Finality,
}

/// A direct referral.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReferralItem {
    /// The user's number.
    pub id: i64,
    /// The wallet.
    pub wallet: Wallet,
    /// `active`, `frozen` or `pending`.
    pub status: String,
    /// Whether the user takes part.
    pub participant: bool,
    /// Whom they referred themselves.
    pub referral_count: i32,
    /// Whether they have paid again.
    pub has_retopup: bool,
    /// When they registered.
    pub registered_at: Moment,
}

impl From<Referral> for ReferralItem {
    fn from(referral: Referral) -> ReferralItem {
        ReferralItem {
            id: referral.id,
            wallet: Wallet(referral.wallet),
            status: referral.status,
            participant: referral.participant,
            referral_count: referral.referral_count,
            has_retopup: referral.has_retopup,
            registered_at: Moment(referral.registered_at),
        }
    }
}

/// A user's place in both trees.
#[derive(Serialize, ToSchema)]
pub struct Trees {
    /// The referral tree below the user.
    pub root: TreeNode,
    /// Whether people were left out because there are more than 1,000.
    pub truncated: bool,
    /// The user's seats with their boards; 20 at most.
    pub seats: Vec<SeatBoard>,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

/// A person in the referral tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TreeNode {
    /// The user's number.
    pub id: i64,
    /// The wallet.
    pub wallet: Wallet,
    /// `active`, `frozen` or `pending`.
    pub status: String,
    /// Direct referrals, also those deeper than asked for.
    pub referral_count: i32,
    /// Direct referrals down to the depth asked for.
    #[schema(no_recursion)]
    pub children: Vec<TreeNode>,
}

/// A seat with who sits below it.
#[derive(Serialize, ToSchema)]
pub struct SeatBoard {
    /// Pool level.
    pub level: i32,
    /// Number of the tree.
    pub tree: i32,
    /// Breadth-first index.
    pub index: i64,
    /// `active` or `completed`.
    pub status: String,
    /// What is held back for its next ticket.
    pub reserved: Wei,
    /// The descendants in three layers, by position.
    pub board: Vec<BoardPlace>,
}

/// One place of a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardPlace {
    /// 1 and 2 are the children, 3 to 6 the next layer, 7 to 14 the last.
    pub position: i64,
    /// Breadth-first index in the tree.
    pub index: i64,
    /// Who sits there; null while it is free.
    pub user: Option<UserRef>,
}

/// Builds the nested tree from people in order of depth, the root first.
pub fn nest(people: &[Referral]) -> Option<TreeNode> {
    let (root, rest) = people.split_first()?;
    let mut children: std::collections::BTreeMap<i64, Vec<TreeNode>> = std::collections::BTreeMap::new();
    // From the deepest up: when a person is reached, everyone below has been gathered.
    for person in rest.iter().rev() {
        let mut below = children.remove(&person.id).unwrap_or_default();
        below.reverse();
        if let Some(sponsor) = person.sponsor {
            children.entry(sponsor).or_default().push(node(person, below));
        }
    }
    let mut below = children.remove(&root.id).unwrap_or_default();
    below.reverse();
    Some(node(root, below))
}

fn node(person: &Referral, children: Vec<TreeNode>) -> TreeNode {
    TreeNode {
        id: person.id,
        wallet: Wallet(person.wallet),
        status: person.status.clone(),
        referral_count: person.referral_count,
        children,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64, sponsor: i64) -> Referral {
        Referral {
            id,
            sponsor: Some(sponsor),
            wallet: banyan_types::Address::ZERO,
            status: "active".to_owned(),
            participant: true,
            referral_count: 0,
            has_retopup: false,
            registered_at: time::OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn people_are_nested_under_their_sponsors_in_order_of_registration() {
        let tree =
            nest(&[person(1, 0), person(2, 1), person(3, 1), person(4, 2), person(6, 2), person(5, 3)])
                .unwrap();
        let ids = |node: &TreeNode| node.children.iter().map(|child| child.id).collect::<Vec<_>>();
        assert_eq!(ids(&tree), [2, 3]);
        assert_eq!(ids(&tree.children[0]), [4, 6]);
        assert_eq!(ids(&tree.children[1]), [5]);
        assert_eq!(nest(&[]), None);
    }
}
