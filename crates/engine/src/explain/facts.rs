//! The facts behind a reward, and the reasons for nothing, in the machine form.

use banyan_types::Amount;
use serde::Serialize;

use super::answer::Place;
use crate::EventId;

/// A fact behind a reward.
#[allow(
    missing_docs,
    reason = "a field is named as in the machine form, whose meaning docs/explain.md lays down"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Because {
    /// The receiver referred this participant, whose ticket, entry or order it is.
    SponsorOf { user: String },
    /// The entry is this referral of the sponsor's; only number `seats` buys her a seat.
    ReferralNumber { number: u32, seats: u32 },
    /// Every tree of the level is full: the price goes back.
    AllTreesFull { level: u32, trees: u32 },
    /// The receiver's seat lies so far above the new one, which has this position on its board.
    SeatAbove { seat: Place, new: u64, distance: u32, position: u64 },
    /// The position is one of those that pay into the reserve.
    Reserved,
    /// There is no seat so far above.
    NoSeat { new: u64, distance: u32 },
    /// The receiver has an earlier retopup.
    EarlierRetopup {
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<String>,
    },
    /// Nobody is so far above.
    NobodyThere,
    /// Who is there has no earlier retopup.
    Ineligible { user: String },
    /// The receiver was active by this purchase, her own or a direct referral's first.
    ActiveBy { purchase: String, buyer: String, own: bool, seconds_older: i64 },
    /// Her legs (strongest, second, rest) bring what the rank asks.
    Legs { rank: String, brought: [Amount; 3], asked: [Amount; 3] },
    /// Her rank has this share, in basis points.
    RankShare {
        rank: String,
        bps: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        reached_by: Option<String>,
    },
    /// The board is complete: its reserve meets the next ticket, if there is a level above.
    BoardComplete {
        reserve: Amount,
        #[serde(skip_serializing_if = "Option::is_none")]
        ticket: Option<Amount>,
    },
    /// The plan refused the payment.
    Refused { why: String },
}

/// A reason for nothing.
#[allow(
    missing_docs,
    reason = "a field is named as in the machine form, whose meaning docs/explain.md lays down"
)]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// She has not registered.
    NotAParticipant,
    /// The event concerns nobody's rewards.
    NothingToPay { event: &'static str },
    /// The payment went back to its payer.
    PaymentRefused { payer: String, why: String },
    /// The purchase can still be refunded: nothing is paid on it before `until`.
    NotVested {
        purchase: String,
        until: String,
        /// The event with which it vested later, and under which its rewards are recorded.
        #[serde(skip_serializing_if = "Option::is_none")]
        vested_with: Option<String>,
        /// The event that gave it back later.
        #[serde(skip_serializing_if = "Option::is_none")]
        refunded_by: Option<String>,
        #[serde(skip)]
        number: EventId,
    },
    /// The purchase was given back, so nothing is ever paid on it.
    Refunded { purchase: String },
    /// It was her own payment, which pays those above.
    OwnPayment,
    /// She is not among the sponsors above.
    NotAbove { of: String },
    /// She is further above than the plan has levels.
    BeyondLevels { above: u32, levels: u32 },
    /// So many eligible ones are nearer.
    LevelsTaken { above: u32, levels: u32 },
    /// No earlier retopup: her share goes elsewhere.
    NoEarlierRetopup { above: u32, depth: u32, lost: Amount, goes_to: &'static str },
    /// Not active at that time.
    Inactive {
        above: u32,
        depth: u32,
        lost: Amount,
        goes_to: &'static str,
        days: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        last: Option<LastPurchase>,
        /// Her purchases of the time that would have counted, had they not been given back.
        refunded: Vec<String>,
    },
    /// Set inactive by the operators.
    SetInactive {
        above: u32,
        depth: u32,
        lost: Amount,
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<String>,
    },
    /// None of her seats is above the new one.
    NoSeatAbove { new: Place },
    /// Her nearest seat above is not within the board's layers.
    SeatTooFar { new: Place, seat: u64, distance: u32, layers: u32 },
    /// Another is the sponsor.
    NotTheSponsor { of: String, sponsor: String },
    /// This referral spends the whole entry on a seat for her.
    SeatInstead { number: u32 },
    /// Her share is less than one unit.
    RoundsToNothing,
    /// The rank pays no bonus.
    RankWithoutBonus { rank: String },
    /// Her legs do not bring what the next rank asks.
    RankNotReached { next: String, brought: [Amount; 3], asked: [Amount; 3] },
    /// There is no higher rank.
    HighestRank { rank: String },
    /// Her rank has no share of the month's purchases.
    RankWithoutShare { rank: String },
    /// Not active at the month's end.
    InactiveAtMonthEnd {
        days: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        last: Option<LastPurchase>,
    },
    /// Somebody nearer to the buyer has as high a share.
    Outranked { buyer: String, bps: u16, top: u16 },
    /// On every way up to her, somebody nearer has the plan's highest share.
    HighestShareNearer,
    /// Nobody below her bought.
    NothingBoughtBelow,
    /// Interest comes when the day changes.
    SameDay,
    /// The day of staking earns nothing.
    FirstDay,
    /// She has no open position.
    NoPosition,
    /// The company earned the net amount of an order, which is no reward.
    Earned { net: Amount },
    /// The company takes what is left and nothing else here.
    NothingLeft,
}

impl Reason {
    /// Whether it says something of the user herself: not that she stands elsewhere, nor what became of other people's
    /// money.
    pub fn concerns_her(&self) -> bool {
        match self {
            Reason::NotAParticipant
            | Reason::NothingToPay { .. }
            | Reason::PaymentRefused { .. }
            | Reason::NotVested { .. }
            | Reason::Refunded { .. }
            | Reason::NotAbove { .. }
            | Reason::NoSeatAbove { .. }
            | Reason::NotTheSponsor { .. }
            | Reason::NothingBoughtBelow
            | Reason::SameDay
            | Reason::NoPosition => false,
            Reason::OwnPayment
            | Reason::BeyondLevels { .. }
            | Reason::LevelsTaken { .. }
            | Reason::NoEarlierRetopup { .. }
            | Reason::Inactive { .. }
            | Reason::SetInactive { .. }
            | Reason::SeatTooFar { .. }
            | Reason::SeatInstead { .. }
            | Reason::RoundsToNothing
            | Reason::RankWithoutBonus { .. }
            | Reason::RankNotReached { .. }
            | Reason::HighestRank { .. }
            | Reason::RankWithoutShare { .. }
            | Reason::InactiveAtMonthEnd { .. }
            | Reason::Outranked { .. }
            | Reason::HighestShareNearer
            | Reason::FirstDay
            | Reason::Earned { .. }
            | Reason::NothingLeft => true,
        }
    }
}

/// The last purchase that made somebody active.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct LastPurchase {
    /// The purchase.
    pub purchase: String,
    /// Who bought.
    pub buyer: String,
    /// How much older it is.
    pub seconds_older: i64,
}
