//! The lint: every class of fault with a file that has just that fault, what it says of the shipped plans, and whether its
//! edits mend and its trees hurt.

use std::collections::HashMap;
use std::fmt::Write;

use banyan_engine::interchange::{Simulation, Step, format_at};
use banyan_engine::lint::{Before, Code, Example, Finding, Options, Report, Severity, lint};
use banyan_engine::{Event, EventBody, EventId, Machine, Plan, Refusal, UserId};
use banyan_types::{Amount, Bps};

use crate::shipped::PLANS;
use crate::table::{plan, plan_text};

/// A pool in which everything is in order.
const POOL: &str = "
    [registration]
    entry = '20'
    [pool]
    levels = 3
    growth = 2
    direct = '10%'
    shares = ['50%', '25%', '15%']
    reserve_last = 13
    trees = 15
";

/// Ranks that pay nothing.
const RANKS: &str = "
    [ranks]
    legs = ['50%', '30%', '20%']
    rank = [{ name = 'Amber', turnover = '0' }, { name = 'Jade', turnover = '100' }, { name = 'Pearl', turnover = '200' }]
";

/// A plan in EUR with these sections.
fn file(sections: &str) -> String {
    format!("semantics = 1\nname = 'fault'\n[currency]\nsymbol = 'EUR'\ndecimals = 2\n{sections}")
}

fn look(text: &str) -> Report {
    lint(text, &Options::default())
}

fn codes(report: &Report) -> Vec<(&'static str, &str)> {
    report.findings.iter().map(|finding| (finding.code.name(), finding.key.as_str())).collect()
}

/// The file has just these faults, in this order, and after each finding's edits that finding is gone.
#[track_caller]
fn faults(sections: &str, expected: &[(&str, &str)]) -> Report {
    let report = look(&file(sections));
    assert_eq!(codes(&report), expected, "{report:#?}");
    for finding in &report.findings {
        assert!(!finding.mend.is_empty(), "{finding:?}");
        assert!(finding.line.is_some(), "{finding:?}");
        mends(&file(sections), finding, &Options::default());
    }
    report
}

#[track_caller]
fn mends(text: &str, finding: &Finding, options: &Options<'_>) {
    if finding.edits.is_empty() {
        return;
    }
    let mut table: toml::Table = text.parse().unwrap();
    for edit in &finding.edits {
        edit.apply(&mut table).unwrap_or_else(|| panic!("{edit:?}"));
    }
    let mended = lint(&table.to_string(), options);
    assert!(mended.plan.is_some(), "{finding:?}\n{mended:?}");
    let still = mended.findings.iter().find(|after| (after.code, &after.key) == (finding.code, &finding.key));
    assert_eq!(still, None, "{table}");
}

#[test]
fn shares_of_one_payment_above_the_whole_are_an_error() {
    let report =
        faults("[referral]\nshares = ['60%', '40.01%']", &[("shares-above-whole", "referral.shares")]);
    assert!(report.findings[0].says.contains("100.01%"));
    assert_eq!(report.findings[0].edits[0].to.as_deref(), Some(r#"["60%", "40%"]"#));
    assert_eq!(report.findings[0].line, Some(7));
    faults(
        "[retopup]\namount = '40'\npot = '101%'\nshares = ['100%']",
        &[("shares-above-whole", "retopup.pot")],
    );
    faults("[referral]\nshares = [9000, 2000]", &[("shares-above-whole", "referral.shares")]);
    let across = "[activity]\ndays = 30\n[unilevel]\nshares = ['60%']\ninactive = 'none'\n[referral]\nshares = ['41%']";
    faults(across, &[("shares-above-whole", "unilevel.shares")]);
}

#[test]
fn amounts_below_the_smallest_unit_are_an_error() {
    let fine = POOL.replace("'20'", "'20.001'");
    let report = faults(&fine, &[("below-smallest-unit", "registration.entry")]);
    assert_eq!(report.findings[0].edits[0].to.as_deref(), Some("\"20.01\""));
    faults(
        &RANKS.replace("'200'", "'200', bonus = '0.005'"),
        &[("below-smallest-unit", "ranks.rank[2].bonus")],
    );
    faults(&POOL.replace("'20'", "'0.09'"), &[("below-smallest-unit", "pool.direct")]);
    faults(
        &POOL.replace("'20'", "'9'").replace("'15%'", "'0.01%'").replace("growth = 2", "growth = 1"),
        &[("below-smallest-unit", "pool.shares")],
    );
    let retopup = "[retopup]\namount = '0.50'\npot = '50%'\nshares = ['50%', '3%', '47%']";
    faults(retopup, &[("below-smallest-unit", "retopup.shares")]);
    let seat =
        POOL.replace("[pool]", "[registration.sponsor_seat]\non_referral = 2\ndirect = '0.01%'\n[pool]");
    faults(&seat, &[("below-smallest-unit", "registration.sponsor_seat.direct")]);
    // Nothing is what it says.
    faults(&POOL.replace("'10%'", "'0%'"), &[]);
}

#[test]
fn a_negative_amount_is_no_matter_of_digits() {
    for (sections, key, says) in [
        (POOL.replace("'20'", "'-1.234'"), "registration.entry", "an amount above 0, got \"-1.234\""),
        (
            RANKS.replace("'100'", "'-1.234'"),
            "ranks.rank[1].turnover",
            "an amount of 0 or more, got \"-1.234\"",
        ),
    ] {
        let report = faults(&sections, &[("unreadable", key)]);
        assert!(report.findings[0].says.contains(says), "{report:?}");
        assert_eq!(report.findings[0].edits, []);
    }
}

#[test]
fn legs_are_no_payment_and_bring_exactly_all_of_a_turnover() {
    for (legs, together, mended) in [
        ("['50%', '30%', '30%']", "110%", r#"["50%", "30%", "20%"]"#),
        ("['100%', '30%', '30%']", "160%", r#"["100%", "0%", "0%"]"#),
        ("['50%', 3000, '10%']", "90%", r#"["50%", "30%", "20%"]"#),
    ] {
        let sections = RANKS.replace("['50%', '30%', '20%']", legs);
        let report = faults(&sections, &[("unreadable", "ranks.legs")]);
        let says = &report.findings[0].says;
        assert!(says.contains("exactly 100% of a rank's turnover") && says.contains(together), "{says}");
        assert_eq!(report.findings[0].edits[0].to.as_deref(), Some(mended));
    }
    let sections = RANKS.replace("'20%'", "'120%'");
    assert_eq!(codes(&look(&file(&sections))), [("unreadable", "ranks.legs")]);
}

#[test]
fn a_level_that_no_path_can_fund_is_an_error() {
    // All fourteen pay 18 · (2 · 50 % + 4 · 25 % + 8 · 15 %) = 57.6 of 60.
    let report = faults(&POOL.replace("growth = 2", "growth = 3"), &[("level-unfunded", "pool.growth")]);
    assert!(report.findings[0].says.contains("57.6 EUR, less than the 60 EUR"), "{report:?}");
    let edits: Vec<_> = report.findings[0].edits.iter().filter_map(|edit| edit.to.as_deref()).collect();
    assert_eq!(edits, ["2", "13"]);
    faults(&POOL.replace("'10%'", "'90%'"), &[("level-unfunded", "pool.growth")]);
    // A board and its owner are 15 seats.
    let small =
        |seats: u32, trees: u32| POOL.replace("trees = 15", &format!("trees = {trees}\ncapacity = {seats}"));
    let report = look(&file(&small(14, 15)));
    assert_eq!(codes(&report)[0], ("level-unfunded", "pool.capacity"));
    assert!(report.findings[0].says.contains("level 2"), "{report:?}");
    // 14 trees complete 14 boards, too few for one at level 2; 15 trees are enough for level 3.
    let report = faults(&small(15, 14), &[("level-unfunded", "pool.capacity")]);
    assert!(report.findings[0].says.contains("level 3"), "{report:?}");
    faults(&small(15, 15), &[]);
}

/// The engine's word for the claim above: a level is reached exactly if the lint says so.
#[test]
fn levels_that_the_lint_calls_unreached_stay_empty_when_all_trees_are_full() {
    for (capacity, trees) in [(14, 15), (15, 14), (15, 15), (31, 1), (63, 2), (127, 1)] {
        let sections = POOL.replace("trees = 15", &format!("trees = {trees}\ncapacity = {capacity}"));
        let text = file(&sections);
        let report = look(&text);
        let unreached = report.findings.iter().any(|finding| finding.code == Code::LevelUnfunded);
        let mut machine = Machine::new(Plan::from_toml(&text).unwrap());
        let amount = machine.plan().entry();
        for user in 1..=capacity * trees {
            let body = EventBody::Registered { user: UserId(user), sponsor: UserId::COMPANY, amount };
            machine.apply(&Event { id: EventId(user), at: 0, body }).unwrap();
        }
        let top = machine.next_seat(3).is_some_and(|seat| (seat.tree, seat.index) == (1, 1));
        assert_eq!(unreached, top, "capacity {capacity}, trees {trees}");
    }
}

#[test]
fn a_share_that_falls_with_rank_is_an_error() {
    let infinity =
        |shares: &str| format!("{POOL}{RANKS}[activity]\ndays = 30\n[infinity]\nshares = [{shares}]");
    let activity = ("unit-buys-activity", "activity.days");
    let fallen = infinity("{ rank = 'Jade', share = '11%' }, { rank = 'Pearl', share = '10%' }");
    let report = faults(&fallen, &[("share-falls-with-rank", "infinity.shares[1].share"), activity]);
    assert_eq!(report.count(Severity::Error), 1);
    // A rank without a share has 0 %.
    let gone = infinity("{ rank = 'Jade', share = '11%' }");
    faults(&gone, &[("share-falls-with-rank", "infinity.shares"), activity]);
    faults(&infinity("{ rank = 'Pearl', share = '11%' }, { rank = 'Jade', share = '11%' }"), &[activity]);
}

#[test]
fn a_reserve_that_never_funds_the_next_seat_is_a_warning() {
    for (last, reserve) in [(0, "0"), (4, "10.8"), (12, "39.6")] {
        let report = faults(
            &POOL.replace("reserve_last = 13", &format!("reserve_last = {last}")),
            &[("reserve-too-small", "pool.reserve_last")],
        );
        let says = &report.findings[0].says;
        assert!(says.contains(&format!("put by {reserve} EUR of the 40 EUR")), "{says}");
        assert_eq!(report.findings[0].edits[0].to.as_deref(), Some("13"));
        assert_eq!(report.count(Severity::Error), 0);
    }
    faults(POOL, &[]);
    faults(&POOL.replace("levels = 3", "levels = 1").replace("reserve_last = 13", "reserve_last = 4"), &[]);
}

#[test]
fn breakage_among_the_first_participants_is_a_warning() {
    // A thousand in a binary tree have at most nine sponsors above: the tenth level's half finds nobody.
    let far = "['10%', '0%', '0%', '0%', '0%', '0%', '0%', '0%', '0%', '10%']";
    let report = faults(&format!("[referral]\nshares = {far}"), &[("breakage", "referral.shares")]);
    assert!(report.findings[0].says.contains("50.05% finds none"), "{}", report.findings[0].says);
    let retopup = format!("[retopup]\namount = '40'\npot = '90%'\nshares = {far}");
    faults(&retopup, &[("breakage", "retopup.shares")]);
    let unilevel = format!("[activity]\ndays = 30\n[unilevel]\nshares = {far}\ninactive = 'none'");
    faults(&unilevel, &[("unit-buys-activity", "activity.days"), ("breakage", "unilevel.shares")]);
    let roots = POOL.replace("levels = 3", "levels = 1").replace("trees = 15", "trees = 15\ncapacity = 1");
    faults(&roots, &[("breakage", "pool.shares")]);
    faults("[referral]\nshares = ['10%', '10%']", &[]);
}

/// The parts are those of small amounts, and ten thousand times a large one is no number.
#[test]
fn breakage_of_the_largest_amounts_is_found_too() {
    let far = "['10%', '0%', '0%', '0%', '0%', '0%', '0%', '0%', '0%', '10%']";
    for amount in ["40", "400000000000000000000000000000000"] {
        let retopup = format!("[retopup]\namount = '{amount}'\npot = '100%'\nshares = {far}");
        let report = faults(&retopup, &[("breakage", "retopup.shares")]);
        assert!(report.findings[0].says.contains("50.05% finds none"), "{report:?}");
    }
}

#[test]
fn the_threshold_of_breakage_can_be_chosen() {
    // Of the pot's ten levels the farthest lie above most of the first thousand.
    let options = Options { threshold: Bps::new(1500).unwrap(), after: None };
    let text = plan_text("autopool");
    let report = lint(&text, &options);
    assert_eq!(codes(&report), [("breakage", "retopup.shares")]);
    mends(&text, &report.findings[0], &options);
    assert_eq!(codes(&look(&text)), []);
}

#[test]
fn a_tree_that_is_paid_more_than_it_pays_is_a_warning() {
    let bonus = RANKS.replace("'100'", "'100', bonus = '10'");
    let free = ("free-depth", "ranks");
    let report = faults(
        &format!("[referral]\nshares = ['95%']\n{bonus}"),
        &[free, ("payout-above-income", "ranks.rank")],
    );
    let example = report.findings[1].example.as_ref().unwrap();
    let tree: Vec<String> =
        example.members.iter().map(|m| format!("{} {} {}", m.user, m.sponsor, m.pays)).collect();
    assert_eq!(tree, ["p1 company 1", "p2 p1 5000", "p3 p1 3000", "p4 p1 2000"]);
    assert_eq!((example.income.units(), example.payout.units()), (10_001, 10_500));

    // Shares alone: 80 % and 25 % need no bonus.
    let shares =
        "[activity]\ndays = 30\n[unilevel]\nshares = ['70%', '10%']\ninactive = 'none'\n[infinity]\n";
    let activity = ("unit-buys-activity", "activity.days");
    let pays = ("payout-above-income", "infinity.shares");
    let higher = format!(
        "{RANKS}{shares}shares = [{{ rank = 'Jade', share = '25%' }}, {{ rank = 'Pearl', share = '25%' }}]"
    );
    faults(&higher, &[free, activity, pays]);
    let everybody = "shares = [{ rank = 'Amber', share = '25%' }, { rank = 'Jade', share = '25%' }, { rank = 'Pearl', share = '25%' }]";
    let report = faults(&format!("{RANKS}{shares}{everybody}"), &[free, activity, pays]);
    assert_eq!(report.findings[2].example.as_ref().unwrap().members.len(), 3);
    let enough = format!("{RANKS}{shares}{}", everybody.replace("25%", "20%"));
    faults(&enough, &[free, activity]);
}

#[test]
fn bonuses_that_leave_no_room_for_participants_are_a_warning() {
    let ranks =
        |bonus: &str| format!("{POOL}{}", RANKS.replace("'100'", &format!("'100', bonus = '{bonus}'")));
    // In smallest units, 10^29 and one less.
    let beyond = ranks("1000000000000000000000000000");
    let report = look(&file(&beyond));
    let range = |report: &Report| report.findings.iter().position(|f| f.code == Code::PromisesBeyondRange);
    let finding = &report.findings[range(&report).unwrap()];
    assert!(finding.says.contains("at most 999999999 can"), "{finding:?}");
    assert_eq!(finding.line, Some(19));
    mends(&file(&beyond), finding, &Options::default());
    assert_eq!(range(&look(&file(&ranks("999999999999999999999999999.99")))), None);
    // Nobody at all, and the machine says so, too.
    let most = "999999999999999999999999999999999999.99";
    let nobody = ranks(most).replace("'200'", &format!("'200', bonus = '{most}'"));
    let report = look(&file(&nobody));
    let finding = &report.findings[range(&report).unwrap()];
    assert!(finding.says.contains("at most 0 can"), "{finding:?}");
    let mut machine = Machine::new(Plan::from_toml(&file(&nobody)).unwrap());
    let amount = machine.plan().entry();
    let body = EventBody::Registered { user: UserId(1), sponsor: UserId::COMPANY, amount };
    assert_eq!(machine.apply(&Event { id: EventId(1), at: 0, body }), Err(Refusal::Overflow));
    mends(&file(&nobody), finding, &Options::default());
}

#[test]
fn what_one_unit_buys_and_what_nothing_funds_is_a_warning() {
    let interest = ("interest-unfunded", "staking.yearly");
    let report = faults("[staking]\nyearly = '10%'", &[interest, ("unit-buys-position", "staking.yearly")]);
    let example = report.findings[0].example.as_ref().unwrap();
    assert_eq!((example.income.units(), example.payout.units()), (0, 1_000));
    faults("[staking]\nyearly = '0%'", &[]);
    let activity = "[activity]\ndays = 7\n[unilevel]\nshares = ['10%']\ninactive = 'none'";
    faults(activity, &[("unit-buys-activity", "activity.days")]);
    let both = format!("{activity}\n[referral]\nshares = ['5%', '5%']");
    let report = faults(&both, &[("unit-buys-activity", "activity.days")]);
    assert_eq!(report.findings[0].edits[0].to.as_deref(), Some(r#"["15%", "5%"]"#));
    // A purchase that nothing is paid on buys no activity.
    faults("[activity]\ndays = 7\n[referral]\nshares = ['5%']", &[]);
}

#[test]
fn free_registration_under_walks_without_end_is_a_warning() {
    let retopup = "[retopup]\namount = '40'\npot = '90%'\nshares = ['30%']\nineligible = 'compress'";
    faults(retopup, &[("free-depth", "retopup.ineligible")]);
    faults(&format!("{POOL}{retopup}"), &[]);
    faults(&format!("{RANKS}[referral]\nshares = ['5%']"), &[("free-depth", "ranks")]);
    faults(&format!("{POOL}{RANKS}"), &[]);
    let unilevel = "[activity]\ndays = 7\n[unilevel]\nshares = ['10%']";
    faults(unilevel, &[("unit-buys-activity", "activity.days"), ("free-depth", "unilevel.inactive")]);
}

#[test]
fn a_file_that_is_no_plan_is_told_as_a_finding_with_its_key_and_line() {
    let text = plan_text("autopool");
    for (old, new, key, says) in [
        ("trees = 15", "tress = 15", "pool.tress", "nearest known key is `trees`"),
        ("reserve_last = 13", "reserve_last = 15", "pool.reserve_last", "expected 0 to 14, got 15"),
        ("growth = 2", "growth = \"2\"", "pool.growth", "invalid type"),
        ("ineligible = \"company\"", "ineligible = \"nobody\"", "retopup.ineligible", "nobody"),
        ("[registration]", "[pool.registration]", "pool.registration", "unknown key"),
    ] {
        let broken = text.replacen(old, new, 1);
        let report = look(&broken);
        let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
        assert_eq!((finding.code, finding.key.as_str()), (Code::Unreadable, key), "{finding:?}");
        assert!(finding.says.contains(says), "{finding:?}");
        let line = 1 + broken.lines().position(|line| line == new).unwrap();
        assert_eq!(finding.line, Some(line), "{finding:?}");
        assert_eq!(report.plan, None);
    }
    for (text, key) in [("semantics = ", "(the file)"), ("", "(the file)"), ("\u{0}", "(the file)")] {
        let report = look(text);
        assert_eq!(codes(&report), [("unreadable", key)], "{report:?}");
    }
    let alone = look(&file("[infinity]\nshares = [{ rank = 'Jade', share = '120%' }]"));
    assert_eq!(codes(&alone), [("unreadable", "infinity.shares.share")]);
    assert_eq!(alone.findings[0].line, Some(7));
}

/// Whatever is written, the lint says something or nothing, and is never at a loss.
#[test]
fn no_change_of_a_line_makes_the_lint_stumble() {
    let mut told = 0;
    for name in ["autopool", "autopool-second-referral", "metax", "smm-panel"] {
        let text = plan_text(name);
        let lines: Vec<&str> = text.lines().collect();
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let halves = line.split_once('=').map_or(line.len() / 2, |(key, _)| key.len());
            let changed = [
                String::new(),
                format!("{line}\n{line}"),
                line.chars().take(halves).collect(),
                line.replace(|c: char| c.is_ascii_digit(), "9"),
                line.replace(|c: char| c.is_ascii_digit(), "0"),
                line.replace('"', ""),
                line.replace('%', ".001%"),
                line.replace("\"2", "\"0.00000000000000000000000000012"),
            ];
            for change in changed {
                let file = [&lines[..place], &[change.as_str()], &lines[place + 1..]].concat().join("\n");
                let report = look(&file);
                assert_eq!(report.plan.is_none(), Plan::from_toml(&file).is_err());
                told += report.findings.len();
            }
        }
    }
    assert!(told > 300, "{told}");
}

/// A currency's decimals change no fault: with more than these a file is no plan.
#[test]
fn what_is_found_at_two_decimals_is_found_at_the_most() {
    for name in PLANS {
        let at = |decimals: u8| {
            let text = plan_text(name);
            let line = text.lines().find(|line| line.starts_with("decimals = ")).unwrap();
            look(&text.replace(line, &format!("decimals = {decimals}")))
        };
        assert_eq!(codes(&at(18)), codes(&at(2)), "{name}");
        let finer = at(19);
        assert_eq!(codes(&finer), [("unreadable", "currency.decimals")], "{name}");
    }
}

/// Many ranks with a bonus, in a currency of many decimals: still a matter of a moment.
#[test]
fn a_hundred_ranks_with_bonuses_are_searched_through() {
    let ranks: String = (0..100)
        .map(|rank| match rank {
            0 => "{ name = 'r0', turnover = '0' }".to_owned(),
            _ => format!(", {{ name = 'r{rank}', turnover = '{rank}000000', bonus = '{rank}0000' }}"),
        })
        .collect();
    let text = file(&format!(
        "[referral]\nshares = ['95%']\n[ranks]\nlegs = ['50%', '30%', '20%']\nrank = [{ranks}]"
    ));
    let report = look(&text.replace("decimals = 2", "decimals = 18"));
    assert_eq!(codes(&report), [("free-depth", "ranks"), ("payout-above-income", "ranks.rank")]);
}

#[test]
fn a_change_that_a_running_programme_refuses_is_an_error() {
    let old = plan_text("autopool");
    let before = Before::read(&old).unwrap();
    let options = Options { after: Some(&before), ..Options::default() };
    let changed = |edits: &[(&str, &str)]| {
        edits.iter().fold(old.clone(), |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        })
    };
    for (edits, keys) in [
        (&[("entry = \"20\"", "entry = \"30\""), ("\"50%\", \"25%\"", "\"25%\", \"50%\"")][..], &[][..]),
        (&[("levels = 10", "levels = 9")], &["pool.levels"]),
        (
            &[("trees = 15", "trees = 16"), ("# capacity = 31", "capacity = 31")],
            &["pool.capacity", "pool.trees"],
        ),
        (
            &[("growth = 2", "growth = 1"), ("reserve_last = 13", "reserve_last = 14")],
            &["pool.growth", "pool.reserve_last"],
        ),
        (
            &[
                ("[\"50%\", \"25%\", \"15%\"]", "[\"50%\", \"49%\"]"),
                ("reserve_last = 13", "reserve_last = 6"),
                ("growth = 2", "growth = 1"),
            ],
            &["pool.growth", "pool.reserve_last", "pool.shares"],
        ),
        (&[("symbol = \"BNB\"", "symbol = \"EUR\"")], &["currency"]),
        (&[("[retopup]", "[staking]\nyearly = \"0%\"\n[retopup]")], &["staking"]),
    ] {
        let text = changed(edits);
        let report = lint(&text, &options);
        let refused = report.findings.iter().filter(|finding| finding.code == Code::ChangeRefused);
        let mut found: Vec<&str> = refused.clone().map(|finding| finding.key.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, keys, "{report:#?}");
        // All edits together give a plan that may follow.
        let mut table: toml::Table = text.parse().unwrap();
        refused.flat_map(|finding| &finding.edits).for_each(|edit| edit.apply(&mut table).unwrap());
        let after = lint(&table.to_string(), &options);
        assert!(after.findings.iter().all(|finding| finding.code != Code::ChangeRefused), "{after:#?}");
    }
    let metax = Before::read(&plan_text("metax")).unwrap();
    let dearer = plan_text("metax").replace("12%", "13%");
    let report = lint(&dearer, &Options { after: Some(&metax), ..Options::default() });
    assert_eq!(codes(&report)[0], ("change-refused", "staking"));
}

#[test]
fn what_the_lint_says_of_the_shipped_plans() {
    let mut said = String::new();
    for name in PLANS {
        let report = look(&plan_text(name));
        assert_eq!(report, look(&plan_text(name)));
        assert_eq!(report.count(Severity::Error), 0, "{report:#?}");
        writeln!(said, "=== {name}: {} findings", report.findings.len()).unwrap();
        for finding in &report.findings {
            mends(&plan_text(name), finding, &Options::default());
            said += &told(finding);
        }
    }
    insta::assert_snapshot!(said);
}

/// A finding in one paragraph.
fn told(finding: &Finding) -> String {
    let Finding { key, says, mend, numbers, edits, example, .. } = finding;
    let mut text = format!("\n{} {key}:{}\n{says}\n", finding.code.name(), finding.line.unwrap());
    for number in numbers {
        writeln!(text, "  {}: {}", number.name, number.value).unwrap();
    }
    writeln!(text, "to mend: {mend}").unwrap();
    for edit in edits {
        writeln!(text, "  {} = {}", edit.key, edit.to.as_deref().unwrap_or("(taken away)")).unwrap();
    }
    if let Some(Example { members, payment, income, payout, rewards, .. }) = example {
        let paid: Vec<String> = rewards.iter().map(|paid| format!("{} {}", paid.kind, paid.amount)).collect();
        writeln!(text, "income {income}, payout {payout}: {}", paid.join(" + ")).unwrap();
        for member in members {
            writeln!(text, "  {} under {}: {payment} {}", member.user, member.sponsor, member.pays).unwrap();
        }
    }
    text
}

/// The same tree, told to the machine by this test.
#[test]
fn the_tree_that_hurts_rest_empire_leaves_the_company_in_debt() {
    for name in ["rest-empire", "variants/rest-empire-none", "variants/rest-empire-roll-up"] {
        let report = look(&plan_text(name));
        let warned = report.findings.iter().find(|finding| finding.code == Code::PayoutAboveIncome).unwrap();
        let example = warned.example.as_ref().unwrap();
        let mut machine = Machine::new(plan(name));
        let mut ids = HashMap::from([("company", UserId::COMPANY)]);
        let noon = 1_775_044_800; // 2026-04-01T12:00:00Z
        let mut bodies = Vec::new();
        for (id, member) in (1..).zip(&example.members) {
            ids.insert(&member.user, UserId(id));
            let sponsor = ids[member.sponsor.as_str()];
            bodies.push(EventBody::Registered { user: UserId(id), sponsor, amount: None });
        }
        bodies.extend(
            (1..)
                .zip(&example.members)
                .map(|(id, member)| EventBody::Purchase { user: UserId(id), amount: member.pays }),
        );
        // Everybody buys on the last day of April, and by the end of May all is paid.
        let (last_day, later) = (noon + 29 * 86_400, noon + 60 * 86_400);
        let events = bodies.into_iter().map(|body| (last_day, body)).chain([(later, EventBody::Tick)]);
        for (id, (at, body)) in (1..).zip(events) {
            machine.apply(&Event { id: EventId(id), at, body }).unwrap();
        }
        let money = machine.recount();
        assert!(money.holds() && money.pending.is_zero());
        assert_eq!((money.money_in, money.payable), (example.income, example.payout), "{name}");
        assert_eq!(money.company, example.income.checked_sub(example.payout).unwrap());
        assert!(money.company < Amount::ZERO);
    }
}

#[test]
fn the_events_of_an_example_are_a_file_for_simulate() {
    let report = look(&plan_text("metax"));
    let example = report.findings[0].example.as_ref().unwrap();
    let mut simulation = Simulation::new(plan("metax"));
    for event in &example.events {
        assert!(matches!(simulation.take(event.to_string().as_bytes()), Step::Applied(_)), "{event}");
    }
    assert_eq!(simulation.machine().conservation().payable, example.payout);
    assert!(format_at(simulation.last_event().unwrap().at).unwrap().starts_with("2027-02-01"));
}

#[test]
fn every_code_has_a_name_in_json_and_its_place_in_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lint.md");
    let documented = std::fs::read_to_string(path).unwrap();
    for code in Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        let severity = serde_json::to_value(code.severity()).unwrap();
        let row = format!("| `{}` | {} |", code.name(), severity.as_str().unwrap());
        assert!(documented.contains(&row), "{row}");
    }
}
