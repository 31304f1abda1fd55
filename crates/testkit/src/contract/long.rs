//! A long history of the real contract in little time, for replays, audits and benchmarks: full blocks of registrations
//! and retopups by wallets that anvil lets speak without keys, then batches of 200 payouts and a claim, all of them
//! justified by the plan, and a new root each round.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::sol_types::SolCall;
use banyan_entitlement::{ContractPlan, Entitlements, Plans};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Amount, PlanHash};
use serde_json::{Value, json};

use super::history::pack;
use super::{Settlement, abi};
use crate::anvil::{Anvil, CHAIN_ID, Options};
use crate::error::{Error, Result};

/// Transactions in a block: what 55 M gas hold of registrations at 97,000.
const PER_BLOCK: usize = 500;
/// Payouts in a batch, as many as the contract takes.
const PER_BATCH: usize = 200;
/// Batches in a round; with what they pay they fill one block.
const BATCHES: usize = 14;
/// Registrations and retopups of a round.
const REGISTRATIONS: usize = 2_000;
const RETOPUPS: usize = 1_000;
/// Gas of a registration or retopup, and of a full batch.
const GAS: u64 = 140_000;
const BATCH_GAS: u64 = 5_000_000;

/// A chain with a long history.
#[derive(Debug)]
pub struct LongChain {
    /// The node.
    pub anvil: Anvil,
    /// The contract.
    pub settlement: Settlement,
    /// Events that change entitlements or pay: entries, payouts, batches, roots. The contract's birth has a few more.
    pub events: u64,
    /// What everybody has earned by the history so far.
    pub entitlements: Entitlements,
    people: Vec<Address>,
    paid: Vec<Amount>,
}

/// A transaction to send, and the entry that it writes, if it writes one.
struct Act {
    from: Address,
    value: U256,
    data: Bytes,
    gas: u64,
    entry: Option<EntryBody>,
}

impl LongChain {
    /// A chain whose contract was born under the plan of that file, and then had at least `events` events. All of it is
    /// final. It takes about a minute for 100,000.
    ///
    /// # Errors
    /// When anvil or the contract refuses, or the file is no plan of the contract.
    pub async fn make(plan: &str, events: u64) -> Result<LongChain> {
        let mut chain = LongChain::begin(plan).await?;
        while chain.events < events {
            chain.round().await?;
        }
        chain.anvil.finalize().await?;
        Ok(chain)
    }

    async fn begin(plan: &str) -> Result<LongChain> {
        let plan = ContractPlan::from_toml(plan).map_err(|reason| Error::Unexpected {
            what: "the plan of a long history".to_owned(),
            expected: "a plan that the contract can carry out".to_owned(),
            got: reason.to_string(),
        })?;
        let mut plans = Plans::new();
        let hash = plans.add(plan);
        let anvil = Anvil::start(&Options::default())?;
        let settlement = Settlement::deploy(&anvil, hash.0).await?;
        anvil.call("evm_setAutomine", json!([false])).await?;
        anvil.call("anvil_autoImpersonateAccount", json!([true])).await?;
        let block = anvil.call("eth_getBlockByNumber", json!(["latest", false])).await?;
        let (people, paid) = (Vec::new(), vec![Amount::ZERO]);
        let entitlements = Entitlements::new(plans);
        let mut chain = LongChain { anvil, settlement, events: 0, entitlements, people, paid };
        let contract = chain.settlement.address;
        let body = EntryBody::Genesis { chain_id: CHAIN_ID, contract, plan: hash, predecessor: B256::ZERO };
        chain.judge(body, word(&block["timestamp"])?)?;
        Ok(chain)
    }

    /// Registrations, retopups, a block of batches and a claim; then an hour passes, so that the next root is published.
    async fn round(&mut self) -> Result<()> {
        for _ in 0..REGISTRATIONS / PER_BLOCK {
            let acts = self.registrations().await?;
            self.block(acts).await?;
        }
        for _ in 0..RETOPUPS / PER_BLOCK {
            let acts = self.retopups().await?;
            self.block(acts).await?;
        }
        let (acts, rest) = self.batches().await?;
        self.block(acts).await?;
        if let Some((id, account)) = rest {
            let act = self.claim(id, account)?;
            self.block(vec![act]).await?;
        }
        self.anvil.increase_time(3_700).await
    }

    async fn registrations(&mut self) -> Result<Vec<Act>> {
        let (deadline, plan) = (self.settlement.deadline().await?, self.settlement.plan);
        let amount = self.price(ContractPlan::entry)?;
        let earlier = self.people.clone();
        let before = earlier.len();
        let mut acts = Vec::with_capacity(PER_BLOCK);
        for number in before..before + PER_BLOCK {
            let user = Address::from_slice(&keccak256(number.to_be_bytes())[12..]);
            let sponsor = earlier.get(scattered(number, before)).copied().unwrap_or_default();
            self.people.push(user);
            self.paid.push(Amount::ZERO);
            let payload =
                abi::Registration { user, sponsor, amount: wei(amount), plan, nonce: U256::ZERO, deadline };
            let signature = self.settlement.sign(&self.settlement.signers()?.intake, &payload)?;
            let data = abi::registerCall { payload, signature }.abi_encode().into();
            let entry = EntryBody::Registration { user, sponsor, plan: PlanHash(plan), amount };
            acts.push(Act { from: user, value: wei(amount), data, gas: GAS, entry: Some(entry) });
        }
        let rich = U256::from(10u8).pow(U256::from(24u8));
        let gifts: Vec<_> = acts.iter().map(|act| ("anvil_setBalance", json!([act.from, rich]))).collect();
        self.anvil.batch(&gifts).await?;
        Ok(acts)
    }

    async fn retopups(&mut self) -> Result<Vec<Act>> {
        let (deadline, plan) = (self.settlement.deadline().await?, self.settlement.plan);
        let amount = self.price(ContractPlan::retopup_amount)?;
        let start = scattered(self.people.len() + self.events as usize, self.people.len());
        let users: Vec<Address> =
            self.people.iter().cycle().skip(start).step_by(3).take(PER_BLOCK).copied().collect();
        let asked: Vec<_> =
            users.iter().map(|user| ("eth_getTransactionCount", json!([user, "latest"]))).collect();
        let nonces = self.anvil.batch(&asked).await?;
        let mut acts = Vec::with_capacity(PER_BLOCK);
        for (user, nonce) in users.into_iter().zip(&nonces) {
            // These wallets send nothing but registrations and retopups, so both nonces count the same.
            let nonce = U256::from(word(nonce)?);
            let payload = abi::Retopup { user, amount: wei(amount), plan, nonce, deadline };
            let signature = self.settlement.sign(&self.settlement.signers()?.intake, &payload)?;
            let data = abi::retopupCall { payload, signature }.abi_encode().into();
            let entry = EntryBody::Retopup { user, plan: PlanHash(plan), amount };
            acts.push(Act { from: user, value: wei(amount), data, gas: GAS, entry: Some(entry) });
        }
        Ok(acts)
    }

    /// Batches that pay those who have something to get, with the root; and somebody for whom there was no room.
    async fn batches(&mut self) -> Result<(Vec<Act>, Option<(usize, Address)>)> {
        let seq = self.entitlements.seq().unwrap_or_default();
        let then = self.entitlements.as_of(seq).map_err(refused)?;
        let mut due: Vec<(usize, Address, Amount, Amount)> = Vec::new();
        for (id, (account, earned)) in then.accounts().enumerate() {
            let rest = earned.checked_sub(self.paid[id]).filter(|rest| rest.is_positive());
            due.extend(rest.map(|rest| (id, account, earned, rest)));
        }
        let spread = (due.len() / (PER_BATCH * BATCHES)).max(1);
        let chosen: Vec<_> = due.iter().step_by(spread).take(PER_BATCH * BATCHES).copied().collect();
        let rest = due.iter().find(|(id, ..)| *id > 0 && !chosen.iter().any(|(paid, ..)| paid == id));
        let (head, root, deadline) = (then.head(), then.root(), self.settlement.deadline().await?);
        let mut acts = Vec::new();
        for items in chosen.chunks(PER_BATCH) {
            let total: i128 = items.iter().map(|(.., rest)| rest.units()).sum();
            let packed: Vec<_> =
                items.iter().map(|(_, account, earned, _)| (*account, wei(*earned))).collect();
            let max_total = U256::from(total.unsigned_abs());
            let (seq, items) = (U256::from(seq), pack(&packed));
            let batch = abi::PayoutBatch { seq, head, root, maxTotal: max_total, deadline, items };
            let signature = self.settlement.sign(&self.settlement.signers()?.payout, &batch)?;
            let data = abi::executeBatchPayoutsCall { batch, signature }.abi_encode().into();
            let from = self.settlement.genesis().executor;
            acts.push(Act { from, value: U256::ZERO, data, gas: BATCH_GAS, entry: None });
        }
        let rest = rest.map(|(id, account, ..)| (*id, *account));
        self.events += (chosen.len() + acts.len() + 1) as u64;
        for (id, _, earned, _) in chosen {
            self.paid[id] = earned;
        }
        Ok((acts, rest))
    }

    /// Somebody pushes an account's money to it with a proof against the root that the batches have published.
    fn claim(&mut self, id: usize, account: Address) -> Result<Act> {
        let then = self.entitlements.as_of(self.entitlements.seq().unwrap_or_default()).map_err(refused)?;
        let cumulative = then.cumulative(account);
        let proof = then.proof(account).unwrap_or_default();
        let data = abi::claimCall { account, cumulative: wei(cumulative), proof }.abi_encode().into();
        self.paid[id] = cumulative;
        self.events += 1;
        let from = self.settlement.genesis().company;
        Ok(Act { from, value: U256::ZERO, data, gas: BATCH_GAS, entry: None })
    }

    /// Sends all of it, mines it as one block, and judges the entries in the block's order.
    async fn block(&mut self, acts: Vec<Act>) -> Result<()> {
        let to = self.settlement.address;
        let send = |act: &Act| {
            let Act { from, value, data, gas, .. } = act;
            let transaction = json!({ "from": from, "to": to, "value": value, "data": data,
                "gas": U256::from(*gas), "gasPrice": "0x0" });
            ("eth_sendTransaction", json!([transaction]))
        };
        let hashes = self.anvil.batch(&acts.iter().map(send).collect::<Vec<_>>()).await?;
        self.anvil.mine(1).await?;
        let block = self.anvil.call("eth_getBlockByNumber", json!(["latest", false])).await?;
        let time = word(&block["timestamp"])?;
        let mut sent: std::collections::HashMap<&str, Option<EntryBody>> =
            hashes.iter().filter_map(Value::as_str).zip(acts.into_iter().map(|act| act.entry)).collect();
        let mined: Vec<&str> =
            block["transactions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if mined.len() != hashes.len() {
            return Err(unexpected(&format!("a block of {} transactions", hashes.len()), mined.len()));
        }
        let receipts = self.anvil.call("eth_getBlockReceipts", json!([block["number"]])).await?;
        let refused = receipts.as_array().into_iter().flatten().find(|it| it["status"] != "0x1");
        if let Some(refused) = refused {
            return Err(unexpected("transactions that the contract takes", &refused["transactionHash"]));
        }
        for hash in mined {
            if let Some(body) = sent.remove(hash).flatten() {
                self.judge(body, time)?;
            }
        }
        let (expected, found) = (self.entitlements.seq(), Some(self.settlement.seq().await?));
        if expected != found {
            return Err(unexpected(&format!("the contract's seq to be {expected:?}"), format!("{found:?}")));
        }
        let (expected, found) =
            (self.entitlements.head(), self.settlement.head_at(expected.unwrap_or_default()).await?);
        if expected != found {
            return Err(unexpected(&format!("the head {expected}"), found));
        }
        Ok(())
    }

    fn judge(&mut self, body: EntryBody, time: u64) -> Result<()> {
        let seq = self.entitlements.seq().map_or(0, |last| last + 1);
        self.entitlements.apply(&Entry { seq, time, body }).map_err(refused)?;
        self.events += 1;
        Ok(())
    }

    fn price(&self, of: fn(&ContractPlan) -> Amount) -> Result<Amount> {
        self.entitlements.plan().map(of).ok_or_else(|| unexpected("a plan", "none"))
    }
}

/// A number below `bound` (0 if that is 0) that follows from `number` and is spread as if it were thrown.
fn scattered(number: usize, bound: usize) -> usize {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    usize::try_from(mixed).unwrap_or_default().checked_rem(bound).unwrap_or_default()
}

fn wei(amount: Amount) -> U256 {
    U256::from(amount.units().unsigned_abs())
}

fn word(value: &Value) -> Result<u64> {
    serde_json::from_value::<U256>(value.clone())
        .map(|word| word.saturating_to())
        .map_err(|_| unexpected("a number", value))
}

fn refused(reason: banyan_entitlement::EntitlementError) -> Error {
    unexpected("entries that the plan can judge", reason)
}

fn unexpected(expected: &str, got: impl std::fmt::Display) -> Error {
    Error::Unexpected {
        what: "the long history".to_owned(),
        expected: expected.to_owned(),
        got: got.to_string(),
    }
}
