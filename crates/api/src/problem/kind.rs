//! Every kind of refusal that the API knows, with its stable name, title and status.

use axum::http::StatusCode;

/// Defines [`Kind`] and its three columns in one table, so that a kind cannot lack one of them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $title:literal, $status:ident;)+) => {
        /// What went wrong, as a client can tell it apart. The names are part of the API: they never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $name,)+
        }

        impl Kind {
            /// Every kind, in the order of this file.
            pub const ALL: &[Kind] = &[$(Kind::$name),+];

            /// The last part of the `type` URI.
            pub const fn slug(self) -> &'static str {
                match self { $(Kind::$name => $slug,)+ }
            }

            /// The same short sentence for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Kind::$name => $title,)+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Kind::$name => StatusCode::$status,)+ }
            }
        }
    };
}

kinds! {
    /// The body is no JSON.
    InvalidJson = "invalid-json", "The body is no JSON", BAD_REQUEST;
    /// The body is JSON of another shape: an unknown or missing field, or a wrong type.
    InvalidBody = "invalid-body", "The body has the wrong shape", UNPROCESSABLE_ENTITY;
    /// The body does not say that it is JSON.
    UnsupportedMediaType = "unsupported-media-type", "The body must be application/json", UNSUPPORTED_MEDIA_TYPE;
    /// The body is larger than the API reads.
    BodyTooLarge = "body-too-large", "The body is too large", PAYLOAD_TOO_LARGE;
    /// A part of the path has the wrong form.
    InvalidPath = "invalid-path", "A part of the path is invalid", BAD_REQUEST;
    /// A query parameter is unknown or has the wrong form.
    InvalidQuery = "invalid-query", "A query parameter is invalid", BAD_REQUEST;
    /// No such route, or nothing there yet.
    NotFound = "not-found", "Not found", NOT_FOUND;
    /// The route exists for other methods.
    MethodNotAllowed = "method-not-allowed", "Method not allowed", METHOD_NOT_ALLOWED;
    /// Not an address, or one whose checksum is wrong.
    InvalidAddress = "invalid-address", "Not a wallet address", BAD_REQUEST;
    /// Not a base-10 number of wei in a string.
    InvalidAmount = "invalid-amount", "Not an amount", BAD_REQUEST;
    /// Another amount than the plan in force asks for.
    AmountMismatch = "amount-mismatch", "Not the amount that the plan asks for", UNPROCESSABLE_ENTITY;
    /// A signature that is malformed or another wallet's.
    InvalidSignature = "invalid-signature", "The signature is not this wallet's", UNAUTHORIZED;
    /// A sign-in nonce that was never given, was used, or is too old.
    StaleNonce = "stale-nonce", "The sign-in nonce is not valid any more", UNAUTHORIZED;
    /// No access token, or one that is expired or not ours.
    Unauthenticated = "unauthenticated", "Sign in first", UNAUTHORIZED;
    /// A refresh token that is unknown, expired or ended.
    InvalidRefreshToken = "invalid-refresh-token", "The refresh token is not valid", UNAUTHORIZED;
    /// A refresh token that was spent before.
    RefreshTokenReused = "refresh-token-reused", "The refresh token was used before", UNAUTHORIZED;
    /// Someone else's data, or an action of another role.
    Forbidden = "forbidden", "Not allowed", FORBIDDEN;
    /// No such user.
    UnknownUser = "unknown-user", "Unknown user", NOT_FOUND;
    /// The caller has no finalized registration.
    NotRegistered = "not-registered", "The wallet is not registered", CONFLICT;
    /// The caller is registered.
    AlreadyRegistered = "already-registered", "The wallet is registered already", CONFLICT;
    /// The sponsor takes no part in the programme.
    UnknownSponsor = "unknown-sponsor", "Unknown sponsor", UNPROCESSABLE_ENTITY;
    /// A wallet as its own sponsor.
    SelfSponsor = "self-sponsor", "Nobody can be their own sponsor", UNPROCESSABLE_ENTITY;
    /// The account is frozen or held.
    AccountFrozen = "account-frozen", "The account is frozen", CONFLICT;
    /// No plan is in force any more.
    ProgrammeWoundUp = "programme-wound-up", "The programme takes no payments any more", CONFLICT;
    /// There is nothing to withdraw.
    NothingPayable = "nothing-payable", "Nothing is payable", CONFLICT;
    /// No such prepared transaction of the caller.
    UnknownTransaction = "unknown-transaction", "Unknown transaction", NOT_FOUND;
    /// A prepared transaction that cannot take this acknowledgement.
    TransactionConflict = "transaction-conflict", "The transaction cannot be confirmed so", CONFLICT;
    /// No such payout batch.
    UnknownBatch = "unknown-batch", "Unknown batch", NOT_FOUND;
    /// The batch's state does not allow the step.
    BatchState = "batch-state", "The batch is in another state", CONFLICT;
    /// No batch is built now.
    BatchRefused = "batch-refused", "No batch is built", CONFLICT;
    /// The kill switch is on.
    KillSwitchOn = "kill-switch-on", "The kill switch is on", CONFLICT;
    /// The signer refused to sign.
    SignerRefused = "signer-refused", "The signer refused", UNPROCESSABLE_ENTITY;
    /// No root of entitlements stands on the contract.
    NoStandingRoot = "no-standing-root", "No root is published", NOT_FOUND;
    /// No such reconciliation, or no such difference of it.
    UnknownReconciliation = "unknown-reconciliation", "Unknown reconciliation", NOT_FOUND;
    /// No such replay.
    UnknownReplay = "unknown-replay", "Unknown replay", NOT_FOUND;
    /// A range of blocks that is none, or that the books have not read.
    InvalidRange = "invalid-range", "Not a range of blocks in the books", UNPROCESSABLE_ENTITY;
    /// Another replay is under way.
    ReplayRunning = "replay-running", "A replay is under way", CONFLICT;
    /// The plan has no such level.
    UnknownLevel = "unknown-level", "Unknown pool level", NOT_FOUND;
    /// A directive is for somebody who takes no part in the programme.
    NotAParticipant = "not-a-participant", "Not a participant", UNPROCESSABLE_ENTITY;
    /// The plan has no such seat.
    NoSuchSeat = "no-such-seat", "The plan has no such seat", UNPROCESSABLE_ENTITY;
    /// Seats are placed in a level's newest tree only.
    NotNewestTree = "not-newest-tree", "Not the level's newest tree", CONFLICT;
    /// Somebody sits there.
    SeatTaken = "seat-taken", "The seat is taken", CONFLICT;
    /// The seat above is free.
    ParentNotSeated = "parent-not-seated", "The seat above is free", CONFLICT;
    /// The plan would not carry out the directive, so its value would be the company's.
    DirectiveRefused = "directive-refused", "The directive would have no effect", CONFLICT;
    /// Nobody holds the contract's role that may send the transaction.
    RoleVacant = "role-vacant", "Nobody may send the transaction", CONFLICT;
    /// The file is no plan that the contract can carry out, or the lint has errors.
    PlanRefused = "plan-refused", "The plan is refused", UNPROCESSABLE_ENTITY;
    /// The plan does not fit what has happened: it would be recorded, and payments under it would go back.
    PlanNotAdopted = "plan-not-adopted", "The plan does not fit the running programme", CONFLICT;
    /// The plan is in force already.
    PlanUnchanged = "plan-unchanged", "The plan is in force already", CONFLICT;
    /// The history names a plan whose file is not at hand.
    PlanNotAtHand = "plan-not-at-hand", "A plan file is missing here", SERVICE_UNAVAILABLE;
    /// The idempotency key came with another request before.
    IdempotencyKeyReused = "idempotency-key-reused", "The idempotency key belongs to another request", UNPROCESSABLE_ENTITY;
    /// The first request with the key is still being answered.
    IdempotencyKeyInUse = "idempotency-key-in-use", "The first request with this key is still running", CONFLICT;
    /// Not a usable idempotency key.
    InvalidIdempotencyKey = "invalid-idempotency-key", "The idempotency key is invalid", BAD_REQUEST;
    /// Too many requests.
    RateLimited = "rate-limited", "Too many requests", TOO_MANY_REQUESTS;
    /// The answer took too long.
    RequestTimeout = "request-timeout", "The request took too long", SERVICE_UNAVAILABLE;
    /// The signer does not answer.
    SignerUnavailable = "signer-unavailable", "The signer does not answer", SERVICE_UNAVAILABLE;
    /// The node does not answer.
    ChainUnavailable = "chain-unavailable", "The chain's node does not answer", SERVICE_UNAVAILABLE;
    /// PostgreSQL or Redis does not answer.
    StorageUnavailable = "storage-unavailable", "The storage does not answer", SERVICE_UNAVAILABLE;
    /// Nothing of the contract's history has been booked yet.
    BooksNotReady = "books-not-ready", "The books are not open yet", SERVICE_UNAVAILABLE;
    /// A fault of ours.
    Internal = "internal", "Something went wrong here", INTERNAL_SERVER_ERROR;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_share_a_name() {
        let mut slugs: Vec<&str> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Kind::ALL.len());
    }

    #[test]
    fn every_kind_is_an_error() {
        for kind in Kind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind:?}");
        }
    }
}
