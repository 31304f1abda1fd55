//! What comes in is parsed at the door: bodies, queries and path parts become values here, or a problem that names the
//! field. Behind it there are no strings to mistrust.

mod as_of;
mod body;
mod page;
mod parse;
mod path;
mod query;

pub use as_of::{AsOfQuery, asked};
pub use body::{BODY_LIMIT, Body, too_large};
pub use page::{Page, PageQuery, encode_cursor};
pub use parse::{
    BatchKey, account, address, amount, batch_key, bytes_hex, hash, in_force_amount, level,
    reconciliation_id, replay_id, sponsor, transaction_id, user_key,
};
pub use path::Path;
pub use query::Query;
