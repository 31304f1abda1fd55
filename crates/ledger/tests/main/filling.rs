//! Rows are copied into tables as the services' role may write them; a list of columns that is not the table's is found out
//! before anything is written.

use banyan_ledger::LedgerError;
use banyan_ledger::store::Column::{
    BigInt, Boolean, Bytes, Hashes, Hex, Int, Json, Numeric, Text, Time, Word,
};
use banyan_ledger::store::{Pool, Table};
use banyan_types::{Amount, B256};

use crate::scene::{Scene, bnb};

/// A value for each type of column, or NULL where there can be one.
struct Row {
    number: Option<i64>,
    small: Option<i32>,
    amount: Option<Amount>,
    bytes: Option<Vec<u8>>,
    hashes: Vec<B256>,
}

const EVERY: Table<Row> = Table {
    name: "every_type",
    columns: &[
        ("hashes", Hashes(|row| &row.hashes)),
        ("number", BigInt(|row| row.number)),
        ("small", Int(|row| row.small)),
        ("flag", Boolean(|row| row.number.is_some())),
        ("amount", Numeric(|row| row.amount)),
        ("at", Time(|row| row.number.unwrap_or(0))),
        ("bytes", Bytes(|row| row.bytes.as_deref())),
        ("words", Text(|row| row.bytes.as_ref().map(|_| "a \"b\" \\N"))),
        ("hex", Hex(|row| row.bytes.as_deref())),
        ("kind", Word("account_kind", |row| if row.number.is_some() { "funds" } else { "owed" })),
        ("body", Json(|row| format!("{{\"rows\": {}}}", row.hashes.len()))),
    ],
};

const MADE: &str =
    "CREATE TEMPORARY TABLE every_type (number bigint, small int, flag boolean, amount numeric(38, 18),
    at timestamptz, bytes bytea, hashes bytea[], words varchar(20), hex text, kind account_kind, body jsonb,
    left_out int NOT NULL DEFAULT 7)";

#[tokio::test]
async fn every_type_of_column_arrives_as_it_was_and_null_as_null() {
    let scene = Scene::facts().await;
    let mut work = scene.pool.begin().await.unwrap();
    sqlx::raw_sql(MADE).execute(&mut *work).await.unwrap();
    EVERY.check(&mut work).await.unwrap();
    let full = Row {
        number: Some(1_767_225_600),
        small: Some(-3),
        amount: Some(bnb(20)),
        bytes: Some(vec![0x0a, 0xff]),
        hashes: vec![B256::repeat_byte(1), B256::repeat_byte(2)],
    };
    let empty = Row { number: None, small: None, amount: None, bytes: None, hashes: Vec::new() };
    EVERY.fill(&mut work, &[full, empty]).await.unwrap();
    EVERY.fill(&mut work, &[]).await.unwrap();
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT e::text FROM every_type e").fetch_all(&mut *work).await.unwrap();
    let (one, two) = ("01".repeat(32), "02".repeat(32));
    assert_eq!(
        rows,
        [
            format!(
                "(1767225600,-3,t,20.000000000000000000,\"2026-01-01 00:00:00+00\",\"\\\\x0aff\",\
                 \"{{\"\"\\\\\\\\x{one}\"\",\"\"\\\\\\\\x{two}\"\"}}\",\"a \"\"b\"\" \\\\N\",0x0aff,funds,\
                 \"{{\"\"rows\"\": 2}}\",7)"
            ),
            "(,,f,,\"1970-01-01 00:00:00+00\",,{},,,owed,\"{\"\"rows\"\": 0}\",7)".to_owned(),
        ]
    );
}

type Numbers = Table<i64>;

/// Lists that are not what the table is: PostgreSQL itself would take the second, whose eight bytes are a time as well.
const WRONG: [(Numbers, &str); 4] = [
    (Table { name: "chain_events", columns: &[("block", BigInt(|n| Some(*n)))] }, "chain_events.block "),
    (
        Table { name: "chain_events", columns: &[("block_time", BigInt(|n| Some(*n)))] },
        "timestamp with time zone",
    ),
    (Table { name: "history", columns: &[("kind", Word("account_kind", |_| "funds"))] }, "history_kind"),
    (Table { name: "no_such_table", columns: &[("seq", BigInt(|n| Some(*n)))] }, "no_such_table.seq"),
];

#[tokio::test]
async fn a_list_of_other_columns_than_the_table_has_is_found_out() {
    let scene = Scene::facts().await;
    for (table, found) in &WRONG {
        let error = table.check(&mut scene.pool.acquire().await.unwrap()).await.unwrap_err();
        assert!(matches!(error, LedgerError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains(found), "{error}");
    }
}

#[tokio::test]
async fn what_the_database_refuses_leaves_nothing_and_the_connection_as_it_was() {
    let scene = Scene::facts().await;
    let one = Pool::connect_with((*scene.pool.connect_options()).clone()).await.unwrap();
    let roots: Table<i64> = Table { name: "journal_causes", columns: &[("ref", BigInt(|n| Some(*n)))] };
    let mut work = one.begin().await.unwrap();
    let error = roots.fill(&mut work, &[1, 2]).await.unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    work.rollback().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM journal_causes").fetch_one(&one).await.unwrap();
    assert_eq!(left, 0);
}
