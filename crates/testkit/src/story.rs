//! The people of `tests/people`: a Node program that acts on a running product as wallets and operators do, through the
//! API and with ethers. This builds it and hands it one JSON file with everything it needs to know.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::anvil::{CHAIN_ID, MNEMONIC};
use crate::contract::Roles;
use crate::error::{Doing, Result};
use crate::process::{self, Program};
use crate::stack::{Service, Stack};
use crate::{install, paths};

/// How the story goes.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seed of everything that is random in it.
    pub seed: u64,
    /// Number of people who come after the worked example's.
    pub people: u32,
    /// Whether the product stays up afterwards.
    pub stay: bool,
}

/// The story as a program to start on a running product. It ends with an exit code that is not 0 when a number is off.
///
/// # Errors
/// When Node is missing, or the story does not build.
pub fn program(stack: &Stack, options: Options) -> Result<Program> {
    let folder = build()?;
    let path = stack.folder().join("story.json");
    let told =
        serde_json::to_string_pretty(&everything(stack, options)?).expect("a value of strings and numbers");
    std::fs::write(&path, told).doing(|| format!("writing {}", path.display()))?;
    let node = install::node()?;
    let program = Program::new("the story", node, stack.logs().join("story.log"));
    Ok(program.arg(folder.join("dist/story.js")).env("BANYAN_STORY", path))
}

/// Compiles `tests/people`, and returns its folder.
///
/// # Errors
/// When Node is missing, or the TypeScript compiler finds something.
pub fn build() -> Result<PathBuf> {
    let folder = paths::root().join("tests/people");
    install::npm(&folder)?;
    let mut compiler = Command::new(folder.join("node_modules/.bin/tsc"));
    install::run(compiler.arg("-p").arg(&folder))?;
    Ok(folder)
}

fn everything(stack: &Stack, options: Options) -> Result<serde_json::Value> {
    let key = |role: usize| stack.anvil().key(role);
    let work = stack.folder().join("story");
    std::fs::create_dir_all(&work).doing(|| format!("creating {}", work.display()))?;
    Ok(json!({
        "seed": options.seed,
        "people": options.people,
        "stay": options.stay,
        "rpcUrl": stack.anvil().url(),
        "chainId": CHAIN_ID,
        "contract": stack.settlement().address.to_string(),
        "startBlock": stack.settlement().start_block,
        "abiDir": paths::contracts().join("abi"),
        "apiUrl": stack.api_url(),
        "metricsUrls": {
            "api": stack.metrics_url(Service::Serve),
            "listener": stack.metrics_url(Service::Listen),
            "settlement": stack.metrics_url(Service::Settle),
        },
        "databaseUrl": stack.database().url(),
        "banyan": process::binary("banyan")?,
        "configFile": stack.config_file(),
        "planFile": stack.plan_file(),
        "workDir": work,
        "mnemonic": MNEMONIC,
        "firstPerson": Roles::FIRST_PERSON,
        "keys": {
            "admin": key(Roles::ADMIN),
            "recovery": key(Roles::RECOVERY),
            "programme": key(Roles::PROGRAMME),
            "guardian": key(Roles::GUARDIAN),
            "executor": key(Roles::EXECUTOR),
            "company": key(Roles::COMPANY),
            "operator": key(Roles::OPERATOR),
        },
    }))
}
