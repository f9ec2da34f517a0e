//! Changing the seat one acts from, and looking through somebody else's eyes.
//!
//! A security administrator who views as somebody sees what that person sees and can do nothing meanwhile;
//! beginning and end are written down. Administrators are not viewed as: their duties stay apart.

use axum::response::Response;
use kernel::Error;
use kernel::access::{Duty, Permission, duty, find_person, note};
use kernel::audit::Verb;
use kernel::id::AccountId;
use kernel::value::text::too_long;
use serde::Deserialize;

use crate::error::Result;
use crate::routes::{Need, Routes};
use crate::session::{ACCOUNT, SEAT, VIEWED};
use crate::ui::{Posted, Ui};

/// Asking who can see what, and viewing as somebody.
pub(crate) const VIEW: Permission = Permission("roles.explain");
/// The one thing that is done while viewing as somebody.
pub(crate) const END_VIEW: &str = "/view-as/end";

pub(crate) fn routes() -> Routes {
    Routes::new().post("/seat", Need::SignedIn, take).post("/view-as", Need::May(VIEW), view).post(
        END_VIEW,
        Need::SignedIn,
        end_view,
    )
}

fn kept(error: tower_sessions::session::Error) -> Error {
    Error::Unavailable(format!("会话暂时无法保存（{error}）"))
}

#[derive(Deserialize)]
struct Chosen {
    seat: String,
}

async fn take(ui: Ui, Posted(chosen): Posted<Chosen>) -> Result<Response> {
    let held = ui.person().is_some_and(|p| p.seats.iter().any(|seat| seat.key == chosen.seat));
    let session = ui.session().filter(|_| held).ok_or(Error::NotFound)?;
    session.insert(SEAT, chosen.seat).await.map_err(kept)?;
    ui.done("/", "已切换身份").await
}

#[derive(Deserialize)]
struct Viewed {
    account: i64,
    #[serde(default)]
    seat: String,
    #[serde(default)]
    purpose: String,
}

async fn view(ui: Ui, Posted(viewed): Posted<Viewed>) -> Result<Response> {
    let purpose = viewed.purpose.trim();
    if purpose.is_empty() {
        return Err(Error::invalid("purpose", "请写明以他人身份查看的目的，例如核对某人反映看不到某企业").into());
    }
    if let Some(said) = too_long(purpose) {
        return Err(Error::invalid("purpose", said).into());
    }
    let read = ui.read().await?;
    let person = find_person(&read, AccountId(viewed.account), &viewed.seat).await?;
    drop(read);
    let is_business = |seat: &kernel::access::Seat| matches!(duty::of_role(&seat.role), Ok(Duty::Business));
    if person.seats.is_empty() || !person.seats.iter().all(is_business) {
        return Err(Error::Conflict("管理员账号和没有任职的账号不能以其身份查看".into()).into());
    }
    let session = ui.session().ok_or(Error::NotFound)?;
    let about = format!("{}（{}）", person.account.name, person.account.login);
    ui.write(async |tx| note(tx, Verb::VIEW_BEGUN, &about, purpose).await).await?;
    session.insert(VIEWED, (viewed.account, viewed.seat)).await.map_err(kept)?;
    ui.done("/", "正在以他人身份查看，只能看，不能办理").await
}

#[derive(Deserialize)]
struct Nothing {}

async fn end_view(ui: Ui, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let session = ui.session().ok_or(Error::NotFound)?;
    let own = session.get::<i64>(ACCOUNT).await.map_err(kept)?.ok_or(Error::NotFound)?;
    if session.remove::<(i64, String)>(VIEWED).await.map_err(kept)?.is_some() {
        // Whose eyes were looked through stands in the visit; who looked is whom the session belongs to.
        let viewer = find_person(&ui.store().read().await?, AccountId(own), "").await?.actor();
        let about = format!("{}（{}）", ui.actor().name, ui.login());
        ui.store().write(&viewer, async |tx| note(tx, Verb::VIEW_ENDED, &about, "").await).await?;
    }
    ui.done("/", "已退出查看").await
}
