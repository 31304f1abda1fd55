//! `banyan ledger statement`: every movement of what is a user's, with its cause, and what was left after it.

use std::process::ExitCode;

use banyan_ledger::store::{moment, movements, statement};
use banyan_ledger::{Asked, Extract, Source, UserBalances};

use super::{AsOf, date, snapshot, told};
use crate::commands::verdict::ENDINGS;
use crate::settings::{ConfigArgs, Settings};

/// Lines read at once.
const PAGE: usize = 10_000;

/// What `banyan ledger statement` takes.
#[derive(clap::Args)]
#[command(after_help = ENDINGS)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    as_of: AsOf,
    /// The user's number; 0 is the company.
    #[arg(long)]
    user: u64,
    /// The opening balance is as of this block, and lines begin after it.
    #[arg(long, value_name = "BLOCK")]
    since: Option<u64>,
}

/// Ends with 1 if entries, payments and batches tell the movements differently.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&args.config)?;
    let mut work = snapshot(&settings).await?;
    let to = args.as_of.moment(&mut work).await?;
    let from = match args.since {
        Some(block) => Some(moment(&mut work, Asked::Block(block)).await?),
        None => None,
    };
    let mut extract = Extract { user: args.user, from, to, after: 0, limit: PAGE };
    loop {
        let page = statement(&mut work, &extract).await?;
        if extract.after == 0 {
            println!("opening  {}", line_of(&page.opening));
        }
        for line in &page.lines {
            println!(
                "{:>6} {} block {} {}: {} {} from or to {}, balance {}",
                line.number,
                date(line.at),
                line.block,
                line.cause,
                line.account,
                line.change,
                line.other,
                line.balance
            );
        }
        match page.lines.last().filter(|_| page.more) {
            Some(last) => extract.after = last.number,
            None => {
                println!("closing  {}", line_of(&page.closing));
                break;
            }
        }
    }
    let posted = movements(&mut work, Source::Journal, args.user, to).await?;
    let projected = movements(&mut work, Source::Projections, args.user, to).await?;
    println!("{}", told(to));
    if posted == projected {
        println!("entries, payments and batches tell the same");
        return Ok(ExitCode::SUCCESS);
    }
    let first = posted.iter().zip(&projected).find(|(one, other)| one != other);
    match first {
        Some((one, _)) => {
            println!("entries, payments and batches tell {} of {} differently", one.cause, one.account)
        }
        None => println!(
            "entries, payments and batches tell {} movements, the journal {}",
            projected.len(),
            posted.len()
        ),
    }
    Ok(ExitCode::FAILURE)
}

fn line_of(balances: &UserBalances) -> String {
    let UserBalances { payable, reserved, in_batch, owed } = balances;
    format!("payable {payable}, reserved {reserved}, in batch {in_batch}, owed {owed} (wei)")
}
