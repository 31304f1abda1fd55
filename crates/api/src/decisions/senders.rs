//! Who can send a directive: the holder of the contract's role, from the contract's own events, and whether it is a
//! timelock, so that the directive has to be scheduled first.

use banyan_chain::contract::{Role, TimelockRole};
use banyan_chain::{Node, timelock};
use banyan_entitlement::Directive;
use banyan_types::{Address, B256};

use super::Standing;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::directives;

/// Who sends, and through what.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The contract's role that the directive needs.
    pub role: Role,
    /// Who holds it.
    pub holder: Address,
    /// The holder as a timelock, if it is one.
    pub timelock: Option<Timelock>,
}

/// A timelock that holds the role.
#[derive(Clone, Copy, Debug)]
pub struct Timelock {
    /// Its address.
    pub address: Address,
    /// Its least delay in seconds.
    pub delay: u64,
    /// Who may schedule, if it is one that we know: a holder of the programme role.
    pub proposer: Option<Address>,
    /// Whether anybody may execute what is due.
    pub open: bool,
}

/// The role that the contract asks of whoever sends the directive.
pub fn role_of(directive: &Directive) -> Role {
    match directive {
        Directive::Plan(_) | Directive::WindUp => Role::Admin,
        Directive::Place { .. } | Directive::Grant { .. } => Role::Programme,
    }
}

/// The role's name as answers say it.
pub fn name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Recovery => "recovery",
        Role::Programme => "programme",
        Role::Guardian => "guardian",
        Role::Executor => "executor",
        Role::IntakeSigner => "intake signer",
        Role::PayoutSigner => "payout signer",
    }
}

/// Who can send a directive as of the books' last block. A timelock goes before other holders.
pub async fn find(app: &App, standing: &Standing, directive: &Directive) -> Answer<Sender> {
    let role = role_of(directive);
    let block = standing.cursor.block_hash;
    let mut connection = app.pool.acquire().await?;
    let named = directives::holders(&mut connection, role.id().as_slice()).await?;
    let programme = directives::holders(&mut connection, Role::Programme.id().as_slice()).await?;
    drop(connection);
    let mut first = None;
    for holder in named {
        if !app.view.has_role(block, role, holder).await? {
            continue;
        }
        if let Some(timelock) = lock(app.node(), block, holder, &programme).await? {
            return Ok(Sender { role, holder, timelock: Some(timelock) });
        }
        first = first.or(Some(holder));
    }
    first.map(|holder| Sender { role, holder, timelock: None }).ok_or_else(|| {
        let detail = format!(
            "expected a holder of the contract's role {}, which may send this directive, got none as of block {}: grant the role first",
            role.name(),
            standing.cursor.block
        );
        Problem::new(Kind::RoleVacant, detail)
    })
}

async fn lock(node: &Node, block: B256, holder: Address, known: &[Address]) -> Answer<Option<Timelock>> {
    let Some(delay) = timelock::least_delay(node, block, holder).await? else { return Ok(None) };
    let open = timelock::may(node, block, holder, (TimelockRole::Executor, Address::ZERO)).await?;
    let mut proposer = None;
    for account in known {
        if timelock::may(node, block, holder, (TimelockRole::Proposer, *account)).await? {
            proposer = Some(*account);
            break;
        }
    }
    Ok(Some(Timelock { address: holder, delay, proposer, open }))
}
