//! What every handler may use: connections, keys, plans, figures. One value, shared by all requests.

use std::ops::Deref;
use std::sync::Arc;

use banyan_chain::eip712::Domain;
use banyan_chain::{ContractView, Node};
use banyan_entitlement::{ContractPlan, Plans};
use banyan_ledger::store::{Connection, Pool};
use banyan_reconciliation::{Reconciler, Replayer};
use banyan_settlement::Payouts;
use banyan_signer::client::SignerClient;
use banyan_types::PlanHash;
use redis::aio::ConnectionManager;

use crate::auth::{Nonces, SessionKeys};
use crate::decisions::Present;
use crate::explanations::Explanations;
use crate::metrics::Metrics;
use crate::problem::{Answer, Kind, Problem};
use crate::proofs::Proofs;
use crate::settings::{Operators, Settings};
use crate::store::intake;

/// The shared parts of the API.
pub struct Parts {
    /// The API's own settings.
    pub settings: Settings,
    /// Who has which roles.
    pub operators: Operators,
    /// The chain and the contract that payloads are for.
    pub domain: Domain,
    /// The plans at hand.
    pub plans: Plans,
    /// The database.
    pub pool: Pool,
    /// Limits and nonces.
    pub redis: ConnectionManager,
    /// The signer, as the API's client.
    pub signer: SignerClient,
    /// Payout batches, as settlement builds them.
    pub payouts: Payouts,
    /// Compares chain and books.
    pub reconciler: Reconciler,
    /// Derives the raw logs anew.
    pub replayer: Replayer,
    /// The contract on its node.
    pub view: ContractView,
    /// Signs access tokens.
    pub session_keys: SessionKeys,
    /// Sign-in nonces.
    pub nonces: Nonces,
    /// Figures for the operators.
    pub metrics: Metrics,
    /// States of the history that explanations begin with.
    pub explanations: Explanations,
    /// The tree under the root that stands.
    pub proofs: Proofs,
    /// The latest state, on which decisions are tried.
    pub present: Present,
}

/// A handle on the shared parts.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl App {
    /// Shares `parts`.
    pub fn new(parts: Parts) -> App {
        App(Arc::new(parts))
    }

    /// The node.
    pub fn node(&self) -> &Node {
        self.view.node()
    }

    /// The plan that payments are judged by now, with its hash.
    pub async fn plan_in_force(&self, connection: &mut Connection) -> Answer<(PlanHash, &ContractPlan)> {
        let last = intake::last_plan(connection).await?;
        if last.wound_up {
            return Err(Problem::new(
                Kind::ProgrammeWoundUp,
                "expected a plan in force, but the programme was wound up: what is payable stays payable",
            ));
        }
        Ok((last.hash, self.plan(last.hash)?))
    }

    /// The plan whose shape the trees have: the last that judged. One that the contract holds in force may not fit them.
    pub async fn shape(&self, connection: &mut Connection) -> Answer<&ContractPlan> {
        let judging = intake::judging_plan(connection).await?;
        self.plan(judging)
    }

    fn plan(&self, hash: PlanHash) -> Answer<&ContractPlan> {
        self.plans.get(hash).ok_or_else(|| {
            Problem::new(
                Kind::PlanNotAtHand,
                format!("the plan in force, {hash}, is not among plans.files: add its file and start again"),
            )
        })
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
