//! Explanations from the booked history: the state before an entry is built anew, once, and kept for the next question.
//!
//! Building reads every entry before the one that is asked about, some hundred thousand a second; a few states are kept,
//! so that the next question begins at the nearest of them. One question is worked on at a time, on a thread of its own,
//! and to its end even if nobody waits for it any more: the next one then begins where it ended.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use banyan_engine::explain::Explanation;
use banyan_entitlement::Explainer;
use banyan_programme::history_between;
use banyan_types::Address;
use banyan_types::history::Entry;
use tokio::sync::Semaphore;

use crate::problem::{Answer, Kind, Problem};
use crate::state::App;

/// States that are kept. Each has all participants, and what explanations name besides: a mark of 48 bytes for every
/// entry and 32 bytes for every credit.
const KEPT: usize = 3;
/// Questions that may be under way, the one that is worked on included.
const WAITING: usize = 16;
/// Entries that are read at once.
const PAGE: i64 = 10_000;

/// The states so far.
#[derive(Clone)]
pub struct Explanations {
    kept: Arc<Mutex<Vec<Arc<Explainer>>>>,
    asking: Arc<Mutex<BTreeSet<Address>>>,
    turn: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Explanations {
    /// No state yet.
    pub fn new() -> Explanations {
        let (turn, places) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(WAITING)));
        Explanations { kept: Arc::default(), asking: Arc::default(), turn, places }
    }

    /// The latest state that was kept before entry `seq`.
    fn before(&self, seq: i64) -> Option<Arc<Explainer>> {
        let kept = self.kept.lock().expect("nobody panics while holding the states");
        let earlier = kept.iter().filter(|state| position(state) < seq);
        earlier.max_by_key(|state| position(state)).cloned()
    }

    /// Notes that a wallet asks, until the [`Asking`] is dropped. Nobody has two questions under way.
    fn ask(&self, wallet: Address) -> Answer<Asking> {
        let mut asking = self.asking.lock().expect("nobody panics while holding the wallets");
        if !asking.insert(wallet) {
            let detail = format!(
                "expected one explanation under way for {wallet}, got a second question: ask again when the first is answered"
            );
            return Err(Problem::new(Kind::RateLimited, detail));
        }
        Ok(Asking { wallet, all: self.asking.clone() })
    }

    /// Whether a state there would be kept, and is not yet.
    fn wants(&self, place: i64) -> bool {
        let kept = self.kept.lock().expect("nobody panics while holding the states");
        let mut at: Vec<i64> = kept.iter().map(|state| position(state)).collect();
        if at.contains(&place) {
            return false;
        }
        at.push(place);
        at.sort_unstable();
        at.len() <= KEPT || at[nearest(&at)] != place
    }

    /// Keeps a state; of too many, the one that is nearest behind another goes.
    fn keep(&self, state: Arc<Explainer>) {
        let mut kept = self.kept.lock().expect("nobody panics while holding the states");
        if kept.iter().any(|other| position(other) == position(&state)) {
            return;
        }
        kept.push(state);
        kept.sort_by_key(|state| position(state));
        if kept.len() > KEPT {
            let at: Vec<i64> = kept.iter().map(|state| position(state)).collect();
            kept.remove(nearest(&at));
        }
    }
}

/// A question under way.
struct Asking {
    wallet: Address,
    all: Arc<Mutex<BTreeSet<Address>>>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Ok(mut all) = self.all.lock() {
            all.remove(&self.wallet);
        }
    }
}

/// Of positions in order, the place of the one nearest behind another.
fn nearest(at: &[i64]) -> usize {
    let gap = |place: &usize| at[*place] - if *place == 0 { -1 } else { at[*place - 1] };
    (0..at.len()).min_by_key(gap).expect("there is more than one")
}

/// The last entry that a state has read; −1 before the genesis.
fn position(state: &Explainer) -> i64 {
    state.entitlements().seq().map_or(-1, |seq| i64::try_from(seq).unwrap_or(i64::MAX))
}

/// What the booked entry `seq` brought a wallet, and why, for whoever asks.
pub async fn explain(app: &App, seq: i64, wallet: Address, asker: Address) -> Answer<Explanation> {
    let asking = app.explanations.ask(asker)?;
    let place = app.explanations.places.clone().try_acquire_owned().map_err(|_| {
        let detail =
            format!("expected at most {WAITING} explanations under way, got another: ask again in a minute");
        Problem::new(Kind::RateLimited, detail)
    })?;
    let app = app.clone();
    let working = tokio::spawn(async move {
        let turn = app.explanations.turn.clone().acquire_owned().await.map_err(Problem::internal)?;
        let answer = work(&app, seq, wallet).await;
        drop((turn, place, asking));
        answer
    });
    working.await.map_err(Problem::internal)?
}

async fn work(app: &App, seq: i64, wallet: Address) -> Answer<Explanation> {
    let states = app.explanations.clone();
    let plans = app.plans.clone();
    let begin = move || {
        let kept = states.before(seq);
        Ok(kept.map_or_else(|| Explainer::new(plans), Arc::unwrap_or_clone))
    };
    let mut state = on_a_thread(begin).await?;
    loop {
        let (page, asked) = next_page(app, position(&state), seq).await?;
        let states = app.explanations.clone();
        let advanced = on_a_thread(move || {
            page.iter().try_for_each(|entry| state.apply(entry).map(drop)).map_err(Problem::internal)?;
            let Some(asked) = asked else { return Ok(Err(state)) };
            if states.wants(position(&state)) {
                states.keep(Arc::new(state.clone()));
            }
            state.explain(&asked, wallet).map(Ok).map_err(Problem::internal)
        });
        match advanced.await? {
            Ok(answer) => return Ok(answer),
            Err(further) => state = further,
        }
    }
}

/// The next entries before `seq`, and that one if they reach it.
async fn next_page(app: &App, after: i64, seq: i64) -> Answer<(Vec<Entry>, Option<Entry>)> {
    let mut connection = app.pool.acquire().await?;
    let contract = (app.domain.chain_id, app.domain.contract);
    let mut page = history_between(&mut connection, contract, (after, seq), PAGE).await?;
    let reaches = page.last().is_some_and(|entry| i64::try_from(entry.seq) == Ok(seq));
    if page.is_empty() {
        return Err(Problem::internal(format!(
            "expected entry {seq} in history, which the cursor has passed"
        )));
    }
    let asked = if reaches { page.pop() } else { None };
    Ok((page, asked))
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_engine::explain::Reason;
    use banyan_entitlement::{ContractPlan, Plans};
    use banyan_types::history::EntryBody;
    use banyan_types::{Amount, B256};

    /// States after `upto` entries: the genesis, and registrations under the company.
    fn state(upto: u64) -> Explainer {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/plans/autopool.toml");
        let mut plans = Plans::new();
        let plan = plans.add(ContractPlan::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap());
        let mut state = Explainer::new(plans);
        let amount = Amount::from_decimal("20", 18).unwrap();
        for seq in 0..upto {
            let body = match seq {
                0 => {
                    EntryBody::Genesis { chain_id: 1, contract: Address::ZERO, plan, predecessor: B256::ZERO }
                }
                _ => {
                    let user = Address::with_last_byte(u8::try_from(seq).unwrap());
                    EntryBody::Registration { user, sponsor: Address::ZERO, plan, amount }
                }
            };
            state.apply(&Entry { seq, time: 1_800_000_000, body }).unwrap();
        }
        state
    }

    fn kept(states: &Explanations) -> Vec<i64> {
        states.kept.lock().unwrap().iter().map(|state| position(state)).collect()
    }

    #[test]
    fn a_question_begins_at_the_latest_state_before_it() {
        let states = Explanations::new();
        assert!(states.before(5).is_none());
        states.keep(state(3).into());
        states.keep(state(6).into());
        let found = |seq| states.before(seq).map(|state| position(&state));
        assert_eq!([found(2), found(3), found(5), found(6)], [None, Some(2), Some(2), Some(5)]);
    }

    #[test]
    fn of_too_many_states_the_one_nearest_behind_another_goes() {
        let states = Explanations::new();
        [10, 20, 11, 20].into_iter().for_each(|upto| states.keep(state(upto).into()));
        assert_eq!(kept(&states), [9, 10, 19], "each is kept once");
        states.keep(state(30).into());
        assert_eq!(kept(&states), [9, 19, 29]);
    }

    #[test]
    fn only_a_state_that_would_stay_is_copied() {
        let states = Explanations::new();
        [10, 20, 30].into_iter().for_each(|upto| states.keep(state(upto).into()));
        assert_eq!([9, 29, 30, 45].map(|place| states.wants(place)), [false, false, false, true]);
    }

    #[test]
    fn a_wallet_asks_one_question_at_a_time() {
        let (states, [ann, bob]) = (Explanations::new(), [1, 2].map(Address::with_last_byte));
        let first = states.ask(ann).unwrap();
        assert_eq!(states.ask(ann).err().map(|problem| problem.kind()), Some(Kind::RateLimited));
        assert!(states.ask(bob).is_ok());
        drop(first);
        assert!(states.ask(ann).is_ok());
    }

    #[test]
    fn an_event_of_others_says_nothing_to_a_participant() {
        let wallet = Address::with_last_byte;
        let ask = |who: u8| {
            let mut before = state(3);
            let plan = before.entitlements().plan_in_force();
            let amount = Amount::from_decimal("20", 18).unwrap();
            let body = EntryBody::Registration { user: wallet(9), sponsor: wallet(2), plan, amount };
            before.apply(&Entry { seq: 3, time: 1_800_000_000, body }).unwrap();
            let amount = Amount::from_decimal("40", 18).unwrap();
            let body = EntryBody::Retopup { user: wallet(9), plan, amount };
            before.explain(&Entry { seq: 4, time: 1_800_000_000, body }, wallet(who)).unwrap()
        };
        let above = ask(2).of_her_own().expect("she stands above");
        assert!(matches!(above.not_paid[0].reason.fact, Reason::NoEarlierRetopup { .. }), "{above:?}");
        assert!(ask(9).of_her_own().is_some_and(|own| !own.not_paid.is_empty()), "the payer");
        let elsewhere = ask(1);
        assert!(matches!(elsewhere.not_paid[0].reason.fact, Reason::NotAbove { .. }), "{elsewhere:?}");
        assert!(elsewhere.of_her_own().is_none());
        assert!(ask(7).of_her_own().is_none(), "no participant");
    }
}
