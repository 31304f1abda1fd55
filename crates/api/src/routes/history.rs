//! All that happened to a user: four lists, each read backwards, merged by time.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::people::Subject;
use crate::extract::{Page, PageQuery, Path, Query, encode_cursor};
use crate::layers::identity::Caller;
use crate::problem::Answer;
use crate::state::App;
use crate::store::{rewards, timeline};
use crate::views::rewards::{History, HistoryItem, PayoutView, RetopupView, RewardView, TransactionView};
use crate::views::{CURRENCY, Finality};

/// Where the page before ended in each of the four lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    reward: i64,
    retopup: i64,
    payout: i64,
    transaction: Uuid,
}

impl Position {
    /// Before everything.
    const START: Position =
        Position { reward: i64::MAX, retopup: i64::MAX, payout: i64::MAX, transaction: Uuid::max() };

    fn pass(&mut self, at: Key) {
        match at {
            Key::Reward(id) => self.reward = id,
            Key::Retopup(id) => self.retopup = id,
            Key::Payout(id) => self.payout = id,
            Key::Transaction(id) => self.transaction = id,
        }
    }
}

/// Which row of which list. Of one moment, what comes first here is shown first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Transaction(Uuid),
    Reward(i64),
    Retopup(i64),
    Payout(i64),
}

type Row = (OffsetDateTime, Key, HistoryItem);

/// See all that happened to a user
///
/// Rewards, retopups, payouts and prepared payloads, newest first.
#[utoipa::path(get, path = "/v1/users/{id}/history", tag = "users",
    params(("id" = String, Path, description = "`me`, a user's number or wallet"), PageQuery),
    responses((status = 200, description = "A page, newest first", body = History)))]
pub async fn history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<History>> {
    let page = Page::<Position>::of(query.limit, query.cursor.as_deref())?;
    let start = page.start.unwrap_or(Position::START);
    let mut subject = Subject::find(&app, &caller, &id).await?;
    let rows = read(&mut subject, start, page.rows()).await?;
    let (items, next) = merge(rows, start, page.limit);
    Ok(Json(History {
        items,
        next: next.map(|position| encode_cursor(&position)),
        currency: CURRENCY,
        finality: Finality::from(&subject.books.cursor),
    }))
}

/// As many of each list as the page could need.
async fn read(subject: &mut Subject, start: Position, limit: i64) -> Answer<Vec<Row>> {
    let (user, wallet) = (subject.person.as_ref().map(|person| person.id), subject.wallet);
    let connection = subject.books.connection();
    let mut rows: Vec<Row> = vec![];
    for item in timeline::prepared(connection, wallet, start.transaction, limit).await? {
        rows.push((
            item.at,
            Key::Transaction(item.id),
            HistoryItem::Transaction(TransactionView::from(item)),
        ));
    }
    let Some(user) = user else { return Ok(rows) };
    let filter = rewards::Filter { user: Some(user), kind: None, states: vec![], below: start.reward, limit };
    for item in rewards::list(connection, &filter).await? {
        rows.push((item.at, Key::Reward(item.id), HistoryItem::Reward(RewardView::from(&item))));
    }
    for item in timeline::retopups(connection, user, start.retopup, limit).await? {
        rows.push((item.at, Key::Retopup(item.id), HistoryItem::Retopup(RetopupView::from(item))));
    }
    for item in timeline::outflows(connection, user, start.payout, limit).await? {
        rows.push((item.at, Key::Payout(item.out), HistoryItem::Payout(PayoutView::from(item))));
    }
    Ok(rows)
}

/// The newest `limit` rows, and where the next page starts if there is more.
fn merge(mut rows: Vec<Row>, start: Position, limit: usize) -> (Vec<HistoryItem>, Option<Position>) {
    rows.sort_by_key(|row| std::cmp::Reverse((row.0, row.1)));
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut position = start;
    for row in &rows {
        position.pass(row.1);
    }
    (rows.into_iter().map(|(_, _, item)| item).collect(), more.then_some(position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{Moment, Wei};

    fn row(second: i64, id: i64) -> Row {
        let at = OffsetDateTime::from_unix_timestamp(second).unwrap();
        let view = RetopupView {
            id,
            at: Moment(at),
            seq: id,
            amount: Wei(banyan_types::Amount::ZERO),
            currency: CURRENCY,
            status: "confirmed".to_owned(),
            tx_hash: String::new(),
        };
        (at, Key::Retopup(id), HistoryItem::Retopup(view))
    }

    fn ids(items: &[HistoryItem]) -> Vec<i64> {
        items
            .iter()
            .map(|item| match item {
                HistoryItem::Retopup(view) => view.id,
                HistoryItem::Reward(_) | HistoryItem::Payout(_) | HistoryItem::Transaction(_) => 0,
            })
            .collect()
    }

    #[test]
    fn the_newest_come_first_and_the_next_page_starts_below_them() {
        let (items, next) = merge(vec![row(1, 1), row(3, 3), row(2, 2)], Position::START, 2);
        assert_eq!(ids(&items), [3, 2]);
        assert_eq!(next, Some(Position { retopup: 2, ..Position::START }));
        let (items, next) = merge(vec![row(1, 1)], next.unwrap(), 2);
        assert_eq!(ids(&items), [1]);
        assert_eq!(next, None);
    }
}
