//! What an attack is: raw SQL, whose it is, and how the database refuses it.

/// Who attacks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attacker {
    /// The services' role.
    App,
    /// Who owns every table.
    Owner,
    /// The role that only reads.
    Reader,
}

/// One attack.
pub struct Attack {
    /// What it tries to break.
    pub invariant: &'static str,
    /// As whom.
    pub by: &'static [Attacker],
    /// How.
    pub sql: &'static str,
    /// The SQLSTATE of the refusal, or the constraint that refuses where another of the same kind would too.
    pub code: &'static str,
}

pub const BOTH: &[Attacker] = &[Attacker::App, Attacker::Owner];
pub const CHECK: &str = "23514";
pub const LEGS: &str = "legs_fit_the_cause";
pub const FORBIDDEN: &str = "42501";
pub const APPEND_ONLY: &str = "23001";
pub const INTEGRITY: &str = "23000";
pub const DUPLICATE: &str = "23505";
pub const RANGE: &str = "22003";
pub const NULL: &str = "23502";
