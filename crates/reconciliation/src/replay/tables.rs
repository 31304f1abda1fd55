//! Which tables follow from the logs, and which of their rows a range of blocks concerns.

use super::Blocks;

/// A table that is compared row by row: all its columns but those of `left_out`.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns of its key.
    pub(crate) key: &'static [&'static str],
    /// Which rows the range concerns.
    pub(crate) span: Span,
    /// Only rows of which this condition on a row is true, if it is not empty.
    pub(crate) only: &'static str,
    /// Columns that do not follow from the logs.
    pub(crate) left_out: &'static [&'static str],
    /// Columns that do in a coarser form: the column, and the form.
    pub(crate) coarser: &'static [(&'static str, &'static str)],
}

/// How a row belongs to a block: by which column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Span {
    /// The block's number.
    Block(&'static str),
    /// An entry of the history.
    Seq(&'static str),
    /// An entry of the history, or none for the company, which is always compared.
    SeqOrCompany(&'static str),
    /// An outflow.
    Out(&'static str),
    /// An entry or an outflow, as `cause` says.
    Cause(&'static str),
    /// All rows, as they are now.
    All,
}

/// The range: its blocks, entries and outflows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) blocks: Blocks,
    pub(crate) seq: (i64, i64),
    pub(crate) out: (i64, i64),
}

const fn table(name: &'static str, key: &'static [&'static str], span: Span) -> Table {
    Table { name, key, span, only: "", left_out: &[], coarser: &[] }
}

/// Causes that come from the chain.
const OF_THE_CHAIN: &str = "cause IN ('entry', 'outflow')";

/// All of them, in the order in which they follow from each other.
pub(crate) const TABLES: [Table; 13] = [
    table("chain_events", &["block_number", "log_index"], Span::Block("block_number")),
    table("history", &["seq"], Span::Seq("seq")),
    Table {
        // held and metadata are operators' and people's own; the status follows from held, too.
        left_out: &["held", "status", "metadata"],
        ..table("users", &["id"], Span::SeqOrCompany("registered_seq"))
    },
    table("retopups", &["id"], Span::Seq("id")),
    table("pools", &["id"], Span::All),
    table("seats", &["id"], Span::Seq("seq")),
    Table {
        // A batch's, and by the clock; the status follows from the state.
        left_out: &["batch_id", "updated_at", "status"],
        coarser: &[("state", "CASE WHEN state = 'batched' THEN 'payable' ELSE state END")],
        ..table("rewards", &["id"], Span::Seq("seq"))
    },
    table("payouts", &["out", "user_id"], Span::Out("out")),
    table("published_roots", &["block_number", "log_index"], Span::Block("block_number")),
    Table { only: OF_THE_CHAIN, ..table("journal_transactions", &["cause", "ref"], Span::Cause("ref")) },
    Table { only: OF_THE_CHAIN, ..table("postings", &["cause", "ref", "ordinal"], Span::Cause("ref")) },
    table("accounts", &["kind", "owner"], Span::All),
    Table {
        // Processes, and blocks without events.
        left_out: &["epoch", "halted", "last_block", "last_block_hash", "updated_at"],
        ..table("blockchain_sync", &["id"], Span::All)
    },
];

impl Table {
    /// Whether the row `alias` is of the range, as SQL.
    pub(crate) fn within(&self, alias: &str, numbers: &Numbers) -> String {
        let between =
            |column: &str, (low, high): (i64, i64)| format!("{alias}.{column} BETWEEN {low} AND {high}");
        let number = |block: u64| i64::try_from(block).unwrap_or(i64::MAX);
        match self.span {
            Span::Block(column) => between(column, (number(numbers.blocks.from), number(numbers.blocks.to))),
            Span::Seq(column) => between(column, numbers.seq),
            Span::SeqOrCompany(column) => {
                format!("({} OR {alias}.{column} IS NULL)", between(column, numbers.seq))
            }
            Span::Out(column) => between(column, numbers.out),
            Span::Cause(column) => format!(
                "CASE {alias}.cause WHEN 'entry' THEN {} ELSE {} END",
                between(column, numbers.seq),
                between(column, numbers.out)
            ),
            Span::All => "true".to_owned(),
        }
    }

    /// The value of a column of the row `alias`, as it is compared.
    pub(crate) fn value(&self, alias: &str, column: &str) -> String {
        let coarser = self.coarser.iter().any(|(name, _)| *name == column);
        if coarser { format!("{alias}.coarse_{column}") } else { format!("{alias}.\"{column}\"") }
    }
}
