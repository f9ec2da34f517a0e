//! Merging a duplicate into the organisation that stays, with a preview; and taking it back.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::OrgId;
use kernel::org::{self, ATTRIBUTES, Assertion, Organisation, Unit, kind_label};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::model::{MergeForm, UnmergeForm};
use super::super::{EDIT, READ, actions, queries, rules};
use super::{org_id, unit_name};

#[derive(Template)]
#[template(path = "orgs/templates/merge.html")]
struct MergePage {
    cx: Frame,
    duplicate: Side,
    /// The one it was merged into already.
    merged_into: Option<Side>,
    preview: Option<Preview>,
    form: MergeForm,
    faults: Faults,
}

impl MergePage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

/// One of the two bodies.
struct Side {
    id: OrgId,
    name: String,
    code: String,
}

impl Side {
    fn of(org: &Organisation) -> Self {
        Self { id: org.id, name: org.name.clone(), code: org.code().to_owned() }
    }
}

/// What a merge would do.
struct Preview {
    into: Side,
    rows: Vec<SideRow>,
    facts: usize,
    doubts: Vec<&'static str>,
}

/// One line of the comparison.
struct SideRow {
    label: &'static str,
    duplicate: String,
    into: String,
    differs: bool,
}

pub(in crate::orgs) async fn preview(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let into = ui.query().iter().find(|(n, _)| n == "into").map(|(_, v)| v.clone()).unwrap_or_default();
    let form = MergeForm { into, ..MergeForm::default() };
    let page = page(&ui, org_id(&id)?, form, Faults::new()).await?;
    if page.faults.0.is_empty() { ui.page(&page) } else { ui.refused(&page) }
}

pub(in crate::orgs) async fn merge(
    ui: Ui,
    Path(id): Path<String>,
    Posted(form): Posted<MergeForm>,
) -> Result<Response> {
    let id = org_id(&id)?;
    match ui.write(async |tx| actions::merge(tx, id, &form).await).await {
        Ok(into) => ui.done(&format!("/orgs/{into}"), "已合并，事实已改记到本档案；需要时可在原档案撤销").await,
        Err(Error::Invalid(faults)) => {
            let page = page(&ui, id, form, faults).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

pub(in crate::orgs) async fn unmerge(
    ui: Ui,
    Path(id): Path<String>,
    Posted(form): Posted<UnmergeForm>,
) -> Result<Response> {
    let id = org_id(&id)?;
    match ui.write(async |tx| actions::unmerge(tx, id, &form).await).await {
        Ok(()) => ui.done(&format!("/orgs/{id}"), "合并已撤销").await,
        Err(Error::Invalid(faults)) => {
            let form = MergeForm { reason: form.reason, ..MergeForm::default() };
            let page = page(&ui, id, form, faults).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(ui: &Ui, id: OrgId, form: MergeForm, mut faults: Faults) -> Result<MergePage> {
    let read = ui.read().await?;
    let scope = ui.scope(EDIT);
    let duplicate = queries::find(&read, &scope, id).await?;
    let merged_into = match duplicate.merged_into {
        Some(into) => Some(survivor(ui, &read, into).await?),
        None => None,
    };
    let mut shown = None;
    if merged_into.is_none() && !form.into.trim().is_empty() {
        match actions::survivor(&read, &scope, &form.into).await {
            Ok(into) if into.id == id => faults.add("into", "这是同一份档案，请填写另一份档案的代码"),
            Ok(into) if into.merged_into.is_some() => {
                faults.add("into", "这份档案自己已并入其他档案，请填写最后保留的档案")
            }
            Ok(into) => shown = Some(compare(ui, &read, &duplicate, &into).await?),
            Err(Error::Invalid(_)) if faults.at("into").is_some() => {}
            Err(Error::Invalid(found)) => faults.0.extend(found.0),
            Err(other) => return Err(other.into()),
        }
    }
    let cx = ui.frame(&read).await?;
    Ok(MergePage { cx, duplicate: Side::of(&duplicate), merged_into, preview: shown, form, faults })
}

/// Where a merged organisation went; nameless when the reader may not see it.
async fn survivor(ui: &Ui, read: &Read, into: OrgId) -> kernel::Result<Side> {
    match queries::find(read, &ui.scope(READ), into).await {
        Ok(org) => Ok(Side::of(&org)),
        Err(Error::NotFound) => Ok(Side { id: into, name: String::new(), code: String::new() }),
        Err(other) => Err(other),
    }
}

async fn compare(ui: &Ui, read: &Read, duplicate: &Organisation, into: &Organisation) -> kernel::Result<Preview> {
    let (left, right) = (org::history(read, duplicate.id, None).await?, org::history(read, into.id, None).await?);
    let units = org::units(read).await?;
    let mut rows = vec![
        side_row("主体类型", kind_label(&duplicate.kind).to_owned(), kind_label(&into.kind).to_owned()),
        side_row("统一社会信用代码", code(&duplicate.credit_code), code(&into.credit_code)),
        side_row("本地编号", code(&duplicate.local_code), code(&into.local_code)),
    ];
    let today = read.today();
    let shown = |history: &[Assertion], attribute: &str| displayed(history, attribute, today, &units);
    rows.extend(ATTRIBUTES.iter().map(|a| side_row(a.label, shown(&left, a.code), shown(&right, a.code))));
    rows.retain(|row| !row.duplicate.is_empty() || !row.into.is_empty());
    Ok(Preview {
        into: Side::of(into),
        rows,
        facts: queries::movable(read, &ui.scope(EDIT), duplicate.id).await?,
        doubts: rules::doubts(duplicate, into),
    })
}

fn code(code: &Option<String>) -> String {
    code.clone().unwrap_or_default()
}

fn displayed(history: &[Assertion], attribute: &str, today: Day, units: &[Unit]) -> String {
    let value = org::value_on(history, attribute, today);
    value.map(|a| org::display(attribute, &a.value, |id| unit_name(units, id))).unwrap_or_default()
}

fn side_row(label: &'static str, duplicate: String, into: String) -> SideRow {
    SideRow { label, differs: duplicate != into, duplicate, into }
}
