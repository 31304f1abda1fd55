//! What holds for every history that the contract can write.

use banyan_entitlement::merkle::Tree;
use banyan_entitlement::{Directive, Entitlements};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Amount, B256, PlanHash};
use proptest::prelude::*;

use crate::history::{History, bnb, dearer_plan, plan, plans, wallet};

/// One thing that people do, with dice where it matters.
#[derive(Clone, Debug)]
enum Act {
    Register { sponsor: u64, odd_amount: bool },
    Retopup { user: u64, odd_amount: bool },
    Grant { user: u64, amount: u64 },
    Place { user: u64, level: u64, index: u64 },
    Noise { amount: u64, data: Vec<u8> },
    Plan(bool),
    OtherShape,
    WindUp,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        60 => (any::<u64>(), prop::bool::weighted(0.1))
            .prop_map(|(sponsor, odd_amount)| Act::Register { sponsor, odd_amount }),
        20 => (any::<u64>(), prop::bool::weighted(0.1))
            .prop_map(|(user, odd_amount)| Act::Retopup { user, odd_amount }),
        5 => (any::<u64>(), 0..1000u64).prop_map(|(user, amount)| Act::Grant { user, amount }),
        5 => (any::<u64>(), 0..3u64, 0..60u64).prop_map(|(user, level, index)| Act::Place { user, level, index }),
        5 => (0..1000u64, prop::collection::vec(any::<u8>(), 0..100))
            .prop_map(|(amount, data)| Act::Noise { amount, data }),
        3 => any::<bool>().prop_map(Act::Plan),
        1 => Just(Act::OtherShape),
        1 => Just(Act::WindUp),
    ]
}

/// The contract's side: what it would write for an act.
struct Chain {
    history: History,
    registered: u64,
}

impl Chain {
    fn perform(&mut self, act: Act) {
        let plan_hash = self.history.entitlements.plan_in_force();
        let nobody = plan_hash == PlanHash::NONE;
        let pick = |number: u64| number % (self.registered + 1);
        self.history.plan = plan_hash;
        match act {
            Act::Register { .. } | Act::Retopup { .. } if nobody => {}
            Act::Register { sponsor, odd_amount } => {
                let sponsor = pick(sponsor);
                self.registered += 1;
                self.history.register_for(self.registered, sponsor, if odd_amount { "21" } else { "20" });
            }
            Act::Retopup { user, odd_amount } if self.registered > 0 => {
                let user = user % self.registered + 1;
                self.history.retopup(user, if odd_amount { "41" } else { "40" });
            }
            Act::Retopup { .. } => {}
            Act::Grant { user, amount } => {
                let user = wallet(user % (self.registered + 2));
                let directive = Directive::Grant { user, reason: "x".repeat(amount as usize % 70) };
                self.history.direct(&directive, &amount.to_string());
            }
            Act::Place { user, level, index } => {
                let directive = Directive::Place { user: wallet(pick(user)), level, tree: 1, index };
                self.history.direct(&directive, if level == 2 { "36" } else { "18" });
            }
            Act::Noise { amount, data } => {
                let kind = B256::right_padding_from(b"GRANT");
                self.history.raw_directive(kind, &data, &amount.to_string());
            }
            Act::Plan(_) | Act::OtherShape | Act::WindUp if nobody => {}
            Act::Plan(dear) => {
                let next = if dear { dearer_plan() } else { plan("autopool") };
                self.history.direct(&Directive::Plan(next.hash()), "0");
            }
            Act::OtherShape => {
                self.history.direct(&Directive::Plan(plan("autopool-last-four").hash()), "0");
            }
            Act::WindUp => drop(self.history.direct(&Directive::WindUp, "0")),
        }
    }
}

fn amount_in(entry: &Entry) -> Amount {
    match entry.body {
        EntryBody::Genesis { .. } => Amount::ZERO,
        EntryBody::Registration { amount, .. }
        | EntryBody::Retopup { amount, .. }
        | EntryBody::Directive { amount, .. } => amount,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn entitlements_are_covered_never_fall_and_can_be_rewound(
        acts in prop::collection::vec(act(), 1..160),
        jumps in prop::collection::vec(any::<u64>(), 0..5),
    ) {
        let mut chain = Chain { history: History::new("autopool"), registered: 0 };
        acts.into_iter().for_each(|act| chain.perform(act));
        let history = chain.history;

        let mut fresh = Entitlements::new(plans());
        let mut money_in = Amount::ZERO;
        let mut before: Vec<(banyan_types::Address, Amount)> = Vec::new();
        for entry in &history.entries {
            let judged = fresh.apply(entry).unwrap();
            money_in = money_in.checked_add(amount_in(entry)).unwrap();

            let now: Vec<_> = fresh.as_of(entry.seq).unwrap().accounts().collect();
            let earned = Amount::sum(now.iter().map(|(_, sum)| *sum)).unwrap();
            prop_assert!(earned <= money_in, "entry {}: {earned} of {money_in}", entry.seq);
            for ((account, was), (same, is)) in before.iter().zip(&now) {
                prop_assert!(account == same && was <= is, "entry {}: {account}", entry.seq);
            }
            for credit in judged.credits() {
                prop_assert!(credit.amount.is_positive());
            }
            let rewound: Vec<_> = history.entitlements.as_of(entry.seq).unwrap().accounts().collect();
            prop_assert_eq!(&rewound, &now, "entry {}", entry.seq);
            prop_assert_eq!(history.entitlements.head_at(entry.seq), Some(fresh.head()));
            // Built anew at every seventh entry, and where a tree grows a row.
            let root = fresh.root();
            if entry.seq % 7 == 0 || (now.len() - 1).is_power_of_two() {
                prop_assert_eq!(root, Tree::new(now.iter().copied()).root(), "after entry {}", entry.seq);
            }
            prop_assert_eq!(history.entitlements.as_of(entry.seq).unwrap().root(), root, "back at {}", entry.seq);
            before = now;
        }
        // The kept tree goes to and fro.
        for seq in jumps.into_iter().map(|jump| jump % history.entries.len() as u64) {
            let then = history.entitlements.as_of(seq).unwrap();
            let tree = Tree::new(then.accounts());
            prop_assert_eq!(then.root(), tree.root(), "entry {}", seq);
            for (leaf, (account, _)) in then.accounts().enumerate() {
                prop_assert_eq!(then.proof(account), tree.proof(leaf));
            }
        }
        let machine = history.entitlements.machine().unwrap();
        prop_assert!(machine.conservation().holds() && machine.conservation().money_in == money_in);
        for (id, (account, sum)) in before.iter().enumerate() {
            let id = banyan_engine::UserId(id as u32);
            prop_assert_eq!(machine.balances(id).payable, *sum, "{}", account);
        }
        prop_assert!(bnb("0") <= money_in);
    }
}
