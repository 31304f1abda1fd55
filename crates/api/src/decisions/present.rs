//! The machine as the books stand: read from the booked history, kept, and read on at the next question.

use std::sync::{Arc, Mutex};

use banyan_entitlement::{EntitlementError, Entitlements};
use banyan_ledger::store::Connection;
use banyan_programme::history_between;
use banyan_types::history::Entry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::snapshot::Cursor;

/// Entries that are read at once.
const PAGE: i64 = 10_000;
/// Questions that may wait, the one that is worked on included.
const WAITING: usize = 8;

/// The latest state that was asked for.
#[derive(Clone)]
pub struct Present {
    kept: Arc<Mutex<Option<Arc<Entitlements>>>>,
    turn: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// The machine, and the moment that it is true for.
#[derive(Clone)]
pub struct Standing {
    /// What everybody has earned, and the machine that says so.
    pub entitlements: Arc<Entitlements>,
    /// How far the books were.
    pub cursor: Cursor,
}

impl Present {
    /// Nothing was asked yet.
    pub fn new() -> Present {
        let (turn, places) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(WAITING)));
        Present { kept: Arc::default(), turn, places }
    }

    /// The right to work on the history: one question at a time.
    pub async fn turn(&self) -> Answer<OwnedSemaphorePermit> {
        self.turn.clone().acquire_owned().await.map_err(Problem::internal)
    }

    fn take(&self) -> Option<Arc<Entitlements>> {
        self.kept.lock().expect("nobody panics while holding the state").take()
    }

    fn keep(&self, state: &Arc<Entitlements>) {
        *self.kept.lock().expect("nobody panics while holding the state") = Some(state.clone());
    }
}

impl Standing {
    /// The state of the books now. The work goes on to its end even if nobody waits for it any more.
    pub async fn now(app: &App) -> Answer<Standing> {
        let place = app.present.places.clone().try_acquire_owned().map_err(|_| {
            let detail = format!(
                "expected at most {WAITING} decisions being tried, got another: ask again in a moment"
            );
            Problem::new(Kind::RateLimited, detail).retry_after(1)
        })?;
        let app = app.clone();
        let working = tokio::spawn(async move {
            let turn = app.present.turn().await?;
            let standing = read_on(&app).await;
            drop((turn, place));
            standing
        });
        working.await.map_err(Problem::internal)?
    }
}

async fn read_on(app: &App) -> Answer<Standing> {
    let mut books = Snapshot::open(&app.pool).await?;
    let cursor = books.cursor.clone();
    let mut state = app.present.take().unwrap_or_else(|| Arc::new(Entitlements::new(app.plans.clone())));
    loop {
        let after = state.seq().map_or(-1, signed);
        let page = entries(app, books.connection(), (after, signed(cursor.seq))).await?;
        if page.is_empty() {
            break;
        }
        state = advance(state, page).await?;
    }
    let stands = (state.seq(), state.head()) == (Some(cursor.seq), cursor.head);
    if !stands {
        return Err(Problem::internal(format!(
            "the history in the books ends with {:?} and head {}, the cursor says {} and {}: a row was changed; run `banyan reconcile`",
            state.seq(),
            state.head(),
            cursor.seq,
            cursor.head
        )));
    }
    app.present.keep(&state);
    Ok(Standing { entitlements: state, cursor })
}

/// The next entries of the history.
pub async fn entries(
    app: &App,
    connection: &mut Connection,
    (after, last): (i64, i64),
) -> Answer<Vec<Entry>> {
    let contract = (app.domain.chain_id, app.domain.contract);
    Ok(history_between(connection, contract, (after, last), PAGE).await?)
}

async fn advance(state: Arc<Entitlements>, page: Vec<Entry>) -> Answer<Arc<Entitlements>> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut state = Arc::unwrap_or_clone(state);
        page.iter().try_for_each(|entry| state.apply(entry).map(drop))?;
        Ok(Arc::new(state))
    });
    reading.await.map_err(Problem::internal)?.map_err(unreadable)
}

/// Why the history cannot be read here.
pub fn unreadable(error: EntitlementError) -> Problem {
    match error {
        EntitlementError::UnknownPlan { .. } => Problem::new(Kind::PlanNotAtHand, error.to_string()),
        EntitlementError::Gap { .. }
        | EntitlementError::NoGenesis
        | EntitlementError::SecondGenesis { .. }
        | EntitlementError::Predecessor { .. }
        | EntitlementError::TimeWentBack { .. }
        | EntitlementError::RegisteredTwice { .. }
        | EntitlementError::NotRegistered { .. }
        | EntitlementError::Overflow { .. }
        | EntitlementError::NotYet { .. } => Problem::internal(error),
    }
}

/// A place in the history as the database has it.
pub fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
