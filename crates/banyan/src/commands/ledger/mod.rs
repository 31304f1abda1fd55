//! `banyan ledger …`: the books as of any block or time, and the proof of them. Every answer says as of which block and
//! time it is true; all of it is finalized.

mod balance;
mod proof;
mod statement;
mod trial_balance;
mod verify;

use std::process::ExitCode;

use anyhow::Context as _;
use banyan_ledger::store::{Work, moment};
use banyan_ledger::{Asked, Moment};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::process;
use crate::settings::Settings;

/// What the books can be asked.
#[derive(clap::Subcommand)]
pub enum Command {
    /// What one account or one user had.
    Balance(balance::Args),
    /// Proves that every account equals its postings, and that debits equal credits.
    Proof(proof::Args),
    /// Every movement of what is a user's.
    Statement(statement::Args),
    /// All accounts by kind, by the journal and by everything else.
    TrialBalance(trial_balance::Args),
    /// Reads the whole journal again and says the first row that is not what it should be.
    Verify(verify::Args),
}

/// Does it; the exit code is 1 where something differs.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Balance(args) => process::run_to(balance::run(args)),
        Command::Proof(args) => process::run_to(proof::run(args)),
        Command::Statement(args) => process::run_to(statement::run(args)),
        Command::TrialBalance(args) => process::run_to(trial_balance::run(args)),
        Command::Verify(args) => process::run_to(verify::run(args)),
    }
}

/// As of when.
#[derive(clap::Args)]
struct AsOf {
    /// As of this block, included; now, unless said.
    #[arg(long, conflicts_with = "time")]
    block: Option<u64>,
    /// As of the last block at or before this time, such as 2026-01-31T23:59:59Z.
    #[arg(long, value_name = "RFC3339")]
    time: Option<String>,
}

impl AsOf {
    async fn moment(&self, work: &mut Work<'_>) -> anyhow::Result<Moment> {
        let asked = match (self.block, &self.time) {
            (Some(block), _) => Asked::Block(block),
            (None, None) => Asked::Now,
            (None, Some(text)) => {
                let time = OffsetDateTime::parse(text, &Rfc3339)
                    .ok()
                    .and_then(|time| u64::try_from(time.unix_timestamp()).ok());
                Asked::Time(time.with_context(|| {
                    format!("expected a time like 2026-01-31T23:59:59Z as `--time`, got {text:?}")
                })?)
            }
        };
        Ok(moment(work, asked).await?)
    }
}

/// One view of the books for a whole answer, whoever writes meanwhile.
async fn snapshot(settings: &Settings) -> anyhow::Result<Work<'static>> {
    let pool = settings.pool("banyan ledger").await?;
    Ok(banyan_ledger::store::snapshot(&pool).await?)
}

/// `block 12 of 2026-01-31T23:59:59Z, finalized`
fn told(moment: Moment) -> String {
    format!("block {} of {}, finalized", moment.block, date(moment.time))
}

fn date(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|it| OffsetDateTime::from_unix_timestamp(it).ok());
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| format!("second {seconds}"))
}
