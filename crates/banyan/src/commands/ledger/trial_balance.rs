//! `banyan ledger trial-balance`: all accounts by kind, by the journal and by everything else.

use std::process::ExitCode;

use banyan_ledger::store::{differences_at, totals_at};
use banyan_ledger::{Source, Totals};

use super::{AsOf, snapshot, told};
use crate::commands::verdict::ENDINGS;
use crate::settings::{ConfigArgs, Settings};

/// Accounts that differ are named up to this many.
const NAMED: u32 = 100;

/// What `banyan ledger trial-balance` takes.
#[derive(clap::Args)]
#[command(after_help = ENDINGS)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    as_of: AsOf,
}

/// Ends with 1 if the funds are not all else, or journal and projections differ.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&args.config)?;
    let mut work = snapshot(&settings).await?;
    let moment = args.as_of.moment(&mut work).await?;
    let journal = totals_at(&mut work, Source::Journal, moment).await?;
    let projections = totals_at(&mut work, Source::Projections, moment).await?;
    println!("{:<9} {:>30} {:>30}", "", "journal (wei)", "projections (wei)");
    for ((name, posted), (_, projected)) in lines(&journal).into_iter().zip(lines(&projections)) {
        println!("{name:<9} {posted:>30} {projected:>30}");
    }
    let differences = differences_at(&mut work, moment, NAMED).await?;
    for it in &differences {
        println!("{}: the journal says {}, the projections {}", it.account, it.posted, it.projected);
    }
    let even = if journal.balanced() { "funds equal all else" } else { "FUNDS DO NOT EQUAL ALL ELSE" };
    println!("{even}; {} accounts told differently; {}", differences.len(), told(moment));
    let good = journal.balanced() && differences.is_empty();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn lines(totals: &Totals) -> [(&'static str, String); 8] {
    let Totals { funds, payable, company, reserved, in_batch, owed, suspense, excess } = totals;
    [
        ("funds", funds.to_string()),
        ("payable", payable.to_string()),
        ("company", company.to_string()),
        ("reserved", reserved.to_string()),
        ("in_batch", in_batch.to_string()),
        ("owed", owed.to_string()),
        ("suspense", suspense.to_string()),
        ("excess", excess.to_string()),
    ]
}
