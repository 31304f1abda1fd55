//! `banyan plan schema` and `banyan plan reference`: what a plan file may say, for editors and for people.

use std::io::Write;
use std::process::ExitCode;

use banyan_engine::Plan;

/// Prints the JSON Schema.
pub fn schema() -> anyhow::Result<ExitCode> {
    print(&Plan::json_schema())
}

/// Prints the reference.
pub fn reference() -> anyhow::Result<ExitCode> {
    print(&Plan::reference())
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
