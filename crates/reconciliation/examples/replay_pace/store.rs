//! Damage done to the books by raw SQL.

use banyan_ledger::store::Pool;
use banyan_testkit::postgres::Database;

use crate::Done;

/// A reward, a balance and a log, each by itself.
pub async fn damage(database: &Database) -> Done<()> {
    let pool = Pool::connect(database.url()).await?;
    let statements = "SET session_replication_role = replica;
         UPDATE rewards SET amount = amount + 1 WHERE id = (SELECT max(id) FROM rewards WHERE depth = 2);
         UPDATE accounts SET balance = balance + 1 WHERE kind = 'payable' AND owner = 1000;
         UPDATE chain_events SET data = set_byte(data, 63, get_byte(data, 63) # 1)
         WHERE (block_number, log_index) = (SELECT block_number, log_index FROM history WHERE seq = 20000)";
    sqlx::raw_sql(statements).execute(&pool).await?;
    Ok(())
}
