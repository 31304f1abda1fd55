//! Reconciliations and replays: what was compared, what differs, and the rows that it is about.

use banyan_reconciliation::{Figures, RowNow, TableCount};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{CURRENCY, Finality, Hash, Moment, UserRef, Wallet, Wei};
use crate::problem::{Answer, Problem};
use crate::store::monitoring::{ComparedAccount, Difference, Reconciliation, Replay, RowDifference};

/// A comparison of chain and books at one finalized block.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationView {
    /// `recon_…`.
    pub id: String,
    /// `all`, or `sample` if rewards and seats of some users only were compared row by row.
    #[schema(example = "all")]
    pub scope: String,
    /// The block.
    pub block: i64,
    /// Its hash.
    pub block_hash: Hash,
    /// The last entry of the history there.
    pub seq: i64,
    /// Who asked for it.
    pub requested_by: String,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub finished_at: Moment,
    /// Nothing differs.
    pub balanced: bool,
    /// No batch is built until a later one is clean.
    pub stops_batches: bool,
    /// What the contract holds less the books' funds, in wei.
    pub difference: Wei,
    /// What was forced into the contract, in wei.
    pub excess: Wei,
    /// Every figure that was compared.
    #[schema(value_type = Object)]
    pub figures: Value,
    /// What differs.
    pub differences: Vec<DifferenceView>,
    /// `BNB`.
    pub currency: &'static str,
    /// As of when.
    pub finality: Finality,
}

impl ReconciliationView {
    /// A comparison with what it found.
    ///
    /// # Errors
    /// When the stored figures cannot be read.
    pub fn new(
        found: Reconciliation,
        differences: Vec<Difference>,
        finality: Finality,
    ) -> Answer<ReconciliationView> {
        let figures = Figures::deserialize(&found.figures).map_err(Problem::internal)?;
        let (balance, funds) = (figures.chain.balance, figures.books.funds);
        let difference = balance.checked_sub(funds);
        Ok(ReconciliationView {
            difference: Wei(difference.ok_or_else(|| Problem::internal("a difference beyond any amount"))?),
            excess: Wei(figures.chain.excess),
            id: format!("recon_{}", found.id),
            scope: found.scope,
            block: found.block,
            block_hash: Hash(found.block_hash),
            seq: found.seq,
            requested_by: found.requested_by,
            started_at: Moment(found.started_at),
            finished_at: Moment(found.finished_at),
            balanced: found.balanced,
            stops_batches: found.stops_batches,
            figures: found.figures,
            differences: differences.into_iter().map(DifferenceView::from).collect(),
            currency: CURRENCY,
            finality,
        })
    }
}

/// One thing that differs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// Its number in the run.
    pub ordinal: i32,
    /// What kind of difference.
    #[schema(example = "reward_missing")]
    pub kind: String,
    /// Whether it stops batches.
    pub stops_batches: bool,
    /// The account concerned.
    pub wallet: Option<Wallet>,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// The rows concerned.
    #[schema(value_type = Object)]
    pub evidence: Value,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> DifferenceView {
        DifferenceView {
            ordinal: difference.ordinal,
            kind: difference.kind,
            stops_batches: difference.stops_batches,
            wallet: difference.wallet.map(Wallet),
            expected: difference.expected,
            found: difference.found,
            evidence: difference.evidence,
        }
    }
}

/// A page of comparisons, latest first.
#[derive(Serialize, ToSchema)]
pub struct Reconciliations {
    /// They.
    pub items: Vec<ReconciliationLine>,
    /// Where the next page starts; null on the last.
    pub next: Option<String>,
}

/// One comparison in the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReconciliationLine {
    /// `recon_…`.
    pub id: String,
    /// `all` or `sample`.
    pub scope: String,
    /// The block.
    pub block: i64,
    /// The last entry of the history there.
    pub seq: i64,
    /// Who asked for it; `schedule` for a checkpoint's.
    pub requested_by: String,
    /// When it ended.
    pub finished_at: Moment,
    /// Nothing differs.
    pub balanced: bool,
    /// No batch is built until a later one of all is clean.
    pub stops_batches: bool,
}

impl From<Reconciliation> for ReconciliationLine {
    fn from(found: Reconciliation) -> ReconciliationLine {
        ReconciliationLine {
            id: format!("recon_{}", found.id),
            scope: found.scope,
            block: found.block,
            seq: found.seq,
            requested_by: found.requested_by,
            finished_at: Moment(found.finished_at),
            balanced: found.balanced,
            stops_batches: found.stops_batches,
        }
    }
}

/// A page of the accounts that a comparison compared, by number.
#[derive(Serialize, ToSchema)]
pub struct ComparedAccounts {
    /// They.
    pub items: Vec<ComparedAccountView>,
    /// Where the next page starts; null on the last.
    pub next: Option<String>,
    /// `BNB`.
    pub currency: &'static str,
}

/// What was compared of one account, all in wei.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedAccountView {
    /// Whose.
    pub user: UserRef,
    /// What the contract says.
    pub contract: ContractWord,
    /// What the history gives; null if it could not be judged.
    pub history: Option<HistoryWord>,
    /// What the books say.
    pub books: BooksWord,
}

/// What the contract says of an account.
#[derive(Serialize, ToSchema)]
pub struct ContractWord {
    /// Ever sent or made owed.
    pub paid: Wei,
    /// Still owed.
    pub owed: Wei,
    /// Frozen.
    pub frozen: bool,
    /// Known.
    pub registered: bool,
}

/// What the history gives an account.
#[derive(Serialize, ToSchema)]
pub struct HistoryWord {
    /// Earned in all.
    pub earned: Wei,
    /// Held back for its seats.
    pub reserved: Wei,
}

/// What the books say of an account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BooksWord {
    /// Payable.
    pub payable: Wei,
    /// In an unfinished batch.
    pub in_batch: Wei,
    /// Held back for its seats.
    pub reserved: Wei,
    /// Owed by the contract.
    pub owed: Wei,
    /// The sum of its payouts.
    pub paid: Wei,
    /// Frozen.
    pub frozen: bool,
}

impl From<ComparedAccount> for ComparedAccountView {
    fn from(it: ComparedAccount) -> ComparedAccountView {
        let history = it.earned.zip(it.earned_reserved);
        ComparedAccountView {
            user: UserRef::from((it.user, it.wallet)),
            contract: ContractWord {
                paid: Wei(it.chain_paid),
                owed: Wei(it.chain_owed),
                frozen: it.chain_frozen,
                registered: it.chain_registered,
            },
            history: history
                .map(|(earned, reserved)| HistoryWord { earned: Wei(earned), reserved: Wei(reserved) }),
            books: BooksWord {
                payable: Wei(it.payable),
                in_batch: Wei(it.in_batch),
                reserved: Wei(it.reserved),
                owed: Wei(it.owed),
                paid: Wei(it.paid),
                frozen: it.frozen,
            },
        }
    }
}

/// One difference with the rows that it is about.
#[derive(Serialize, ToSchema)]
pub struct DifferenceDetail {
    /// The difference, as it was found.
    #[serde(flatten)]
    pub difference: DifferenceView,
    /// The rows, as they are now: the rows named, an account's last postings, an entry's log. Empty if they are gone.
    pub rows: Vec<RowView>,
    /// As of when the rows are so.
    pub finality: Finality,
}

/// A row of a table.
#[derive(Serialize, ToSchema)]
pub struct RowView {
    /// The table.
    pub table: &'static str,
    /// Its columns as PostgreSQL writes them; amounts are decimal numbers of BNB there.
    #[schema(value_type = Object)]
    pub columns: Value,
}

impl From<RowNow> for RowView {
    fn from(row: RowNow) -> RowView {
        RowView { table: row.table, columns: row.columns }
    }
}

/// Which blocks to derive anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReplayRequest {
    /// First block. `from_block` is understood too.
    #[serde(alias = "from_block")]
    pub from_block: u64,
    /// Last block, no later than the books stand at. `to_block` is understood too.
    #[serde(alias = "to_block")]
    pub to_block: u64,
}

/// The raw logs derived anew into an empty schema, and compared row by row with the live tables.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayView {
    /// `replay_…`.
    pub id: String,
    /// `running`, `done`, `failed`, or `interrupted` if its process ended before it did.
    #[schema(example = "done")]
    pub state: String,
    /// First block that is compared; everything is derived from the genesis on.
    pub from_block: i64,
    /// Last block that is compared.
    pub to_block: i64,
    /// Who asked for it.
    pub requested_by: String,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub finished_at: Option<Moment>,
    /// Logs derived so far.
    pub events: i64,
    /// The last block that was derived.
    pub read_to: Option<i64>,
    /// Where the books stood when they were compared.
    pub block: Option<i64>,
    /// How many rows differ; null until they were compared.
    pub differing: Option<i64>,
    /// Each table: rows derived, found, differing.
    pub tables: Vec<TableView>,
    /// What differs: the first thousand.
    pub differences: Vec<RowDifferenceView>,
    /// Why the logs of the range were not compared with the node's; null if they were.
    pub node_silent: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// What was compared of one table.
#[derive(Serialize, ToSchema)]
pub struct TableView {
    /// The table.
    pub table: String,
    /// Rows that follow from the logs.
    pub derived: i64,
    /// Rows that the table has.
    pub found: i64,
    /// Rows that differ, are missing, or should not be.
    pub differing: i64,
}

/// One column of a row that is not what the logs give.
#[derive(Serialize, ToSchema)]
pub struct RowDifferenceView {
    /// The table.
    pub table: String,
    /// The row's key.
    #[schema(example = "out 3, user_id 7")]
    pub key: String,
    /// The column; null if the row is missing or should not be.
    pub column: Option<String>,
    /// What the logs give, as PostgreSQL writes it.
    pub expected: String,
    /// What the table has.
    pub found: String,
}

impl ReplayView {
    /// A replay with what it found so far.
    ///
    /// # Errors
    /// When the stored counts cannot be read.
    pub fn new(found: Replay, differences: Vec<RowDifference>) -> Answer<ReplayView> {
        let tables: Vec<TableCount> = match found.tables {
            None => Vec::new(),
            Some(tables) => serde_json::from_value(tables).map_err(Problem::internal)?,
        };
        let table = |it: TableCount| TableView {
            table: it.table,
            derived: it.derived,
            found: it.found,
            differing: it.differing,
        };
        let difference = |it: RowDifference| RowDifferenceView {
            table: it.table,
            key: it.key,
            column: it.column,
            expected: it.expected,
            found: it.found,
        };
        Ok(ReplayView {
            id: format!("replay_{}", found.id),
            state: found.state,
            from_block: found.from_block,
            to_block: found.to_block,
            requested_by: found.requested_by,
            started_at: Moment(found.started_at),
            finished_at: found.finished_at.map(Moment),
            events: found.events,
            read_to: found.read_to,
            block: found.block,
            differing: found.differing,
            tables: tables.into_iter().map(table).collect(),
            differences: differences.into_iter().map(difference).collect(),
            node_silent: found.node_silent,
            reason: found.reason,
        })
    }
}
