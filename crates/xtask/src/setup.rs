//! What must be on the machine before anything else: PostgreSQL, Redis, Node, and the npm packages that bring Foundry,
//! solc and ethers.

use anyhow::{Context as _, Result};
use banyan_testkit::{install, paths, postgres, redis};

/// Installs what is missing, and says nothing when nothing is.
///
/// # Errors
/// When something is missing that may not be installed from here, with the command to run.
pub fn run() -> Result<()> {
    install::check_node()?;
    postgres::ensure()?;
    redis::ensure()?;
    for folder in [paths::contracts(), paths::root().join("tests/people")] {
        install::npm(&folder)
            .with_context(|| format!("installing the npm packages of {}", folder.display()))?;
    }
    Ok(())
}
