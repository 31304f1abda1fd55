//! `banyan ledger balance`: what one account or one user had.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use banyan_ledger::store::{balance_at, user_balances_at};
use banyan_ledger::{Account, AccountKind, Source};

use super::{AsOf, snapshot, told};
use crate::commands::verdict::ENDINGS;
use crate::settings::{ConfigArgs, Settings};

/// What `banyan ledger balance` takes.
#[derive(clap::Args)]
#[command(after_help = ENDINGS)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    as_of: AsOf,
    /// An account, such as payable/7 or funds/0.
    #[arg(long, conflicts_with = "user", required_unless_present = "user")]
    account: Option<String>,
    /// A user's number; 0 is the company.
    #[arg(long)]
    user: Option<u64>,
}

/// Prints it in wei, as the journal and as the projections have it; ends with 1 if the two differ.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(&args.config)?;
    let mut work = snapshot(&settings).await?;
    let moment = args.as_of.moment(&mut work).await?;
    let mut same = true;
    match (&args.account, args.user) {
        (Some(text), _) => {
            let account = account(text)?;
            let posted = balance_at(&mut work, Source::Journal, account, moment).await?;
            let projected = balance_at(&mut work, Source::Projections, account, moment).await?;
            println!("{account} {posted} wei");
            if posted != projected {
                same = false;
                println!("entries, payments and batches say {projected} wei");
            }
        }
        (None, Some(user)) => {
            let posted = user_balances_at(&mut work, Source::Journal, user, moment).await?;
            let projected = user_balances_at(&mut work, Source::Projections, user, moment).await?;
            println!("payable {} wei\nreserved {} wei", posted.payable, posted.reserved);
            println!("in batch {} wei\nowed {} wei", posted.in_batch, posted.owed);
            if posted != projected {
                same = false;
                println!("entries, payments and batches say something else: {projected:?}");
            }
        }
        (None, None) => bail!("expected --account or --user"),
    }
    println!("{}", told(moment));
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn account(text: &str) -> anyhow::Result<Account> {
    let (kind, owner) = text.split_once('/').unwrap_or((text, "0"));
    let known = AccountKind::from_name(kind).zip(owner.parse().ok());
    let (kind, owner) = known.with_context(|| {
        let kinds = AccountKind::ALL.map(AccountKind::name).join(", ");
        format!("expected a kind ({kinds}) and an owner, such as payable/7, as `--account`, got {text:?}")
    })?;
    Ok(Account { kind, owner })
}
