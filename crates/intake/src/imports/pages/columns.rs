//! Pages on which a sender says which of their columns is which of ours (认列), and changes or forgets it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::value::money::MoneyUnit;
use kernel::{Error, Faults};
use sheets::{Mapped, Mapping};
use web::{Frame, Posted, Result, Ui};

use super::{IMPORT, queries, saved};
use crate::imports::model::Mode;
use crate::imports::work::{self, Act, LONG};
use crate::imports::{columns as described, desk};

const UNITS: [MoneyUnit; 3] = [MoneyUnit::Yuan, MoneyUnit::Wan, MoneyUnit::Yi];

#[derive(Template)]
#[template(path = "imports/templates/columns.html")]
struct ColumnsPage {
    cx: Frame,
    title: String,
    what: &'static str,
    /// Where the form goes.
    action: String,
    /// Where its head stands, for an import; nothing for a remembered mapping.
    place: Option<Place>,
    columns: Vec<ColumnRow>,
    /// What is wrong with the whole.
    fault: String,
}

/// Where the head of a worksheet stands.
struct Place {
    import: i64,
    pages: Vec<(String, bool)>,
    row: u32,
}

/// A column of theirs with what may be chosen for it.
struct ColumnRow {
    number: usize,
    letter: String,
    head: String,
    samples: String,
    /// What its head says about the unit.
    stated: String,
    options: Vec<(&'static str, String, bool)>,
    units: Vec<(&'static str, bool)>,
    fault: String,
}

impl ColumnRow {
    fn of(number: usize, template: &sheets::Template, mapped: &Mapped, faults: &Faults) -> Self {
        let option = |column: &sheets::Column| {
            let title = if column.required { format!("{}（必有）", column.head) } else { column.head.to_owned() };
            (column.key, title, column.key == mapped.key)
        };
        Self {
            number,
            letter: String::new(),
            head: mapped.head.clone(),
            samples: String::new(),
            stated: String::new(),
            options: template.columns.iter().map(option).collect(),
            units: UNITS.iter().map(|unit| (unit.label(), mapped.unit == Some(*unit))).collect(),
            fault: faults.at(&mapped.head).unwrap_or_default().to_owned(),
        }
    }
}

/// What was chosen, in the order of the form.
fn chosen(fields: &[(String, String)]) -> Mapping {
    let of = |name: String| fields.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str());
    let heads = (0..).map(|n| (n, of(format!("head_{n}")))).take_while(|(_, head)| !head.is_empty());
    let column = |(n, head): (usize, &str)| Mapped {
        head: head.to_owned(),
        key: of(format!("is_{n}")).to_owned(),
        unit: UNITS.into_iter().find(|unit| unit.label() == of(format!("unit_{n}"))),
    };
    Mapping { columns: heads.map(column).collect() }
}

async fn import_page(ui: &Ui, id: i64, said: Option<(&Mapping, &Faults)>) -> Result<ColumnsPage> {
    let of = |name: &str| ui.query().iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let at = of("page").zip(of("row").and_then(|row| row.parse().ok()));
    let shown = described::columns(ui.store(), ui.actor(), id, at).await?;
    let none = Faults::new();
    let (mapping, faults) = said.unwrap_or((&shown.mapping, &none));
    let row = |(number, theirs): (usize, &sheets::Theirs)| {
        let left = Mapped { head: theirs.head.clone(), key: String::new(), unit: None };
        let mapped = mapping.columns.iter().find(|mapped| mapped.head == theirs.head).unwrap_or(&left);
        ColumnRow {
            letter: theirs.letter.clone(),
            samples: theirs.samples.join("、"),
            stated: theirs.unit.label().to_owned(),
            ..ColumnRow::of(number, &shown.template, mapped, faults)
        }
    };
    let chosen = |page: &String| (page.clone(), *page == shown.foreign.page);
    Ok(ColumnsPage {
        cx: ui.frame(&ui.read().await?).await?,
        title: shown.import.file_name.clone(),
        what: shown.import.what.label(),
        action: format!("/imports/{id}/columns"),
        place: Some(Place { import: id, pages: shown.pages.iter().map(chosen).collect(), row: shown.foreign.row }),
        columns: shown.foreign.columns.iter().enumerate().map(row).collect(),
        fault: faults.at("columns").unwrap_or_default().to_owned(),
    })
}

pub(in crate::imports) async fn columns(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    ui.page(&import_page(&ui, id, None).await?)
}

pub(in crate::imports) async fn describe(
    ui: Ui,
    Path(id): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::find(&ui.read().await?, &ui.scope(IMPORT), number).await?;
    let mapping = chosen(&fields);
    match described::describe(ui.store(), ui.actor(), &import, &mapping).await {
        Ok(()) => {
            if import.size > LONG {
                ui.write(async |tx| work::ask(tx, import.id, Act::Check, (Mode::Whole, "")).await).await?;
            }
            ui.done(&format!("/imports/{id}"), "已记住，下次同样的表头自动照此读取").await
        }
        Err(Error::Invalid(faults)) => ui.refused(&import_page(&ui, number, Some((&mapping, &faults))).await?),
        Err(other) => Err(other.into()),
    }
}

async fn mapping_page(ui: &Ui, id: i64, said: Option<(&Mapping, &Faults)>) -> Result<ColumnsPage> {
    let read = ui.read().await?;
    let held = saved::get(&read, ui.actor(), id).await?;
    let template = desk::template_for(&read, ui.actor(), held.what).await?;
    let (stored, none) = (Mapping::of_toml(&held.columns)?, Faults::new());
    let (mapping, faults) = said.unwrap_or((&stored, &none));
    let columns = mapping.columns.iter().enumerate();
    Ok(ColumnsPage {
        cx: ui.frame(&read).await?,
        title: held.file_name.clone(),
        what: held.what.label(),
        action: format!("/imports/mappings/{id}"),
        place: None,
        columns: columns.map(|(number, mapped)| ColumnRow::of(number, &template, mapped, faults)).collect(),
        fault: faults.at("columns").unwrap_or_default().to_owned(),
    })
}

pub(in crate::imports) async fn mapping(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    ui.page(&mapping_page(&ui, id, None).await?)
}

pub(in crate::imports) async fn remap(
    ui: Ui,
    Path(id): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let held = saved::get(&ui.read().await?, ui.actor(), id).await?;
    // The heads are those that were remembered; only what they are can be changed.
    let said = chosen(&fields);
    let mut mapping = Mapping::of_toml(&held.columns)?;
    for mapped in &mut mapping.columns {
        if let Some(new) = said.columns.iter().find(|new| new.head == mapped.head) {
            *mapped = new.clone();
        }
    }
    match described::redescribe(ui.store(), ui.actor(), &held, &mapping).await {
        Ok(()) => ui.done("/imports", "认列已修改，从下次上传起照此读取").await,
        Err(Error::Invalid(faults)) => ui.refused(&mapping_page(&ui, id, Some((&mapping, &faults))).await?),
        Err(other) => Err(other.into()),
    }
}

pub(in crate::imports) async fn forget(
    ui: Ui,
    Path(id): Path<String>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    ui.write(async |tx| saved::forget(tx, id).await).await?;
    ui.done("/imports", "已忘记；再上传同样的表时请重新认列").await
}
