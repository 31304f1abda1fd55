//! What operators do, and the log of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Call, Finality, Moment, UserRef};
use crate::store::actions::Logged;

/// Why an account is held or let go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeRequest {
    /// For the log.
    pub reason: Option<String>,
}

/// An account after it was held or let go.
#[derive(Serialize, ToSchema)]
pub struct Freeze {
    /// Who.
    pub user: UserRef,
    /// Held here: settlement does not pay it, from now on.
    pub held: bool,
    /// Frozen on the contract, as its events say: nobody can pay it.
    pub frozen: bool,
    /// The transaction that makes it binding on the contract, for a wallet with the role named there.
    pub call: Call,
    /// As of when `frozen` is true.
    pub finality: Finality,
}

/// Throws or releases the kill switch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KillSwitchRequest {
    /// On: no batch is built, signed or sent.
    pub on: bool,
    /// For the log, and for whoever asks why nothing moves.
    pub reason: String,
}

/// The kill switch.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct KillSwitch {
    /// Whether it is on.
    pub on: bool,
    /// Why; null if it was never touched.
    pub reason: Option<String>,
    /// Who set it.
    pub by: Option<String>,
    /// When, as RFC 3339.
    pub at: Option<String>,
}

/// A page of the log, newest first.
#[derive(Serialize, ToSchema)]
pub struct Logs {
    /// The lines.
    pub items: Vec<LogLine>,
    /// `cursor` of the next page; null on the last.
    pub next: Option<String>,
}

/// One line of the log.
#[derive(Serialize, ToSchema)]
pub struct LogLine {
    /// Its number as a string.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What.
    #[schema(example = "user.held")]
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// The rest.
    #[schema(value_type = Object)]
    pub detail: Value,
}

impl From<Logged> for LogLine {
    fn from(line: Logged) -> LogLine {
        LogLine {
            id: line.id.to_string(),
            at: Moment(line.at),
            actor: line.actor,
            action: line.action,
            subject: line.subject,
            detail: line.detail,
        }
    }
}
