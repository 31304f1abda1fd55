//! Why somebody was paid, or was not: an explanation made of the very facts that decided the payment.
//!
//! While somebody listens ([`Machine::listen`](crate::Machine::listen)) the paying code tells what it looks at; what it
//! told is put into words here. Nothing is decided a second time, so explanation and payment cannot disagree.

pub(crate) mod arithmetic;
pub(crate) mod trace;

pub use arithmetic::Step;

/// What the paying code told of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Told(pub(crate) trace::Trace);
