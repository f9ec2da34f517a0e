//! The one-time link: setting the first password, or a new one after a reset.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::{find_account, find_link, prepare_password, use_link};
use kernel::{Error, Faults};
use serde::Deserialize;

use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::routes::{Need, Routes};
use crate::ui::{Posted, Ui};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/join/{link}", Need::Open, form).post("/join/{link}", Need::Open, join)
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    cx: Frame,
    link: String,
    login: String,
    name: String,
    hint: String,
    faults: Faults,
}

impl JoinPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn page(ui: &Ui, link: String, faults: Faults) -> Result<JoinPage> {
    let read = ui.read().await?;
    let (id, _) = find_link(&read, &link).await.map_err(told)?;
    let account = find_account(&read, id).await?;
    let hint = format!("至少 {} 个字符，可以用一句话或几个不相干的词", ui.store().roles().policy.password_min);
    Ok(JoinPage { cx: ui.frame(&read).await?, link, login: account.login, name: account.name, hint, faults })
}

/// An old link says what to do; whether it ever was one it does not say.
fn told(error: Error) -> Failure {
    match error {
        Error::NotFound => Failure::from(Error::Conflict("链接已用过、已过期或不完整，请向发给您的人再要一个".into())),
        other => other.into(),
    }
}

async fn form(ui: Ui, Path(link): Path<String>) -> Result<Response> {
    ui.page(&page(&ui, link, Faults::new()).await?)
}

#[derive(Deserialize)]
struct Typed {
    password: String,
    again: String,
}

async fn join(ui: Ui, Path(link): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response> {
    let read = ui.read().await?;
    let (id, _) = find_link(&read, &link).await.map_err(told)?;
    let prepared = match typed.password == typed.again {
        true => prepare_password(&read, id, &typed.password).await,
        false => Err(Error::invalid("again", "两次输入的口令不一样，请重新输入")),
    };
    drop(read);
    match prepared {
        Ok(new) => {
            ui.write(async |tx| use_link(tx, &link, new).await).await.map_err(told)?;
            ui.done("/sign-in", "口令已设置，请登录").await
        }
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, link, faults).await?),
        Err(other) => Err(other.into()),
    }
}
