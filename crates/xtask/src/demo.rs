//! The whole circle, before one's eyes: the product comes up on a local chain, and people join, are paid, and try what
//! they should not.

use anyhow::{Result, bail};
use banyan_testkit::contract::Roles;
use banyan_testkit::postgres::Durability;
use banyan_testkit::process::{self, BUILT};
use banyan_testkit::stack::{self, Service, Stack};
use banyan_testkit::{anvil, story};

use crate::{command, setup};

/// What can be said about a demo.
#[derive(clap::Args)]
pub struct Options {
    /// Leave everything running afterwards, until Ctrl-C.
    #[arg(long)]
    stay: bool,
    /// Seed of everything random in the story; the same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many people register after the worked example's fifteen.
    #[arg(long, default_value_t = 100)]
    people: u32,
}

/// Wallets beyond those of the random people: the worked example's, and those who misbehave.
const OTHERS: u32 = 60;

/// Sets up, starts the product, tells the story, and stops everything unless asked to leave it.
///
/// # Errors
/// When something does not start, or a number in the story is off.
pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    if std::env::var_os(BUILT).is_none() {
        println!("Building (a few minutes the first time) …");
        command::run(&mut process::build_command()?)?;
    }
    story::build()?;
    tokio::runtime::Runtime::new()?.block_on(tell(options))
}

async fn tell(options: &Options) -> Result<()> {
    println!("Starting the product …");
    let people = (options.people + OTHERS).max(stack::Options::default().people);
    let durability = Durability::Kept;
    let wanted = stack::Options { durability, own_postgres: true, people, ..stack::Options::default() };
    let mut stack = Stack::start(&wanted, |line| println!("  {line}")).await?;
    let Options { seed, people, stay } = *options;
    println!();
    let told = story::program(&stack, story::Options { seed, people, stay })?.forwarded().start()?.wait();
    if !told.success() {
        println!("The logs of the services are in {}", stack.keep_folder().join("logs").display());
    }
    if stay {
        print(&stack, people);
        tokio::signal::ctrl_c().await?;
        println!("Stopping …");
    }
    if told.success() { Ok(()) } else { bail!("the story did not end well ({told})") }
}

/// Where everything is, and with which keys, for somebody who goes on by hand.
fn print(stack: &Stack, people: u32) {
    println!("\nEverything is still running; Ctrl-C stops it and removes its data.");
    println!("  API           {} (its description: {0}/openapi.json)", stack.api_url());
    for service in [Service::Serve, Service::Listen, Service::Settle] {
        println!("  metrics       {}  ({})", stack.metrics_url(service), service.title());
    }
    println!("  chain         {} (chain id {})", stack.anvil().url(), anvil::CHAIN_ID);
    println!("  contract      {}", stack.settlement().address);
    println!("  PostgreSQL    {}", stack.database().url());
    println!("  configuration {}", stack.config_file().display());
    println!("  logs          {}", stack.logs().display());
    println!("Keys of the local chain, worth nothing anywhere else (\"{}\"):", anvil::MNEMONIC);
    let roles = [
        ("admin", Roles::ADMIN),
        ("programme", Roles::PROGRAMME),
        ("guardian", Roles::GUARDIAN),
        ("executor", Roles::EXECUTOR),
        ("operator", Roles::OPERATOR),
        // The last wallet of the crowd's: nobody in the story had it.
        ("a newcomer", Roles::FIRST_PERSON + (people + OTHERS - 1) as usize),
    ];
    for (name, wallet) in roles {
        println!("  {name:<13} {}  {}", stack.anvil().address(wallet), stack.anvil().key(wallet));
    }
}
