//! Chains of a million sponsors: they are walked, never recursed, and an event walks them once at most.

use banyan_engine::{Detail, Event, EventBody, EventId, Machine, Record, Reward, RewardKind, UserId};
use banyan_types::Amount;

use crate::table::plan;

const PEOPLE: u32 = 1_000_000;
/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

/// A programme in which everybody was referred by the one before.
struct Chain {
    machine: Machine,
    events: u32,
    at: i64,
}

impl Chain {
    fn new(name: &str) -> Chain {
        let plan = plan(name);
        let amount = plan.entry();
        let mut chain = Chain { machine: Machine::new(plan), events: 0, at: START };
        for user in 1..=PEOPLE {
            chain.apply(EventBody::Registered { user: UserId(user), sponsor: UserId(user - 1), amount });
        }
        chain
    }

    #[track_caller]
    fn apply(&mut self, body: EventBody) -> Vec<Reward> {
        let event = Event { id: EventId(self.events), at: self.at, body };
        self.events += 1;
        let records = self.machine.apply(&event).unwrap_or_else(|refusal| panic!("{body:?}: {refusal}"));
        let rewards = records.iter().filter_map(|record| match record {
            Record::Reward(reward) => Some(*reward),
            _ => None,
        });
        rewards.collect()
    }

    fn purchase(&mut self, user: u32, units: i128) -> Vec<Reward> {
        let amount = Amount::from_units(units).unwrap();
        self.apply(EventBody::Purchase { user: UserId(user), amount })
    }

    fn retopup(&mut self, user: u32) -> Vec<Reward> {
        let amount = self.machine.plan().retopup().unwrap().amount;
        self.apply(EventBody::Retopup { user: UserId(user), amount })
    }

    fn pass(&mut self, days: i64) -> Vec<Reward> {
        self.at += days * DAY;
        self.apply(EventBody::Tick)
    }
}

/// Who received what kind at which depth.
fn taken(rewards: &[Reward], kind: RewardKind) -> Vec<(u32, Detail)> {
    rewards.iter().filter(|reward| reward.kind == kind).map(|reward| (reward.to.0, reward.detail)).collect()
}

#[test]
fn compression_finds_the_top_of_a_million_ineligible_sponsors() {
    let mut chain = Chain::new("variants/autopool-small");
    for user in [3, 2, 1] {
        chain.retopup(user);
    }
    let mut expected = vec![(3, Detail::Depth(1)), (2, Detail::Depth(2)), (1, Detail::Depth(3))];
    assert_eq!(taken(&chain.retopup(PEOPLE - 1), RewardKind::Level), expected);
    // From now on there is one eligible sponsor at the bottom of the chain, too.
    expected = vec![
        (PEOPLE - 1, Detail::Depth(1)),
        (3, Detail::Depth(2)),
        (2, Detail::Depth(3)),
        (1, Detail::Depth(4)),
    ];
    for _ in 0..3 {
        assert_eq!(taken(&chain.retopup(PEOPLE), RewardKind::Level), expected);
    }
    assert!(chain.machine.recount().holds());
}

#[test]
fn a_purchase_under_a_million_sponsors_pays_ranks_and_levels() {
    let mut chain = Chain::new("rest-empire");
    chain.purchase(1, 100);
    chain.purchase(2, 100);
    for _ in 0..3 {
        chain.purchase(PEOPLE, 100_000_000);
    }
    let rewards = chain.pass(14);
    let levels: Vec<u32> = taken(&rewards, RewardKind::Unilevel).iter().map(|(user, _)| *user).collect();
    // Of the second purchase: to the first, for whom it is the referral's. Of the last: to the nearest sponsor, whose
    // referral's first it is, then to the second and the first.
    let of_one = [PEOPLE - 1, 2, 1];
    assert_eq!(levels, [&[1][..], &of_one, &of_one, &of_one].concat());
    assert!(taken(&rewards, RewardKind::Rank).is_empty(), "one leg makes no rank");
    let later = chain.pass(60);
    assert!(taken(&later, RewardKind::Infinity).is_empty());
    assert!(chain.machine.recount().holds());
}

#[test]
fn a_million_purchases_in_a_chain_take_a_few_steps_each() {
    let mut chain = Chain::new("metax");
    chain.apply(EventBody::Status { user: UserId(PEOPLE / 2), active: false });
    for user in 1..=PEOPLE {
        let rewards = chain.purchase(user, 1_000);
        if user % 100_000 == 33 {
            let paid = taken(&rewards, RewardKind::Direct).len() + taken(&rewards, RewardKind::Level).len();
            assert_eq!(paid, 5);
        }
    }
    assert_eq!(chain.machine.conservation().money_in.units(), 1_000 * i128::from(PEOPLE));
    assert!(chain.machine.recount().holds());
}
