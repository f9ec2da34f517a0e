//! Signing in through another platform (统一身份) by OpenID Connect: authorization code with PKCE, state and nonce.
//!
//! The provider says who somebody is; what they may do here is their account's memberships, as always. An identity of the
//! provider lets nobody in by itself: its owner binds it once, signed in with the own password. A second factor that the
//! city asks for is asked for all the same. Nothing of the provider's tokens is kept.

mod http;
mod pages;
mod provider;
mod token;

pub use provider::{Oidc, Secret};

pub(crate) use pages::routes;
