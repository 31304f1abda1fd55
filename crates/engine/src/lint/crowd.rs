//! The first thousand participants of a programme, let in through the engine, to see what finds no taker.
//!
//! They fill a binary sponsor tree breadth-first: the first registers under the company, number `i` under number
//! `i / 2`. When all have registered, each makes one retopup, in the same order, and then one purchase of 100 in the
//! plan's currency, and all purchases vest.

use banyan_types::{Amount, Bps};

use super::finding::{Code, Finding};
use super::inspection::{Inspection, list, part_of, percentage, points};
use crate::record::{Record, Reward, RewardKind};
use crate::{Event, EventBody, EventId, Machine, Plan, UserId};

/// How many register.
pub(crate) const ENTRIES: u32 = 1000;

/// What was promised to takers of one kind, and what reached them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) promised: Amount,
    pub(crate) paid: Amount,
}

/// What the first participants met, level by level, nearest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Of seats at every level, by layer.
    pub(crate) pool: Vec<Promise>,
    pub(crate) retopup: Vec<Promise>,
    pub(crate) unilevel: Vec<Promise>,
    pub(crate) referral: Vec<Promise>,
}

impl Promise {
    /// The part that found no taker.
    pub(crate) fn broken(self) -> Amount {
        self.promised.checked_sub(self.paid).expect("no more is paid than was promised")
    }
}

impl Crowd {
    /// Lets them in.
    pub(super) fn gather(plan: &Plan) -> Crowd {
        let mut crowd = Crowd::empty(plan);
        let mut machine = Machine::new(plan.clone());
        let mut count = 0;
        for (at, body) in story(plan) {
            count += 1;
            // What does not fit the range of amounts would not fit it in production either.
            if let Ok(records) = machine.apply(&Event { id: EventId(count), at, body }) {
                crowd.count(&body, records);
            }
        }
        crowd
    }

    /// Nobody has met anything, but what purchases and retopups promise is known.
    fn empty(plan: &Plan) -> Crowd {
        let sections = &plan.sections;
        let promises = |amount: Amount, shares: &[Bps]| -> Vec<Promise> {
            let promised = |share: &Bps| amount.share(*share).checked_mul(ENTRIES.into());
            let promise =
                |share| Promise { promised: promised(share).unwrap_or_default(), paid: Amount::ZERO };
            shares.iter().map(promise).collect()
        };
        let unilevel = sections.unilevel.as_ref().map(|plan| plan.shares.as_slice()).unwrap_or_default();
        let referral = sections.referral.as_ref().map(|plan| plan.shares.as_slice()).unwrap_or_default();
        Crowd {
            pool: vec![Promise::default(); plan.pool().map_or(0, |pool| pool.shares.len())],
            retopup: plan.retopup().map_or(Vec::new(), |retopup| {
                promises(retopup.amount.share(retopup.pot_share), &retopup.shares)
            }),
            unilevel: promises(purchase(plan), unilevel),
            referral: promises(purchase(plan), referral),
        }
    }

    fn count(&mut self, body: &EventBody, records: &[Record]) {
        let retopup = matches!(body, EventBody::Retopup { .. });
        for record in records {
            if let Record::Reward(reward) = record {
                self.count_reward(reward, retopup);
            }
        }
    }

    fn count_reward(&mut self, reward: &Reward, retopup: bool) {
        let paid = |promises: &mut [Promise]| {
            let level = reward.depth().and_then(|depth| promises.get_mut(depth as usize - 1));
            if let Some(promise) = level {
                promise.paid = promise.paid.checked_add(reward.amount).expect("no more is paid than came in");
            }
        };
        match reward.kind {
            RewardKind::PoolL1 => self.seated(0, reward.amount),
            RewardKind::PoolL2 => self.seated(1, reward.amount),
            RewardKind::PoolL3 => self.seated(2, reward.amount),
            RewardKind::PoolBreakage => self.unseated(reward.amount),
            RewardKind::Unilevel => paid(&mut self.unilevel),
            RewardKind::Level if retopup => paid(&mut self.retopup),
            // The direct reward of a registration has no depth.
            RewardKind::Direct | RewardKind::Level => paid(&mut self.referral),
            RewardKind::CompanyFee
            | RewardKind::Retained
            | RewardKind::PoolCompany
            | RewardKind::SeatRefund
            | RewardKind::LevelBreakage
            | RewardKind::Rank
            | RewardKind::Staking
            | RewardKind::Principal
            | RewardKind::Infinity
            | RewardKind::Grant
            | RewardKind::Refused => {}
        }
    }

    /// A seat paid the one that many layers above.
    fn seated(&mut self, layer: usize, amount: Amount) {
        let Promise { promised, paid } = &mut self.pool[layer];
        for side in [promised, paid] {
            *side = side.checked_add(amount).expect("no more is paid than came in");
        }
    }

    /// There was no seat; which layer it was does not matter.
    fn unseated(&mut self, amount: Amount) {
        let promised = &mut self.pool[0].promised;
        *promised = promised.checked_add(amount).expect("no more is paid than came in");
    }
}

/// Everything that happens, with its time.
fn story(plan: &Plan) -> impl Iterator<Item = (i64, EventBody)> {
    let (entry, price) = (plan.entry(), purchase(plan));
    let users = || (1..=ENTRIES).map(UserId);
    let register =
        move |user: UserId| EventBody::Registered { user, sponsor: UserId(user.0 / 2), amount: entry };
    let retopups = plan.retopup().map(|retopup| {
        let amount = retopup.amount;
        users().map(move |user| EventBody::Retopup { user, amount })
    });
    let buys = plan.sections.takes_purchases();
    let purchases =
        users().filter(move |_| buys).map(move |user| EventBody::Purchase { user, amount: price });
    let wait = plan.sections.vesting.as_ref().map_or(0, |vesting| vesting.seconds());
    let now = users().map(register).chain(retopups.into_iter().flatten()).chain(purchases);
    now.map(|body| (0, body)).chain([(wait, EventBody::Tick)])
}

/// What one purchase costs.
fn purchase(plan: &Plan) -> Amount {
    Amount::from_units(100 * 10i128.pow(plan.decimals().into())).expect("currencies have 18 decimals at most")
}

/// A list of shares, nearest level first, and what became of it.
pub(crate) struct Levels<'a> {
    /// The key of the list.
    pub(crate) key: &'static str,
    /// What pays it.
    pub(crate) of: &'static str,
    pub(crate) shares: &'a [Bps],
    pub(crate) promises: &'a [Promise],
}

impl Levels<'_> {
    /// Reports breakage above the threshold. The edit gives the farthest levels' shares to the first.
    pub(crate) fn lint(&self, on: &mut Inspection<'_>) {
        let all = total(self.promises);
        let broken = part_of(all.broken(), all.promised);
        if broken <= u64::from(on.threshold.get()) {
            return;
        }
        let (lost, promised) = (on.money(all.broken()), on.money(all.promised));
        let says = format!(
            "of what {ENTRIES} {} promise to the sponsors above, {} finds none: {lost} of {promised} stay with the \
             company, when participants fill a binary sponsor tree breadth-first",
            self.of,
            percentage(broken),
        );
        let finding = Finding::new(Code::Breakage, self.key, says)
            .number("entries", ENTRIES)
            .number("promised", promised)
            .number("without a taker", lost)
            .number("part", percentage(broken))
            .number("threshold", on.threshold);
        let kept = self.kept(on.threshold);
        let shares = self.shortened(kept);
        on.report(
            finding
                .mend(format!("pay {kept} levels and give what the farther ones had to the nearest"))
                .set(self.key, list(shares)),
        );
    }

    /// How many levels can be kept: as many as possible with breakage within the threshold.
    fn kept(&self, threshold: Bps) -> usize {
        let within = |levels: &usize| {
            let (near, far) = self.promises.split_at(*levels);
            let (kept, moved) = (total(near), total(far).promised);
            let first = self.promises[0];
            // The nearest level loses of what it gets in addition what it loses of its own.
            let extra = part_of(first.broken(), first.promised);
            let extra = moved.share(Bps::new(extra.min(10_000) as u16).expect("a part is at most the whole"));
            let broken = kept.broken().checked_add(extra).unwrap_or(Amount::MAX);
            let promised = kept.promised.checked_add(moved).unwrap_or(Amount::MAX);
            part_of(broken, promised) <= u64::from(threshold.get())
        };
        (1..self.promises.len()).rev().find(within).unwrap_or(1)
    }

    fn shortened(&self, kept: usize) -> Vec<u64> {
        let mut shares = points(self.shares);
        let moved: u64 = shares.split_off(kept).iter().sum();
        shares[0] += moved;
        shares
    }
}

pub(crate) fn total(promises: &[Promise]) -> Promise {
    let sum = |side: fn(&Promise) -> Amount| Amount::sum(promises.iter().map(side)).unwrap_or(Amount::MAX);
    Promise { promised: sum(|promise| promise.promised), paid: sum(|promise| promise.paid) }
}
