//! The answer as people read it.

use std::fmt::{self, Write};

use banyan_types::Amount;

use super::answer::{Cause, Explanation, Path, Rewarded, Said, Settled};
use super::arithmetic::Step;
use super::facts::{Because, Reason};
use super::words::percent;
use super::{Chronicle, Naming};

/// Parts of a sum beyond this are only counted.
const STEPS: usize = 12;

impl Explanation {
    /// Whether the event brought anything.
    pub fn is_rewarded(&self) -> bool {
        !self.rewards.is_empty() || !self.reserves.is_empty()
    }

    /// Leaves only what concerns the user herself; `None` if nothing of the event does, whose payer and amount are then
    /// none of her business. Of her own payment everything does.
    pub fn of_her_own(mut self) -> Option<Explanation> {
        if self.event.user.as_ref() != Some(&self.user) {
            self.not_paid.retain(|not_paid| not_paid.reason.fact.concerns_her());
        }
        Some(self).filter(|own| own.is_rewarded() || !own.not_paid.is_empty())
    }

    /// Adds what became of a waiting purchase, once more events were read.
    pub fn look_back(&mut self, chronicle: &Chronicle, naming: &dyn Naming) {
        for not_paid in &mut self.not_paid {
            let says = &mut not_paid.reason.says;
            let Reason::NotVested { number, vested_with, refunded_by, .. } = &mut not_paid.reason.fact else {
                continue;
            };
            *vested_with = chronicle.vested(*number).map(|event| naming.event(event));
            *refunded_by = chronicle.refund(*number).map(|event| naming.event(event));
            if let Some(event) = vested_with {
                says.push_str(&format!(
                    "; it vested with event {event}, under which its rewards are recorded"
                ));
            }
            if let Some(event) = refunded_by {
                says.push_str(&format!("; event {event} refunded it"));
            }
        }
    }

    /// The path from the payment to every reward.
    pub fn why(&self) -> String {
        let mut out = String::new();
        self.write_why(&mut out).expect("writing to a String cannot fail");
        out
    }

    /// The reason for nothing.
    pub fn why_not(&self) -> String {
        let mut out = String::new();
        self.write_why_not(&mut out).expect("writing to a String cannot fail");
        out
    }

    fn write_why(&self, out: &mut String) -> fmt::Result {
        let (id, user) = (self.event.event.as_deref().unwrap_or("-"), &self.user);
        writeln!(out, "{}", self.headline())?;
        if !self.is_rewarded() {
            return writeln!(
                out,
                "{user} got nothing of it. For the reason ask: why-not --event {id} --user {user}"
            );
        }
        for reward in &self.rewards {
            self.write_reward(out, reward)?;
        }
        self.reserves.iter().try_for_each(|reserve| self.write_reserve(out, reserve))
    }

    fn write_why_not(&self, out: &mut String) -> fmt::Result {
        let (id, user) = (self.event.event.as_deref().unwrap_or("-"), &self.user);
        writeln!(out, "{}", self.headline())?;
        if self.is_rewarded() {
            writeln!(
                out,
                "{user} did get something of it. For the path ask: why --event {id} --user {user}"
            )?;
            let reserved = self.rewards.iter().filter(|reward| reward.state == "reserved").count();
            if reserved > 0 {
                writeln!(out, "Of it {reserved} reserved: kept until a board is complete, not payable yet.")?;
            }
        } else {
            writeln!(out, "{user} got nothing of it:")?;
        }
        for not_paid in &self.not_paid {
            let cause = if not_paid.cause == self.event { String::new() } else { self.of(&not_paid.cause) };
            writeln!(out, "- {}{cause}: {}.", not_paid.rule, not_paid.reason.says)?;
        }
        match self.not_paid_omitted {
            0 => Ok(()),
            omitted => writeln!(out, "- and {omitted} more reasons."),
        }
    }

    fn headline(&self) -> String {
        let Cause { what, at, .. } = &self.event;
        let id = self.event.event.as_deref().unwrap_or("-");
        let paid = match (&self.event.user, self.event.amount) {
            (Some(user), Some(amount)) => match (self.event.discount, self.event.net) {
                (Some(discount), Some(net)) => format!(
                    ": {user} paid {}, the list price of {} less a discount of {}",
                    self.money(net),
                    self.money(amount),
                    self.money(discount)
                ),
                (Some(_), None) | (None, _) => format!(": {user} paid {}", self.money(amount)),
            },
            (Some(_), None) | (None, _) => String::new(),
        };
        format!("Event {id}, {what} at {}{paid}.", at.as_deref().unwrap_or("an unknown time"))
    }

    fn money(&self, amount: Amount) -> String {
        format!("{} {}", amount.to_decimal(self.currency.decimals), self.currency.symbol)
    }

    /// What was paid for, as the end of a sentence.
    fn of(&self, cause: &Cause) -> String {
        let mut says = format!(" of the {}", cause.what);
        let mut add = |text: String| says.push_str(&text);
        if let Some(seat) = &cause.seat {
            add(format!(" {} in tree {} of level {}", seat.index, seat.tree, seat.level));
        }
        if let Some(level) = cause.level {
            add(format!(" of level {level}"));
        }
        if let Some(month) = &cause.month {
            add(format!(" {month}"));
        }
        if let Some(event) = cause.event.as_ref().filter(|event| Some(*event) != self.event.event.as_ref()) {
            add(format!(" {event}"));
        }
        if let Some(user) = &cause.user {
            add(format!(" of {user}"));
        }
        if let Some(amount) = cause.amount {
            add(format!(", {}", self.money(amount)));
        }
        if let Some(at) = cause.at.as_ref().filter(|at| Some(*at) != self.event.at.as_ref()) {
            add(format!(", made {at}"));
        }
        says
    }

    fn write_reward(&self, out: &mut String, reward: &Rewarded) -> fmt::Result {
        let level = match (reward.level, reward.depth) {
            (Some(level), _) => format!(" of level {level}"),
            (None, Some(depth)) => format!(" at level {depth}"),
            (None, None) => String::new(),
        };
        let state = if reward.state == "reserved" { ", reserved, not payable yet" } else { ", payable" };
        let (kind, amount, cause) = (reward.kind, self.money(reward.amount), self.of(&reward.cause));
        writeln!(out, "{kind}{level}: {amount}{state}{cause}")?;
        self.write_path(out, &reward.path)?;
        write_facts(out, &reward.because)?;
        self.write_steps(out, &reward.arithmetic)?;
        match (&reward.rest, reward.fund) {
            (Some(rest), _) => {
                let left = self.money(rest.amount);
                writeln!(out, "  what is left, rounding included: {left} to {} as {}", rest.to, rest.kind)
            }
            (None, "company") => writeln!(out, "  no payment funds it: the company is charged exactly this"),
            (None, _) => Ok(()),
        }
    }

    fn write_path(&self, out: &mut String, path: &Path) -> fmt::Result {
        if path.nodes.is_empty() {
            return Ok(());
        }
        let node = |node: &super::Node| {
            let seat = node.index.map_or_else(String::new, |index| format!("seat {index}: "));
            let passed = node.passed.map_or_else(String::new, |why| format!(" ({})", why.replace('_', " ")));
            format!("{seat}{}{passed}", node.user)
        };
        let mut nodes: Vec<String> = path.nodes.iter().map(node).collect();
        if path.omitted > 0 {
            nodes.insert(nodes.len() / 2, format!("… {} more …", path.omitted));
        }
        writeln!(out, "  path along {}: {}", path.along, nodes.join(" → "))
    }

    fn write_steps(&self, out: &mut String, steps: &[Step]) -> fmt::Result {
        let (shown, rest) = match steps.len() {
            ..=STEPS => (steps, &steps[..0]),
            _ => (&steps[..STEPS], &steps[STEPS..]),
        };
        shown.iter().try_for_each(|step| self.write_step(out, step))?;
        let Some((last, between)) = rest.split_last() else { return Ok(()) };
        writeln!(out, "  … {} more parts …", between.len())?;
        self.write_step(out, last)
    }

    fn write_step(&self, out: &mut String, step: &Step) -> fmt::Result {
        let sum = match step {
            Step::Share { of, bps, .. } => format!("{} of {}", percent(*bps), self.money(*of)),
            Step::Gap { of, bps, top, buyer, .. } => {
                format!("({} − {}) of {} by {buyer}", percent(*bps), percent(*top), self.money(*of))
            }
            Step::Less { of, parts, .. } => {
                let parts: Vec<String> =
                    parts.iter().map(|part| format!(" − {}", self.money(*part))).collect();
                format!("{}{}", self.money(*of), parts.concat())
            }
            Step::Total { parts, .. } if parts.len() > STEPS => format!("the sum of {} parts", parts.len()),
            Step::Total { parts, .. } => {
                parts.iter().map(|part| self.money(*part)).collect::<Vec<String>>().join(" + ")
            }
            Step::Interest { principal, bps, days, .. } => {
                format!("{} · {} · {days} / 365 days", self.money(*principal), percent(*bps))
            }
            Step::Given { .. } => String::new(),
        };
        let equals = if sum.is_empty() { "" } else { " = " };
        let dropped = match step.dropped() {
            Some(dropped @ 1..) => format!(" (rounded down: 0.{dropped:04} of the smallest unit dropped)"),
            Some(0) | None => String::new(),
        };
        writeln!(out, "  {}: {sum}{equals}{}{dropped}", step.what(), self.money(step.result()))
    }

    fn write_reserve(&self, out: &mut String, reserve: &Settled) -> fmt::Result {
        let (seat, spent, released) =
            (&reserve.seat, self.money(reserve.spent), self.money(reserve.released));
        writeln!(
            out,
            "Reserve of seat {} in tree {} of level {}: {spent} spent on the next ticket, {released} released, payable",
            seat.index, seat.tree, seat.level
        )?;
        write_facts(out, &reserve.because)?;
        self.write_steps(out, &reserve.arithmetic)
    }
}

fn write_facts(out: &mut String, because: &[Said<Because>]) -> fmt::Result {
    because.iter().try_for_each(|fact| writeln!(out, "  because {}", fact.says))
}
