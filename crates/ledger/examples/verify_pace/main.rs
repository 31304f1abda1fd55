//! How fast the books are verified: `cargo run --release -p banyan-ledger --example verify_pace -- URL PAIRS [USERS]` books so
//! many pairs of transactions of three postings each into an empty migrated database, seals them, verifies everything and
//! proves all balances, three times. A row is a row of the journal: a transaction or a posting; a user has two accounts.
//! Beside the time on the wall stands the processor's, of this program and of the one process of the server, which must be on
//! this machine. With 0 pairs a database is measured that was filled before.

mod store;

use std::time::Instant;

use banyan_ledger::store::{Pool, acquire, book, connect, proof, seal, verify};
use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_types::Amount;

/// Users whom the postings go round, if nothing else is said.
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
    let users = args.next().map_or(Ok(USERS), |users| users.parse()).expect("a number of users");
    let pool = connect(&url, "verify_pace", 4).await.expect("a migrated database");
    if pairs > 0 {
        fill(&pool, pairs, users).await;
    }
    let started = Instant::now();
    let sealed = seal(&pool).await.expect("a journal that can be sealed");
    println!("sealed {} transactions in {} ms", sealed.sealed, started.elapsed().as_millis());
    for _ in 0..3 {
        let mut connection = acquire(&pool).await.expect("a connection");
        let server = store::process(&mut connection).await;
        let start = Clock::now(server);
        let verified = verify(&mut connection, None).await.expect("books that can be read");
        start.told("verified", verified.rows(), "rows");
        println!("  {:?}", verified.finding);
        let start = Clock::now(server);
        let proven = proof(&mut connection).await.expect("books that can be read");
        start.told(&format!("proven {} accounts,", proven.accounts), proven.postings, "postings");
        println!("  {} differ", proven.differing);
    }
}

/// When something began: on the wall, and in processor time of this process and of the server's.
struct Clock {
    wall: Instant,
    server: i32,
    spent: [u64; 2],
}

impl Clock {
    fn now(server: i32) -> Clock {
        let spent = [spent("self"), spent(&server.to_string())];
        Clock { wall: Instant::now(), server, spent }
    }

    fn told(self, what: &str, count: u64, of: &str) {
        let took = self.wall.elapsed().as_micros();
        let [own, server] = [spent("self") - self.spent[0], spent(&self.server.to_string()) - self.spent[1]];
        let pace = u128::from(count) * 1_000_000 / took.max(1);
        println!(
            "{what} {count} {of} in {} ms: {pace} a second; processor {own} ms here, {server} ms in the server",
            took / 1_000
        );
    }
}

/// Processor time of a process, in milliseconds (Linux counts in hundredths of a second).
fn spent(process: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10
}

/// Everybody gets something to go round with, then batches take it and give it back.
async fn fill(pool: &Pool, pairs: u64, users: u64) {
    store::bring(pool, pairs, users).await;
    let all = (1..=users).map(|user| posting(Account::FUNDS, Account::payable(user), 1_000)).collect();
    write(pool, &[Transaction { cause: Cause::entry(1), at: 1_699_999_999, block: 1, postings: all }]).await;
    let started = Instant::now();
    let mut next = 1;
    while next <= pairs {
        let last = (next + CHUNK - 1).min(pairs);
        let chunk: Vec<Transaction> = (next..=last).flat_map(|number| pair(number, users)).collect();
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
fn pair(number: u64, users: u64) -> [Transaction; 2] {
    let users = [0, 333, 666].map(|off| 1 + (number * 7 + off) % users);
    let (at, block) = (1_700_000_000 + number * 100, 100 + number);
    let taken = users.map(|user| posting(Account::payable(user), Account::in_batch(user), 1));
    let back = taken.map(|taken| Posting { debit: taken.credit, credit: taken.debit, ..taken });
    [
        Transaction { cause: Cause::batch_built(number), at, block, postings: taken.to_vec() },
        Transaction { cause: Cause::batch_closed(number), at, block, postings: back.to_vec() },
    ]
}
