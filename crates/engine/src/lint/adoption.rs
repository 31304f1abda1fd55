//! What a running programme would refuse of a change: the engine's own judgement, as under seated participants.

use toml::Table;

use super::finding::{Code, Edit, Finding};
use crate::{AdoptError, Plan, PlanError};

/// The plan that is in force.
#[derive(Clone, Debug)]
pub struct Before {
    plan: Plan,
    file: Table,
}

impl Before {
    /// Reads the file of the plan in force.
    ///
    /// # Errors
    /// A file that is no plan.
    pub fn read(text: &str) -> Result<Before, PlanError> {
        let plan = Plan::from_toml(text)?;
        Ok(Before { plan, file: text.parse().expect("a plan is TOML") })
    }

    /// Every change that the plan in force refuses.
    pub(super) fn lint(&self, after: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let Ok(mut file) = after.parse::<Table>() else { return findings };
        // Each finding's edit is carried out to see what else is refused; every key is restored once at most.
        while let Some(refused) = self.refusal(&file) {
            let finding = self.finding(&refused);
            let restored = finding.edits.iter().try_for_each(|edit| edit.apply(&mut file));
            let known = findings.iter().any(|earlier: &Finding| earlier.key == finding.key);
            if known {
                break;
            }
            findings.push(finding);
            if restored.is_none() {
                break;
            }
        }
        findings
    }

    fn refusal(&self, file: &Table) -> Option<AdoptError> {
        let after = Plan::from_toml(&file.to_string()).ok()?;
        self.plan.may_become(&after, true, true).err()
    }

    fn finding(&self, refused: &AdoptError) -> Finding {
        let (key, numbers): (&str, &[(&'static str, &String)]) = match refused {
            AdoptError::Shape { key, before, after } => {
                (key.split_once(" (").map_or(*key, |(key, _)| key), &[("before", before), ("after", after)])
            }
            AdoptError::Standing { section } => (section, &[]),
            AdoptError::Currency { before, after } => ("currency", &[("before", before), ("after", after)]),
            AdoptError::WoundUp => ("(the file)", &[]),
        };
        let mut finding = Finding::new(Code::ChangeRefused, key, refused.to_string())
            .mend(format!("restore {key} as it is in the plan in force"));
        for (name, value) in numbers {
            finding = finding.number(name, value);
        }
        finding.edits.push(Edit { key: key.to_owned(), to: self.written(key) });
        finding
    }

    /// What the plan in force has at a key.
    fn written(&self, key: &str) -> Option<String> {
        let mut parts = key.split('.');
        let mut value = self.file.get(parts.next()?)?;
        for part in parts {
            value = value.get(part)?;
        }
        Some(value.to_string())
    }
}
