//! A board: the owner's seat and the seats below, each with what it pays the owner.

use super::super::pool::{Board, BoardSeat};
use super::svg::{Anchor, Drawing, Place, Tone, fitting};
use crate::Plan;

/// Width and height of a seat.
const SEAT: (i32, i32) = (132, 62);
/// Room of a seat of the last layer, across.
const PITCH: i32 = 144;
/// From layer to layer.
const STOREY: i32 = 118;
const MARGIN: i32 = 24;
/// Height of title and subtitle.
const HEAD: i32 = 96;
/// Narrower sheets would not hold the words.
const LEAST_WIDTH: i32 = 920;

/// The board as SVG.
pub(in super::super) fn board(plan: &Plan, board: &Board) -> String {
    let layers = plan.pool().expect("only a plan with a pool has boards").layers();
    let width = (2 * MARGIN + PITCH * (1 << layers)).max(LEAST_WIDTH);
    let foot = HEAD + STOREY * (layers as i32 + 1);
    let symbol = &plan.currency().symbol;
    let title = format!("{}: a board of level {}", plan.name(), board.level);
    let subtitle = format!(
        "What each position pays the owner of the board, in {symbol}; newcomers fill them in this order"
    );
    let mut drawing = Drawing::new(width, foot + 96, &title, &subtitle);
    let middle = |index: u32| middle(index, width);
    for index in 2..board.seats.len() as u32 + 2 {
        let (from, to) = (middle(index / 2), middle(index));
        drawing.line((from.0, from.1 + SEAT.1), to);
    }
    draw_box(&mut drawing, middle(1), Tone::Owner, ["the owner's seat".to_owned(), String::new()]);
    for (position, seat) in (1..).zip(&board.seats) {
        draw_seat(&mut drawing, plan, middle(position + 1), position, seat);
    }
    draw_legend(&mut drawing, foot, plan, board);
    drawing.finish()
}

/// Middle of a seat's upper edge, by its index in breadth-first order.
fn middle(index: u32, width: i32) -> (i32, i32) {
    let layer = index.ilog2();
    let across = (index - (1 << layer)) as i32;
    let room = (width - 2 * MARGIN) / (1 << layer);
    (MARGIN + room * across + room / 2, HEAD + STOREY * layer as i32)
}

fn draw_seat(drawing: &mut Drawing, plan: &Plan, at: (i32, i32), position: u32, seat: &BoardSeat) {
    let tone = if seat.is_reserved { Tone::Reserved } else { Tone::Payable };
    let share = plan.pool().and_then(|pool| pool.shares.get(seat.layer as usize - 1));
    let share = share.map_or(String::new(), ToString::to_string);
    draw_box(drawing, at, tone, [plan.decimal(seat.amount), format!("{position} · {share}")]);
}

fn draw_box(drawing: &mut Drawing, (middle, top): (i32, i32), tone: Tone, [first, second]: [String; 2]) {
    let place = Place { left: middle - SEAT.0 / 2, top, width: SEAT.0, height: SEAT.1 };
    drawing.rect(place, tone);
    let size = fitting(&first, SEAT.0 - 12, 17);
    let first_line = if second.is_empty() { top + SEAT.1 / 2 + 6 } else { top + 27 };
    drawing.text((middle, first_line), size, Anchor::Middle, Tone::Ink, &first);
    drawing.text((middle, top + 49), 13, Anchor::Middle, Tone::Grey, &second);
}

fn draw_legend(drawing: &mut Drawing, top: i32, plan: &Plan, board: &Board) {
    let entry = |drawing: &mut Drawing, line: i32, tone: Tone, text: String| {
        let top = top + line * 28;
        drawing.rect(Place { left: MARGIN, top, width: 26, height: 18 }, tone);
        drawing.text((MARGIN + 38, top + 14), 15, Anchor::Start, Tone::Ink, &text);
    };
    let money = |amount| plan.decimal(amount);
    entry(drawing, 0, Tone::Payable, format!("payable at once: {} together", money(board.sum(false))));
    let reserved = board.sum(true);
    let fate = match plan.ticket(board.level + 1) {
        _ if reserved.is_zero() => String::new(),
        Some(next) if board.spent.is_positive() => {
            format!(
                "; the full board buys a ticket of level {} for {}, {} is released",
                board.level + 1,
                money(next.whole),
                money(board.released)
            )
        }
        Some(next) => format!(
            "; that never pays the next ticket of {}: the full board releases {}",
            money(next.whole),
            money(board.released)
        ),
        None => String::new(),
    };
    entry(
        drawing,
        1,
        Tone::Reserved,
        format!("kept in reserve until the board is full: {} together{fate}", money(reserved)),
    );
    drawing.text(
        (MARGIN, top + 76),
        13,
        Anchor::Start,
        Tone::Grey,
        "in a seat: the amount, below it the position and its share of the new seat's price",
    );
}
