//! A history under construction: entries get their `seq` and a time, wallets are numbers.

use banyan_entitlement::{ContractPlan, Directive, EntitlementError, Entitlements, Judgement, Plans};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, B256, PlanHash};

/// Time of the genesis.
pub const BIRTH: u64 = 1_800_000_000;

pub fn plan(file: &str) -> ContractPlan {
    let path = format!("{}/../../config/plans/{file}.toml", env!("CARGO_MANIFEST_DIR"));
    ContractPlan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The default programme at 25 BNB a registration: the same shape, another plan.
pub fn dearer_plan() -> ContractPlan {
    let path = format!("{}/../../config/plans/autopool.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let dearer = text.replace("entry = \"20\"", "entry = \"25\"");
    assert_ne!(text, dearer, "the plan file names its entry as this test expects");
    ContractPlan::from_toml(&dearer).unwrap()
}

pub fn plans() -> Plans {
    let mut plans = Plans::new();
    for file in ["autopool", "autopool-last-four", "variants/autopool-small"] {
        plans.add(plan(file));
    }
    plans.add(dearer_plan());
    plans
}

/// The wallet with this number; 0 is the company.
pub fn wallet(number: u64) -> Address {
    let mut bytes = [0u8; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    if number != 0 {
        bytes[0] = 0xa1;
    }
    Address::from(bytes)
}

pub fn bnb(text: &str) -> Amount {
    Amount::from_decimal(text, 18).unwrap()
}

/// The entries so far and what they did.
pub struct History {
    pub entries: Vec<Entry>,
    pub entitlements: Entitlements,
    pub plan: PlanHash,
}

impl History {
    pub fn new(first: &str) -> History {
        let plan = plan(first).hash();
        let mut history = History { entries: Vec::new(), entitlements: Entitlements::new(plans()), plan };
        let contract = Address::repeat_byte(0xc0);
        history
            .push(EntryBody::Genesis { chain_id: 31337, contract, plan, predecessor: B256::ZERO })
            .unwrap();
        history
    }

    pub fn next(&self, body: EntryBody) -> Entry {
        let seq = self.entries.len() as u64;
        Entry { seq, time: BIRTH + seq / 2, body }
    }

    pub fn push(&mut self, body: EntryBody) -> Result<Judgement, EntitlementError> {
        let entry = self.next(body);
        let judged = self.entitlements.apply(&entry)?;
        self.entries.push(entry);
        Ok(judged)
    }

    pub fn register(&mut self, user: u64, sponsor: u64) -> Judgement {
        self.register_for(user, sponsor, "20")
    }

    pub fn register_for(&mut self, user: u64, sponsor: u64, amount: &str) -> Judgement {
        let (user, sponsor, plan, amount) = (wallet(user), wallet(sponsor), self.plan, bnb(amount));
        self.push(EntryBody::Registration { user, sponsor, plan, amount }).unwrap()
    }

    pub fn retopup(&mut self, user: u64, amount: &str) -> Judgement {
        let (user, plan, amount) = (wallet(user), self.plan, bnb(amount));
        self.push(EntryBody::Retopup { user, plan, amount }).unwrap()
    }

    pub fn direct(&mut self, directive: &Directive, amount: &str) -> Judgement {
        let (kind, data) = directive.encode();
        self.raw_directive(kind, &data, amount)
    }

    pub fn raw_directive(&mut self, kind: B256, data: &[u8], amount: &str) -> Judgement {
        let data = data.to_vec().into();
        self.push(EntryBody::Directive { kind, amount: bnb(amount), data }).unwrap()
    }

    /// p1 under the company, p2 … p15 under p1.
    pub fn worked_example() -> History {
        let mut history = History::new("autopool");
        history.register(1, 0);
        (2..=15).for_each(|user| drop(history.register(user, 1)));
        history
    }

    pub fn earned(&self, user: u64) -> String {
        self.entitlements.cumulative(wallet(user)).to_decimal(18)
    }
}
