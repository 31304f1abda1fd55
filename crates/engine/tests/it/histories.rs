//! Random histories of the programmes with free registration, as JSON Lines: mostly what the plan takes, at the moments
//! that hurt (the edges of refunds, activity, months and days), with refusals of every sort in between. The same seed
//! gives the same lines.

use banyan_engine::interchange::{format_at, parse_at};
use banyan_engine::random::Numbers;

const DAY: i64 = 86_400;

/// A history under way.
struct History {
    numbers: Numbers,
    now: i64,
    lines: Vec<String>,
    /// Names of the participants, `u1` first.
    people: usize,
    most_people: usize,
    /// How much of ten registrations goes under the newest participant.
    depth: u64,
    /// What can be closed or refunded: id and time.
    things: Vec<(String, i64)>,
    /// How far each participant has come on the ladder of [`LADDER`].
    rungs: Vec<usize>,
}

/// `n` events of rest-empire: sales, refunds near their edge, months.
pub fn rest_empire(seed: u64, n: usize) -> Vec<String> {
    let mut history = History::new(seed, 45);
    while history.lines.len() < n {
        history.pass_time(&[14 * DAY, 30 * DAY], 25);
        match history.numbers.below(100) {
            0..18 => history.register(),
            18..76 => {
                let amount = history.turnover();
                history.pay("purchase", amount, true);
            }
            76..88 => history.close("refund", "purchase"),
            88..92 => history.tick(),
            _ => history.disturb(),
        }
    }
    history.lines
}

/// `n` events of metax: purchases, statuses, positions over midnights.
pub fn metax(seed: u64, n: usize) -> Vec<String> {
    let mut history = History::new(seed, 30);
    while history.lines.len() < n {
        history.pass_time(&[DAY], 40);
        match history.numbers.below(100) {
            0..15 => history.register(),
            15..42 => {
                let amount = history.any_amount();
                history.pay("purchase", amount, false);
            }
            42..55 => {
                let amount = history.any_amount();
                history.pay("stake", amount, true);
            }
            55..68 => history.close("unstake", "stake"),
            68..84 => history.set_status(),
            84..90 => history.tick(),
            _ => history.disturb(),
        }
    }
    history.lines
}

/// `n` events of smm-panel: orders up to and over the tiers, completed or refunded.
pub fn smm_panel(seed: u64, n: usize) -> Vec<String> {
    let mut history = History::new(seed, 12);
    while history.lines.len() < n {
        history.pass_time(&[], 5);
        match history.numbers.below(100) {
            0..8 => history.register(),
            8..48 => history.order(),
            48..82 => history.close("order_completed", "order"),
            82..90 => history.close("order_refunded", "order"),
            90..92 => history.tick(),
            _ => history.disturb(),
        }
    }
    history.lines
}

/// List prices that bring one who buys them in turn to exactly 5, 20 and 50 million.
const LADDER: [i128; 3] = [5_000_000, 15_463_917, 31_578_947];

impl History {
    fn new(seed: u64, most_people: usize) -> History {
        let mut numbers = Numbers::new(seed);
        let start = parse_at("2025-12-20T00:00:00Z").unwrap() + numbers.below(40 * DAY as u64) as i64;
        let depth = [1, 5, 9][numbers.below(3) as usize];
        let (lines, things, rungs) = (Vec::new(), Vec::new(), vec![0; most_people + 1]);
        History { numbers, now: start, lines, people: 0, most_people, depth, things, rungs }
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.numbers.below(n) == 0
    }

    /// Nothing, a little, or up to a moment at which something happens: a second before, then, or a second after;
    /// the moments lie `edges` behind earlier payments, or at the ends of days and months.
    fn pass_time(&mut self, edges: &[i64], percent: u64) {
        let far = self.numbers.below(100) < percent;
        let step = match self.numbers.below(12) {
            _ if !far => [0, 0, 1, 600][self.numbers.below(4) as usize],
            0..5 if !edges.is_empty() => self.until_an_edge(edges),
            5 => self.until_day(1),
            6 => self.until_day(15),
            7 if self.one_in(4) => (20 + self.numbers.below(120) as i64) * DAY,
            8 | 9 => DAY - self.now.rem_euclid(DAY) + self.numbers.below(3) as i64 - 1,
            _ => self.numbers.below(3 * DAY as u64) as i64,
        };
        self.now += step.max(0);
    }

    /// How long until an edge of one of the last payments, if that is not past.
    fn until_an_edge(&mut self, edges: &[i64]) -> i64 {
        let Some((_, at)) = self.recent() else { return 0 };
        let edge = edges[self.numbers.below(edges.len() as u64) as usize];
        at + edge - self.now + self.numbers.below(3) as i64 - 1
    }

    /// How long until the next such day of a month.
    fn until_day(&mut self, day: i64) -> i64 {
        let mut days = (1..=31).map(|ahead| (self.now / DAY + ahead) * DAY);
        let is_it = |moment: &i64| format_at(*moment).unwrap()[8..10].parse() == Ok(day);
        let moment = days.find(is_it).unwrap();
        moment - self.now + self.numbers.below(3) as i64 - 1
    }

    fn line(&mut self, fields: &str) -> String {
        let id = format!("e{}", self.lines.len() + 1);
        let at = format_at(self.now).unwrap();
        self.lines.push(format!(r#"{{"id":"{id}","at":"{at}",{fields}}}"#));
        id
    }

    fn tick(&mut self) {
        self.line(r#""type":"tick""#);
    }

    fn register(&mut self) {
        if self.people == self.most_people {
            return self.tick();
        }
        let sponsor = match self.numbers.below(10) {
            _ if self.people == 0 => 0,
            way if way < self.depth => self.people,
            9 => self.numbers.below(2) as usize,
            _ => self.numbers.below(self.people.min(5) as u64) as usize + 1,
        };
        self.people += 1;
        let (user, sponsor) = (name(self.people), name(sponsor));
        self.line(&format!(r#""type":"registered","user":"{user}","sponsor":"{sponsor}""#));
    }

    /// A participant; now and then nobody knows the name.
    fn somebody(&mut self) -> String {
        match self.numbers.below(80) {
            0 => "stranger".to_owned(),
            1 => name(0),
            _ => name(self.numbers.below(self.people.max(1) as u64) as usize + 1),
        }
    }

    fn pay(&mut self, kind: &str, amount: i128, counts: bool) {
        let user = self.somebody();
        let id = self.line(&format!(r#""type":"{kind}","user":"{user}","amount":"{amount}""#));
        if counts {
            self.things.push((id, self.now));
        }
    }

    /// From one unit to millions, of any number of digits, so that flooring bites.
    fn any_amount(&mut self) -> i128 {
        let digits = self.numbers.below(14) as u32;
        10i128.pow(digits) + i128::from(self.numbers.below(9 * 10u64.pow(digits)))
    }

    /// Cents that make ranks, often exactly what a leg of one asks.
    fn turnover(&mut self) -> i128 {
        const TURNOVERS: [i128; 5] = [5_000, 250_000, 500_000, 12_000_000, 60_000_000];
        match self.numbers.below(5) {
            0 => self.any_amount().min(10_000_000_000),
            1 => {
                let turnover = TURNOVERS[self.numbers.below(5) as usize] * 100;
                let part = [5, 3, 2][self.numbers.below(3) as usize];
                turnover * part / 10 - i128::from(self.numbers.below(2))
            }
            2 => i128::from(self.numbers.below(300)) + 1,
            _ => i128::from(self.numbers.below(30_000_000)) + 1,
        }
    }

    fn order(&mut self) {
        let user = self.somebody();
        let rung = user[1..].parse().ok().filter(|number| *number < self.rungs.len());
        let amount = match self.numbers.below(4) {
            0 => i128::from(self.numbers.below(12_000_000)) + 1,
            1 => i128::from(self.numbers.below(200)) + 1,
            _ => {
                let rung = rung.map_or(0, |number: usize| {
                    self.rungs[number] += 1;
                    self.rungs[number] - 1
                });
                LADDER[rung % 3] - i128::from(self.numbers.below(4)) / 3
            }
        };
        let id = self.line(&format!(r#""type":"order","user":"{user}","amount":"{amount}""#));
        self.things.push((id, self.now));
    }

    /// One of the last payments.
    fn recent(&mut self) -> Option<(String, i64)> {
        let back = 1 + self.numbers.below(8).min(self.numbers.below(40)) as usize;
        let place = self.things.len().checked_sub(back)?;
        Some(self.things[place].clone())
    }

    /// Closes or refunds one of the last payments; some were before, and these are refused.
    fn close(&mut self, kind: &str, key: &str) {
        let Some((id, _)) = self.recent() else { return self.tick() };
        if !self.one_in(10) {
            self.things.retain(|(other, _)| *other != id);
        }
        self.line(&format!(r#""type":"{kind}","{key}":"{id}""#));
    }

    fn set_status(&mut self) {
        let (user, active) = (self.somebody(), self.one_in(2));
        self.line(&format!(r#""type":"status","user":"{user}","active":{active}"#));
    }

    /// What the plan, or any plan, refuses.
    fn disturb(&mut self) {
        let (user, known) = (self.somebody(), name(1));
        let fields = match self.numbers.below(14) {
            0 => format!(r#""type":"registered","user":"{user}","sponsor":"{known}""#),
            1 => r#""type":"registered","user":"new","sponsor":"new""#.to_owned(),
            2 => r#""type":"registered","user":"new","sponsor":"stranger""#.to_owned(),
            3 => format!(r#""type":"registered","user":"new","sponsor":"{known}","amount":"20""#),
            4 => format!(r#""type":"retopup","user":"{user}","amount":"40""#),
            5 => r#""type":"grant","user":"u1","amount":"3","reason":"""#.to_owned(),
            6 => r#""type":"refund","purchase":"e1""#.to_owned(),
            7 => r#""type":"unstake","stake":"nothing""#.to_owned(),
            8 => r#""type":"order_completed","order":"e1""#.to_owned(),
            9 => format!(r#""type":"order","user":"stranger","amount":"{}""#, self.numbers.below(99) + 1),
            10 => r#""type":"wind_up""#.to_owned(),
            11 => r#""type":"purchase","user":"stranger","amount":"77""#.to_owned(),
            12 if !self.lines.is_empty() => return self.repeat(),
            _ => return self.go_back(),
        };
        self.line(&fields);
    }

    /// The id of an earlier line on a payment of now.
    fn repeat(&mut self) {
        let (id, at) = (self.numbers.below(self.lines.len() as u64) + 1, format_at(self.now).unwrap());
        let kind = ["purchase", "stake", "order"][self.numbers.below(3) as usize];
        self.lines.push(format!(r#"{{"id":"e{id}","at":"{at}","type":"{kind}","user":"u1","amount":"5"}}"#));
    }

    /// A payment from before the last event; it can be told from the others by its name.
    fn go_back(&mut self) {
        let (line, at) = (self.lines.len() + 1, format_at(self.now - 1).unwrap());
        let kind = ["purchase", "stake", "order"][self.numbers.below(3) as usize];
        self.lines
            .push(format!(r#"{{"id":"e{line}","at":"{at}","type":"{kind}","user":"u1","amount":"5"}}"#));
    }
}

/// The company is number 0.
fn name(number: usize) -> String {
    if number == 0 { "company".to_owned() } else { format!("u{number}") }
}
