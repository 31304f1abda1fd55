//! A user's profile and direct referrals, and how paths name users.

use axum::Json;
use axum::extract::State;
use banyan_ledger::store as ledger;
use banyan_types::Address;

use crate::extract::{Page, PageQuery, Path, Query, user_key};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::role::Role;
use crate::state::App;
use crate::store::Snapshot;
use crate::store::people::{self, Income, Person, UserKey};
use crate::store::pool::{self, Seats};
use crate::views::people::{
    Balances, Profile, ReferralCount, ReferralItem, Referrals, ReservedLevel, SeatList, SeatRef, User,
};
use crate::views::{CURRENCY, Finality, Wei};

/// Seats on a profile.
const PROFILE_SEATS: i64 = 100;

/// Whom a path means, if the caller may look.
pub struct Subject {
    /// The books at one moment.
    pub books: Snapshot,
    /// The wallet.
    pub wallet: Address,
    /// The user; `None` if it is the caller's own wallet and not registered.
    pub person: Option<Person>,
}

impl Subject {
    /// Finds the user of a path. Only readers may look at others, and only they learn whether others exist.
    pub async fn find(app: &App, caller: &Caller, id: &str) -> Answer<Subject> {
        let key = user_key(id, caller.wallet)?;
        let reader = caller.has(Role::READERS);
        let mut books = Snapshot::open(&app.pool).await?;
        let person = people::find(books.connection(), key).await?;
        let wallet = match (&person, key) {
            (Some(person), UserKey::Id(_) | UserKey::Wallet(_)) => Some(person.wallet),
            (None, UserKey::Wallet(wallet)) => Some(wallet),
            (None, UserKey::Id(_)) => None,
        };
        match wallet {
            Some(wallet) if wallet == caller.wallet => Ok(Subject { books, wallet, person }),
            Some(_) | None if !reader => Err(someone_elses(id)),
            Some(wallet) if person.is_some() => Ok(Subject { books, wallet, person }),
            Some(_) | None => Err(unknown(id)),
        }
    }

    /// The user, who must be registered.
    pub fn registered(&self) -> Answer<&Person> {
        self.person.as_ref().ok_or_else(|| not_registered(self.wallet, &self.books))
    }
}

/// The problem of a wallet without a registration.
pub fn not_registered(wallet: Address, books: &Snapshot) -> Problem {
    let detail = format!(
        "expected a registered wallet, got {wallet}, which is not registered as of the finalized block {}: register first (POST /v1/users/register), or wait until the registration is final",
        books.cursor.block
    );
    Problem::new(Kind::NotRegistered, detail)
}

fn someone_elses(id: &str) -> Problem {
    let got: String = id.chars().take(80).collect();
    let detail = format!(
        "expected `me` or the caller's own number or wallet, got {got}: other people's data is for support, operators and auditors"
    );
    Problem::new(Kind::Forbidden, detail)
}

fn unknown(id: &str) -> Problem {
    Problem::new(
        Kind::UnknownUser,
        format!("expected the number or the wallet of a registered user, got {id}"),
    )
}

/// See a user's profile, balances and seats
///
/// `id` is `me`, a number or a wallet. Other people's data is for support, operators and auditors.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "users", params(("id" = String, Path, description = "`me`, a user's number or wallet")),
    responses((status = 200, description = "The user", body = Profile)))]
pub async fn profile(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Profile>> {
    let mut subject = Subject::find(&app, &caller, &id).await?;
    let user = User::new(subject.wallet, subject.person.as_ref(), app.operators.roles(subject.wallet));
    let referrals =
        ReferralCount { count: subject.person.as_ref().map_or(0, |person| person.referral_count) };
    let number = subject.person.as_ref().map(|person| person.id);
    let (balances, seats) = match number {
        Some(number) => {
            (balances(&mut subject.books, number).await?, seats(&mut subject.books, number).await?)
        }
        None => (dress_balances(banyan_ledger::UserBalances::default(), &Income::default(), vec![]), vec![]),
    };
    let seats = SeatList { count: seats.len(), items: seats };
    let finality = Finality::from(&subject.books.cursor);
    Ok(Json(Profile { user, balances, referrals, seats, finality }))
}

async fn balances(books: &mut Snapshot, user: i64) -> Answer<Balances> {
    let number = u64::try_from(user).map_err(Problem::internal)?;
    let held = ledger::balances(books.connection(), number).await?;
    let income = people::income(books.connection(), user).await?;
    let reserved = people::reserved_by_level(books.connection(), user).await?;
    let levels = reserved.into_iter().map(|(level, amount)| ReservedLevel { level, amount: Wei(amount) });
    Ok(dress_balances(held, &income, levels.collect()))
}

fn dress_balances(
    held: banyan_ledger::UserBalances,
    income: &Income,
    reserved_by_level: Vec<ReservedLevel>,
) -> Balances {
    Balances {
        currency: CURRENCY,
        payable: Wei(held.payable),
        in_batch: Wei(held.in_batch),
        reserved: Wei(held.reserved),
        owed: Wei(held.owed),
        paid: Wei(income.paid),
        entitlement: Wei(income.entitlement),
        withdrawn: Wei(income.withdrawn),
        direct_income: Wei(income.direct),
        pool_income: Wei(income.pool),
        level_income: Wei(income.level),
        reserved_by_level,
    }
}

async fn seats(books: &mut Snapshot, user: i64) -> Answer<Vec<SeatRef>> {
    let which = Seats { user: Some(user), pool: None, after: 0, limit: PROFILE_SEATS };
    let nodes = pool::nodes(books.connection(), which).await?;
    Ok(nodes
        .into_iter()
        .map(|node| SeatRef {
            level: node.level,
            tree: node.tree,
            index: node.index,
            status: node.status,
            completed_seq: node.completed_seq,
        })
        .collect())
}

/// List a user's direct referrals
#[utoipa::path(get, path = "/v1/users/{id}/referrals", tag = "users",
    params(("id" = String, Path, description = "`me`, a user's number or wallet"), PageQuery),
    responses((status = 200, description = "A page, in order of registration", body = Referrals)))]
pub async fn referrals(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Referrals>> {
    let page = Page::<i64>::of(query.limit, query.cursor.as_deref())?;
    let mut subject = Subject::find(&app, &caller, &id).await?;
    let (mut rows, total) = match subject.person.as_ref().map(|person| person.id) {
        None => (vec![], 0),
        Some(user) => {
            let connection = subject.books.connection();
            let after = page.start.unwrap_or(0);
            (
                people::referrals(connection, user, after, page.rows()).await?,
                people::referral_total(connection, user).await?,
            )
        }
    };
    let next = page.cut(&mut rows, |row| row.id);
    let items = rows.into_iter().map(ReferralItem::from).collect();
    Ok(Json(Referrals { items, next, total, finality: Finality::from(&subject.books.cursor) }))
}
