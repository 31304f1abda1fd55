//! `banyan plan show`: what one payment does.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use banyan_engine::Plan;
use banyan_engine::illustration::{Illustration, Part};
use banyan_types::Amount;

use super::table;
use crate::commands::read_plan;

/// Columns of a line of words.
const WIDTH: usize = 110;

/// Arguments of `banyan plan show`.
#[derive(clap::Args)]
pub struct Args {
    /// The plan file.
    file: PathBuf,
    /// What is paid where the plan leaves that to the payer: a decimal number of the currency; without this
    /// 1000, or 1000000 of a currency without decimals.
    #[arg(long)]
    amount: Option<String>,
    /// Draws a board of the pool, or for a plan without a pool the sponsors above a payer, into this file as well.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Runs `banyan plan show`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let plan = read_plan(&args.file)?;
    let amount = args.amount.as_ref().map(|text| amount(text, &plan)).transpose()?;
    let illustration =
        Illustration::of(&plan, amount).with_context(|| format!("playing {}", args.file.display()))?;
    if let Some(path) = &args.svg {
        let picture = illustration.picture.as_ref();
        let picture = picture.context(
            "expected a plan with a pool or with shares for sponsors: this one has nothing to draw",
        )?;
        std::fs::write(path, picture).with_context(|| format!("expected to write to {}", path.display()))?;
    }
    std::io::stdout().write_all(text(&plan, &illustration).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn amount(text: &str, plan: &Plan) -> anyhow::Result<Amount> {
    let amount = Amount::from_decimal(text, plan.decimals()).context("--amount")?;
    anyhow::ensure!(amount.is_positive(), "--amount: expected an amount above 0, got {text:?}");
    Ok(amount)
}

fn text(plan: &Plan, illustration: &Illustration) -> String {
    let mut out = format!("{} (amounts in {})\n", plan.name(), plan.currency());
    for part in &illustration.parts {
        write_part(&mut out, part).expect("writing to a String cannot fail");
    }
    out
}

fn write_part(out: &mut String, part: &Part) -> std::fmt::Result {
    writeln!(out, "\n{}\n{}", part.title, "-".repeat(part.title.chars().count()))?;
    for (place, table) in part.tables.iter().enumerate() {
        if place > 0 {
            out.push('\n');
        }
        if !table.caption.is_empty() {
            writeln!(out, "{}:", table.caption)?;
        }
        table::write(out, &table.head, &table.rows);
    }
    out.push('\n');
    part.words.iter().for_each(|words| write_words(out, words));
    Ok(())
}

/// A sentence as an item of a list, in lines of a width that can be read.
fn write_words(out: &mut String, words: &str) {
    let mut line = String::from("-");
    for word in words.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}
