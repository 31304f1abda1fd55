//! `banyan audit`: everything that a contract ever did, read from a node, judged by the plan files and compared with what
//! the contract says of itself; with `--db` the books beside it, row by row.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use banyan_audit::{Audit, Request};
use banyan_chain::node::Finality;
use banyan_chain::{ContractView, Node};
use banyan_entitlement::{ContractPlan, Plans};
use banyan_ledger::store::connect;
use banyan_types::Address;

use super::verdict;
use crate::process;

/// How long an answer of the node is awaited.
const PATIENCE: Duration = Duration::from_secs(60);
/// Connections to the books: one snapshot.
const CONNECTIONS: u32 = 1;
/// What the configuration's keys are called here.
const FLAGS: [(&str, &str); 3] =
    [("chain.rpc_url", "--rpc"), ("chain.id", "--chain-id"), ("database.url", "--db")];

/// What `banyan audit` takes.
#[derive(clap::Args)]
#[command(after_help = verdict::ENDINGS)]
pub struct Args {
    /// HTTP address of an RPC node.
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// The settlement contract.
    #[arg(long, value_name = "ADDRESS")]
    contract: Address,
    /// A plan file; one for each plan that was ever in force.
    #[arg(long = "plan", value_name = "FILE", required = true, num_args = 1..)]
    plans: Vec<PathBuf>,
    /// The books, which are compared as well: a PostgreSQL address of a role that may read.
    #[arg(long, value_name = "URL")]
    db: Option<String>,
    /// The block that created the contract, or any before it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    from_block: u64,
    /// The last block; the newest final one when left out, or that at which the books stand.
    #[arg(long, value_name = "N")]
    to_block: Option<u64>,
    /// The chain that the node must be on; any when left out.
    #[arg(long, value_name = "ID")]
    chain_id: Option<u64>,
    /// How the node says which block is final: `finalized` or `eth_getFinalizedBlock`.
    #[arg(long, default_value = "finalized")]
    finality: Finality,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Ends with 1 if something differs.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    process::run_to(async move {
        let json = args.json;
        let audit = audited(args).await.map_err(|error| verdict::of_flags(&error, &FLAGS))?;
        if json {
            println!(
                "{}",
                serde_json::to_string_pretty(&audit).context("the result cannot be written as JSON")?
            );
        } else {
            tell(&audit);
        }
        Ok(if audit.clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

async fn audited(args: Args) -> anyhow::Result<Audit> {
    Ok(banyan_audit::audit(request(args).await?).await?)
}

async fn request(args: Args) -> anyhow::Result<Request> {
    let mut plans = Plans::new();
    for file in &args.plans {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("expected a plan file at {}", file.display()))?;
        plans.add(ContractPlan::from_toml(&text).with_context(|| format!("{}", file.display()))?);
    }
    let books = match &args.db {
        Some(url) => Some(connect(url, "banyan audit", CONNECTIONS).await?),
        None => None,
    };
    let Args { chain_id, finality, from_block, to_block, .. } = args;
    let view = ContractView::new(Node::connect(&args.rpc, PATIENCE)?, args.contract);
    Ok(Request { view, chain_id, finality, plans, from_block, to_block, books })
}

fn tell(audit: &Audit) {
    if let Some(first) = audit.findings.first() {
        println!("DIFFERENT: {} differences; the first:\n{first}\n", audit.finding_count);
    } else {
        println!("CLEAN: what the contract did is what its plans say{}\n", books(audit));
    }
    let (it, events) = (&audit.figures, audit.events);
    println!(
        "contract   {} on chain {}, blocks {} to {}",
        it.contract, it.chain_id, it.from_block, it.to_block
    );
    println!("history    entry {}, head {}, plan {}", it.seq, it.head, it.plan);
    println!("root       {} over {} accounts", it.root, it.accounts);
    println!(
        "events     {}: {} registrations, {} retopups, {} directives, {} payments, {} owed, {} withdrawals, {} batches, {} roots, {} others",
        events.total,
        events.registrations,
        events.retopups,
        events.directives,
        events.payments,
        events.owed,
        events.withdrawals,
        events.batches,
        events.roots,
        events.others
    );
    println!(
        "wei        in {}, paid {}, of it still owed {}, earned {}",
        it.total_in, it.total_paid, it.total_owed, it.earned
    );
    println!("balance    {}, of it forced in {}", it.balance, it.excess);
    println!("time       {} ms, {} events a second", audit.pace.milliseconds, audit.pace.events_per_second);
    for (class, count) in &audit.pace.faults {
        println!("node       fault {class}, {count} times; it was asked again");
    }
}

fn books(audit: &Audit) -> &'static str {
    if audit.books { ", and what the books have" } else { "" }
}
