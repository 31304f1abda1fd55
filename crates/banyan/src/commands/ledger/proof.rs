//! `banyan ledger proof`: every account beside the sum of its postings, debits beside credits, funds beside all else.

use std::process::ExitCode;
use std::time::Instant;

use banyan_ledger::store::proof;

use super::snapshot;
use crate::commands::verdict::ENDINGS;
use crate::settings::{ConfigArgs, Settings};

/// What `banyan ledger proof` takes.
#[derive(clap::Args)]
#[command(after_help = ENDINGS)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Ends with 1 if an account differs or the sides are uneven.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&args.config)?;
    let mut work = snapshot(&settings).await?;
    let started = Instant::now();
    let proof = proof(&mut work).await?;
    let took = started.elapsed();
    println!("{:<9} {:>9} {:>30} {:>30} {:>30}", "kind", "accounts", "debits", "credits", "balance (wei)");
    for kind in &proof.kinds {
        let (debits, credits, kept) =
            (kind.debits.to_string(), kind.credits.to_string(), kind.kept.to_string());
        println!("{:<9} {:>9} {debits:>30} {credits:>30} {kept:>30}", kind.kind.name(), kind.accounts);
    }
    if let Some((debits, credits)) = proof.sides() {
        println!("debits {debits}, credits {credits}");
    }
    let claims = proof.totals.claims().map_or_else(|| "beyond any amount".to_owned(), |it| it.to_string());
    println!("funds {}, all else {claims}", proof.totals.funds);
    for it in &proof.imbalances {
        println!("{} is kept as {}, its postings add up to {}", it.account, it.kept, it.posted);
    }
    let word = if proof.holds() { "proven" } else { "NOT proven" };
    println!(
        "{} accounts over {} postings {word} in {} ms, {} differ",
        proof.accounts,
        proof.postings,
        took.as_millis(),
        proof.differing
    );
    Ok(if proof.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
