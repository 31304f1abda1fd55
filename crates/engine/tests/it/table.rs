//! A small language for fixtures.
//!
//! Events, one a line (each a minute after the one before):
//! ```text
//! register p1 under company
//! register a1..a15, b1..b15 under s1..s15     first a1, b1 under s1, then a2, b2 under s2 …
//! retopup p1 p2
//! place p3 level 1 tree 1 index 5             pays the seat's price; `pays 17` another amount
//! grant p1 5
//! adopt autopool-last-four                    the plan changes
//! purchase u1 1000
//! p1 = purchase u1 1000                       names the event
//! refund p1
//! stake u1 100, unstake p1, status u1 inactive, order u1 500, complete p1, give back p1
//! at 2026-01-31T00:00:00Z                     the time of the next event
//! wind up
//! tick
//! refused register p1 under p2: registered    the event is refused, with a reason that contains the text
//! returned retopup p1 pays 39: exactly        in production: the payment goes back
//! skipped wind up: wound up                   in production: nothing happens
//! ```
//! Expectations, one a line, amounts in the plan's currency:
//! ```text
//! s2 s3    payable 38   reserved 20
//! company  446
//! in       900
//! seat     s1 level 2 tree 1 index 1          anywhere in the records; `tree` may be left out
//! completed s1 level 1 index 1
//! reserve  s1 level 1 index 1 spent 40 released 8.6
//! total    DIRECT 34
//! count    seat 15                            of records, or of rewards of a kind
//! reward   LEVEL to p1 from p3 amount 5.4 depth 2 payable
//! vested   p1
//! rank     u1 Blue Diamond
//! order    u1 list 100 discount 3 net 97
//! pending  100                                likewise `staked`, `out`
//! next     level 1 tree 2 index 1             the seat that would be taken now; `next level 1 none`
//! not      completed s2 level 1 index 2       the records hold no such thing
//! ```

use std::collections::HashMap;

use banyan_engine::interchange::parse_at;
use banyan_engine::{
    Detail, Event, EventBody, EventId, Machine, Outcome, Plan, Record, Refusal, SeatRef, UserId,
};
use banyan_types::Amount;

/// Runs `events` under `config/plans/autopool.toml` and compares with `expectations`.
#[track_caller]
pub fn check(events: &str, expectations: &str) {
    check_plan("autopool", events, expectations);
}

/// Runs `events` under the named plan and compares with `expectations`.
#[track_caller]
pub fn check_plan(name: &str, events: &str, expectations: &str) {
    check_text(&plan_text(name), events, expectations);
}

/// Runs `events` under a plan file's text and compares with `expectations`.
#[track_caller]
pub fn check_text(plan: &str, events: &str, expectations: &str) {
    let mut story = Story::new(Plan::from_toml(plan).unwrap_or_else(|err| panic!("{err}")));
    lines(events).for_each(|line| story.tell(line));
    lines(expectations).for_each(|line| story.expect(line));
}

/// A plan of `config/plans/`, by its path without `.toml`.
pub fn plan(name: &str) -> Plan {
    Plan::from_toml(&plan_text(name)).unwrap_or_else(|err| panic!("{name}: {err}"))
}

pub fn plan_text(name: &str) -> String {
    let path = format!("{}/../../config/plans/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|err| panic!("{path}: {err}"))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

struct Story {
    machine: Machine,
    names: HashMap<String, UserId>,
    /// Events that were given a name.
    events: HashMap<String, EventId>,
    count: u32,
    now: i64,
    records: Vec<Record>,
}

impl Story {
    fn new(plan: Plan) -> Story {
        let names = HashMap::from([("company".to_owned(), UserId::COMPANY)]);
        let (machine, events) = (Machine::new(plan), HashMap::new());
        Story { machine, names, events, count: 0, now: 0, records: Vec::new() }
    }

    fn user(&mut self, name: &str) -> UserId {
        let next = UserId(self.names.len() as u32);
        *self.names.entry(name.to_owned()).or_insert(next)
    }

    fn amount(&self, text: &str) -> Amount {
        Amount::from_decimal(text, self.machine.plan().decimals()).expect(text)
    }

    fn tell(&mut self, line: &str) {
        if let Some(plan_name) = line.strip_prefix("adopt ") {
            self.machine.adopt(plan(plan_name)).expect(line);
            return;
        }
        if let Some(at) = line.strip_prefix("at ") {
            self.now = parse_at(at).expect(line) - 60;
            return;
        }
        let (name, line) = line.split_once(" = ").unwrap_or(("", line));
        let (how, event) = match line.split_once(' ') {
            Some((how @ ("refused" | "returned" | "skipped"), event)) => (how, event),
            _ => ("applied", line),
        };
        let (event, reason) = event.split_once(": ").unwrap_or((event, ""));
        for body in self.bodies(event) {
            self.now += 60;
            self.count += 1;
            let event = Event { id: EventId(self.count), at: self.now, body };
            if !name.is_empty() {
                self.events.insert(name.to_owned(), event.id);
            }
            match how {
                "applied" => self.apply(&event).unwrap_or_else(|refusal| panic!("{line}: {refusal}")),
                "refused" => self.refuse(&event, line, reason),
                _ => self.apply_lenient(&event, (how, line, reason)),
            }
        }
    }

    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        self.records.extend_from_slice(self.machine.apply(event)?);
        assert_eq!(self.machine.recount(), self.machine.conservation());
        Ok(())
    }

    fn refuse(&mut self, event: &Event, line: &str, reason: &str) {
        let before = self.machine.clone();
        let refusal = self.apply(event).expect_err(line);
        assert!(refusal.to_string().contains(reason), "{line}: got {refusal}");
        assert!(self.machine == before, "{line}: a refused event changed the state");
    }

    fn apply_lenient(&mut self, event: &Event, (how, line, reason): (&str, &str, &str)) {
        let before = self.machine.clone();
        let (came, refusal) = match self.machine.apply_lenient(event) {
            Outcome::Applied(_) => panic!("{line}: was applied"),
            Outcome::Returned { reason, records } => {
                self.records.extend_from_slice(records);
                ("returned", reason)
            }
            Outcome::Skipped(reason) => ("skipped", reason),
        };
        assert_eq!(came, how, "{line}");
        assert!(refusal.to_string().contains(reason), "{line}: got {refusal}");
        assert_eq!(self.machine == before, how == "skipped", "{line}");
        assert_eq!(self.machine.recount(), self.machine.conservation());
    }

    fn bodies(&mut self, line: &str) -> Vec<EventBody> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "register" => self.registrations(rest),
            "retopup" => {
                let (users, pays) = rest.split_once(" pays ").unwrap_or((rest, ""));
                let amount = if pays.is_empty() {
                    self.machine.plan().retopup().unwrap().amount
                } else {
                    self.amount(pays)
                };
                names(users).iter().map(|user| EventBody::Retopup { user: self.user(user), amount }).collect()
            }
            "place" => vec![self.place(rest)],
            "grant" => {
                let (user, amount) = rest.split_once(' ').expect("grant USER AMOUNT");
                vec![EventBody::Grant { user: self.user(user), amount: self.amount(amount) }]
            }
            "purchase" | "stake" | "order" => {
                let (user, amount) = rest.split_once(' ').expect("USER AMOUNT");
                let (user, amount) = (self.user(user), self.amount(amount));
                vec![match verb {
                    "purchase" => EventBody::Purchase { user, amount },
                    "stake" => EventBody::Stake { user, amount },
                    _ => EventBody::Order { user, amount },
                }]
            }
            "refund" => vec![EventBody::Refund { purchase: self.event(rest) }],
            "unstake" => vec![EventBody::Unstake { stake: self.event(rest) }],
            "complete" => vec![EventBody::OrderCompleted { order: self.event(rest) }],
            "give" => {
                let name = rest.strip_prefix("back ").expect("give back ORDER");
                vec![EventBody::OrderRefunded { order: self.event(name) }]
            }
            "status" => {
                let (user, status) = rest.split_once(' ').expect("status USER active|inactive");
                vec![EventBody::Status { user: self.user(user), active: status == "active" }]
            }
            "wind" => vec![EventBody::WindUp],
            "tick" => vec![EventBody::Tick],
            _ => panic!("no such event: {line}"),
        }
    }

    /// An earlier event; a name that was never given is one that never happened.
    fn event(&self, name: &str) -> EventId {
        self.events.get(name).copied().unwrap_or(EventId::NONE)
    }

    fn registrations(&mut self, rest: &str) -> Vec<EventBody> {
        let (users, rest) = rest.split_once(" under ").expect("register USERS under SPONSORS");
        let (sponsors, pays) = rest.split_once(" pays ").unwrap_or((rest, ""));
        let amount = if pays.is_empty() { self.machine.plan().entry() } else { Some(self.amount(pays)) };
        let sponsors = names(sponsors);
        let groups: Vec<Vec<String>> = users.split(',').map(names).collect();
        let mut pairs = Vec::new();
        match sponsors.as_slice() {
            [one] => {
                groups.concat().into_iter().for_each(|user| pairs.push((user, one.clone())));
            }
            many => {
                for (position, sponsor) in many.iter().enumerate() {
                    groups.iter().for_each(|group| pairs.push((group[position].clone(), sponsor.clone())));
                }
            }
        }
        let body = |(user, sponsor): (String, String)| {
            let (sponsor, user) = (self.user(&sponsor), self.user(&user));
            EventBody::Registered { user, sponsor, amount }
        };
        pairs.into_iter().map(body).collect()
    }

    fn place(&mut self, rest: &str) -> EventBody {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let fields = Fields(&words[1..]);
        let (level, tree, index) = (fields.number("level"), fields.number("tree"), fields.number("index"));
        let price = u32::try_from(level.max(1)).ok().and_then(|level| self.machine.plan().ticket(level));
        let amount = match fields.text("pays") {
            Some(text) => self.amount(text),
            None => price.map_or(self.amount("18"), |ticket| ticket.price),
        };
        EventBody::Place { user: self.user(words[0]), level, tree, index, amount }
    }

    #[track_caller]
    fn expect(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let fields = Fields(&words[1..]);
        match words[0] {
            "company" => assert_eq!(self.balance("company").0, words[1], "{line}"),
            "in" => assert_eq!(self.text(self.machine.conservation().money_in), words[1], "{line}"),
            "out" => assert_eq!(self.text(self.machine.conservation().money_out), words[1], "{line}"),
            "pending" => assert_eq!(self.text(self.machine.conservation().pending), words[1], "{line}"),
            "staked" => assert_eq!(self.text(self.machine.conservation().staked), words[1], "{line}"),
            "seat" | "completed" | "reserve" | "reward" | "vested" | "rank" | "order" => {
                assert!(self.is_recorded(&words), "{line}")
            }
            "not" => assert!(!self.is_recorded(&words[1..]), "{line}"),
            "total" => assert_eq!(self.total(words[1]), words[2], "{line}"),
            "count" => assert_eq!(self.count(words[1]).to_string(), words[2], "{line}"),
            "next" => assert_eq!(self.next(&fields), words[3..].join(" "), "{line}"),
            _ => self.expect_balances(line),
        }
    }

    fn expect_balances(&mut self, line: &str) {
        let (users, rest) = line.split_once(" payable ").unwrap_or_else(|| panic!("no expectation: {line}"));
        let rest: Vec<&str> = rest.split_whitespace().collect();
        for user in names(users) {
            let (payable, reserved) = self.balance(&user);
            assert_eq!(
                (payable.as_str(), "reserved", reserved.as_str()),
                (rest[0], rest[1], rest[2]),
                "{user}: {line}"
            );
        }
    }

    fn balance(&self, user: &str) -> (String, String) {
        let balances = self.machine.balances(self.names[user]);
        (self.text(balances.payable), self.text(balances.reserved))
    }

    fn text(&self, amount: Amount) -> String {
        amount.to_decimal(self.machine.plan().decimals())
    }

    fn is_recorded(&self, words: &[&str]) -> bool {
        let fields = Fields(&words[1..]);
        match words[0] {
            "reward" => return self.is_rewarded(words, &fields),
            "vested" => {
                let purchase = self.events[words[1]];
                return self.records.contains(&Record::Vested { purchase });
            }
            _ => {}
        }
        let user = self.names[words[1]];
        let there = |seat: SeatRef| {
            u64::from(seat.level) == fields.number("level")
                && seat.index == fields.number("index")
                && fields.text("tree").is_none_or(|tree| tree == seat.tree.to_string())
        };
        self.records.iter().any(|record| match record {
            Record::Seat(seat) => words[0] == "seat" && seat.user == user && there(seat.seat),
            Record::Completed(done) => words[0] == "completed" && done.user == user && there(done.seat),
            Record::Reserve(reserve) => {
                words[0] == "reserve"
                    && reserve.user == user
                    && there(reserve.seat)
                    && fields.text("spent") == Some(&self.text(reserve.spent))
                    && fields.text("released") == Some(&self.text(reserve.released))
            }
            Record::Rank { user: to, rank } => {
                let name = self.machine.plan().rank_name(*rank).unwrap();
                words[0] == "rank" && *to == user && name == words[2..].join(" ")
            }
            Record::Order(order) => {
                let is = |name, amount| fields.text(name) == Some(&self.text(amount));
                words[0] == "order"
                    && order.user == user
                    && is("list", order.list)
                    && is("discount", order.discount)
                    && is("net", order.net)
            }
            Record::Reward(_) | Record::Vested { .. } => false,
        })
    }

    fn is_rewarded(&self, words: &[&str], fields: &Fields<'_>) -> bool {
        let user = |name: &str| fields.text(name).map(|name| self.names[name]);
        let number = |name: &str| fields.text(name).map(|text| text.parse::<u32>().unwrap());
        self.records.iter().any(|record| match record {
            Record::Reward(reward) => {
                reward.kind.name() == words[1]
                    && Some(reward.to) == user("to")
                    && Some(reward.source) == user("from")
                    && Some(self.text(reward.amount).as_str()) == fields.text("amount")
                    && (reward.level(), reward.depth()) == (number("level"), number("depth"))
                    && match reward.detail {
                        Detail::None | Detail::Pool { .. } | Detail::Depth(_) => true,
                        Detail::Month(month) => fields.text("month") == Some(&month.to_string()),
                        Detail::Position(event) => {
                            fields.text("position").map(|name| self.events[name]) == Some(event)
                        }
                        Detail::Rank(rank) => {
                            let name = self.machine.plan().rank_name(rank).unwrap().replace(' ', "-");
                            fields.text("rank") == Some(&name)
                        }
                    }
                    && words.last() == Some(&reward.state.name())
            }
            Record::Seat(_)
            | Record::Completed(_)
            | Record::Reserve(_)
            | Record::Vested { .. }
            | Record::Rank { .. }
            | Record::Order(_) => false,
        })
    }

    fn total(&self, kind: &str) -> String {
        let amounts = self.records.iter().filter_map(|record| match record {
            Record::Reward(reward) if reward.kind.name() == kind => Some(reward.amount),
            _ => None,
        });
        self.text(Amount::sum(amounts).unwrap())
    }

    fn count(&self, what: &str) -> usize {
        let is_it = |record: &&Record| match record {
            Record::Reward(reward) => what == reward.kind.name(),
            Record::Seat(_) => what == "seat",
            Record::Completed(_) => what == "completed",
            Record::Reserve(_) => what == "reserve",
            Record::Vested { .. } => what == "vested",
            Record::Rank { .. } => what == "rank",
            Record::Order(_) => what == "order",
        };
        self.records.iter().filter(is_it).count()
    }

    fn next(&self, fields: &Fields<'_>) -> String {
        let level = u32::try_from(fields.number("level")).unwrap();
        match self.machine.next_seat(level) {
            Some(quote) => format!("tree {} index {}", quote.tree, quote.index),
            None => "none".to_owned(),
        }
    }
}

/// Words in pairs: a name and its value.
struct Fields<'a>(&'a [&'a str]);

impl Fields<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().position(|word| *word == name).and_then(|at| self.0.get(at + 1).copied())
    }

    #[track_caller]
    fn number(&self, name: &str) -> u64 {
        self.text(name).unwrap_or_else(|| panic!("`{name}` is missing")).parse().unwrap()
    }
}

/// `a b1..b3` is a, b1, b2, b3.
fn names(text: &str) -> Vec<String> {
    text.split_whitespace().flat_map(|word| expand(word.trim_end_matches(','))).collect()
}

fn expand(word: &str) -> Vec<String> {
    let Some((first, last)) = word.split_once("..") else { return vec![word.to_owned()] };
    let stem = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = |name: &str| name[stem.len()..].parse::<u32>().expect(word);
    (number(first)..=number(last)).map(|n| format!("{stem}{n}")).collect()
}
