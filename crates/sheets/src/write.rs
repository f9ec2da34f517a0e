//! Writing a template: heads with their unit, drop-downs, notes, locked heads, prefilled rows, and a hidden
//! page that remembers what was held.

use std::collections::BTreeMap;

use kernel::value::money::MoneyUnit;
use kernel::{Error, Result};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, Format, FormatAlign, FormatBorder, Formula, Note, ProtectionOptions,
    Workbook, Worksheet, XlsxError,
};

use crate::book::a1;
use crate::cell::Value;
use crate::head::{HELD, KEYS, LISTS};
use crate::template::{Column, Kind, Template};

/// Rows after the prefilled ones that offer drop-downs.
const EMPTY_ROWS: u32 = 2000;
/// Row of the head, from 0: below title and note.
const HEAD: u32 = 2;
/// Inline lists of a validation may have this many characters.
const INLINE: usize = 250;

/// A row to prefill.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Stable key, by which the row is known when it comes back.
    pub key: String,
    /// Values by column key.
    pub values: BTreeMap<&'static str, Value>,
}

/// Where and when a workbook is written.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Shown above the table, such as the city and unit.
    pub owner: String,
    /// The day and position, as shown.
    pub at: String,
}

/// Writes a template with its prefilled rows as `.xlsx`.
///
/// # Errors
/// [`Error::Internal`] when the workbook cannot be made.
pub fn write(template: &Template, rows: &[Filled], issued: &Issued) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let made = |error: XlsxError| Error::Internal(error.to_string());
    let mut lists = Worksheet::new();
    lists.set_name(LISTS).map_err(made)?;
    // Row after row goes to a file without a name: a register has a hundred thousand of them.
    let mut sheet = book.new_worksheet_with_constant_memory().map_err(made)?;
    sheet.set_name(template.label).map_err(made)?;
    heads(&mut sheet, template, issued).map_err(made)?;
    let last = HEAD + u32::try_from(rows.len()).unwrap_or(0) + EMPTY_ROWS;
    for (index, column) in template.columns.iter().enumerate() {
        choices(&mut sheet, &mut lists, column, index, last).map_err(made)?;
    }
    prefill(&mut sheet, template, rows).map_err(made)?;
    let options = ProtectionOptions {
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        delete_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::default()
    };
    sheet.protect_with_options(&options);
    book.push_worksheet(sheet);
    lists.set_hidden(true);
    book.push_worksheet(lists);
    let page = book.new_worksheet_with_constant_memory().map_err(made)?;
    book.push_worksheet(held(page, template, rows, issued).map_err(made)?);
    book.save_to_buffer().map_err(made)
}

fn heads(sheet: &mut Worksheet, template: &Template, issued: &Issued) -> std::result::Result<(), XlsxError> {
    let title = Format::new().set_bold().set_font_size(14);
    let quiet = Format::new().set_font_color(Color::RGB(0x5F_67_70)).set_text_wrap().set_align(FormatAlign::Top);
    let head = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0xE7_EE_F7))
        .set_border(FormatBorder::Thin)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    let needed = head.clone().set_font_color(Color::RGB(0xB4_23_18));
    sheet.write_with_format(0, 1, format!("{}　{}", template.label, issued.owner), &title)?;
    let note = format!("{}红色表头必填。本表由平台生成于 {}，隐藏的行标识请勿改动。", template.note, issued.at);
    match u16::try_from(template.columns.len()).unwrap_or(1).min(8) {
        0 | 1 => sheet.write_with_format(1, 1, note, &quiet)?,
        end => sheet.merge_range(1, 1, 1, end, &note, &quiet)?,
    };
    sheet.set_row_height(1, 32)?;
    sheet.set_row_height(HEAD, 30)?;
    sheet.write_with_format(HEAD, 0, KEYS, &head)?;
    sheet.set_column_hidden(0)?;
    for (col, column) in (1_u16..).zip(&template.columns) {
        sheet.set_column_width(col, width(column))?;
        sheet.set_column_format(col, &open_cell(&column.kind))?;
        sheet.write_with_format(HEAD, col, column.title(), if column.required { &needed } else { &head })?;
        if !column.note.is_empty() {
            sheet.insert_note(HEAD, col, &Note::new(column.note).set_author("企枢").add_author_prefix(false))?;
        }
    }
    sheet.set_freeze_panes(HEAD + 1, 2)?;
    Ok(())
}

fn width(column: &Column) -> u16 {
    match column.kind {
        Kind::CreditCode => 22,
        Kind::Text if matches!(column.key, "name" | "address" | "source" | "title") => 28,
        Kind::Choice(_) => 20,
        _ => 15,
    }
}

/// The look of a cell that may be filled in.
fn open_cell(kind: &Kind) -> Format {
    let open = Format::new().set_unlocked();
    match kind {
        Kind::Day => open.set_num_format("yyyy-mm-dd"),
        Kind::Money(_) => open.set_num_format("#,##0.######"),
        Kind::Count => open.set_num_format("#,##0"),
        Kind::Year => open.set_num_format("0"),
        // As text, or the program would turn a code into a number and lose its last digits.
        _ => open.set_num_format("@"),
    }
}

fn choices(
    sheet: &mut Worksheet,
    lists: &mut Worksheet,
    column: &Column,
    index: usize,
    last: u32,
) -> std::result::Result<(), XlsxError> {
    let labels: Vec<String> = match &column.kind {
        Kind::Choice(choices) => choices.iter().map(|c| c.label.clone()).collect(),
        Kind::YesNo => vec!["是".into(), "否".into()],
        Kind::Count => {
            let rule = DataValidation::new()
                .allow_whole_number(DataValidationRule::GreaterThanOrEqualTo(0))
                .set_error_title("不是整数")?
                .set_error_message("请填写不小于 0 的整数")?;
            return validate(sheet, index, last, &rule);
        }
        _ => return Ok(()),
    };
    let short = labels.iter().map(|l| l.chars().count() + 1).sum::<usize>() <= INLINE
        && !labels.iter().any(|l| l.contains(','));
    let rule = if short {
        DataValidation::new().allow_list_strings(&labels)?
    } else {
        let col = u16::try_from(index).unwrap_or(0);
        for (row, label) in (0_u32..).zip(&labels) {
            lists.write_string(row, col, label)?;
        }
        let letters = a1(col, 1);
        let letters = letters.trim_end_matches('1');
        let range = format!("={LISTS}!${letters}$1:${letters}${}", labels.len().max(1));
        DataValidation::new().allow_list_formula(Formula::new(range))
    };
    let rule = rule.set_error_title("不在列表中")?.set_error_message("请从下拉列表中选择")?;
    validate(sheet, index, last, &rule)
}

fn validate(
    sheet: &mut Worksheet,
    index: usize,
    last: u32,
    rule: &DataValidation,
) -> std::result::Result<(), XlsxError> {
    let col = u16::try_from(index + 1).unwrap_or(0);
    sheet.add_data_validation(HEAD + 1, col, last, col, rule)?;
    Ok(())
}

fn prefill(sheet: &mut Worksheet, template: &Template, rows: &[Filled]) -> std::result::Result<(), XlsxError> {
    for (row, filled) in (HEAD + 1..).zip(rows) {
        sheet.write_string(row, 0, &filled.key)?;
        for (col, column) in (1_u16..).zip(&template.columns) {
            let Some(value) = filled.values.get(column.key) else { continue };
            cell(sheet, (row, col), &column.kind, value, &open_cell(&column.kind))?;
        }
    }
    Ok(())
}

fn cell(
    sheet: &mut Worksheet,
    (row, col): (u32, u16),
    kind: &Kind,
    value: &Value,
    look: &Format,
) -> std::result::Result<(), XlsxError> {
    let text = match (value, kind) {
        (Value::Day(day), _) => {
            sheet.write_with_format(row, col, day, look)?;
            return Ok(());
        }
        (Value::Money(fen), Kind::Money(MoneyUnit::Yuan)) => fen.yuan().replace(',', ""),
        (Value::Money(fen), _) => fen.exact_wan().replace(',', ""),
        (Value::Count(number), _) => number.to_string(),
        (Value::Flag(flag), _) => if *flag { "是" } else { "否" }.to_owned(),
        (Value::Text(code), Kind::Choice(choices)) => {
            choices.iter().find(|c| c.code == *code).map_or_else(|| code.clone(), |c| c.label.clone())
        }
        (Value::Text(text), _) => text.clone(),
    };
    let is_number = matches!(value, Value::Money(_) | Value::Count(_)) && text.len() <= DIGITS;
    match binary(&text) {
        Ok(number) if is_number => sheet.write_number_with_format(row, col, number, look)?,
        _ => sheet.write_string_with_format(row, col, &text, look)?,
    };
    Ok(())
}

/// Digits of a number that a worksheet, which keeps it in binary, gives back exactly.
pub(crate) const DIGITS: usize = 15;

/// A number as a worksheet keeps it.
pub(crate) fn binary(text: &str) -> std::result::Result<f64, std::num::ParseFloatError> {
    text.parse()
}

fn held(
    mut sheet: Worksheet,
    template: &Template,
    rows: &[Filled],
    issued: &Issued,
) -> std::result::Result<Worksheet, XlsxError> {
    sheet.set_name(HELD)?;
    for (col, text) in (0_u16..).zip(["qishu", template.code, &template.version.to_string(), &issued.at]) {
        sheet.write_string(0, col, text)?;
    }
    sheet.write_string(1, 0, "key")?;
    for (col, column) in (1_u16..).zip(&template.columns) {
        sheet.write_string(1, col, column.key)?;
    }
    for (row, filled) in (2_u32..).zip(rows) {
        sheet.write_string(row, 0, &filled.key)?;
        for (col, column) in (1_u16..).zip(&template.columns) {
            if let Some(value) = filled.values.get(column.key) {
                sheet.write_string(row, col, value.typed())?;
            }
        }
    }
    sheet.set_very_hidden(true);
    Ok(sheet)
}
