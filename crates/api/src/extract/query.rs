//! Query strings, strictly: a parameter that nobody knows is refused.

use axum::extract::{FromRequestParts, Query as AxumQuery};
use axum::http::request::Parts;
use banyan_types::strict;
use serde::de::DeserializeOwned;

use crate::problem::{Answer, Kind, Problem};

/// The query string read into `T`.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Query<T>> {
        let AxumQuery(value) = AxumQuery::<T>::try_from_uri(&parts.uri).map_err(|rejection| {
            let text = rejection.body_text();
            let reason = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Problem::new(Kind::InvalidQuery, strict::with_nearest_key(reason).replace("key", "parameter"))
        })?;
        Ok(Query(value))
    }
}
