//! `banyan serve`: the HTTP API.

use std::process::ExitCode;

use banyan_api::{Foundations, Server};

use crate::process;
use crate::settings::{ConfigArgs, Settings};

/// Serves until told to stop.
pub fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(args)?;
    process::run(serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let pool = settings.pool("banyan serve").await?;
    let server = Server::open(Foundations {
        redis_url: settings.redis.url.clone(),
        payouts: settings.payouts(pool.clone())?,
        pool,
        view: settings.view()?,
        chain_id: settings.chain.id,
        start_block: settings.chain.start_block,
        plans: settings.plans()?,
        signer: settings.signer()?,
        settings: settings.api,
        operators: settings.operators,
    })
    .await?;
    tracing::info!(listen = %server.address()?, "the API is ready");
    Ok(server.run(process::asked_to_stop()).await?)
}
