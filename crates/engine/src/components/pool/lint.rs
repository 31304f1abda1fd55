//! What a plan's owner fears of a pool: levels that nobody reaches, seats that nobody owns, and shares of nothing.
//!
//! What a seat pays is a part of its ticket, and a ticket is an entry or comes out of a reserve: a pool can never owe more
//! than came in. But its upper levels live on reserves alone, and those may be too small.

use banyan_types::{Amount, Bps};

use super::{PoolPlan, Ticket};
use crate::lint::{Code, Finding, Inspection, Rules, list, part_of, percentage, points, total};

impl Rules for PoolPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        self.lint_units(on);
        if let Some(unfunded) = self.first_unfunded(on, self.growth, self.reserve_last) {
            self.lint_reserve(on, unfunded);
        } else if let Some(level) = self.first_unreached() {
            self.lint_capacity(on, level);
        }
        self.lint_breakage(on);
    }
}

/// A level whose full boards cannot pay the next ticket.
struct Unfunded {
    level: u32,
    reserve: Amount,
    next: Amount,
}

impl PoolPlan {
    /// What the last `positions` of a board put by, at the prices of a level.
    fn reserve(&self, ticket: &Ticket, positions: u32) -> Amount {
        let board = self.board();
        let layer = |position: u32| (position + 1).ilog2() as usize - 1;
        let paid = (board + 1 - positions..=board).map(|position| ticket.layers[layer(position)]);
        Amount::sum(paid).expect("a board pays less than its tickets cost")
    }

    /// The lowest level whose reserve would not pay the next ticket, with this growth and so many positions.
    fn first_unfunded(&self, on: &Inspection<'_>, growth: u32, positions: u32) -> Option<Unfunded> {
        let pool = PoolPlan { growth, ..self.clone() };
        let tickets = pool.tickets(on.plan.entry()?).ok()?;
        let levels = (1..).zip(tickets.windows(2));
        let mut weighed = levels.map(|(level, pair)| Unfunded {
            level,
            reserve: self.reserve(&pair[0], positions),
            next: pair[1].whole,
        });
        weighed.find(|level| level.reserve < level.next)
    }

    /// The fewest positions that fund every level.
    fn fewest(&self, on: &Inspection<'_>, growth: u32) -> Option<u32> {
        (0..=self.board()).find(|positions| self.first_unfunded(on, growth, *positions).is_none())
    }

    fn lint_reserve(&self, on: &mut Inspection<'_>, unfunded: Unfunded) {
        let Unfunded { level, reserve, next } = unfunded;
        let (reserve, next, above) = (on.money(reserve), on.money(next), level + 1);
        let last = self.reserve_last;
        let Some(fewest) = self.fewest(on, self.growth) else {
            return self.lint_growth(on, level);
        };
        let says = format!(
            "the last {last} positions of a board of level {level} put by {reserve} of the {next} that the next ticket \
             costs, so they can never fund it: nobody advances to level {above}, and what was put by is released when \
             the board is full; {fewest} is the smallest number that funds it"
        );
        on.report(
            Finding::new(Code::ReserveTooSmall, "pool.reserve_last", says)
                .number("reserve", reserve)
                .number("next ticket", next)
                .number("reserve_last", last)
                .number("smallest reserve_last that funds it", fewest)
                .mend(format!("reserve the last {fewest} positions, or drop the levels above {level}"))
                .set("pool.reserve_last", fewest),
        );
    }

    /// Not even a whole board pays the next ticket.
    fn lint_growth(&self, on: &mut Inspection<'_>, level: u32) {
        let board = self.board();
        let all = self.first_unfunded(on, self.growth, board);
        let Some(Unfunded { reserve, next, .. }) = all else { return };
        let (reserve, next, above) = (on.money(reserve), on.money(next), level + 1);
        let says = format!(
            "all {board} positions of a board of level {level} pay {reserve}, less than the {next} that the next ticket \
             costs: no path leads to level {above}"
        );
        let finding = Finding::new(Code::LevelUnfunded, "pool.growth", says)
            .number("whole board", reserve)
            .number("next ticket", next)
            .number("growth", self.growth);
        let funded = (1..self.growth.min(board + 1)).rev().find_map(|growth| {
            let positions = self.fewest(on, growth)?;
            Some((growth, positions))
        });
        on.report(match funded {
            Some((growth, positions)) => finding
                .mend(format!("let tickets grow {growth}-fold, and reserve the last {positions} positions"))
                .set("pool.growth", growth)
                .set("pool.reserve_last", positions),
            None => finding
                .mend("keep one level: no ticket can be paid from a board's shares")
                .set("pool.levels", 1),
        });
    }

    /// The lowest level that no completion ever reaches because trees are too small or too few.
    fn first_unreached(&self) -> Option<u32> {
        let capacity = self.capacity?;
        let boards = |seats: u64| (seats + 1).checked_shr(self.layers()).unwrap_or(0).saturating_sub(1);
        let all = u64::from(self.trees).saturating_mul(capacity);
        let mut seats = all;
        for level in 2..=self.levels {
            let completed = (seats / capacity).saturating_mul(boards(capacity)) + boards(seats % capacity);
            seats = completed.min(all);
            if seats == 0 {
                return Some(level);
            }
        }
        None
    }

    fn lint_capacity(&self, on: &mut Inspection<'_>, level: u32) {
        let (trees, capacity) = (self.trees, self.capacity.unwrap_or_default());
        let below = level - 1;
        let says = format!(
            "{trees} trees of {capacity} seats never complete enough boards for a seat at level {level}: a board takes \
             {} seats with its owner's, all in one tree, so no path leads there from level {below}",
            self.board() + 1,
        );
        on.report(
            Finding::new(Code::LevelUnfunded, "pool.capacity", says)
                .number("trees", trees)
                .number("capacity", capacity)
                .number("first level that nobody reaches", level)
                .mend(format!("let trees grow without bound, or drop the levels from {level} on"))
                .remove("pool.capacity"),
        );
    }

    /// Shares of the smallest ticket that floor to nothing.
    fn lint_units(&self, on: &mut Inspection<'_>) {
        let Some(ticket) = on.plan.ticket(1) else { return };
        if self.direct > Bps::ZERO && ticket.direct.is_zero() {
            let finding = nothing("pool.direct", self.direct, "ticket", on.money(ticket.whole));
            on.report(finding.set("pool.direct", "\"0%\""));
        }
        let lost = |(share, amount): (&Bps, &Amount)| *share > Bps::ZERO && amount.is_zero();
        let Some((share, _)) = self.shares.iter().zip(&ticket.layers).find(|pair| lost(*pair)) else {
            return;
        };
        let finding = nothing("pool.shares", *share, "price", on.money(ticket.price));
        let shares = points(&self.shares).into_iter().zip(&ticket.layers);
        let kept = shares.map(|(share, amount)| if amount.is_zero() { 0 } else { share });
        on.report(finding.set("pool.shares", list(kept)));
    }

    fn lint_breakage(&self, on: &mut Inspection<'_>) {
        let all = total(&on.crowd.pool);
        let broken = part_of(all.broken(), all.promised);
        if broken <= u64::from(on.threshold.get()) {
            return;
        }
        let (lost, promised) = (on.money(all.broken()), on.money(all.promised));
        let part = percentage(broken);
        let says = format!(
            "of what the seats of the first {} participants promise to the seats above, {part} finds none: {lost} of \
             {promised} stay with the company",
            crate::lint::ENTRIES,
        );
        let finding = Finding::new(Code::Breakage, "pool.shares", says)
            .number("entries", crate::lint::ENTRIES)
            .number("promised", promised)
            .number("without a taker", lost)
            .number("part", part)
            .number("threshold", on.threshold);
        on.report(match self.capacity {
            Some(_) => finding
                .mend("let trees grow: in every new tree the first seats have nobody above them")
                .remove("pool.capacity"),
            None => finding.mend("let fewer levels share the first participants"),
        });
    }
}

fn nothing(key: &str, share: Bps, of: &str, whole: String) -> Finding {
    let says = format!("{share} of the {of} of {whole} is less than the smallest unit: it pays nothing");
    Finding::new(Code::BelowSmallestUnit, key, says)
        .number("share", share)
        .number("whole", whole)
        .mend("ask a higher entry, or say \"0%\" where nothing is paid")
}
