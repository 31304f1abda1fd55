//! The history so far under two plans, each as if it had been in force from the genesis: who would have got more, and
//! who less.
//!
//! People pay what the plan in force asks. So whoever paid a plan's own price here pays the other plan's price in its
//! run; any other amount stays what it was, and is refused as it was.

use banyan_engine::comparison::Effect;
use banyan_engine::interchange::{Simulation, Step, format_at};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, Amount, COMPANY, PlanHash};

use crate::{ContractPlan, Directive, Plans};

/// Two runs over the same entries.
#[derive(Debug)]
pub struct Hindsight {
    plans: Plans,
    /// The plan that the contract held in force at the entry that comes next.
    in_force: PlanHash,
    runs: [(ContractPlan, Simulation); 2],
    repriced: Repriced,
}

/// How the runs differ from what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repriced {
    /// Payments that the second run takes at another price than the first.
    pub payments: u64,
    /// Events that the second run refuses and the first takes.
    pub refused: u64,
}

impl Hindsight {
    /// Two runs before the genesis. `plans` are those that the history names.
    pub fn new(plans: Plans, now: ContractPlan, then: ContractPlan) -> Hindsight {
        let run = |plan: ContractPlan| {
            let simulation = Simulation::lenient(plan.plan().clone());
            (plan, simulation)
        };
        Hindsight {
            plans,
            in_force: PlanHash::NONE,
            runs: [run(now), run(then)],
            repriced: Repriced::default(),
        }
    }

    /// Lets both runs read the next entry.
    pub fn read(&mut self, entry: &Entry) {
        if let EntryBody::Genesis { plan, .. } = &entry.body {
            self.in_force = *plan;
        }
        let directive = match &entry.body {
            EntryBody::Directive { kind, data, .. } => Directive::decode(*kind, data).ok(),
            EntryBody::Genesis { .. } | EntryBody::Registration { .. } | EntryBody::Retopup { .. } => None,
        };
        if let Some(Directive::Plan(hash)) = directive {
            self.in_force = hash;
        }
        let paid_under = self.plans.get(self.in_force);
        let price = price(entry, directive.as_ref());
        let mut asked = [amount(entry); 2];
        let mut took = [true; 2];
        for (place, (plan, run)) in self.runs.iter_mut().enumerate() {
            if paid_under.and_then(|old| price.of(old)) == Some(asked[place]) {
                asked[place] = price.of(plan).unwrap_or(asked[place]);
            }
            let Some(line) = line(entry, directive.as_ref(), asked[place]) else { return };
            took[place] = matches!(run.take(line.as_bytes()), Step::Applied(_));
        }
        self.repriced.payments += u64::from(asked[0] != asked[1]);
        self.repriced.refused += u64::from(took == [true, false]);
    }

    /// What the second plan would have changed so far.
    pub fn effect(&self) -> Effect {
        let [(_, now), (_, then)] = &self.runs;
        Effect::of(now, then)
    }

    /// How the runs differ from what happened.
    pub fn repriced(&self) -> Repriced {
        self.repriced
    }
}

/// Which of a plan's prices an entry pays.
#[derive(Clone, Copy)]
enum Price {
    Entry,
    Retopup,
    Seat(u64),
    /// None of them.
    Free,
}

impl Price {
    fn of(self, plan: &ContractPlan) -> Option<Amount> {
        match self {
            Price::Entry => Some(plan.entry()),
            Price::Retopup => Some(plan.retopup_amount()),
            Price::Seat(level) => plan.ticket(u32::try_from(level).ok()?).map(|ticket| ticket.price),
            Price::Free => None,
        }
    }
}

fn price(entry: &Entry, directive: Option<&Directive>) -> Price {
    match (&entry.body, directive) {
        (EntryBody::Registration { .. }, _) => Price::Entry,
        (EntryBody::Retopup { .. }, _) => Price::Retopup,
        (EntryBody::Directive { .. }, Some(Directive::Place { level, .. })) => Price::Seat(*level),
        (EntryBody::Genesis { .. } | EntryBody::Directive { .. }, _) => Price::Free,
    }
}

fn amount(entry: &Entry) -> Amount {
    match entry.body {
        EntryBody::Genesis { .. } => Amount::ZERO,
        EntryBody::Registration { amount, .. }
        | EntryBody::Retopup { amount, .. }
        | EntryBody::Directive { amount, .. } => amount,
    }
}

/// The entry in the interchange format; nothing for one that pays nobody under any plan.
fn line(entry: &Entry, directive: Option<&Directive>, amount: Amount) -> Option<String> {
    let body = match (&entry.body, directive) {
        (EntryBody::Registration { user, sponsor, .. }, _) => format!(
            r#""type":"registered","user":"{}","sponsor":"{}","amount":"{amount}""#,
            name(*user),
            name(*sponsor)
        ),
        (EntryBody::Retopup { user, .. }, _) => {
            format!(r#""type":"retopup","user":"{}","amount":"{amount}""#, name(*user))
        }
        (EntryBody::Directive { .. }, Some(Directive::Place { user, level, tree, index })) => format!(
            r#""type":"place","user":"{}","level":{level},"tree":{tree},"index":{index},"amount":"{amount}""#,
            name(*user)
        ),
        (EntryBody::Directive { .. }, Some(Directive::Grant { user, reason: _ })) => {
            format!(r#""type":"grant","user":"{}","amount":"{amount}","reason":"""#, name(*user))
        }
        (EntryBody::Directive { .. }, Some(Directive::WindUp)) => r#""type":"wind_up""#.to_owned(),
        // A plan is what is compared, and a directive that nobody can read is the company's under every plan.
        (EntryBody::Directive { .. }, Some(Directive::Plan(_)) | None) | (EntryBody::Genesis { .. }, _) => {
            return None;
        }
    };
    let at = i64::try_from(entry.time).ok().and_then(format_at)?;
    Some(format!(r#"{{"id":"{}","at":"{at}",{body}}}"#, entry.seq))
}

fn name(wallet: Address) -> String {
    if wallet == COMPANY { "company".to_owned() } else { wallet.to_string() }
}
