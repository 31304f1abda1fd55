//! The pool's levels, and what a full board does at each.

use banyan_types::Amount;

use super::stage::Stage;
use super::{Part, table, total};
use crate::components::pool::PoolPlan;
use crate::record::{Record, RewardState, SeatRef};
use crate::{EventBody, Plan, Refusal, UserId};

/// A board, filled by one stranger.
pub(super) struct Board {
    pub(super) level: u32,
    /// What each position pays the owner, position 1 first; positions that the tree has no room for are missing.
    pub(super) seats: Vec<BoardSeat>,
    /// What became of the reserve when the board filled.
    pub(super) spent: Amount,
    pub(super) released: Amount,
}

/// One position.
pub(super) struct BoardSeat {
    /// Layers below the owner.
    pub(super) layer: u32,
    pub(super) amount: Amount,
    pub(super) is_reserved: bool,
}

impl Board {
    /// What its positions pay the owner, at once or into the reserve.
    pub(super) fn sum(&self, reserved: bool) -> Amount {
        total(self.seats.iter().filter(|seat| seat.is_reserved == reserved).map(|seat| seat.amount))
    }
}

/// Fills the first board of every level; none without a pool.
pub(super) fn boards(plan: &Plan) -> Result<Vec<Board>, Refusal> {
    let levels = plan.pool().map_or(0, |pool| pool.levels);
    (1..=levels).map(|level| board(plan, level)).collect()
}

/// The first newcomer takes seat 1, the second all others, so that one event shows what one position pays.
fn board(plan: &Plan, level: u32) -> Result<Board, Refusal> {
    let pool = plan.pool().expect("only a plan with a pool has levels");
    let mut stage = Stage::new(plan);
    let mut board = Board { level, seats: Vec::new(), spent: Amount::ZERO, released: Amount::ZERO };
    let mut user = UserId::COMPANY;
    for index in 1..=u64::from(pool.board() + 1).min(pool.capacity.unwrap_or(u64::MAX)) {
        if index <= 2 {
            user = stage.register(UserId::COMPANY)?;
        }
        // Registering may have taken the seat already.
        let next = stage.machine.next_seat(level).filter(|next| (next.tree, next.index) == (1, index));
        if next.is_some() {
            let amount = plan.ticket(level).expect("the plan has this level").price;
            stage.play(EventBody::Place { user, level: level.into(), tree: 1, index, amount })?;
        }
        if index > 1 {
            board.note(index.ilog2(), stage.machine.records());
        }
    }
    Ok(board)
}

impl Board {
    /// Notes what the last seat, so many layers below the owner's, did for that.
    fn note(&mut self, layer: u32, records: &[Record]) {
        let own = SeatRef { level: self.level, tree: 1, index: 1 };
        let mut seat = BoardSeat { layer, amount: Amount::ZERO, is_reserved: false };
        for record in records {
            match record {
                Record::Reward(reward) if reward.seat() == Some(own) => {
                    (seat.amount, seat.is_reserved) = (reward.amount, reward.state == RewardState::Reserved);
                }
                Record::Reserve(reserve) if reserve.seat == own => {
                    (self.spent, self.released) = (reserve.spent, reserve.released);
                }
                Record::Reward(_)
                | Record::Reserve(_)
                | Record::Seat(_)
                | Record::Completed(_)
                | Record::Vested { .. }
                | Record::Rank { .. }
                | Record::Order(_) => {}
            }
        }
        self.seats.push(seat);
    }
}

pub(super) fn part(plan: &Plan, pool: &PoolPlan, boards: &[Board]) -> Part {
    Part {
        title: "The pool's levels".to_owned(),
        tables: vec![tickets(plan, boards), fillings(plan, boards)],
        words: words(pool),
    }
}

fn tickets(plan: &Plan, boards: &[Board]) -> super::Table {
    let rows = boards.iter().map(|board| {
        let ticket = plan.ticket(board.level).expect("every board has a level of the plan");
        let above = plan.pool().map_or(0, |pool| pool.layers()) as usize;
        let above: Vec<String> = ticket.layers[..above].iter().map(|amount| plan.decimal(*amount)).collect();
        [
            board.level.to_string(),
            plan.decimal(ticket.whole),
            plan.decimal(ticket.direct),
            plan.decimal(ticket.price),
            above.join(" + "),
            plan.decimal(ticket.company),
        ]
    });
    let caption = format!("what a seat costs, in {}", plan.currency().symbol);
    let layers = plan.pool().map_or(0, |pool| pool.layers());
    let above: Vec<String> = (1..=layers).map(|layer| layer.to_string()).collect();
    let above = format!("of the price to seats {} above", above.join(", "));
    let head = ["level", "ticket", "to the sponsor", "price", &above, "to the company"];
    table(caption, head, rows.collect())
}

fn fillings(plan: &Plan, boards: &[Board]) -> super::Table {
    let rows = boards.iter().map(|board| {
        let next = plan.ticket(board.level + 1);
        [
            board.level.to_string(),
            plan.decimal(board.sum(false)),
            plan.decimal(board.sum(true)),
            next.map_or("top level".to_owned(), |next| plan.decimal(next.whole)),
            plan.decimal(board.spent),
            plan.decimal(board.released),
        ]
    });
    let caption =
        format!("what a full board brings the owner of its first seat, in {}", plan.currency().symbol);
    let head =
        ["level", "payable at once", "reserved", "next ticket", "of the reserve: spent on it", "released"];
    table(caption, head, rows.collect())
}

fn words(pool: &PoolPlan) -> Vec<String> {
    let (board, reserve) = (pool.board(), pool.reserve_last);
    let mut words =
        vec![
        "Each level's tree fills breadth-first: a newcomer takes the next free seat, whoever the sponsor \
         is.".to_owned(),
        "A share whose seat does not exist goes to the company (POOL_BREAKAGE).".to_owned(),
        format!(
            "A board is the {board} seats below a seat. Below the top level the last {reserve} positions \
             pay into the reserve of its owner's seat, the others at once."
        ),
        "When the board is full, its reserve buys the same participant the next level's ticket if it is \
         enough, and what is left over is released; if it is not enough, all of it is released.".to_owned(),
    ];
    words.push(match pool.capacity {
        None => "A tree never fills.".to_owned(),
        Some(capacity) => format!(
            "A tree has {capacity} seats and a level at most {} trees; when all are full the price goes to \
             who would have been seated (SEAT_REFUND). A seat whose board does not fit into its tree \
             reserves nothing.",
            pool.trees
        ),
    });
    words
}
