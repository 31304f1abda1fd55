//! Audits a contract as `banyan audit` does and prints the pace:
//! `cargo run --release -p banyan-audit --example audit_pace -- <rpc> <contract> <from-block> <plan file>`, for instance
//! over what `cargo run --release -p banyan-testkit --example long_chain -- 100000 600` keeps up.

use std::time::Duration;

use banyan_audit::{Request, audit};
use banyan_chain::{ContractView, Node};
use banyan_entitlement::{ContractPlan, Plans};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &'static str| arguments.next().ok_or(what);
    let node = Node::connect(&next("the node's address")?, Duration::from_secs(120))?;
    let view = ContractView::new(node, next("the contract's address")?.parse()?);
    let from_block = next("the first block")?.parse()?;
    let mut plans = Plans::new();
    plans.add(ContractPlan::from_toml(&std::fs::read_to_string(next("a plan file")?)?)?);
    let finality = Default::default();
    let (chain_id, to_block, books) = (None, None, None);
    let audit = audit(Request { view, chain_id, finality, plans, from_block, to_block, books }).await?;
    println!("{:#?}\n{:#?}\nclean: {}", audit.events, audit.pace, audit.clean);
    Ok(())
}
