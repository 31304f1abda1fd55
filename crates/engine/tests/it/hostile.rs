//! Random events in the interchange format, of every type, of which a good part must be refused.

use banyan_engine::Plan;
use banyan_engine::interchange::{Simulation, format_at};
use banyan_engine::random::Numbers;

/// A source of lines, each well formed. It watches the run under test, so that much of it is
/// taken and its placements come close.
pub struct Hostile {
    numbers: Numbers,
    lines: u64,
    names: u64,
    now: i64,
    entry: i128,
    retopup: i128,
    prices: Vec<i128>,
    levels: u64,
    /// One line in so many is a wind-up; 0 is never.
    wind_up_in: u64,
}

impl Hostile {
    pub fn new(plan: &Plan, seed: u64, wind_up_in: u64) -> Hostile {
        let levels = plan.pool().unwrap().levels;
        Hostile {
            numbers: Numbers::new(seed),
            lines: 0,
            names: 1,
            now: 1_700_000_000,
            entry: plan.entry().unwrap().units(),
            retopup: plan.retopup().unwrap().amount.units(),
            prices: (1..=levels).map(|level| plan.ticket(level).unwrap().price.units()).collect(),
            levels: u64::from(levels),
            wind_up_in,
        }
    }

    pub fn next_line(&mut self, run: &Simulation) -> String {
        self.lines += 1;
        let id = if self.one_in(60) { self.numbers.below(self.lines) } else { self.lines };
        self.now += self.numbers.below(4) as i64 * 20_000;
        let at = if self.one_in(60) { self.now - 30_000 } else { self.now };
        let at = format_at(at).unwrap();
        let fields = self.fields(run);
        format!(r#"{{"id":"e{id}","at":"{at}",{fields}}}"#)
    }

    fn one_in(&mut self, n: u64) -> bool {
        n > 0 && self.numbers.below(n) == 0
    }

    fn fields(&mut self, run: &Simulation) -> String {
        if self.one_in(self.wind_up_in) {
            return r#""type":"wind_up""#.to_owned();
        }
        match self.numbers.below(20) {
            0..7 => self.registration(run),
            7..10 => {
                let (user, amount) = (self.somebody(run), self.nearly(self.retopup));
                format!(r#""type":"retopup","user":"{user}","amount":"{amount}""#)
            }
            10..17 => self.placement(run),
            17..19 => {
                let (user, amount) = (self.somebody(run), self.numbers.below(1000) + 1);
                format!(r#""type":"grant","user":"{user}","amount":"{amount}","reason":"r""#)
            }
            _ => r#""type":"tick""#.to_owned(),
        }
    }

    fn registration(&mut self, run: &Simulation) -> String {
        let sponsor = self.somebody(run);
        let user = if self.one_in(10) {
            self.somebody(run)
        } else {
            self.names += 1;
            format!("u{}", self.names)
        };
        let amount = self.nearly(self.entry);
        format!(r#""type":"registered","user":"{user}","sponsor":"{sponsor}","amount":"{amount}""#)
    }

    /// Mostly a free seat whose parent is seated, sometimes far from it.
    fn placement(&mut self, run: &Simulation) -> String {
        let level = match self.numbers.below(12) {
            0 => self.levels + 1,
            1..7 => self.levels.min(2),
            n => 1 + n % self.levels,
        };
        let quote = u32::try_from(level).ok().and_then(|level| run.machine().next_seat(level));
        let (tree, index) = quote.map_or((1, 1), |quote| (u64::from(quote.tree), quote.index));
        let tree = if self.one_in(12) { self.numbers.below(3) + 1 } else { tree };
        let index = match self.numbers.below(12) {
            0 => self.numbers.below(1 << 40) + 1,
            1..3 => index * 2,
            n => index + n % 6,
        };
        let price = self.prices.get(level as usize - 1).copied().unwrap_or(1);
        let (user, amount) = (self.somebody(run), self.nearly(price));
        format!(
            r#""type":"place","user":"{user}","level":{level},"tree":{tree},"index":{index},"amount":"{amount}""#
        )
    }

    /// Mostly a participant.
    fn somebody(&mut self, run: &Simulation) -> String {
        match self.numbers.below(25) {
            0 => return "company".to_owned(),
            1 => return format!("stranger{}", self.numbers.below(5)),
            _ => {}
        }
        let mut name = "company".to_owned();
        for _ in 0..8 {
            name = format!("u{}", self.numbers.below(self.names + 1));
            if run.users().find(&name).is_some_and(|user| run.machine().is_participant(user)) {
                break;
            }
        }
        name
    }

    fn nearly(&mut self, amount: i128) -> i128 {
        match self.numbers.below(40) {
            0 => amount + 1,
            1 => (amount - 1).max(1),
            _ => amount,
        }
    }
}
