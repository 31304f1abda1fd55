//! `smm-panel`: orders under tiers of discount, and the sponsor's commission.

use serde_json::json;

use super::{Book, Event, People, Programme, share};

/// From how much spent, which discount in hundredths of a percent.
const TIERS: [(i128, i128); 4] = [(0, 0), (5_000_000, 300), (20_000_000, 500), (50_000_000, 1000)];
const COMMISSION: i128 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Completed,
    Refunded,
}

#[derive(Clone, Debug)]
struct Order {
    id: String,
    user: usize,
    net: i128,
    state: State,
}

/// The programme under way.
#[derive(Clone, Debug, Default)]
pub struct SmmPanel {
    people: People,
    orders: Vec<Order>,
}

impl SmmPanel {
    fn order(&mut self, event: &Event, book: &mut Book) {
        let user = self.people.find(event.text("user")).unwrap();
        let completed = self.orders.iter().filter(|order| order.state == State::Completed);
        let spent: i128 = completed.filter(|order| order.user == user).map(|order| order.net).sum();
        let (_, points) = TIERS.into_iter().rev().find(|(from, _)| spent >= *from).unwrap();
        let list = event.amount();
        let discount = share(list, points);
        let net = list - discount;
        book.money_in += net;
        book.pending += net;
        let (list, discount, paid) = (list.to_string(), discount.to_string(), net.to_string());
        let name = event.text("user");
        book.record("order", json!({ "user": name, "list": list, "discount": discount, "net": paid }));
        self.orders.push(Order { id: event.id.clone(), user, net, state: State::Open });
    }

    fn close(&mut self, event: &Event, state: State) -> (usize, i128) {
        let id = event.text("order");
        let order = self.orders.iter_mut().find(|order| order.id == id).unwrap();
        order.state = state;
        (order.user, order.net)
    }
}

impl Programme for SmmPanel {
    fn judge(&self, event: &Event) -> Result<(), &'static str> {
        match event.kind.as_str() {
            "registered" => self.people.judge(event),
            "order" => self.people.must_know(event.text("user")),
            "order_completed" | "order_refunded" => {
                let id = event.text("order");
                match self.orders.iter().find(|order| order.id == id) {
                    None => Err("unknown order"),
                    Some(order) if order.state != State::Open => Err("closed order"),
                    Some(_) => Ok(()),
                }
            }
            "tick" => Ok(()),
            _ => Err("not of this plan"),
        }
    }

    fn pass(&mut self, _until: i64, _book: &mut Book) {}

    fn perform(&mut self, event: &Event, book: &mut Book) {
        match event.kind.as_str() {
            "registered" => self.people.register(event),
            "order" => self.order(event, book),
            "order_completed" => {
                let (user, net) = self.close(event, State::Completed);
                book.pending -= net;
                book.company += net;
                if let Some(sponsor) = self.people.sponsors[user] {
                    let (to, source) = (&self.people.names[sponsor], &self.people.names[user]);
                    book.reward_from_company("DIRECT", to, share(net, COMMISSION), source, json!({}));
                }
            }
            "order_refunded" => {
                let (_, net) = self.close(event, State::Refunded);
                book.pending -= net;
                book.money_out += net;
            }
            _ => {}
        }
    }
}
