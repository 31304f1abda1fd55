//! `banyan disclose`.

use serde_json::{Value, json};

use crate::run::{Folder, Run, banyan, plan};

const ENTRY: &str = "20000000000000000000";

/// An event as a line; `fields` are its type and what belongs to it.
fn line(id: &str, day: u32, fields: &str) -> String {
    format!("{{\"id\":\"{id}\",\"at\":\"2026-03-{day:02}T09:00:00Z\",{fields}}}\n")
}

fn registered(n: u32, amount: &str) -> String {
    let sponsor = if n == 1 { "company" } else { "p1" };
    let who = format!(r#""type":"registered","user":"p{n}","sponsor":"{sponsor}","amount":"{amount}""#);
    line(&format!("e{n}"), 1, &who)
}

/// The fifteen registrations of the worked example.
fn worked_example() -> String {
    (1..=15).map(|n| registered(n, ENTRY)).collect()
}

/// Discloses events under a plan.
fn disclose_under(name: &str, events: &str, more: &[&str]) -> Run {
    let folder = Folder::new();
    let events = folder.file("events.jsonl", events);
    banyan(&[&["disclose", "--plan", &plan(name), "--events", &events], more].concat())
}

fn disclose(events: &str, more: &[&str]) -> Run {
    disclose_under("autopool", events, more)
}

fn disclose_json(name: &str, events: &str, more: &[&str]) -> Value {
    let run = disclose_under(name, events, &[&["--format", "json"], more].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn the_table_tells_people_the_worked_example() {
    let run = disclose(&worked_example(), &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(
        run.out,
        "\
Income disclosure of autopool; amounts in BNB, rounded down to 4 digits
Participants: 15. Everybody who registered counts, earner or not.

                              income             paid in          net income
minimum                            0                  20                 -20
lower quartile                     0                  20                 -20
median                             0                  20                 -20
upper quartile                     9                  20                 -11
maximum                         45.6                  20                25.6
mean                            6.64                  20              -13.36
total                           99.6                 300              -200.4
Income has become payable; a reserve is none until it is released. Net income: income - paid in.
Quartiles and median are real participants' amounts (nearest rank).

earned nothing at all                8 of 15          53.33 %
earned less than they paid          14 of 15          93.33 %
the best-paid 1 %                    1 of 15          45.78 % of all income, from 45.6 upward

went to the company            rewards                amount
DIRECT                               2                     6
POOL_BREAKAGE                       14                  73.8
POOL_COMPANY                        16                  30.6
refused payments, sent back          0                     0

money held                                               300
owed                                                   189.6
  payable                                               99.6
  in reserves                                             90
  not vested, open orders                                  0
  staked                                                   0
coverage                                            158.22 %  110.4 BNB more than is owed
"
    );
}

#[test]
fn the_json_tells_machines_the_same() {
    let told = disclose_json("autopool", &worked_example(), &[]);
    let tenths =
        |tenths: i64| if tenths == 0 { "0".to_owned() } else { format!("{tenths}{}", "0".repeat(17)) };
    let spread = |[minimum, lower, median, upper, maximum]: [i64; 5], mean: &str, total| {
        json!({
            "minimum": tenths(minimum), "lower_quartile": tenths(lower), "median": tenths(median),
            "upper_quartile": tenths(upper), "maximum": tenths(maximum), "mean": mean, "total": tenths(total),
        })
    };
    let kept = |kind, rewards, amount| json!({"kind": kind, "rewards": rewards, "amount": tenths(amount)});
    let expected = json!({
        "disclosure": 1,
        "plan": "autopool",
        "plan_hash": banyan(&["plan", "hash", &plan("autopool")]).out.trim_end(),
        "currency": "BNB",
        "decimals": 18,
        "participants": 15,
        "income": spread([0, 0, 0, 90, 456], "6640000000000000000", 996),
        "paid_in": spread([200; 5], ENTRY, 3_000),
        "net_income": spread([-200, -200, -200, -110, 256], "-13360000000000000000", -2_004),
        "without_income": {"participants": 8, "share_bps": 5_333},
        "below_paid_in": {"participants": 14, "share_bps": 9_333},
        "top_percent": {"participants": 1, "from": tenths(456), "income": tenths(456), "share_bps": 4_578},
        "company": [kept("DIRECT", 2, 60), kept("POOL_BREAKAGE", 14, 738), kept("POOL_COMPANY", 16, 306)],
        "refused": {"payments": 0, "amount": "0"},
        "money": {
            "held": tenths(3_000), "payable": tenths(996), "reserved": tenths(900), "pending": "0", "staked": "0",
            "promised": tenths(1_896), "company": tenths(1_104), "shortfall": "0", "coverage_bps": 15_822,
        },
    });
    assert_eq!(told, expected);
}

#[test]
fn promises_beyond_the_money_are_said_aloud() {
    let events = [
        line("r", 1, r#""type":"registered","user":"ann","sponsor":"company""#),
        line("s", 1, r#""type":"stake","user":"ann","amount":"36500000000""#),
        line("t", 11, r#""type":"tick""#),
    ]
    .concat();
    // Nine whole days at 12 % of 365 a year.
    let table = disclose_under("metax", &events, &[]).out;
    assert!(table.contains(" 99.70 %  PROMISES EXCEED THE MONEY BY 1.08 METAX\n"), "{table}");
    let told = disclose_json("metax", &events, &[]);
    assert_eq!(
        (&told["money"]["shortfall"], &told["money"]["company"]),
        (&json!("108000000"), &json!("-108000000"))
    );
}

#[test]
fn refused_payments_are_told_and_change_nobodys_income() {
    let short = registered(16, "19");
    let lenient = disclose_json("autopool", &(worked_example() + &short), &["--lenient"]);
    let mut expected = disclose_json("autopool", &worked_example(), &[]);
    expected["refused"] = json!({"payments": 1, "amount": "19"});
    expected["money"]["held"] = json!("300000000000000000019");
    expected["money"]["payable"] = json!("99600000000000000019");
    expected["money"]["promised"] = json!("189600000000000000019");
    assert_eq!(lenient, expected);
}

#[test]
fn a_refused_event_ends_it_as_it_ends_simulate_and_nothing_is_disclosed() {
    let folder = Folder::new();
    for bad in [registered(3, "19"), registered(1, ENTRY), "{".to_owned(), "x".repeat(2_000_000)] {
        let events = folder.file("events.jsonl", registered(1, ENTRY) + &registered(2, ENTRY) + &bad);
        let (plan, svg) = (plan("autopool"), folder.path("out.svg"));
        let run = banyan(&["disclose", "--plan", &plan, "--events", &events, "--svg", &svg]);
        let simulated = banyan(&["simulate", "--plan", &plan, "--events", &events]);
        assert_eq!((run.code, run.err), (2, simulated.err));
        assert_eq!((run.out.as_str(), std::fs::exists(svg).unwrap()), ("", false));
    }
}

#[test]
fn the_picture_shows_break_even_and_median() {
    let folder = Folder::new();
    let (svg, out) = (folder.path("out.svg"), folder.path("out.txt"));
    let run = disclose(&worked_example(), &["--svg", &svg, "--out", &out]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(out).unwrap(), disclose(&worked_example(), &[]).out);
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    for words in ["break-even", "median −20", "53.33 % earned nothing", "best-paid 1 %: 45.78 % of all"] {
        assert!(svg.contains(words), "{words}");
    }
}

#[test]
fn nobody_can_be_disclosed_too() {
    let folder = Folder::new();
    let svg = folder.path("out.svg");
    let run = disclose("", &["--svg", &svg]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("Participants: 0.") && run.out.contains("nothing is owed"), "{}", run.out);
    assert!(std::fs::read_to_string(svg).unwrap().contains("Nobody has registered."));
}
