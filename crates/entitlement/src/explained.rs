//! Entitlements that can say why: a history read entry by entry, with what explanations want to know besides.

use banyan_engine::explain::{Asked, Because, Chronicle, Explanation, Naming, Said, explain};
use banyan_engine::{Event, EventBody, EventId, UserId};
use banyan_types::history::{Entry, EntryBody};
use banyan_types::{Address, COMPANY};

use crate::running::event_id;
use crate::{Directive, EntitlementError, Entitlements, Judgement, Outcome, Plans};

/// A reading of the history that can explain its next entry.
#[derive(Clone, Debug)]
pub struct Explainer {
    entitlements: Entitlements,
    chronicle: Chronicle,
}

impl Explainer {
    /// Nothing read yet; `plans` are those that may come into force.
    pub fn new(plans: Plans) -> Explainer {
        Explainer { entitlements: Entitlements::new(plans), chronicle: Chronicle::new() }
    }

    /// What everybody has earned so far.
    pub fn entitlements(&self) -> &Entitlements {
        &self.entitlements
    }

    /// Reads the next entry.
    ///
    /// # Errors
    /// Those of [`Entitlements::apply`].
    pub fn apply(&mut self, entry: &Entry) -> Result<Judgement, EntitlementError> {
        let judged = self.entitlements.apply(entry)?;
        let event = self.event(entry);
        if let Some(machine) = self.entitlements.machine() {
            let records = if judged.effects.is_empty() { &[] } else { machine.records() };
            self.chronicle.note(&event, judged.outcome == Outcome::Applied, records);
        }
        Ok(judged)
    }

    /// Reads the next entry and explains what it brought a wallet; the zero address is the company.
    ///
    /// # Errors
    /// Those of [`Entitlements::apply`]. The genesis has no explanation: it pays nobody, and there is no machine before.
    pub fn explain(&mut self, entry: &Entry, wallet: Address) -> Result<Explanation, EntitlementError> {
        self.entitlements.listen();
        let judged = self.apply(entry)?;
        let told = self.entitlements.hear();
        let machine = self.entitlements.machine().expect("an entry was read");
        let reason = judged.reason();
        let event = self.event(entry);
        let mut answer = explain(&Asked {
            machine,
            told: &told,
            chronicle: &self.chronicle,
            event: &event,
            refusal: reason.as_deref().filter(|_| matches!(judged.outcome, Outcome::Refused(_))),
            user: self.entitlements.id(wallet),
            name: &wallet.to_string(),
            naming: &Wallets(&self.entitlements),
        });
        name_the_entry(&mut answer, entry, &judged);
        Ok(answer)
    }

    /// An entry that was read, as the engine has it; a directive that is none of its events lets time pass.
    fn event(&self, entry: &Entry) -> Event {
        let id = |wallet: Address| self.entitlements.id(wallet).unwrap_or(UserId::COMPANY);
        let body = match &entry.body {
            EntryBody::Genesis { .. } => EventBody::Tick,
            EntryBody::Registration { user, sponsor, amount, .. } => {
                EventBody::Registered { user: id(*user), sponsor: id(*sponsor), amount: Some(*amount) }
            }
            EntryBody::Retopup { user, amount, .. } => {
                EventBody::Retopup { user: id(*user), amount: *amount }
            }
            EntryBody::Directive { kind, amount, data } => match Directive::decode(*kind, data) {
                Ok(Directive::Place { user, level, tree, index }) => {
                    EventBody::Place { user: id(user), level, tree, index, amount: *amount }
                }
                Ok(Directive::Grant { user, .. }) => EventBody::Grant { user: id(user), amount: *amount },
                Ok(Directive::WindUp) => EventBody::WindUp,
                Ok(Directive::Plan(_)) | Err(_) => EventBody::Tick,
            },
        };
        // A time beyond the engine's was refused when the entry was read.
        Event { id: event_id(entry.seq), at: i64::try_from(entry.time).unwrap_or(i64::MAX), body }
    }
}

/// What is no event of the engine's keeps its own name.
fn name_the_entry(answer: &mut Explanation, entry: &Entry, judged: &Judgement) {
    match &entry.body {
        EntryBody::Genesis { .. } => answer.event.what = "genesis",
        EntryBody::Directive { .. } if answer.event.what == EventBody::Tick.name() => {
            answer.event.what = "directive";
        }
        EntryBody::Registration { .. } | EntryBody::Retopup { .. } | EntryBody::Directive { .. } => {}
    }
    let Outcome::Recorded(reason) = &judged.outcome else { return };
    // The value of a directive without effect is the company's, under the directive's own name.
    for reward in answer.rewards.iter_mut().filter(|reward| reward.kind == "REFUSED") {
        let why = reason.to_string();
        let says = format!("the directive has no effect, and its value is the company's: {why}");
        reward.kind = "DIRECTIVE";
        reward.because = vec![Said { fact: Because::Refused { why }, says }];
    }
}

/// Wallets and entries as the contract has them.
struct Wallets<'a>(&'a Entitlements);

impl Naming for Wallets<'_> {
    fn user(&self, user: UserId) -> String {
        self.0.address(user).unwrap_or(COMPANY).to_string()
    }

    fn event(&self, event: EventId) -> String {
        event.0.to_string()
    }
}
