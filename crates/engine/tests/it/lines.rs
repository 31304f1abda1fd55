//! The interchange format: which lines are events, and what is said of those that are not.

use banyan_engine::interchange::{MAX_LINE, Simulation, Step, print};

use crate::table::plan;

const P1: &str = r#"{"id":"e1","at":"2026-03-01T09:00:00Z","type":"registered","user":"p1","sponsor":"company","amount":"20000000000000000000"}"#;

/// A run in which p1 has registered with the event e1.
fn started() -> Simulation {
    let mut simulation = Simulation::new(plan("autopool"));
    assert!(matches!(simulation.take(P1.as_bytes()), Step::Applied(_)));
    simulation
}

/// The id and the reason with which a line is refused.
#[track_caller]
fn refusal(line: impl AsRef<[u8]>) -> (Option<String>, String) {
    let mut simulation = started();
    let before = simulation.machine().clone();
    match simulation.take(line.as_ref()) {
        Step::Refused(id, reason) => {
            assert!(*simulation.machine() == before);
            (id.map(|id| id.into_owned()), reason.to_string())
        }
        other => panic!("{}: {other:?}", String::from_utf8_lossy(line.as_ref())),
    }
}

/// P1 as the event e2 of p2, with one text in the place of another.
fn edited(old: &str, new: &str) -> String {
    let line = P1.replace("e1", "e2").replace("\"p1\"", "\"p2\"");
    assert!(line.contains(old), "{old}");
    line.replacen(old, new, 1)
}

fn place(fields: &str) -> String {
    format!(
        r#"{{"id":"e2","at":"2026-03-01T09:00:00Z","type":"place","user":"p1","amount":"18000000000000000000",{fields}}}"#
    )
}

#[test]
fn every_type_of_event_is_taken() {
    let mut simulation = started();
    for (number, fields) in [
        r#""registered","user":"p2","sponsor":"p1","amount":"20000000000000000000""#,
        r#""retopup","user":"p1","amount":"40000000000000000000""#,
        r#""place","user":"p1","level":1,"tree":1,"index":3,"amount":"18000000000000000000""#,
        r#""grant","user":"p1","amount":"1000000000000000000000000000000","reason":"""#,
        r#""tick""#,
        r#""wind_up""#,
    ]
    .iter()
    .enumerate()
    {
        let line = format!(r#"{{"id":"x{number}","at":"2026-03-01T09:00:00Z","type":{fields}}}"#);
        assert!(matches!(simulation.take(line.as_bytes()), Step::Applied(_)), "{line}");
    }
}

#[test]
fn order_of_keys_space_and_escapes_do_not_matter() {
    let mut simulation = Simulation::new(plan("autopool"));
    let line = " {\t\"type\" : \"\\u0072egistered\", \"amount\":\"20000000000000000000\",\"sponsor\":\"company\",\
                \"user\":\"\\ud83c\\udf33 \\\"x\\\"\",\"at\":\"2026-03-01T09:00:00Z\" , \"i\\u0064\":\"e\\n1\" } \r";
    assert_eq!(simulation.take(line.as_bytes()), Step::Applied("e\n1".into()));
    assert!(simulation.users().find("🌳 \"x\"").is_some());
    let mut text = String::new();
    print::json(&mut text, "e\n1", &simulation.records()[1], &simulation.texts());
    assert_eq!(
        text,
        r#"{"event":"e\u000a1","record":"seat","user":"🌳 \"x\"","level":1,"tree":1,"index":1,"parent":null,"price":"18000000000000000000"}"#
    );
}

#[test]
fn an_event_prints_its_records_in_turn_and_escapes_names_however_late_they_come() {
    let mut simulation = Simulation::new(plan("autopool"));
    let names = ["company", "p1", "p2", "w\"1", "p3\\", "tab\t"];
    for (number, pair) in names.windows(2).enumerate() {
        let [sponsor, user] = [pair[0], pair[1]].map(|name| serde_json::json!(name));
        let line = format!(
            r#"{{"id":"e{number}\\","at":"2026-03-01T09:00:00Z","type":"registered","user":{user},"sponsor":{sponsor},"amount":"20000000000000000000"}}"#
        );
        assert!(matches!(simulation.take(line.as_bytes()), Step::Applied(_)), "{line}");
        let (event, texts) = (format!("e{number}\\"), simulation.texts());
        let (mut json, mut csv) = (String::new(), String::new());
        print::json_lines(&mut json, &event, simulation.records(), &texts);
        print::csv_lines(&mut csv, &event, simulation.records(), &texts);
        let (mut json, mut csv) = (json.lines(), csv.lines());
        for record in simulation.records() {
            let (mut object, mut row) = (String::new(), String::new());
            print::json(&mut object, &event, record, &texts);
            print::csv(&mut row, &event, record, &texts);
            assert_eq!((json.next(), csv.next()), (Some(&*object), Some(&*row)));
            let object: serde_json::Value = serde_json::from_str(&object).unwrap();
            assert_eq!(object["event"], event);
            assert!(names.iter().any(|name| object["to"] == *name || object["user"] == *name), "{object}");
        }
        assert_eq!((json.next(), csv.next()), (None, None));
    }
}

#[test]
fn lines_of_space_are_blank() {
    let mut simulation = started();
    for line in ["", " ", "\t \r"] {
        assert_eq!(simulation.take(line.as_bytes()), Step::Blank);
    }
    assert!(refusal("\u{a0}").1.contains("one JSON object"));
    assert!(refusal("\u{c}").1.contains("one JSON object"));
}

#[test]
fn a_line_that_is_not_one_object_has_no_id() {
    for line in
        ["null", "[]", "{", "\"e2\"", &P1[..60], &format!("{P1}{P1}"), &format!("{P1},"), "\u{feff}{}"]
    {
        let (id, reason) = refusal(line);
        assert_eq!(id, None);
        assert!(reason.contains("one JSON object"), "{line}: {reason}");
    }
    assert!(refusal(edited("\"p2\"", "\"\\ud800\"")).1.contains("surrogates in pairs"));
    assert_eq!(
        refusal(b"{\"id\":\"e2\xff\"}"),
        (None, "expected UTF-8, got something else at byte 10".into())
    );
}

#[test]
fn exactly_the_listed_keys_are_allowed() {
    for (line, said) in [
        (
            edited("\"sponsor\"", "\"sponser\""),
            "unknown key `sponser`; the nearest known key is `sponsor` (known for `registered`: id, at, type, user, sponsor, amount)",
        ),
        (edited("\"sponsor\"", "\"sponsor\":\"p1\",\"sponsor\""), "every key once, got `sponsor` twice"),
        (
            edited("\"sponsor\"", "\"sponsor\":\"p1\",\"s\\u0070onsor\""),
            "every key once, got `sponsor` twice",
        ),
        (edited("\"user\"", "\"level\":1,\"user\""), "unknown key `level`"),
        (edited("\"user\"", "\"x\":[{\"id\":\"]\"}],\"user\""), "unknown key `x`"),
        (edited(",\"sponsor\":\"company\"", ""), "expected the key `sponsor`, which is missing"),
        (
            edited(",\"amount\":\"20000000000000000000\"", ""),
            "expected the plan's entry of 20000000000000000000",
        ),
        (edited(",\"at\":\"2026-03-01T09:00:00Z\"", ""), "expected the key `at`, which is missing"),
        (edited("\"type\":\"registered\",", ""), "expected the key `type`, which is missing"),
        (
            edited("registered", "register"),
            "unknown `type` \"register\"; the nearest known type is `registered`",
        ),
        (edited("registered", "tick"), "unknown key `user`"),
    ] {
        let (id, reason) = refusal(&line);
        assert!(reason.contains(said), "{line}: {reason}");
        assert_eq!(id.as_deref(), Some("e2"), "{line}");
    }
}

#[test]
fn an_id_is_a_text_that_is_not_empty_and_not_used() {
    for (old, new, said) in [
        ("\"id\":\"e2\",", "", "expected the key `id`"),
        ("\"e2\"", "\"\"", "a string that is not empty as `id`"),
        ("\"e2\"", "2", "expected a string as `id`, got the number 2"),
        ("\"e2\"", "null", "expected a string as `id`, got null"),
        ("\"e2\"", "\"e2\",\"id\":\"e3\"", "`id` twice"),
    ] {
        let (id, reason) = refusal(edited(old, new));
        assert!(reason.contains(said), "{new}: {reason}");
        assert_eq!(id, None, "{new}");
    }
    let (id, reason) = refusal(edited("\"e2\"", "\"\\u00651\""));
    assert_eq!((id.as_deref(), reason.contains("unique `id`")), (Some("e1"), true));
}

#[test]
fn values_have_the_form_of_their_key() {
    for (old, new, said) in [
        ("\"p2\"", "\"\"", "a string that is not empty as `user`"),
        ("\"p2\"", "7", "expected a string as `user`, got the number 7"),
        ("\"p2\"", "{}", "expected a string as `user`, got an object"),
        ("\"company\"", "\"\"", "a string that is not empty as `sponsor`"),
        ("\"p2\"", "\"company\"", "got the company"),
        ("09:00:00Z", "09:00Z", "a real time"),
        ("2026-03-01", "2026-02-29", "a real time"),
        ("09:00:00Z", "08:59:59Z", "not before the last event's"),
        ("\"2026-03-01T09:00:00Z\"", "1772355600", "expected a string as `at`"),
        ("\"registered\"", "[]", "expected a string as `type`, got an array"),
        (
            "\"20000000000000000000\"",
            "20000000000000000000",
            "as `amount`, got the number 20000000000000000000",
        ),
        ("\"20000000000000000000\"", "2e19", "as `amount`, got the number 2e19"),
        ("\"20000000000000000000\"", "\"2e19\"", "as `amount`, got the string \"2e19\""),
        ("\"20000000000000000000\"", "\"20.0\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"-20\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"+20\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"0\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"020000000000000000000\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"٢٠\"", "as `amount`"),
        ("\"20000000000000000000\"", "\"1000000000000000000000000000001\"", "at most 10^30"),
        ("\"20000000000000000000\"", "\"99999999999999999999999999999999999999999999\"", "at most 10^30"),
        ("\"20000000000000000000\"", "\"1000000000000000000000000000000\"", "exactly 20000000000000000000"),
    ] {
        let (id, reason) = refusal(edited(old, new));
        assert!(reason.contains(said), "{new}: {reason}");
        assert_eq!(id.as_deref(), Some("e2"), "{new}");
    }
}

#[test]
fn whole_numbers_have_no_fraction_exponent_or_sign() {
    let mut simulation = started();
    let good = place(r#""level":1,"tree":1,"index":2"#);
    assert!(matches!(simulation.take(good.as_bytes()), Step::Applied(_)));
    for (fields, said) in [
        (r#""level":1.0,"tree":1,"index":2"#, "as `level`, got the number 1.0"),
        (r#""level":1,"tree":1e0,"index":2"#, "as `tree`, got the number 1e0"),
        (r#""level":1,"tree":1,"index":-2"#, "as `index`, got the number -2"),
        (r#""level":0,"tree":1,"index":2"#, "as `level`, got the number 0"),
        (r#""level":1,"tree":1,"index":"2""#, "as `index`, got the string \"2\""),
        (r#""level":01,"tree":1,"index":2"#, "leading zeros"),
        (
            r#""level":1,"tree":1,"index":99999999999999999999999"#,
            "expected an `index` from 1 to 9223372036854775807",
        ),
        (r#""level":18446744073709551617,"tree":1,"index":2"#, "expected a `level` from 1 to 10"),
        (r#""level":1,"tree":18446744073709551617,"index":2"#, "newest tree"),
    ] {
        let reason = refusal(place(fields)).1;
        assert!(reason.contains(said), "{fields}: {reason}");
    }
}

#[test]
fn a_grant_has_a_reason_that_may_be_empty() {
    let grant =
        r#"{"id":"e2","at":"2026-03-01T09:00:00Z","type":"grant","user":"p1","amount":"5","reason":5}"#;
    assert!(refusal(grant).1.contains("expected a string as `reason`"));
    assert!(refusal(grant.replace(",\"reason\":5", "")).1.contains("expected the key `reason`"));
}

#[test]
fn a_line_may_have_a_mebibyte_and_no_more() {
    let padded =
        |length: usize| format!("{}{}", edited("e2", "e2"), " ".repeat(length - edited("e2", "e2").len()));
    assert!(matches!(started().take(padded(MAX_LINE).as_bytes()), Step::Applied(_)));
    assert_eq!(
        refusal(padded(MAX_LINE + 1)),
        (None, "expected a line of at most 1048576 bytes, got a longer one".into())
    );
}

#[test]
fn leniently_an_id_is_used_up_by_what_is_returned_but_not_by_what_is_skipped() {
    let mut simulation = Simulation::lenient(plan("autopool"));
    assert!(matches!(simulation.take(P1.as_bytes()), Step::Applied(_)));
    let wrong = edited("\"20000000000000000000\"", "\"19\"");
    assert!(matches!(simulation.take(wrong.as_bytes()), Step::Returned(..)));
    assert_eq!(simulation.machine().conservation().money_in.to_string(), "20000000000000000019");
    assert!(matches!(simulation.take(edited("e2", "e2").as_bytes()), Step::Refused(..)), "e2 is used up");
    let late = edited("e2", "e3").replace("2026", "2025");
    assert!(matches!(simulation.take(late.as_bytes()), Step::Refused(..)));
    assert!(matches!(simulation.take(edited("e2", "e3").as_bytes()), Step::Applied(_)), "e3 was not");
}

#[test]
fn a_refused_line_leaves_no_names_behind() {
    let mut simulation = started();
    for line in [
        edited("\"company\"", "\"nobody\""),
        edited("\"sponsor\":\"company\",\"amount\":\"20000000000000000000\"", "\"sponsor\":\"nobody\""),
        edited("\"id\":\"e2\"", "\"id\":\"e1\""),
    ] {
        assert!(matches!(simulation.take(line.as_bytes()), Step::Refused(..)), "{line}");
        assert_eq!(simulation.users().users().count(), 2, "{line}");
    }
    assert!(matches!(simulation.take(edited("p2", "p2").as_bytes()), Step::Applied(_)));
    assert_eq!(simulation.users().users().count(), 3);
}
