//! A programme on a database of its own.

use banyan_ledger::store::{Pool, connect};
use banyan_programme::{Deployment, Programme, ProgrammeError};
use banyan_testkit::postgres::{Database, migrated_database};
use banyan_types::history::BlockRange;

use crate::contract::{self, CHAIN_ID, Contract, START_BLOCK, plans};

/// Which programme the played contract's is.
pub fn deployment() -> Deployment {
    Deployment { chain_id: CHAIN_ID, contract: contract::address(), start_block: START_BLOCK }
}

/// A migrated database and the services' connections to it.
pub struct Scene {
    pub pool: Pool,
    pub database: Database,
    file: &'static str,
}

impl Scene {
    pub async fn new(file: &'static str) -> Scene {
        let database = migrated_database().await.unwrap();
        let pool = connect(&database.url_as("banyan_app"), "test", 6).await.unwrap();
        Scene { pool, database, file }
    }

    pub async fn open(&self) -> Result<Programme, ProgrammeError> {
        Programme::open(self.pool.clone(), plans(self.file).0, deployment()).await
    }

    /// Opens the programme and applies all that the contract says, in ranges of `blocks`.
    pub async fn follow(&self, contract: &Contract, blocks: u64) -> Programme {
        let mut programme = self.open().await.unwrap();
        apply(&mut programme, &contract.ranges(blocks)).await;
        programme
    }

    /// One value of one row, as text; `none` where it is null.
    pub async fn text(&self, sql: &str) -> String {
        let sql = sqlx::AssertSqlSafe(format!("SELECT coalesce(({sql})::text, 'none')"));
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Every row of every table that follows from the chain, as text; the epoch counts processes and is left out.
    pub async fn picture(&self) -> String {
        let mut picture = String::new();
        for table in TABLES {
            let row = if *table == "blockchain_sync" { "to_jsonb(t) - 'epoch'" } else { "to_jsonb(t)" };
            let rows =
                format!("SELECT string_agg(({row})::text, E'\n' ORDER BY ({row})::text) FROM {table} t");
            picture += &format!("{table}\n{}\n", self.text(&rows).await);
        }
        picture
    }
}

/// Applies `ranges` and waits until they are sealed, so that nothing is written any more once this returns.
pub async fn apply(programme: &mut Programme, ranges: &[BlockRange]) {
    for range in ranges {
        programme.apply(range).await.unwrap();
    }
    programme.sealed().await.unwrap();
}

const TABLES: &[&str] = &[
    "chain_events",
    "history",
    "blockchain_sync",
    "users",
    "retopups",
    "transactions",
    "pools",
    "seats",
    "rewards",
    "payouts",
    "published_roots",
    "journal_transactions",
    "postings",
    "journal_causes",
    "journal_seals",
    "accounts",
    "pool_nodes",
    "placements",
    "user_balances",
];
