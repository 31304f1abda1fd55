//! PostgreSQL's own benchmark on the same server, so that a figure can be compared over machines.

use std::process::Output;

use banyan_testkit::postgres::Postgres;
use tokio::process::Command;

use crate::{Outcome, tell};

/// Where Debian keeps it.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// Fills its tables, of a million rows.
pub async fn prepare(server: &Postgres) -> Outcome {
    pgbench(server, &["-i", "-q", "-s", "10"]).await.map(drop)
}

/// Its usual transactions from sixteen clients, and the same by prepared statements.
pub async fn run(server: &Postgres) -> Outcome {
    let output = pgbench(server, &["-c", "16", "-j", "2", "-T", "5", "-M", "prepared"]).await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    tell("pgbench", 0.0, rate.ok_or_else(|| format!("expected pgbench to tell its rate, got {text}"))?);
    Ok(())
}

async fn pgbench(server: &Postgres, arguments: &[&str]) -> Outcome<Output> {
    let folder = std::fs::read_dir(PROGRAMS)?.flatten().map(|version| version.path().join("bin/pgbench"));
    let program =
        folder.filter(|program| program.is_file()).max().ok_or("expected pgbench in /usr/lib/postgresql")?;
    let output = Command::new(program).args(arguments).arg(server.url()).output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(output)
}
