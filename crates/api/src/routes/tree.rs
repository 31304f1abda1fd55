//! A user's place in both trees: who is below in the referral tree, and who sits on the boards of their seats.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use banyan_types::Amount;
use serde::Deserialize;
use utoipa::IntoParams;

use super::people::Subject;
use crate::extract::{Path, Query};
use crate::layers::identity::Caller;
use crate::problem::{Answer, Kind, Problem};
use crate::state::App;
use crate::store::Snapshot;
use crate::store::people;
use crate::store::pool::{self, Node, Seats};
use crate::views::people::{BoardPlace, SeatBoard, Trees, nest};
use crate::views::{CURRENCY, Finality, UserRef, Wei};

/// Layers below the user unless asked otherwise.
const DEFAULT_DEPTH: i32 = 3;
/// Most layers.
const DEEPEST: i32 = 10;
/// Most people.
const LARGEST: usize = 1_000;
/// Most seats.
const SEATS: i64 = 20;
/// Layers of a board.
const BOARD_LAYERS: u32 = 3;

/// How deep to look.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TreeQuery {
    /// Layers below the user, 1 to 10; 3 by default.
    #[param(minimum = 1, maximum = 10)]
    depth: Option<i32>,
}

/// See the referral tree below a user, and their seats
#[utoipa::path(get, path = "/v1/users/{id}/tree", tag = "users",
    params(("id" = String, Path, description = "`me`, a user's number or wallet"), TreeQuery),
    responses((status = 200, description = "Both trees", body = Trees)))]
pub async fn tree(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<TreeQuery>,
) -> Answer<Json<Trees>> {
    let depth = query.depth.unwrap_or(DEFAULT_DEPTH);
    if !(1..=DEEPEST).contains(&depth) {
        let detail = format!("expected a depth of 1 to {DEEPEST}, got {depth}");
        return Err(Problem::field(Kind::InvalidQuery, "depth", detail));
    }
    let mut subject = Subject::find(&app, &caller, &id).await?;
    let user = subject.registered()?.id;
    let limit = i64::try_from(LARGEST).map_err(Problem::internal)? + 1;
    let mut found = people::below(subject.books.connection(), user, depth, limit).await?;
    let truncated = found.len() > LARGEST;
    found.truncate(LARGEST);
    let root = nest(&found).ok_or_else(|| Problem::internal("a user is missing from their own tree"))?;
    let seats = boards(&mut subject.books, user).await?;
    let finality = Finality::from(&subject.books.cursor);
    Ok(Json(Trees { root, truncated, seats, currency: CURRENCY, finality }))
}

async fn boards(books: &mut Snapshot, user: i64) -> Answer<Vec<SeatBoard>> {
    let which = Seats { user: Some(user), pool: None, after: 0, limit: SEATS };
    let seats = pool::nodes(books.connection(), which).await?;
    let ids: Vec<i64> = seats.iter().map(|seat| seat.id).collect();
    let reserved: BTreeMap<i64, Amount> =
        pool::reserved(books.connection(), &ids).await?.into_iter().collect();
    let mut boards = vec![];
    for seat in seats {
        let places = places(seat.index);
        let indexes: Vec<i64> = places.iter().map(|(_, index)| *index).collect();
        let taken = pool::board(books.connection(), pool_id(&seat), &indexes).await?;
        let taken: BTreeMap<i64, UserRef> =
            taken.into_iter().map(|(index, id, wallet)| (index, UserRef::from((id, wallet)))).collect();
        let held = reserved.get(&seat.id).copied().unwrap_or_default();
        boards.push(board(seat, held, &places, &taken));
    }
    Ok(boards)
}

fn pool_id(seat: &Node) -> i64 {
    i64::from(seat.level) * 1024 + i64::from(seat.tree)
}

fn board(seat: Node, reserved: Amount, places: &[(i64, i64)], taken: &BTreeMap<i64, UserRef>) -> SeatBoard {
    SeatBoard {
        level: seat.level,
        tree: seat.tree,
        index: seat.index,
        status: seat.status,
        reserved: Wei(reserved),
        board: places
            .iter()
            .map(|(position, index)| BoardPlace {
                position: *position,
                index: *index,
                user: taken.get(index).cloned(),
            })
            .collect(),
    }
}

/// Position and index of each place on the board of the seat at `index`.
fn places(index: i64) -> Vec<(i64, i64)> {
    (1..=BOARD_LAYERS)
        .flat_map(|layer| {
            let width = 1i64 << layer;
            (0..width).map(move |offset| (width - 1 + offset, (index << layer) + offset))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_has_fourteen_places_in_three_layers() {
        let places = places(3);
        assert_eq!(places.len(), 14);
        assert_eq!(places[0], (1, 6));
        assert_eq!(places[1], (2, 7));
        assert_eq!(places[2], (3, 12));
        assert_eq!(places[6], (7, 24));
        assert_eq!(places[13], (14, 31));
    }
}
