//! A plan file, judged before it may come into force: what the lint fears, what would change, what payments would do.

use std::collections::BTreeMap;

use banyan_engine::comparison::{Change, keys};
use banyan_engine::illustration::{Illustration, Part};
use banyan_engine::lint::{Edit, Finding, Options, Severity, lint};
use banyan_entitlement::ContractPlan;
use serde_json::Value;

use crate::problem::{Answer, Kind, Problem};

/// What a plan with errors is told.
const FEARS: &str = "the lint has errors; mend the plan and ask again";

/// A plan that the contract can carry out, and what is known of it beside the plan in force.
pub struct Judged {
    /// The plan.
    pub plan: ContractPlan,
    /// What the lint warns of; it has no errors.
    pub findings: Vec<Finding>,
    /// The keys that differ from the plan in force.
    pub changes: Vec<Change>,
    /// What a payment does under the plan in force.
    pub now: Vec<Part>,
    /// And what it would do.
    pub then: Vec<Part>,
}

/// Judges the text of a plan file against the plan in force.
pub fn judge(file: &str, in_force: &ContractPlan) -> Answer<Judged> {
    let report = lint(file, &Options::default());
    let (errors, findings): (Vec<Finding>, Vec<Finding>) =
        report.findings.into_iter().partition(|finding| finding.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(errors.into_iter().fold(Problem::new(Kind::PlanRefused, FEARS), |problem, fear| {
            let line = fear.line.map_or(String::new(), |line| format!(" (line {line})"));
            problem.and_field(&fear.key, format!("{}{line}: {}; {}", fear.code.name(), fear.says, fear.mend))
        }));
    }
    let plan = ContractPlan::from_toml(file)
        .map_err(|error| Problem::field(Kind::PlanRefused, "plan", error.to_string()))?;
    let parts = |plan: &ContractPlan| {
        let shown = Illustration::of(plan.plan(), None);
        shown.map(|shown| shown.parts).map_err(|refusal| {
            let detail = format!("a payment under the plan cannot be played: {refusal}");
            Problem::field(Kind::PlanRefused, "plan", detail)
        })
    };
    let changes = keys(in_force.plan(), plan.plan());
    Ok(Judged { now: parts(in_force)?, then: parts(&plan)?, findings, changes, plan })
}

/// The file of the plan in force with other values at some keys.
pub fn edited(in_force: &ContractPlan, changes: &BTreeMap<String, Value>) -> Answer<String> {
    let edits: Vec<Edit> = changes.iter().map(|(key, to)| edit(key, to)).collect::<Answer<_>>()?;
    in_force.edited(&edits).map_err(|edit| {
        let detail = format!(
            "expected a key of the plan file, such as \"registration.entry\", and a value of its kind (null takes an optional key away), got {:?}",
            edit.key
        );
        Problem::field(Kind::InvalidBody, &format!("changes.{}", edit.key), detail)
    })
}

fn edit(key: &str, to: &Value) -> Answer<Edit> {
    let plain = |value: &Value| value.is_string() || value.is_u64() || value.is_boolean();
    let to = match to {
        Value::Null => None,
        Value::Array(items) if items.iter().all(plain) => Some(to.to_string()),
        value if plain(value) => Some(value.to_string()),
        other => {
            let detail = format!(
                "expected a string, a whole number, a truth value, a list of these, or null, got {other}: amounts and shares are strings, as in the file"
            );
            return Err(Problem::field(Kind::InvalidBody, &format!("changes.{key}"), detail));
        }
    };
    Ok(Edit { key: key.to_owned(), to })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> ContractPlan {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/plans/autopool.toml");
        ContractPlan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn changed(changes: &Value) -> Answer<Judged> {
        let changes: BTreeMap<String, Value> = serde_json::from_value(changes.clone()).unwrap();
        judge(&edited(&plan(), &changes)?, &plan())
    }

    #[test]
    fn percentages_fee_and_policy_are_changed_by_their_keys() {
        let judged = changed(&json!({
            "registration.entry": "25",
            "pool.direct": "12%",
            "retopup.ineligible": "compress",
            "retopup.shares": ["40%", "20%"],
        }))
        .unwrap();
        let keys: Vec<&str> = judged.changes.iter().map(|change| change.key.as_str()).collect();
        assert_eq!(keys, ["pool.direct", "registration.entry", "retopup.ineligible", "retopup.shares"]);
        assert_eq!(judged.plan.entry().to_decimal(18), "25");
        assert!(judged.now[0].title.contains("20 BNB") && judged.then[0].title.contains("25 BNB"));
    }

    #[test]
    fn what_the_lint_fears_is_refused_with_its_key() {
        let problem = changed(&json!({ "pool.shares": ["60%", "30%", "15%"] })).err().unwrap();
        assert_eq!(problem.kind(), Kind::PlanRefused);
        assert!(format!("{problem:?}").contains("field: \"pool.shares"), "{problem:?}");
        let problem = changed(&json!({ "registration.entri": "25" })).err().unwrap();
        assert_eq!(problem.kind(), Kind::PlanRefused);
        assert!(format!("{problem:?}").contains("entry"), "{problem:?}");
    }

    #[test]
    fn what_is_no_value_or_no_key_is_refused() {
        for changes in [
            json!({ "registration.entry": 1.5 }),
            json!({ "registration": { "entry": "25" } }),
            json!({ "name.first": "x" }),
            json!({ "pool.nothing": null }),
        ] {
            assert_eq!(changed(&changes).err().unwrap().kind(), Kind::InvalidBody, "{changes}");
        }
    }

    #[test]
    fn a_plan_of_another_programme_is_refused() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/plans/metax.toml");
        let problem = judge(&std::fs::read_to_string(path).unwrap(), &plan()).err().unwrap();
        assert_eq!(problem.kind(), Kind::PlanRefused);
    }
}
