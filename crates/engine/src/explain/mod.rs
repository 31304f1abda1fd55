//! Why somebody was paid, or was not: an explanation made of the very facts that decided the payment.
//!
//! While somebody listens ([`Machine::listen`]) the paying code tells what it looks at ([`Told`]); [`explain`] puts what
//! it told into words and into a machine form ([`Explanation`], laid down in `docs/explain.md`). Nothing that was paid is
//! decided a second time, so explanation and payment cannot disagree. A [`Chronicle`] knows by which events the facts
//! came about. Command line and API call the same function.

mod answer;
pub(crate) mod arithmetic;
mod build;
mod chronicle;
mod facts;
mod inquiry;
mod reasons;
mod scene;
mod sections;
mod text;
pub(crate) mod trace;
mod words;

pub use answer::{
    Cause, EXPLANATION, Explanation, Money, Node, NotPaid, Path, Place, Rest, Rewarded, Said, Settled,
};
pub use arithmetic::Step;
pub use build::explain;
pub use chronicle::Chronicle;
pub use facts::{Because, LastPurchase, Reason};
pub use inquiry::{Inquiry, explain_last};
pub use scene::{Asked, Naming};

/// What the paying code told of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told(pub(crate) trace::Trace);
