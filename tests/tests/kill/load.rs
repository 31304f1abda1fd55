//! Participants in great numbers, straight to the contract: registrations, retopups, refused payments, grants, freezes and
//! payouts, by a seeded choice, in blocks of a few dozen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy::primitives::{Address, Bytes, U256};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use banyan_chain::contract;
use banyan_chain::eip712::{Domain, Payload, PayoutBatch, Registration, Retopup, pack_items};
use banyan_entitlement::{ContractPlan, Directive};
use banyan_testkit::anvil::{Anvil, CHAIN_ID, Rpc};
use banyan_testkit::contract::{Roles, Settlement};
use banyan_types::{Amount, PlanHash};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

/// Actions in a block.
const BLOCK: usize = 40;
/// Pause between blocks.
const PAUSE: Duration = Duration::from_millis(250);
/// Gas of an action; a registration needs less than 97,000.
const GAS: u64 = 150_000;
/// Gas of a batch of 200.
const BATCH_GAS: u64 = 6_000_000;
/// Most items of a batch.
const MOST_ITEMS: usize = 200;
/// Wei of what a sponsor gets at once for a registration: a tenth of 20 BNB.
const DIRECT: i128 = 2_000_000_000_000_000_000;

/// Sends actions to one contract.
pub struct Load {
    rpc: Rpc,
    settlement: Settlement,
    domain: Domain,
    entry: Amount,
    retopup: Amount,
    intake: PrivateKeySigner,
    payout: PrivateKeySigner,
    rng: ChaCha8Rng,
    people: Vec<Person>,
    /// Who has direct income that no batch has paid, by position: all of it so far.
    unpaid: BTreeMap<usize, Amount>,
    entries: u64,
}

struct Person {
    wallet: Address,
    nonce: u32,
    /// The plan took the registration: the entry's amount, under a participant or the company.
    participant: bool,
    /// Of participants.
    referrals: i128,
    frozen: bool,
}

impl Load {
    pub async fn new(anvil: &Anvil, settlement: &Settlement, plan: &ContractPlan, seed: u64) -> Load {
        anvil.call("anvil_autoImpersonateAccount", json!([true])).await.unwrap();
        Load {
            rpc: anvil.rpc(),
            settlement: settlement.clone(),
            domain: Domain { chain_id: CHAIN_ID, contract: settlement.address },
            entry: plan.entry(),
            retopup: plan.retopup_amount(),
            intake: anvil.wallet(Roles::INTAKE_SIGNER),
            payout: anvil.wallet(Roles::PAYOUT_SIGNER),
            rng: ChaCha8Rng::seed_from_u64(seed),
            people: Vec::new(),
            unpaid: BTreeMap::new(),
            entries: 0,
        }
    }

    /// Fills block after block until told that it is enough; says how many entries the history has got.
    pub async fn flood(mut self, enough: Arc<AtomicBool>) -> u64 {
        while !enough.load(Ordering::Relaxed) {
            let deadline = self.rpc.time().await.unwrap() + 900;
            for _ in 0..BLOCK {
                self.act(deadline).await;
            }
            self.rpc.mine(1).await.unwrap();
            self.settle(deadline).await;
            tokio::time::sleep(PAUSE).await;
        }
        self.rpc.mine(1).await.unwrap();
        assert_eq!(self.settlement.seq().await.unwrap(), self.entries, "no action of the load reverts");
        self.entries
    }

    async fn act(&mut self, deadline: u64) {
        match self.rng.random_range(0..100) {
            _ if self.people.len() < 5 => self.register(deadline, self.entry).await,
            0..70 => self.register(deadline, self.entry).await,
            // The contract takes any amount; the plan sends these back to their payers.
            70..73 => self.register(deadline, wei(DIRECT)).await,
            73..75 => self.pay_again(deadline, wei(DIRECT)).await,
            75..96 => self.pay_again(deadline, self.retopup).await,
            96..98 => self.grant().await,
            _ => self.freeze_or_unfreeze().await,
        }
    }

    async fn register(&mut self, deadline: u64, amount: Amount) {
        let number = u64::try_from(self.people.len()).unwrap() + 1;
        let user = Address::left_padding_from(&(0xB4_0000_0000 + number).to_be_bytes());
        let sponsor = self.rng.random_range(0..=self.people.len()).checked_sub(1);
        let taken = sponsor.is_none_or(|position| self.people[position].participant);
        let participant = amount == self.entry && taken;
        let sponsor = sponsor.map_or(Address::ZERO, |position| self.refer(position, participant));
        let plan = PlanHash(self.settlement.plan);
        let payload = Registration { user, sponsor, amount, plan, nonce: 0, deadline };
        let signature = self.sign(&self.intake, &Payload::Registration(payload.clone()));
        self.rpc.set_balance(user, U256::from(10).pow(U256::from(24))).await.unwrap();
        self.send(user, contract::register(&payload, &signature), amount).await;
        self.people.push(Person { wallet: user, nonce: 1, participant, referrals: 0, frozen: false });
        self.entries += 1;
    }

    /// The sponsor's wallet; a new participant brings her direct income.
    fn refer(&mut self, position: usize, participant: bool) -> Address {
        let sponsor = &mut self.people[position];
        if participant {
            sponsor.referrals += 1;
            self.unpaid.insert(position, wei(sponsor.referrals * DIRECT));
        }
        sponsor.wallet
    }

    async fn pay_again(&mut self, deadline: u64, amount: Amount) {
        let position = self.rng.random_range(0..self.people.len());
        let person = &mut self.people[position];
        if person.frozen {
            return;
        }
        let (user, nonce) = (person.wallet, person.nonce);
        person.nonce += 1;
        let payload = Retopup { user, amount, plan: PlanHash(self.settlement.plan), nonce, deadline };
        let signature = self.sign(&self.intake, &Payload::Retopup(payload.clone()));
        self.send(user, contract::retopup(&payload, &signature), amount).await;
        self.entries += 1;
    }

    async fn grant(&mut self) {
        let user = self.people[self.rng.random_range(0..self.people.len())].wallet;
        let (kind, data) = Directive::Grant { user, reason: "load".to_owned() }.encode();
        let programme = self.settlement.genesis().programme;
        self.send(programme, contract::directive(kind, data), wei(DIRECT)).await;
        self.entries += 1;
    }

    async fn freeze_or_unfreeze(&mut self) {
        let position = self.rng.random_range(0..self.people.len());
        let person = &mut self.people[position];
        person.frozen = !person.frozen;
        let genesis = self.settlement.genesis();
        let (from, data) = if person.frozen {
            (genesis.guardian, contract::freeze(person.wallet))
        } else {
            (genesis.admin, contract::unfreeze(person.wallet))
        };
        self.send(from, data, Amount::ZERO).await;
    }

    /// Now and then pays direct income that blocks so far have brought, by a batch over the contract's own history.
    async fn settle(&mut self, deadline: u64) {
        if self.unpaid.is_empty() || self.rng.random_range(0..4) > 0 {
            return;
        }
        let mut items = Vec::new();
        while items.len() < MOST_ITEMS
            && let Some((position, due)) = self.unpaid.pop_first()
        {
            items.push((self.people[position].wallet, due));
        }
        let seq = self.settlement.seq().await.unwrap();
        let payload = PayoutBatch {
            seq,
            head: self.settlement.head_at(seq).await.unwrap(),
            root: Default::default(),
            max_total: Amount::sum(items.iter().map(|(_, amount)| *amount)).unwrap(),
            deadline,
            items: pack_items(&items).unwrap(),
        };
        let signature = self.sign(&self.payout, &Payload::PayoutBatch(payload.clone()));
        let executor = self.settlement.genesis().executor;
        let data = contract::execute_batch_payouts(&payload, &signature);
        self.rpc
            .submit(executor, Some(self.settlement.address), data, U256::ZERO, Some(BATCH_GAS))
            .await
            .unwrap();
    }

    fn sign(&self, key: &PrivateKeySigner, payload: &Payload) -> [u8; 65] {
        key.sign_hash_sync(&payload.digest(&self.domain)).unwrap().as_bytes()
    }

    async fn send(&self, from: Address, data: Bytes, value: Amount) {
        let value = U256::from(value.units().unsigned_abs());
        self.rpc.submit(from, Some(self.settlement.address), data, value, Some(GAS)).await.unwrap();
    }
}

fn wei(units: i128) -> Amount {
    Amount::from_units(units).expect("small")
}
