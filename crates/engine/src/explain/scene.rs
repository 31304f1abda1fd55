//! What an explanation looks at: the machine right after the event, what was told, and how things are called.

use super::answer::{Cause, Node, Path, Place};
use super::sections::Section;
use super::trace::{Pass, Topic};
use super::{Chronicle, Told};
use crate::calendar::DAY;
use crate::components::activity::Sign;
use crate::components::purchases::Purchase;
use crate::interchange::format_at;
use crate::record::{Order, Record, SeatRef};
use crate::{Event, EventBody, EventId, Machine, UserId};

/// More steps than this on a path are left out in its middle.
const NODES: usize = 40;

/// How users and events are called outside the engine.
pub trait Naming {
    /// A user's name or wallet.
    fn user(&self, user: UserId) -> String;

    /// An event's id.
    fn event(&self, event: EventId) -> String;
}

/// A question: why did this event bring this user what it brought?
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The machine as the event left it.
    pub machine: &'a Machine,
    /// What the paying code told while the event was applied.
    pub told: &'a Told,
    /// All events until this one, with it.
    pub chronicle: &'a Chronicle,
    /// The event.
    pub event: &'a Event,
    /// Why the payment went back to its payer, if that was decided before the engine was asked.
    pub refusal: Option<&'a str>,
    /// Who is asked about; `None` for somebody of whom nobody has heard.
    pub user: Option<UserId>,
    /// What she is called.
    pub name: &'a str,
    /// How all others are called.
    pub naming: &'a dyn Naming,
}

impl Asked<'_> {
    pub(super) fn name(&self, user: UserId) -> String {
        self.naming.user(user)
    }

    pub(super) fn id(&self, event: EventId) -> String {
        self.naming.event(event)
    }

    pub(super) fn sponsor(&self, user: UserId) -> Option<UserId> {
        self.machine.sponsor(user)
    }

    /// How many steps up the sponsors `user` stands above `from`; `None` if she does not, as nobody does who is below.
    pub(super) fn above(&self, from: UserId, user: UserId) -> Option<u32> {
        (1..)
            .zip(self.machine.people().upline(from))
            .find(|(_, sponsor)| *sponsor == user)
            .map(|(above, _)| above)
    }

    /// The purchase behind a sign of activity.
    pub(super) fn purchase(&self, sign: Sign) -> Option<&Purchase> {
        self.machine.state().purchases.all().get(sign.no.0 as usize)
    }

    pub(super) fn place(&self, seat: SeatRef) -> Place {
        let SeatRef { level, tree, index } = seat;
        let taken_by = self.chronicle.seat(seat).map(|event| self.id(event));
        Place { level, tree, index, taken_by }
    }

    /// The sponsors from `from` up to `to`, with those that were passed over there.
    pub(super) fn sponsors(&self, from: UserId, to: UserId, section: &Section) -> Path {
        let chain = std::iter::once(from).chain(self.machine.people().upline(from));
        let chain: Vec<UserId> = match to {
            UserId::COMPANY => chain.chain([UserId::COMPANY]).collect(),
            _ => chain.take_while(|user| *user != to).chain([to]).collect(),
        };
        let (shown, omitted) = shorten((0..).zip(chain).collect());
        let passed = section.passed_over();
        let nodes = shown.into_iter().map(|(above, user)| Node {
            above,
            user: self.name(user),
            index: None,
            passed: passed.get(&user).copied(),
        });
        Path { along: "sponsors", nodes: nodes.collect(), omitted }
    }

    /// The seats from the new one up to that `distance` above.
    pub(super) fn seats(&self, new: SeatRef, distance: u32) -> Path {
        let nodes = (0..=distance).filter_map(|above| {
            let index = new.index >> above;
            let owner = self.machine.state().pool.owner(SeatRef { index, ..new })?;
            Some(Node { above, user: self.name(owner), index: Some(index), passed: None })
        });
        let (nodes, omitted) = shorten(nodes.collect());
        Path { along: "seats", nodes, omitted }
    }

    /// The event itself.
    pub(super) fn event_cause(&self) -> Cause {
        let payment = self.event.body.payment();
        let priced = self.discounted();
        Cause {
            what: self.event.body.name(),
            event: Some(self.id(self.event.id)),
            at: format_at(self.event.at),
            user: payment.map(|(user, _)| self.name(user)),
            amount: payment.map(|(_, amount)| amount),
            discount: priced.map(|order| order.discount),
            net: priced.map(|order| order.net),
            level: None,
            seat: None,
            month: None,
        }
    }

    /// The event's order, if a discount was taken off.
    fn discounted(&self) -> Option<&Order> {
        let EventBody::Order { .. } = self.event.body else { return None };
        self.machine.records().iter().find_map(|record| match record {
            Record::Order(order) if order.discount.is_positive() => Some(order),
            _ => None,
        })
    }

    /// What was paid for.
    pub(super) fn cause(&self, topic: Option<&Topic>) -> Cause {
        let event = self.event_cause();
        let bare =
            |what| Cause { what, user: None, amount: None, discount: None, net: None, ..event.clone() };
        let of =
            |what, user, amount| Cause { user: Some(self.name(user)), amount: Some(amount), ..bare(what) };
        match topic {
            None => bare(event.what),
            Some(Topic::Refused { .. } | Topic::WindUp | Topic::Grant { .. }) => event,
            Some(Topic::Entry { user, amount, .. }) => of("registered", *user, *amount),
            Some(Topic::Retopup { payer, amount }) => of("retopup", *payer, *amount),
            Some(Topic::Ticket { holder, whole, level, .. }) => {
                Cause { level: Some(*level), ..of("ticket", *holder, *whole) }
            }
            Some(Topic::Seat { user, at, price, .. }) => {
                Cause { seat: Some(self.place(*at)), ..of("seat", *user, *price) }
            }
            Some(Topic::Board { user, seat }) => {
                Cause { user: Some(self.name(*user)), seat: Some(self.place(*seat)), ..bare("board") }
            }
            Some(Topic::Waits { purchase, .. } | Topic::Returned { purchase }) => {
                self.purchase_cause(*purchase)
            }
            Some(Topic::Purchase { purchase, .. }) => self.purchase_cause(*purchase),
            Some(Topic::Month { month }) => {
                Cause { month: Some(month.to_string()), event: None, at: None, ..bare("month") }
            }
            Some(Topic::Position { stake, user, opened, .. }) => Cause {
                user: Some(self.name(*user)),
                event: Some(self.id(*stake)),
                at: format_at(*opened * DAY).map(|at| at[..10].to_owned()),
                ..bare("position")
            },
            Some(Topic::Order { order, customer, net }) => {
                Cause { event: Some(self.id(*order)), at: None, ..of("order", *customer, *net) }
            }
        }
    }

    fn purchase_cause(&self, event: EventId) -> Cause {
        let all = self.machine.state().purchases.all();
        let known = all.binary_search_by_key(&event, |purchase| purchase.event).ok().map(|place| &all[place]);
        Cause {
            what: "purchase",
            event: Some(self.id(event)),
            at: known.and_then(|purchase| format_at(purchase.at)),
            user: known.map(|purchase| self.name(purchase.user)),
            amount: known.map(|purchase| purchase.amount),
            discount: None,
            net: None,
            level: None,
            seat: None,
            month: None,
        }
    }
}

impl Pass {
    /// Why somebody on the way up was passed over, in a word.
    pub(super) fn on_the_way(self) -> Option<&'static str> {
        match self {
            Pass::NoRetopup { .. } => Some("no_earlier_retopup"),
            Pass::Inactive { .. } => Some("inactive"),
            Pass::SetInactive { .. } => Some("set_inactive"),
            Pass::Legs { .. } | Pass::TopRank(_) | Pass::Outranked(_) | Pass::SeatInstead { .. } => None,
        }
    }
}

/// Leaves out the middle of a long way; how many those were.
fn shorten<T>(mut way: Vec<T>) -> (Vec<T>, usize) {
    let omitted = way.len().saturating_sub(NODES);
    if omitted > 0 {
        way.drain(NODES / 2..NODES / 2 + omitted);
    }
    (way, omitted)
}
