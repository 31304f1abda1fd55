//! Who is calling, as the access token says. The roles come from the configuration of this process, not from the
//! token, so that a role that was taken away is gone at once.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use banyan_types::Address;

use crate::problem::{Kind, Problem};
use crate::role::Role;
use crate::state::App;

/// A signed-in wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The wallet that signed in.
    pub wallet: Address,
    /// What it may do.
    pub roles: Vec<Role>,
}

/// What the request says about its caller.
#[derive(Clone, Debug)]
pub enum Identity {
    /// It says nothing.
    Anonymous,
    /// A valid access token.
    Known(Caller),
    /// A token that is not valid, and why.
    Refused(&'static str),
}

/// Reads the access token and leaves an [`Identity`] for the layers and handlers below.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let identity = match request.headers().get(AUTHORIZATION) {
        None => Identity::Anonymous,
        Some(value) => read(&app, value.to_str().unwrap_or_default()),
    };
    request.extensions_mut().insert(identity);
    next.run(request).await
}

fn read(app: &App, authorization: &str) -> Identity {
    let Some((scheme, token)) = authorization.split_once(' ') else {
        return Identity::Refused("expected the header `Authorization: Bearer <access token>`");
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Identity::Refused("expected the scheme Bearer in the header Authorization");
    }
    match app.session_keys.verify(token.trim()) {
        Ok(wallet) => Identity::Known(Caller { wallet, roles: app.operators.roles(wallet) }),
        Err(reason) => Identity::Refused(reason),
    }
}

impl Caller {
    /// Whether the caller has one of `roles`.
    pub fn has(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Lets only callers with one of `roles` pass.
    pub fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        if self.has(roles) {
            return Ok(());
        }
        let names = |roles: &[Role]| roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
        Err(Problem::new(
            Kind::Forbidden,
            format!(
                "expected one of the roles {}, got {}: ask an operator to give {} the role in [operators]",
                names(roles),
                names(&self.roles),
                self.wallet
            ),
        ))
    }

    /// How logs and records name the caller.
    pub fn name(&self) -> String {
        self.wallet.to_string()
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Caller, Problem> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Known(caller)) => Ok(caller.clone()),
            Some(Identity::Refused(reason)) => Err(Problem::new(
                Kind::Unauthenticated,
                format!(
                    "{reason}: use POST /v1/auth/refresh, or sign in with POST /v1/auth/nonce and /v1/auth/wallet"
                ),
            )),
            Some(Identity::Anonymous) | None => Err(Problem::new(
                Kind::Unauthenticated,
                "expected an access token, got none: sign in with POST /v1/auth/nonce and /v1/auth/wallet",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lacks_a_role_is_told_which_would_do() {
        let caller = Caller { wallet: Address::ZERO, roles: vec![Role::Participant] };
        assert!(caller.require(&[Role::Participant]).is_ok());
        let problem = caller.require(Role::PAYERS).unwrap_err();
        assert_eq!(problem.kind(), Kind::Forbidden);
        assert!(format!("{problem:?}").contains("operator, finance"));
    }
}
