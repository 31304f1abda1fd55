//! Who may do what, in the programme's words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role of a signed-in wallet. Everyone is a participant; the others are given in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees and moves what is their own.
    Participant,
    /// Sees everyone's data, changes nothing.
    Support,
    /// Builds, signs and submits payouts, and sees the treasury.
    Finance,
    /// What finance may, and holds accounts, throws the kill switch, and has seats by hand prepared.
    Operator,
    /// Holds accounts, throws the kill switch, reads the logs, and has directives prepared.
    Admin,
    /// Sees everything, changes nothing, may start a reconciliation or a replay.
    Auditor,
}

impl Role {
    /// Who may look at other people's data.
    pub const READERS: &[Role] = &[Role::Support, Role::Operator, Role::Auditor, Role::Admin, Role::Finance];
    /// Who may move payouts.
    pub const PAYERS: &[Role] = &[Role::Operator, Role::Finance];
    /// Who may hold accounts and throw the kill switch.
    pub const GUARDS: &[Role] = &[Role::Operator, Role::Admin];
    /// Who may have a seat by hand prepared.
    pub const PLACERS: &[Role] = &[Role::Operator, Role::Admin];
    /// Who may have another plan, a grant or the end of the programme prepared.
    pub const DECIDERS: &[Role] = &[Role::Admin];
    /// Who may start a reconciliation.
    pub const RECONCILERS: &[Role] = &[Role::Operator, Role::Auditor, Role::Admin];
    /// Who may have the raw logs derived anew.
    pub const REPLAYERS: &[Role] = &[Role::Operator, Role::Finance, Role::Auditor, Role::Admin];
    /// Who may read the log of actions.
    pub const LOG_READERS: &[Role] = &[Role::Admin, Role::Auditor];

    /// The role's name in configuration, tokens and errors.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Participant => "participant",
            Role::Support => "support",
            Role::Finance => "finance",
            Role::Operator => "operator",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_configuration() {
        for role in
            [Role::Participant, Role::Support, Role::Finance, Role::Operator, Role::Admin, Role::Auditor]
        {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }
}
