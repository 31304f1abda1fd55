//! How fast the books are verified: `cargo run --release -p banyan-ledger --example verify_pace -- URL PAIRS` books so many
//! pairs of transactions of three postings each into an empty migrated database, seals them, and verifies everything twice.
//! A row is a row of the journal: a transaction or a posting.

mod store;

use std::time::Instant;

use banyan_ledger::store::{Pool, acquire, book, connect, seal, verify};
use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_types::Amount;

/// Accounts that the postings go round.
const USERS: u64 = 100_000;
/// Pairs booked in one database transaction.
const CHUNK: u64 = 500;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(pairs)) = (args.next(), args.next().and_then(|pairs| pairs.parse::<u64>().ok()))
    else {
        return println!(
            "expected the URL of an empty migrated database, as its owner, and a number of pairs"
        );
    };
    let pool = connect(&url, "verify_pace", 4).await.expect("a migrated database");
    fill(&pool, pairs).await;
    let started = Instant::now();
    let sealed = seal(&pool).await.expect("a journal that can be sealed");
    println!("sealed {} transactions in {} ms", sealed.sealed, started.elapsed().as_millis());
    for _ in 0..2 {
        let started = Instant::now();
        let mut connection = acquire(&pool).await.expect("a connection");
        let verified = verify(&mut connection, None).await.expect("books that can be read");
        let took = started.elapsed().as_micros();
        println!(
            "verified {} rows in {} ms: {} rows/s, {:?}",
            verified.rows(),
            took / 1_000,
            u128::from(verified.rows()) * 1_000_000 / took.max(1),
            verified.finding
        );
    }
}

/// Everybody gets something to go round with, then batches take it and give it back.
async fn fill(pool: &Pool, pairs: u64) {
    store::bring(pool, pairs, USERS).await;
    let all = (1..=USERS).map(|user| posting(Account::FUNDS, Account::payable(user), 1_000)).collect();
    write(pool, &[Transaction { cause: Cause::entry(1), at: 1_699_999_999, block: 1, postings: all }]).await;
    let started = Instant::now();
    let mut next = 1;
    while next <= pairs {
        let last = (next + CHUNK - 1).min(pairs);
        let chunk: Vec<Transaction> = (next..=last).flat_map(pair).collect();
        write(pool, &chunk).await;
        next = last + 1;
    }
    println!("booked {} postings in {} ms", pairs * 6, started.elapsed().as_millis());
}

async fn write(pool: &Pool, transactions: &[Transaction]) {
    let mut work = pool.begin().await.expect("a connection");
    book(&mut work, transactions).await.expect("books that take it");
    work.commit().await.expect("books that keep it");
}

fn posting(debit: Account, credit: Account, whole: i128) -> Posting {
    let amount = Amount::from_units(whole * 1_000_000_000_000_000_000).expect("a small amount");
    Posting { debit, credit, amount }
}

/// A batch of three and its end, a hundred seconds after the one before it: some months of them.
fn pair(number: u64) -> [Transaction; 2] {
    let users = [0, 333, 666].map(|off| 1 + (number * 7 + off) % USERS);
    let (at, block) = (1_700_000_000 + number * 100, 100 + number);
    let taken = users.map(|user| posting(Account::payable(user), Account::in_batch(user), 1));
    let back = taken.map(|taken| Posting { debit: taken.credit, credit: taken.debit, ..taken });
    [
        Transaction { cause: Cause::batch_built(number), at, block, postings: taken.to_vec() },
        Transaction { cause: Cause::batch_closed(number), at, block, postings: back.to_vec() },
    ]
}
