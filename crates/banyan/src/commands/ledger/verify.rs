//! `banyan ledger verify`: reads the whole journal again and says the first row that is not what it should be.

use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use banyan_ledger::store::{acquire, connect, verify};
use banyan_ledger::{SealPoint, Verified};

use crate::commands::verdict;
use crate::settings::{ConfigArgs, Settings};

/// What `banyan ledger verify` takes.
#[derive(clap::Args)]
#[command(after_help = verdict::ENDINGS)]
pub struct Args {
    /// The database; without it, that of the configuration.
    #[arg(long, value_name = "URL")]
    db: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
    /// A seal that is known to be right, from an earlier run: the journal before it is not read again.
    #[arg(long, value_name = "NUMBER:HASH")]
    from: Option<Known>,
}

/// A seal as it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known(SealPoint);

impl FromStr for Known {
    type Err = String;

    fn from_str(text: &str) -> Result<Known, String> {
        let expected = || format!("expected NUMBER:HASH as an earlier run printed it, got {text:?}");
        let (number, hash) = text.split_once(':').ok_or_else(expected)?;
        let hash: banyan_types::B256 = hash.parse().map_err(|_| expected())?;
        Ok(Known(SealPoint { number: number.parse().map_err(|_| expected())?, hash: hash.0 }))
    }
}

/// Ends with 1 if a row is wrong.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let url = match &args.db {
        Some(url) => url.clone(),
        None => Settings::read(&args.config)?.database.url,
    };
    let pool = connect(&url, "banyan ledger verify", 1).await.map_err(|error| match &args.db {
        Some(_) => verdict::of_flags(&error.into(), &[("database.url", "--db")]),
        None => error.into(),
    })?;
    let started = Instant::now();
    let mut connection = acquire(&pool).await?;
    let verified = verify(&mut connection, args.from.map(|known| known.0)).await;
    let verified = verified.context("the books could not be read to their end")?;
    tell(&verified, started.elapsed());
    Ok(if verified.finding.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(verified: &Verified, took: Duration) {
    let rows = verified.rows();
    let per_second = u128::from(rows) * 1_000_000 / took.as_micros().max(1);
    println!(
        "{} transactions and {} postings: {rows} rows in {} ms, {per_second} rows/s",
        verified.transactions,
        verified.postings,
        took.as_millis()
    );
    println!("{} of the transactions wait for their seal", verified.unsealed);
    println!("last seal {}:{}", verified.last.number, banyan_types::B256::from(verified.last.hash));
    if verified.lifts > 0 {
        println!(
            "{} stops of batches were lifted: the audit log says by whom (action lift_stop)",
            verified.lifts
        );
    }
    match &verified.finding {
        None => println!("{} accounts; every row is what it should be", verified.accounts),
        Some(finding) => println!("WRONG: {finding}"),
    }
}
