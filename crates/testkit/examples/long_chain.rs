//! Makes a long chain and says how long it took: `cargo run -p banyan-testkit --example long_chain -- 100000`. With a
//! second argument it stays up for that many seconds, to be read by another program.

use std::time::{Duration, Instant};

use banyan_testkit::contract::long::LongChain;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let events = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let stay = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let start = Instant::now();
    let chain = LongChain::make(include_str!("../../../config/plans/autopool.toml"), events).await?;
    let accounts = chain.entitlements.account_count();
    println!(
        "{} events, {accounts} accounts, {} blocks in {:?}",
        chain.events,
        chain.anvil.head().await?,
        start.elapsed()
    );
    println!(
        "--rpc {} --contract {} --from-block {}",
        chain.anvil.url(),
        chain.settlement.address,
        chain.settlement.start_block
    );
    tokio::time::sleep(Duration::from_secs(stay)).await;
    Ok(())
}
