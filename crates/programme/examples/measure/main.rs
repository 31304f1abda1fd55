//! What `cargo xtask bench ledger` runs: the books under load, on a PostgreSQL server of its own with the durability that
//! is the server's default.
//!
//! `measure ROUNDS PEOPLE ROWS`: books grow to so many participants and at least so many rows of the journal, by the way
//! that the listener takes; then everything is measured in turn, so many times. Each figure is a line of JSON on the
//! standard output as soon as it is known; what is going on is told on the standard error. A wrong result is an error.
#![allow(clippy::float_arithmetic, reason = "rates and times are no amounts")]

mod bookings;
mod books;
mod chain;
mod pgbench;
mod processor;
mod reads;
mod store;

use std::time::{Duration, Instant};

use banyan_testkit::postgres::{Durability, Options, Postgres};
use serde_json::json;

use bookings::Bookings;
use books::Books;

/// What goes wrong is told and ends the run.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Rows of the journal of the books that the large ones are compared with.
const SMALL: u64 = 100_000;
/// Growing ends after this long, however many participants there are by then, unless rows are asked for.
const LONGEST_GROWTH: Duration = Duration::from_secs(480);
/// Entries of one transaction: what the listener joins when it lags.
const RANGE: u64 = 1_000;
/// Entries of a figure.
const WINDOW: u64 = 10_000;

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<u64> =
        std::env::args().skip(1).map(|argument| argument.parse()).collect::<Result<_, _>>()?;
    let [rounds, people, rows] = arguments[..] else {
        return Err("expected `measure ROUNDS PEOPLE ROWS`".into());
    };
    let options = Options { durability: Durability::Kept, own: true, shared_buffers: "4GB" };
    let server = tokio::task::spawn_blocking(move || Postgres::start(options)).await??;
    store::tune(server.url()).await?;
    let mut small = Books::open(&server).await?;
    small.grow(|books| books.rows() >= SMALL).await?;
    let mut large = Books::open(&server).await?;
    grow(&mut large, people, rows).await?;
    let mut bookings = Bookings::open(&server, rounds).await?;
    pgbench::prepare(&server).await?;
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        pgbench::run(&server).await?;
        bookings.round().await?;
        compare(&mut small, &mut large).await?;
        reads::round(&mut large).await?;
    }
    eprintln!("proving the books");
    bookings.verify().await?;
    small.verify().await?;
    large.verify().await
}

/// The large books grow; what an entry costs is measured on the way.
async fn grow(books: &mut Books, people: u64, rows: u64) -> Outcome {
    let start = Instant::now();
    let mut next = 10_000.0f64;
    let in_time = || rows > 0 || start.elapsed() < LONGEST_GROWTH;
    while (books.people() < people || books.rows() < rows) && in_time() {
        let due = books.rows() as f64 >= next;
        let window = books.window(WINDOW, RANGE).await?;
        if due {
            tell("growth", books.rows() as f64, window.cost());
            next *= 10f64.sqrt().sqrt();
        }
        eprintln!(
            "{} people, {} rows: {:.0}/s, {:.0} µs",
            books.people(),
            books.rows(),
            window.rate(),
            window.cost()
        );
    }
    tell("growth", books.rows() as f64, books.window(WINDOW, RANGE).await?.cost());
    tell("people", 0.0, books.people() as f64);
    Ok(())
}

/// The same work on small and large books, one after the other.
async fn compare(small: &mut Books, large: &mut Books) -> Outcome {
    let at_small = small.window(WINDOW, RANGE).await?;
    let at_large = large.window(WINDOW, RANGE).await?;
    tell("small", small.rows() as f64, at_small.cost());
    tell("large", large.rows() as f64, at_large.cost());
    tell("registrations", large.people() as f64, at_large.rate());
    tell("rewards", large.people() as f64, at_large.reward_rate());
    tell("registrations_alone", large.people() as f64, 1e6 / at_large.cost());
    Ok(())
}

/// A figure, at some size where it depends on one.
fn tell(figure: &str, at: f64, value: f64) {
    println!("{}", json!({ "figure": figure, "at": at, "value": value }));
}
