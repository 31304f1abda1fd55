//! Cases that were reckoned by hand from `plans.md`, one file a programme.

mod metax;
mod rest_empire;
mod smm_panel;

use super::{Model, Verdict};

/// The records of the last of these lines.
fn last_records(plan: &str, lines: &[&str]) -> Vec<String> {
    let mut model = Model::new(plan, true);
    let mut last = Vec::new();
    for line in lines {
        last = match model.take(line) {
            Verdict::Applied(records) | Verdict::Returned(records) => records,
            Verdict::Refused(reason) => panic!("{line}: {reason}"),
        };
    }
    last
}

#[test]
fn records_have_the_fields_that_are_named_and_no_others() {
    let registered = |user: &str, sponsor: &str| {
        format!(
            r#"{{"id":"{user}","at":"2026-01-01T00:00:00Z","type":"registered","user":"{user}","sponsor":"{sponsor}"}}"#
        )
    };
    let (a, b) = (registered("a", "company"), registered("b", "a"));
    let bought = r#"{"id":"p","at":"2026-01-01T00:00:00Z","type":"purchase","user":"b","amount":"100"}"#;
    assert_eq!(
        last_records("metax", &[&a, &b, bought]),
        [
            r#"{"amount":"10","depth":1,"event":"p","kind":"DIRECT","record":"reward","source":"b","state":"payable","to":"a"}"#,
            r#"{"amount":"90","event":"p","kind":"RETAINED","record":"reward","source":"b","state":"payable","to":"company"}"#,
        ]
    );
    let tick = r#"{"id":"t","at":"2026-02-01T00:00:00Z","type":"tick"}"#;
    assert_eq!(
        last_records("variants/rest-empire-none", &[&a, &b, bought, tick]),
        [
            r#"{"amount":"40","depth":1,"event":"t","kind":"UNILEVEL","record":"reward","source":"b","state":"payable","to":"a"}"#,
            r#"{"amount":"60","event":"t","kind":"RETAINED","record":"reward","source":"b","state":"payable","to":"company"}"#,
            r#"{"event":"t","purchase":"p","record":"vested"}"#,
        ]
    );
    let ordered = bought.replace("purchase", "order");
    assert_eq!(
        last_records("smm-panel", &[&a, &b, &ordered]),
        [r#"{"discount":"0","event":"p","list":"100","net":"100","record":"order","user":"b"}"#]
    );
    assert_eq!(
        last_records("smm-panel", &[&a, bought]),
        [
            r#"{"amount":"100","event":"p","kind":"REFUSED","record":"reward","source":"b","state":"payable","to":"b"}"#
        ]
    );
}
