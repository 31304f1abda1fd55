//! `banyan migrate`: brings the database's schema up to date.

use std::process::ExitCode;

use anyhow::Context;

use crate::process;
use crate::settings::{ConfigArgs, Settings};

/// Migrates with the owner's role; the services' own role owns nothing.
pub fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(args)?;
    let owner = settings.database.owner_url.as_deref();
    let owner = owner.context(
        "expected database.owner_url, the role that owns the database: migrations change its tables",
    )?;
    process::run(async move {
        banyan_ledger::migrate(owner).await?;
        println!("the database is migrated");
        Ok(())
    })
}
