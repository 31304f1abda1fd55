//! Why there is no signature, inside the service; on the wire it is a [`Problem`].

use banyan_chain::NodeError;

use crate::history::NotReached;
use crate::protocol::{Problem, Refusal, problem};

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSignature {
    /// The chain and the plan do not justify the request.
    Refused(Vec<Refusal>),
    /// The body is not what the path takes.
    BadRequest(String),
    /// No token, or an unknown one.
    Unauthenticated,
    /// The client may not ask for this kind of payload.
    Forbidden(String),
    /// No such path or method.
    NotFound(String),
    /// A limit is reached.
    Limited(String),
    /// The kill switch is thrown.
    Killed,
    /// Not caught up with the chain.
    NotReady(String),
    /// Something of our own is broken.
    Broken(String),
}

impl NoSignature {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            NoSignature::BadRequest(_) => 400,
            NoSignature::Unauthenticated => 401,
            NoSignature::Forbidden(_) => 403,
            NoSignature::NotFound(_) => 404,
            NoSignature::Refused(_) => 422,
            NoSignature::Limited(_) => 429,
            NoSignature::Broken(_) => 500,
            NoSignature::Killed | NoSignature::NotReady(_) => 503,
        }
    }

    /// The answer on the wire.
    pub fn problem(&self) -> Problem {
        let (kind, title, detail) = match self {
            NoSignature::Refused(refusals) => (problem::REFUSED, "Refused", in_words(refusals)),
            NoSignature::BadRequest(reason) => (problem::BAD_REQUEST, "Bad request", reason.clone()),
            NoSignature::Unauthenticated => (
                problem::UNAUTHENTICATED,
                "Unknown client",
                "expected the header `Authorization: Bearer` with a configured client's token".to_owned(),
            ),
            NoSignature::Forbidden(reason) => (problem::FORBIDDEN, "Forbidden", reason.clone()),
            NoSignature::NotFound(reason) => (problem::NOT_FOUND, "Not found", reason.clone()),
            NoSignature::Limited(reason) => (problem::LIMITED, "Over a limit", reason.clone()),
            NoSignature::Killed => (
                problem::KILLED,
                "Kill switch",
                "the kill switch is thrown: nothing is signed until its file on the signer's host is removed"
                    .to_owned(),
            ),
            NoSignature::NotReady(reason) => (problem::NOT_READY, "Not ready", reason.clone()),
            NoSignature::Broken(reason) => (problem::BROKEN, "Broken", reason.clone()),
        };
        let refusals = match self {
            NoSignature::Refused(refusals) => refusals.clone(),
            NoSignature::BadRequest(_)
            | NoSignature::Unauthenticated
            | NoSignature::Forbidden(_)
            | NoSignature::NotFound(_)
            | NoSignature::Limited(_)
            | NoSignature::Killed
            | NoSignature::NotReady(_)
            | NoSignature::Broken(_) => Vec::new(),
        };
        Problem { r#type: kind.to_owned(), title: title.to_owned(), status: self.status(), detail, refusals }
    }
}

/// The first refusal, and how many more there are.
fn in_words(refusals: &[Refusal]) -> String {
    let Some(first) = refusals.first() else { return "nothing speaks for it".to_owned() };
    let words = format!("{}: expected {}, got {}", first.field, first.expected, first.found);
    match refusals.len() {
        1 => words,
        count => format!("{words} (and {} more)", count - 1),
    }
}

impl From<NodeError> for NoSignature {
    fn from(error: NodeError) -> NoSignature {
        NoSignature::NotReady(format!("the signer's own node: {error}"))
    }
}

impl From<NotReached> for NoSignature {
    fn from(error: NotReached) -> NoSignature {
        NoSignature::NotReady(error.to_string())
    }
}
