//! The machine form of an explanation: what `docs/explain.md` lays down.

use banyan_types::Amount;
use serde::Serialize;

use super::arithmetic::Step;
use super::facts::{Because, Reason};

/// The version of the form. Fields may be added under it; what is there keeps its name and meaning.
pub const EXPLANATION: u32 = 1;

/// Why somebody got what she got of one event, and why no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The version of this form: [`EXPLANATION`].
    pub explanation: u32,
    /// Name of the plan in force.
    pub plan: String,
    /// The money; all amounts are in its smallest unit.
    pub currency: Money,
    /// The event.
    pub event: Cause,
    /// Who is asked about.
    pub user: String,
    /// Every reward that the event brought her, in order.
    pub rewards: Vec<Rewarded>,
    /// What became of her seats' reserves.
    pub reserves: Vec<Settled>,
    /// Why nothing came under the other rules that were at work.
    pub not_paid: Vec<NotPaid>,
    /// How many more of those there were.
    pub not_paid_omitted: usize,
}

/// A currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Money {
    /// Its symbol.
    pub symbol: String,
    /// Digits after the point.
    pub decimals: u8,
}

/// What was paid for: the event, or what the calendar brought with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Cause {
    /// The type of the event; `ticket`, `seat`, `board`, `purchase`, `month`, `position` and `order` besides.
    pub what: &'static str,
    /// The event that it began with: of a purchase its own, of a position the stake, of an order the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// When that was, as far as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whose it is: who paid, bought or sits there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What was paid, in smallest units; of an order with a discount the list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What a customer's discount took off the list price, `amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Amount>,
    /// What was paid after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Amount>,
    /// Level of a ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// The seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<Place>,
    /// The month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
}

/// A seat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// Level of the pool.
    pub level: u32,
    /// Tree of the level.
    pub tree: u32,
    /// Index in the tree.
    pub index: u64,
    /// The event by which it was taken, as far as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<String>,
}

/// A reward, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewarded {
    /// As in the record.
    pub kind: &'static str,
    /// As in the record.
    pub amount: Amount,
    /// `payable`, or `reserved`: kept until a board is complete, and not paid out before.
    pub state: &'static str,
    /// As in the record.
    pub source: String,
    /// Level of the pool, as in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// As in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// Name of the rank, as in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<String>,
    /// Id of the stake, as in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// As in the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// The money that pays it: `payment`, `company`, `stake` or `reserve`.
    pub fund: &'static str,
    /// What was paid for.
    pub cause: Cause,
    /// From the payment to the receiver.
    pub path: Path,
    /// Why the share is hers, and why it is paid in this way.
    pub because: Vec<Said<Because>>,
    /// How the amount is reckoned; the last result is the amount.
    pub arithmetic: Vec<Step>,
    /// Where what is left of the same payment went, rounding included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
}

/// What is left of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rest {
    /// The kind of the record.
    pub kind: &'static str,
    /// Who has it.
    pub to: String,
    /// How much.
    pub amount: Amount,
}

/// What became of a seat's reserve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// For which seat it was kept.
    pub seat: Place,
    /// What bought the next level's ticket.
    pub spent: Amount,
    /// What became payable.
    pub released: Amount,
    /// Why.
    pub because: Vec<Said<Because>>,
    /// How `released` is reckoned.
    pub arithmetic: Vec<Step>,
}

/// Who stands between a payment and the receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Path {
    /// `sponsors`, `seats`, or `none` where the receiver is named by the payment itself.
    pub along: &'static str,
    /// From the payer, or from the new seat, upward; the last is the receiver.
    pub nodes: Vec<Node>,
    /// How many in the middle are not listed.
    pub omitted: usize,
}

/// One on the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// How many steps above the beginning.
    pub above: u32,
    /// Who; for a seat, its owner.
    pub user: String,
    /// Index of the seat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Why she was passed over, if she was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<&'static str>,
}

/// Something, and the same in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Said<T> {
    /// The fact.
    #[serde(flatten)]
    pub fact: T,
    /// The fact as people say it.
    pub says: String,
}

/// Why nothing came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct NotPaid {
    /// The rule that was at work: `direct`, `pool`, `level_income`, `unilevel`, `referral`, `ranks`, `retained`, `infinity`,
    /// `staking`, `orders`, or `event` for the event as such.
    pub rule: &'static str,
    /// What was paid for.
    pub cause: Cause,
    /// The reason.
    #[serde(flatten)]
    pub reason: Said<Reason>,
}
