//! A small programme in a database of its own: two users, a seat, an entry of 20 and a payout of 2.

use banyan_ledger::store::{Pool, book, connect};
use banyan_ledger::{Account, Cause, Posting, Seat, Transaction};
use banyan_testkit::postgres::{Database, migrated_database};
use banyan_types::Amount;

/// The seat at level 1, tree 1, index 1.
pub const SEAT: Seat = Seat { level: 1, tree: 1, index: 1 };

/// A migrated database with the scene in it.
pub struct Scene {
    pub database: Database,
    pub pool: Pool,
}

/// Whole BNB.
pub fn bnb(whole: i128) -> Amount {
    Amount::from_units(whole * 10i128.pow(18)).unwrap()
}

pub fn posting(debit: Account, credit: Account, whole: i128) -> Posting {
    Posting { debit, credit, amount: bnb(whole) }
}

/// Entry 1, of 20: 13 payable to user 1, 4 reserved for their seat, 3 the company's.
pub fn entry() -> Transaction {
    let postings = vec![
        posting(Account::FUNDS, Account::payable(1), 13),
        posting(Account::FUNDS, Account::reserved(SEAT), 4),
        posting(Account::FUNDS, Account::payable(0), 3),
    ];
    Transaction { cause: Cause::entry(1), at: 1_000, block: 10, postings }
}

/// Outflow 1: user 1 was paid 2, at block 12.
pub fn outflow() -> Transaction {
    let postings = vec![posting(Account::payable(1), Account::FUNDS, 2)];
    Transaction { cause: Cause::outflow(1), at: 1_020, block: 12, postings }
}

/// The facts that the postings rest on, and nothing booked.
pub const FACTS: &str = "
    INSERT INTO chain_events
    SELECT n, 0, decode(repeat('ab', 32), 'hex'), to_timestamp(990 + 10 * (n - 9)), decode(repeat('cd', 32), 'hex'),
           '{}', ''
    FROM unnest(ARRAY[9, 10, 11, 12]) AS n;
    INSERT INTO history (seq, kind, at, head, amount, outcome, block_number, log_index, tx_hash)
    VALUES (0, 'GENESIS', to_timestamp(990), decode(repeat('00', 32), 'hex'), 0, 'applied', 9, 0, '0x'),
           (1, 'REGISTRATION', to_timestamp(1000), decode(repeat('01', 32), 'hex'), 20, 'applied', 10, 0, '0x'),
           (2, 'REGISTRATION', to_timestamp(1010), decode(repeat('02', 32), 'hex'), 20, 'applied', 11, 0, '0x');
    INSERT INTO users (id, wallet_address, referrer_id, participant, registered_seq, created_at, updated_at)
    VALUES (1, '0x' || repeat('11', 20), 0, true, 1, to_timestamp(1000), to_timestamp(1000)),
           (2, '0x' || repeat('22', 20), 1, true, 2, to_timestamp(1010), to_timestamp(1010));
    INSERT INTO pools (id, level, tree_number, status, root_user_id, seats, next_index, completions, created_at)
    VALUES (1025, 1, 1, 'active', 1, 1, 2, 0, to_timestamp(1000));
    INSERT INTO seats (id, pool_id, queue_index, user_id, seq, manual, price, status, created_at)
    VALUES (1025::bigint * 4294967296 + 1, 1025, 1, 1, 1, false, 18, 'active', to_timestamp(1000));
    INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, type, amount, cumulative, state, created_at,
                         updated_at)
    VALUES (1048576, 1, 0, 1, 1, 'DIRECT', 13, 13, 'payable', to_timestamp(1000), to_timestamp(1000)),
           (1048577, 1, 1, 0, 1, 'COMPANY_FEE', 3, 3, 'payable', to_timestamp(1000), to_timestamp(1000)),
           (2097152, 2, 0, 1, 2, 'DIRECT', 2, 15, 'payable', to_timestamp(1010), to_timestamp(1010));
    INSERT INTO payouts (out, user_id, kind, amount, paid_total, tx_hash, block_number, log_index, at)
    VALUES (1, 1, 'paid', 2, 2, '0x', 12, 0, to_timestamp(1020));
    INSERT INTO audit_logs (actor, action, subject, detail) VALUES ('operator', 'freeze', 'users/1', '{}');
";

const CURSOR: &str = "
    INSERT INTO blockchain_sync (id, chain_id, contract, last_block, last_block_hash, epoch, seq, head, out, updated_at)
    VALUES (1, 31337, '0x' || repeat('33', 20), 13, decode(repeat('ab', 32), 'hex'), 1, 2,
            decode(repeat('02', 32), 'hex'), 1, to_timestamp(1030))";

/// A superuser's statement, with every trigger and foreign key switched off.
pub async fn tampered(scene: &Scene, statement: &str) {
    let owner = Pool::connect(scene.database.url()).await.unwrap();
    let statement = format!("SET session_replication_role = replica; {statement}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&owner).await.unwrap();
    owner.close().await;
}

impl Scene {
    /// The facts, with entry and outflow booked.
    pub async fn booked() -> Scene {
        let scene = Scene::facts().await;
        Scene::book(&scene.pool, &[entry(), outflow()]).await;
        scene
    }

    /// The same, and a cursor at block 13, at time 1030.
    pub async fn with_cursor() -> Scene {
        let scene = Scene::booked().await;
        sqlx::raw_sql(CURSOR).execute(&scene.pool).await.unwrap();
        scene
    }

    /// Books in a database transaction of its own.
    pub async fn book(pool: &Pool, transactions: &[Transaction]) {
        let mut work = pool.begin().await.unwrap();
        book(&mut work, transactions).await.unwrap();
        work.commit().await.unwrap();
    }

    /// Batches `first` to `last`, of up to 100 of user 1 each, built and given up at `block`: what they took and gave back
    /// can be booked, in any order.
    pub async fn batches(pool: &Pool, first: u64, last: u64, block: u64) {
        let statement = format!(
            "INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block,
                                         created_at, updated_at)
             SELECT gen_random_uuid(), n, 'building', 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
                    100, 'test', {block}, now(), now()
             FROM generate_series({first}, {last}) AS n;
             INSERT INTO payout_items (batch_id, user_id, cumulative, amount, open)
             SELECT id, 1, 100, 100, false FROM payout_batches WHERE number BETWEEN {first} AND {last};
             UPDATE payout_batches SET state = 'abandoned', closed_block = {block}
             WHERE number BETWEEN {first} AND {last}"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(pool).await.unwrap();
    }

    /// The facts alone; the pool is of the services' role.
    pub async fn facts() -> Scene {
        let database = migrated_database().await.unwrap();
        let pool = connect(&database.url_as("banyan_app"), "test", 4).await.unwrap();
        sqlx::raw_sql(FACTS).execute(&pool).await.unwrap();
        Scene { database, pool }
    }
}
