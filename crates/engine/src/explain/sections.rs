//! What was told, cut into sections: one for each thing that was paid for and each rule that was at work on it.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::arithmetic::Step;
use super::trace::{Fact, Ground, Part, Pass, Rule, Topic, Trace};
use crate::UserId;
use crate::components::activity::Seen;
use crate::record::{RankId, Reserve, Reward};

use banyan_types::{Amount, Bps};

/// A rule at work on something.
#[derive(Debug)]
pub(super) struct Section {
    /// The place of its topic among all topics.
    pub(super) topic_no: usize,
    pub(super) topic: Option<Topic>,
    pub(super) rule: Option<Rule>,
    pub(super) entries: Vec<Entry>,
    /// Who was passed over on the way up, and why in a word; made when the first way is asked for.
    passed_over: OnceCell<BTreeMap<UserId, &'static str>>,
}

/// What happened to somebody under the rule.
#[derive(Debug)]
pub(super) enum Entry {
    Paid { reward: Reward, grounds: Vec<Ground>, steps: Vec<Step> },
    Settled { reserve: Reserve, grounds: Vec<Ground>, steps: Vec<Step> },
    Passed(UserId, Pass),
    Gain(UserId, Part),
    Claim(Claim),
}

/// The share of a month's purchases that somebody has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) user: UserId,
    pub(super) rank: RankId,
    pub(super) share: Bps,
    pub(super) seen: Option<Seen>,
}

/// Cuts what was told.
pub(super) fn cut(trace: &Trace) -> Vec<Section> {
    let mut cutter = Cutter { sections: Vec::new(), grounds: Vec::new(), steps: Vec::new() };
    trace.facts.iter().for_each(|fact| cutter.take(fact));
    cutter.sections.retain(Section::says_something);
    cutter.sections
}

struct Cutter {
    sections: Vec<Section>,
    /// What was told for the next reward.
    grounds: Vec<Ground>,
    steps: Vec<Step>,
}

impl Cutter {
    fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::Topic(topic) => {
                let topic_no = self.sections.last().map_or(0, |last| last.topic_no + 1);
                self.open(Section::new(topic_no, Some(*topic), None));
            }
            Fact::Rule(rule) => {
                let (topic_no, topic) = self.sections.last().map_or((0, None), |s| (s.topic_no, s.topic));
                self.open(Section::new(topic_no, topic, Some(*rule)));
            }
            Fact::Ground(ground) => self.grounds.push(*ground),
            Fact::Step(step) => self.steps.push(step.clone()),
            Fact::Paid(reward) => {
                let (grounds, steps) = (std::mem::take(&mut self.grounds), std::mem::take(&mut self.steps));
                self.add(Entry::Paid { reward: *reward, grounds, steps });
            }
            Fact::Settled(reserve) => {
                let (grounds, steps) = (std::mem::take(&mut self.grounds), std::mem::take(&mut self.steps));
                self.add(Entry::Settled { reserve: *reserve, grounds, steps });
            }
            Fact::Passed(user, pass) => self.add(Entry::Passed(*user, *pass)),
            Fact::Gain { taker, part } => self.add(Entry::Gain(*taker, *part)),
            Fact::Claim { user, rank, share, seen } => {
                self.add(Entry::Claim(Claim { user: *user, rank: *rank, share: *share, seen: *seen }));
            }
        }
    }

    fn open(&mut self, section: Section) {
        self.grounds.clear();
        self.steps.clear();
        self.sections.push(section);
    }

    fn add(&mut self, entry: Entry) {
        if self.sections.is_empty() {
            self.open(Section::new(0, None, None));
        }
        self.sections.last_mut().expect("one was opened").entries.push(entry);
    }
}

impl Section {
    fn new(topic_no: usize, topic: Option<Topic>, rule: Option<Rule>) -> Section {
        Section { topic_no, topic, rule, entries: Vec::new(), passed_over: OnceCell::new() }
    }

    /// Who was passed over on the way up, and why in a word.
    pub(super) fn passed_over(&self) -> &BTreeMap<UserId, &'static str> {
        self.passed_over.get_or_init(|| {
            let mut over = BTreeMap::new();
            for entry in &self.entries {
                match entry {
                    Entry::Passed(user, pass) => {
                        pass.on_the_way().map(|why| *over.entry(*user).or_insert(why));
                    }
                    Entry::Paid { .. } | Entry::Settled { .. } | Entry::Gain(..) | Entry::Claim(_) => {}
                }
            }
            over
        })
    }

    /// A topic opens a section of its own, which is empty unless its rule is that nothing is paid yet.
    fn says_something(&self) -> bool {
        self.rule.is_some()
            || !self.entries.is_empty()
            || matches!(self.topic, Some(Topic::Waits { .. } | Topic::Returned { .. }))
    }

    /// Whether anything was paid to `user` here.
    pub(super) fn pays(&self, user: UserId) -> bool {
        self.entries.iter().any(|entry| match entry {
            Entry::Paid { reward, .. } => reward.to == user && reward.amount.is_positive(),
            Entry::Settled { reserve, .. } => reserve.user == user,
            Entry::Passed(..) | Entry::Gain(..) | Entry::Claim(_) => false,
        })
    }

    /// The parts of somebody's share of a month, and their sum if they are several.
    pub(super) fn gains(&self, user: UserId) -> impl Iterator<Item = &Part> {
        self.entries.iter().filter_map(move |entry| match entry {
            Entry::Gain(taker, part) if *taker == user => Some(part),
            Entry::Gain(..)
            | Entry::Paid { .. }
            | Entry::Settled { .. }
            | Entry::Passed(..)
            | Entry::Claim(_) => None,
        })
    }

    /// What somebody's share of a month was found to be.
    pub(super) fn claim(&self, user: UserId) -> Option<Claim> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Claim(claim) if claim.user == user => Some(*claim),
            Entry::Claim(_)
            | Entry::Paid { .. }
            | Entry::Settled { .. }
            | Entry::Passed(..)
            | Entry::Gain(..) => None,
        })
    }

    /// Why somebody was passed over.
    pub(super) fn passes(&self, user: UserId) -> impl Iterator<Item = Pass> {
        self.entries.iter().filter_map(move |entry| match entry {
            Entry::Passed(passed, pass) if *passed == user => Some(*pass),
            Entry::Passed(..)
            | Entry::Paid { .. }
            | Entry::Settled { .. }
            | Entry::Gain(..)
            | Entry::Claim(_) => None,
        })
    }

    /// Why the plan refused the payment, if it was the engine that did.
    pub(super) fn refusal(&self) -> Option<String> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Paid { grounds, .. } => grounds.iter().find_map(|ground| match ground {
                Ground::Refused(reason) => Some(reason.to_string()),
                _ => None,
            }),
            Entry::Settled { .. } | Entry::Passed(..) | Entry::Gain(..) | Entry::Claim(_) => None,
        })
    }

    /// A reward to `user` of which rounding left nothing.
    pub(super) fn pays_nothing(&self, user: UserId) -> Option<&Reward> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Paid { reward, .. } if reward.to == user && reward.amount == Amount::ZERO => Some(reward),
            Entry::Paid { .. }
            | Entry::Settled { .. }
            | Entry::Passed(..)
            | Entry::Gain(..)
            | Entry::Claim(_) => None,
        })
    }
}
