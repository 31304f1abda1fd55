//! The lint: reads a plan file as its owner would fear it.
//!
//! [`lint`] looks for every fault of [`Code`] and says of each which key it is, with the numbers, and how to mend it. A
//! component's rules stand in its folder (`components/<name>/lint.rs`, [`Rules`]); here is what several of them need, and
//! what no single one could find: `reading` tells why a file is no plan, `overpay` looks for trees that are paid more than
//! they pay, `adoption` compares with a plan in force. Every claim about a tree is what the engine did with it.

mod adoption;
mod crowd;
mod edit;
mod example;
mod finding;
mod inspection;
mod overpay;
mod reading;
mod search;
mod source;

use banyan_types::Bps;
use serde::Serialize;

pub use adoption::Before;
pub(crate) use crowd::{ENTRIES, Levels, total};
pub(crate) use example::{Node, stakes};
pub use finding::{Code, Edit, Example, Finding, Member, Number, Paid, Severity};
pub(crate) use inspection::{Inspection, Rules, list, part_of, percentage, points};

use crate::Plan;
use crowd::Crowd;
use source::Source;

/// The form of a [`Report`] in JSON; it grows when a key changes its meaning or goes.
const FORM: u32 = 1;

/// What the lint looks at besides the file.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// How much of what is promised to sponsors may find none before that is worth a warning; a quarter by default.
    pub threshold: Bps,
    /// The plan in force, if the file is to follow one.
    pub after: Option<&'a Before>,
}

/// All that the lint found. In JSON, amounts of examples are strings of smallest units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Version of this form.
    pub lint: u32,
    /// What the file is; nothing if it is no plan.
    pub plan: Option<About>,
    /// Errors first, then in order of the file.
    pub findings: Vec<Finding>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// Name of the plan.
    pub name: String,
    /// Its hash.
    pub hash: String,
    /// The currency of all amounts.
    pub currency: String,
    /// Its decimals.
    pub decimals: u8,
}

impl Options<'_> {
    /// Breakage of a quarter is worth a warning.
    pub const THRESHOLD_POINTS: u16 = 2500;
}

impl Default for Options<'_> {
    fn default() -> Self {
        let threshold = Bps::new(Self::THRESHOLD_POINTS).expect("a quarter is a share");
        Options { threshold, after: None }
    }
}

impl Report {
    /// How many findings are this bad.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Looks for faults in the text of a plan file.
pub fn lint(text: &str, options: &Options<'_>) -> Report {
    let source = Source::new(text);
    let (about, mut findings) = match Plan::from_toml(text) {
        Ok(plan) => (Some(About::of(&plan)), inspect(&plan, text, options)),
        Err(err) => (None, vec![reading::refused(&source, &err)]),
    };
    for finding in &mut findings {
        finding.line = finding.line.or_else(|| source.line(&finding.key));
    }
    findings.sort_by_key(|finding| (finding.severity, finding.line, finding.code));
    Report { lint: FORM, plan: about, findings }
}

fn inspect(plan: &Plan, text: &str, options: &Options<'_>) -> Vec<Finding> {
    let crowd = Crowd::gather(plan);
    let mut inspection = Inspection::new(plan, options.threshold, &crowd);
    plan.sections.lint(&mut inspection);
    overpay::lint(&mut inspection);
    let mut findings = inspection.into_findings();
    findings.extend(options.after.into_iter().flat_map(|before| before.lint(text)));
    findings
}

impl About {
    fn of(plan: &Plan) -> About {
        About {
            name: plan.name().to_owned(),
            hash: plan.hash().to_string(),
            currency: plan.currency().symbol.clone(),
            decimals: plan.decimals(),
        }
    }
}
