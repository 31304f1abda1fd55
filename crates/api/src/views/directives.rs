//! The operators' decisions: what would come of one, and the transactions that take it.

use banyan_chain::contract::Operation;
use banyan_engine::{Record, SeatRef};
use banyan_entitlement::{Cause, Decision, Directive, Effect, Entitlements, Judgement};
use banyan_types::Amount;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::safe;
use super::{CURRENCY, Call, Finality, Hash, Moment, UserRef, Wallet, Wei};
use crate::decisions::Timelock;
use crate::store::directives::Decided;

/// A seat by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementRequest {
    /// Who is seated: number or wallet of a participant.
    pub user: String,
    /// Pool level, from 1.
    pub level: u64,
    /// The level's newest tree; 1 while the level is empty.
    pub tree: u64,
    /// A free breadth-first index whose parent is seated.
    pub index: u64,
    /// The seat's price in wei, which the directive brings; without it the plan's is taken.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Value>,
}

/// A decision of the contract's directives.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", deny_unknown_fields)]
pub enum DirectiveRequest {
    /// A gift to a participant.
    #[serde(rename = "GRANT")]
    Grant {
        /// Number or wallet of a participant.
        user: String,
        /// In wei; the directive brings it.
        #[schema(value_type = String)]
        amount: Value,
        /// Why, for everybody to read on the chain.
        reason: String,
    },
    /// The end of the programme: every reserve becomes payable, and no payment enters any more.
    #[serde(rename = "WIND_UP")]
    WindUp {},
}

/// A decision that was checked and tried. Nothing has changed: it counts once the contract has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Prepared {
    /// What is decided.
    pub decision: DecisionView,
    /// What is to be signed and sent, in this order.
    pub transactions: Vec<SafeTransaction>,
    /// The timelock that the decision passes; null where the sender holds the role itself.
    pub timelock: Option<TimelockView>,
    /// What it would do as the next entry of the history.
    pub effect: EffectView,
    /// What people should know before they sign.
    pub warnings: Vec<String>,
    /// The state that it was tried on.
    pub simulated_at: SimulatedAt,
    /// As of when.
    pub finality: Finality,
}

/// A point of the contract's history.
#[derive(Serialize, ToSchema)]
pub struct SimulatedAt {
    /// The last entry.
    pub seq: u64,
    /// The head after it.
    pub head: Hash,
}

/// A directive in words and as the contract takes it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecisionView {
    /// Its kind.
    #[schema(example = "PLACE")]
    pub kind: &'static str,
    /// The kind as the contract's word.
    pub kind_word: Hash,
    /// Its ABI-encoded arguments, 0x-hex.
    pub data: String,
    /// The arguments by name.
    #[schema(value_type = Object)]
    pub arguments: Value,
    /// What it brings.
    pub amount: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// What it decides.
    pub says: String,
}

impl DecisionView {
    /// Dresses a decision.
    pub fn of(decision: &Decision) -> DecisionView {
        let (kind_word, data) = decision.directive.encode();
        let kind = match &decision.directive {
            Directive::Plan(_) => "PLAN",
            Directive::WindUp => "WIND_UP",
            Directive::Place { .. } => "PLACE",
            Directive::Grant { .. } => "GRANT",
        };
        let says = match &decision.directive {
            Directive::Plan(hash) => format!("the plan {hash} comes into force"),
            Directive::WindUp => "the programme is wound up".to_owned(),
            Directive::Place { user, level, tree, index } => {
                format!("{user} is seated at level {level}, tree {tree}, index {index}")
            }
            Directive::Grant { user, reason } => {
                format!("{user} is granted {} wei: {reason}", decision.amount)
            }
        };
        DecisionView {
            kind,
            kind_word: Hash(kind_word),
            data: data.to_string(),
            arguments: arguments(&decision.directive),
            amount: Wei(decision.amount),
            currency: CURRENCY,
            says,
        }
    }
}

fn arguments(directive: &Directive) -> Value {
    match directive {
        Directive::Plan(hash) => json!({ "plan": Hash(hash.0) }),
        Directive::WindUp => json!({}),
        Directive::Place { user, level, tree, index } => {
            json!({ "user": Wallet(*user), "level": level, "tree": tree, "index": index })
        }
        Directive::Grant { user, reason } => json!({ "user": Wallet(*user), "reason": reason }),
    }
}

/// One transaction, in the forms that its sender may want.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SafeTransaction {
    /// `send`, or `schedule` and then `execute` where a timelock stands between.
    #[schema(example = "send")]
    pub step: &'static str,
    /// Who sends it: the holder of the role, or a proposer of the timelock; null where we know none.
    pub from: Option<Wallet>,
    /// The call itself.
    pub call: Call,
    /// A Safe's kind of operation: 0, a call.
    pub operation: u8,
    /// EIP-712 `SafeTx`; `nonce` is the Safe's own and is to be filled in.
    #[schema(value_type = Object)]
    pub safe_tx: Value,
    /// The file that Safe's Transaction Builder imports.
    #[schema(value_type = Object)]
    pub transaction_builder: Value,
}

impl SafeTransaction {
    /// Dresses a call.
    pub fn of(
        (step, says): (&'static str, &str),
        call: Call,
        from: Option<banyan_types::Address>,
        at: Moment,
    ) -> SafeTransaction {
        SafeTransaction {
            step,
            from: from.map(Wallet),
            operation: 0,
            safe_tx: safe::typed_data(&call, from),
            transaction_builder: safe::builder_file(&call, from, &format!("Banyan: {step}: {says}"), at.0),
            call,
        }
    }
}

/// The timelock between a decision and the contract.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimelockView {
    /// Its address.
    pub address: Wallet,
    /// Seconds between `schedule` and `execute`, at least.
    pub delay_seconds: u64,
    /// The operation's id, by which it can be looked up or cancelled.
    pub operation_id: Hash,
    /// Always zero: it waits for no other operation.
    pub predecessor: Hash,
    /// The head that the decision was tried on: so the same decision can be taken again later.
    pub salt: Hash,
    /// Whether anybody may execute it once it is due.
    pub open_to_anybody: bool,
}

impl TimelockView {
    /// Dresses an operation.
    pub fn of(lock: Timelock, operation: &Operation) -> TimelockView {
        TimelockView {
            address: Wallet(lock.address),
            delay_seconds: lock.delay,
            operation_id: Hash(operation.id()),
            predecessor: Hash(Operation::PREDECESSOR),
            salt: Hash(operation.salt),
            open_to_anybody: lock.open,
        }
    }
}

/// What a decision would do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectView {
    /// The entry that it would be, if no other comes before it.
    pub seq: u64,
    /// The rewards that it would bring, in order, as `rewards` will have them.
    pub rewards: Vec<ForeseenReward>,
    /// The seats that it would take.
    pub seats: Vec<ForeseenSeat>,
    /// The seats whose boards it would fill.
    pub completed: Vec<SeatView>,
    /// Payable to participants in all.
    pub payable: Wei,
    /// Into reserves in all.
    pub reserved: Wei,
    /// The company's share in all.
    pub company: Wei,
    /// `BNB`.
    pub currency: &'static str,
}

/// A reward that would come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForeseenReward {
    /// Its kind, as `rewards` has it.
    #[serde(rename = "type")]
    #[schema(example = "POOL_L1")]
    pub kind: &'static str,
    /// Whose.
    pub user: UserRef,
    /// By whom.
    pub source: UserRef,
    /// How much.
    pub amount: Wei,
    /// `payable` or `reserved`.
    pub state: &'static str,
    /// Pool level, of the pool's kinds.
    pub level: Option<u32>,
    /// What the user would have earned in all; null while it is reserved.
    pub cumulative: Option<Wei>,
}

/// A seat that would be taken.
#[derive(Serialize, ToSchema)]
pub struct ForeseenSeat {
    /// Who would sit there.
    pub user: UserRef,
    /// Where.
    #[serde(flatten)]
    pub seat: SeatView,
    /// Index of the seat above.
    pub parent: Option<u64>,
    /// What it costs.
    pub price: Wei,
    /// Whether it is placed by hand; others follow from full boards.
    pub manual: bool,
}

/// A place in the pool.
#[derive(Serialize, ToSchema)]
pub struct SeatView {
    /// Pool level.
    pub level: u32,
    /// Number of the tree.
    pub tree: u32,
    /// Breadth-first index.
    pub index: u64,
}

impl From<SeatRef> for SeatView {
    fn from(seat: SeatRef) -> SeatView {
        SeatView { level: seat.level, tree: seat.tree, index: seat.index }
    }
}

impl EffectView {
    /// Dresses what was foreseen on a state.
    pub fn of(state: &Entitlements, foreseen: &Judgement) -> EffectView {
        let rewards: Vec<ForeseenReward> =
            foreseen.effects.iter().filter_map(|effect| reward(state, effect)).collect();
        let sum = |of: &dyn Fn(&ForeseenReward) -> bool| {
            let amounts = rewards.iter().filter(|reward| of(reward)).map(|reward| reward.amount.0);
            Wei(Amount::sum(amounts).unwrap_or(Amount::MAX))
        };
        let company = |reward: &ForeseenReward| reward.user.id == 0;
        EffectView {
            seq: foreseen.seq,
            payable: sum(&|reward| !company(reward) && reward.state == "payable"),
            reserved: sum(&|reward| reward.state == "reserved"),
            company: sum(&company),
            seats: foreseen.records().filter_map(|record| seat(state, record)).collect(),
            completed: foreseen.records().filter_map(completed).collect(),
            rewards,
            currency: CURRENCY,
        }
    }
}

fn user(state: &Entitlements, id: banyan_engine::UserId) -> UserRef {
    UserRef::from((i64::from(id.0), state.address(id).unwrap_or(banyan_types::COMPANY)))
}

fn reward(state: &Entitlements, effect: &Effect) -> Option<ForeseenReward> {
    let cumulative = effect.credit.map(|credit| Wei(credit.cumulative));
    let view = |kind, to, source, amount, level| ForeseenReward {
        kind,
        user: user(state, to),
        source: user(state, source),
        amount: Wei(amount),
        state: if cumulative.is_some() { "payable" } else { "reserved" },
        level,
        cumulative,
    };
    match effect.cause {
        Cause::Record(Record::Reward(reward)) => {
            Some(view(reward.kind.name(), reward.to, reward.source, reward.amount, reward.level()))
        }
        Cause::Record(Record::Reserve(reserve)) => effect
            .credit
            .map(|credit| view("BONUS", reserve.user, reserve.user, credit.amount, Some(reserve.seat.level))),
        Cause::Directive { amount } => {
            let company = banyan_engine::UserId::COMPANY;
            Some(view("DIRECTIVE", company, company, amount, None))
        }
        Cause::Record(
            Record::Seat(_)
            | Record::Completed(_)
            | Record::Vested { .. }
            | Record::Rank { .. }
            | Record::Order(_),
        ) => None,
    }
}

fn seat(state: &Entitlements, record: &Record) -> Option<ForeseenSeat> {
    match record {
        Record::Seat(taken) => Some(ForeseenSeat {
            user: user(state, taken.user),
            seat: taken.seat.into(),
            parent: taken.parent,
            price: Wei(taken.price),
            manual: taken.manual,
        }),
        Record::Reward(_)
        | Record::Completed(_)
        | Record::Reserve(_)
        | Record::Vested { .. }
        | Record::Rank { .. }
        | Record::Order(_) => None,
    }
}

fn completed(record: &Record) -> Option<SeatView> {
    match record {
        Record::Completed(completed) => Some(completed.seat.into()),
        Record::Seat(_)
        | Record::Reward(_)
        | Record::Reserve(_)
        | Record::Vested { .. }
        | Record::Rank { .. }
        | Record::Order(_) => None,
    }
}

/// A page of the directives in the books, newest first.
#[derive(Serialize, ToSchema)]
pub struct Directives {
    /// The directives.
    pub items: Vec<DirectiveItem>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
    /// As of when.
    pub finality: Finality,
}

/// A directive, and what became of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DirectiveItem {
    /// Its place in the history.
    pub seq: i64,
    /// Block time.
    pub at: Moment,
    /// Its kind, or all 32 bytes in hex.
    pub kind: String,
    /// Its arguments by name; null if they cannot be read.
    #[schema(value_type = Option<Object>)]
    pub arguments: Option<Value>,
    /// Its data as it came, 0x-hex.
    pub data: String,
    /// What it brought.
    pub amount: Wei,
    /// `BNB`.
    pub currency: &'static str,
    /// `applied`; `refused`: the plan did not take it, the value is the company's; `recorded`: it could not have an effect,
    /// the value is the company's.
    pub outcome: String,
    /// Why it did not come into effect.
    pub reason: Option<String>,
    /// Its transaction.
    pub tx_hash: String,
}

impl From<Decided> for DirectiveItem {
    fn from(row: Decided) -> DirectiveItem {
        let word = banyan_chain::contract::kind_of(&row.kind);
        let read = word.and_then(|word| Directive::decode(word, &row.data).ok());
        DirectiveItem {
            seq: row.seq,
            at: Moment(row.at),
            kind: row.kind,
            arguments: read.as_ref().map(arguments),
            data: format!("0x{}", hex::encode(&row.data)),
            amount: Wei(row.amount),
            currency: CURRENCY,
            outcome: row.outcome,
            reason: row.reason,
            tx_hash: row.tx_hash,
        }
    }
}
