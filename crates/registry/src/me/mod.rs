//! One's own account (我的账号): password, second factor, sessions, tokens, who stands in while one is away.
//!
//! Owns the pages under `/me` and no table. Whatever is done here is done to the account signed in with, never to
//! another's.

mod pages;
mod tokens;

use kernel::module::Module;
use web::{Need, Routes, Slice};

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module::new("me", "我的账号")
}

/// The slice with its routes; the page head leads there.
pub fn slice() -> Slice {
    let own = Need::SignedIn;
    let routes = Routes::new()
        .get("/me", own, pages::show)
        .post("/me/password", own, pages::change_password)
        .post("/me/sessions/end", own, pages::end_sessions)
        .get("/me/second-factor", own, pages::second_factor)
        .post("/me/second-factor", own, pages::bind)
        .post("/me/second-factor/off", own, pages::unbind)
        .post("/me/substitutes", own, pages::substitute)
        .post("/me/substitutes/end", own, pages::end_substitute)
        .get("/me/tokens", own, tokens::list)
        .post("/me/tokens", own, tokens::make)
        .post("/me/tokens/revoke", own, tokens::revoke);
    Slice { module: module(), routes, menu: &[], api: None }
}
