//! `banyan plan lint`: what is wrong with a plan file, for people or machines. The judgement is the engine's.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use banyan_engine::lint::{About, Before, Example, Finding, Member, Options, Report, Severity, lint};
use banyan_types::{Amount, Bps};

const ENDINGS: &str = "Exit codes: 0 no errors, 1 errors (with --strict also warnings), 2 the file is no plan.\n\
                       docs/lint.md explains every code.";

/// Arguments of `banyan plan lint`.
#[derive(clap::Args)]
#[command(after_help = ENDINGS)]
pub struct Args {
    /// The plan file.
    file: PathBuf,
    /// The file of the plan in force: reports what a running programme refuses to change.
    #[arg(long, value_name = "OLD")]
    after: Option<PathBuf>,
    /// How much of what is promised to sponsors may find none among the first participants, such as 10 or 12.5.
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "25")]
    threshold: Bps,
    /// Ends with 1 for warnings, too.
    #[arg(long)]
    strict: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Writes every tree that shows a fault into this folder, as events for `banyan simulate`.
    #[arg(long, value_name = "FOLDER")]
    examples: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: one block a finding.
    Text,
    /// For machines: one JSON object.
    Json,
}

/// A percentage, with or without its sign.
fn percent(text: &str) -> Result<Bps, String> {
    format!("{}%", text.trim_end_matches('%')).parse().map_err(|err: banyan_types::BpsError| err.to_string())
}

/// Runs `banyan plan lint`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let text = read(&args.file)?;
    let before = args.after.as_deref().map(before).transpose()?;
    let report = lint(&text, &Options { threshold: args.threshold, after: before.as_ref() });
    let printed = match args.format {
        Format::Text => people(&args.file, &report),
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
    };
    if let Some(folder) = &args.examples {
        write_examples(folder, &report)?;
    }
    std::io::stdout().write_all(printed.as_bytes())?;
    Ok(ending(&report, args.strict))
}

fn ending(report: &Report, strict: bool) -> ExitCode {
    let bad = report.count(Severity::Error) > 0 || strict && !report.findings.is_empty();
    match (&report.plan, bad) {
        (None, _) => ExitCode::from(2),
        (Some(_), true) => ExitCode::FAILURE,
        (Some(_), false) => ExitCode::SUCCESS,
    }
}

/// A file that is no UTF-8 is read as far as that goes: the lint then says in which line it is no plan.
fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("expected a plan file at {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn before(path: &Path) -> anyhow::Result<Before> {
    Before::read(&read(path)?).with_context(|| format!("{}", path.display()))
}

/// One file of events for each finding with a tree, named by its code.
fn write_examples(folder: &Path, report: &Report) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("expected a folder at {}", folder.display()))?;
    for finding in &report.findings {
        let Some(example) = &finding.example else { continue };
        let lines: String = example.events.iter().map(|event| format!("{event}\n")).collect();
        let path = folder.join(format!("{}.jsonl", finding.code.name()));
        std::fs::write(&path, lines).with_context(|| format!("expected to write to {}", path.display()))?;
    }
    Ok(())
}

fn people(file: &Path, report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        block(&mut out, file, report.plan.as_ref(), finding).expect("writing to a String cannot fail");
        out.push('\n');
    }
    let count = |severity, name: &str| match report.count(severity) {
        1 => format!("1 {name}"),
        n => format!("{n} {name}s"),
    };
    let (errors, warnings) = (count(Severity::Error, "error"), count(Severity::Warning, "warning"));
    out + &format!("{}: {errors}, {warnings}\n", file.display())
}

fn block(out: &mut String, file: &Path, plan: Option<&About>, finding: &Finding) -> std::fmt::Result {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
    writeln!(out, "{}{line}: {severity} {}: {}", file.display(), finding.code.name(), finding.key)?;
    writeln!(out, "  {}", finding.says)?;
    for number in &finding.numbers {
        writeln!(out, "    {}: {}", number.name, number.value)?;
    }
    if let Some((example, plan)) = finding.example.as_ref().zip(plan) {
        tree(out, plan, example)?;
    }
    writeln!(out, "  to mend: {}", finding.mend)?;
    for edit in &finding.edits {
        match &edit.to {
            Some(value) => writeln!(out, "    {} = {value}", edit.key)?,
            None => writeln!(out, "    {} taken away", edit.key)?,
        }
    }
    Ok(())
}

/// Who stands under whom and pays what: a line for each sponsor, and one for each chain.
fn tree(out: &mut String, plan: &About, example: &Example) -> std::fmt::Result {
    let amount = |amount: Amount| amount.to_decimal(plan.decimals);
    let people = &example.members;
    writeln!(out, "  the tree, with what each pays ({}, in {}):", example.payment, plan.currency)?;
    let legs = |user: &str| people.iter().filter(|member| member.sponsor == user).collect::<Vec<&Member>>();
    let mut sponsors = vec!["company".to_owned()];
    sponsors.extend(people.iter().map(|member| member.user.clone()));
    let mut told = sponsors.iter();
    while let Some(sponsor) = told.next() {
        let mut line = sponsor.clone();
        let mut below = legs(sponsor);
        // A chain is told in one line: everybody in it comes right after her sponsor.
        while let [one] = below.as_slice() {
            let next = legs(&one.user);
            if next.is_empty() {
                break;
            }
            write!(line, " > {} {}", one.user, amount(one.pays))?;
            below = next;
            told.next();
        }
        if !below.is_empty() {
            let legs: Vec<String> =
                below.iter().map(|member| format!("{} {}", member.user, amount(member.pays))).collect();
            writeln!(out, "    {line} > {}", legs.join(", "))?;
        }
    }
    let rewards: Vec<String> =
        example.rewards.iter().map(|paid| format!("{} {}", paid.kind, amount(paid.amount))).collect();
    let (income, payout) = (amount(example.income), amount(example.payout));
    writeln!(out, "    income {income}, payout {payout}: {}", rewards.join(" + "))
}
