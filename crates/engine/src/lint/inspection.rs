//! What rules are given to look at a plan with, and where they put what they find.

use banyan_types::{Amount, Bps};

use super::crowd::Crowd;
use super::finding::Finding;
use crate::Plan;
use crate::disclosure::divide;

/// What a component looks for in its section of a plan. Its rules stand in the component's folder.
pub(crate) trait Rules {
    /// Reports the faults of the section.
    fn lint(&self, on: &mut Inspection<'_>);
}

/// A plan under the lint.
pub(crate) struct Inspection<'a> {
    pub(crate) plan: &'a Plan,
    /// How much of what is promised may find no taker.
    pub(crate) threshold: Bps,
    /// What the first participants met.
    pub(crate) crowd: &'a Crowd,
    findings: Vec<Finding>,
}

impl<'a> Inspection<'a> {
    pub(super) fn new(plan: &'a Plan, threshold: Bps, crowd: &'a Crowd) -> Inspection<'a> {
        Inspection { plan, threshold, crowd, findings: Vec::new() }
    }

    pub(crate) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// An amount with the currency's symbol.
    pub(crate) fn money(&self, amount: Amount) -> String {
        money(self.plan, amount)
    }
}

pub(crate) fn money(plan: &Plan, amount: Amount) -> String {
    format!("{} {}", amount.to_decimal(plan.decimals()), plan.currency().symbol)
}

/// Basis points as a percentage, also above 100%.
pub(crate) fn percentage(points: u64) -> String {
    match (points / 100, points % 100) {
        (whole, 0) => format!("{whole}%"),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}%", part / 10),
        (whole, part) => format!("{whole}.{part:02}%"),
    }
}

/// Shares in basis points as a list in a plan file.
pub(crate) fn list(shares: impl IntoIterator<Item = u64>) -> String {
    let shares: Vec<String> = shares.into_iter().map(|share| format!("{:?}", percentage(share))).collect();
    format!("[{}]", shares.join(", "))
}

/// Shares of the plan in basis points.
pub(crate) fn points(shares: &[Bps]) -> Vec<u64> {
    shares.iter().map(|share| u64::from(share.get())).collect()
}

/// `part` of `whole` in basis points, rounded down; nothing of nothing is 0.
pub(crate) fn part_of(part: Amount, whole: Amount) -> u64 {
    let [part, whole] = [part, whole].map(|amount| u128::try_from(amount.units()).unwrap_or(0));
    divide(part, whole).unwrap_or(0)
}
