//! What a typed form or filter means, or which field is at fault. Pure.

use std::fmt::Display;

use kernel::access::Scope;
use kernel::id::{OrgId, UnitId};
use kernel::org::{self, ATTRIBUTES, KINDS, NewOrg, Organisation, YearFigures};
use kernel::value::credit_code::CreditCode;
use kernel::value::day::{Day, parse_day};
use kernel::value::industry::{self, Level};
use kernel::value::money::{Fen, MoneyUnit};
use kernel::value::region;
use kernel::value::text::{LONGEST, compact};
use kernel::{Error, Faults, Result};

use super::model::{Change, ChangeForm, Check, Control, RegisterForm, YearForm};

/// Longest name.
const LONGEST_NAME: usize = org::LONGEST_NAME;

/// Which contradiction an address asks for, and after which organisation.
///
/// # Errors
/// [`Error::Invalid`] for something else.
pub(super) fn check(pairs: &[(String, String)]) -> Result<(Check, Option<OrgId>)> {
    let asked = |name: &str| pairs.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str());
    let check = match asked("check") {
        None | Some("size") => Check::Size,
        Some("above_scale") => Check::AboveScale,
        Some(other) => return Err(Error::invalid("check", format!("没有“{other}”这项核对"))),
    };
    let after = asked("after").map(|v| v.parse::<OrgId>()).transpose();
    let after = after.map_err(|_| Error::invalid("after", "翻页位置应为编号，请从第一页重新开始"))?;
    Ok((check, after))
}

/// The first and last credit code that begin with what was typed, if it looks like the beginning of one:
/// six to eighteen letters and digits, with digits where the division code of GB/T 2260 stands.
pub(super) fn code_range(typed: &str) -> Option<(String, String)> {
    let code = compact(typed).to_uppercase();
    let of_division = |(i, b): (usize, u8)| !(2..8).contains(&i) || b.is_ascii_digit();
    let fits = (6..=18).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
        && code.bytes().enumerate().all(of_division);
    // Z is above every character of GB 32100, in the order of bytes and of words alike.
    fits.then(|| (code.clone(), format!("{code:Z<18}")))
}

/// A code as it is stored: a credit code in its regular form, any other without spaces.
pub fn code(typed: &str) -> String {
    CreditCode::parse(typed).map_or_else(|_| compact(typed), |parsed| parsed.code.to_string())
}

/// Whether rows of a unit may be written within a scope.
pub fn holds_unit(scope: &Scope, unit: UnitId) -> bool {
    scope.holds(unit)
}

/// How an attribute is typed; `None` for what is computed and for what is no attribute.
pub(super) fn control(attribute: &str) -> Option<Control> {
    match attribute {
        "size" => None,
        "status" => Some(Control::Status),
        "founded_on" => Some(Control::Day),
        "capital_fen" => Some(Control::Money),
        "region" => Some(Control::Region),
        "unit" => Some(Control::Unit),
        "industry" => Some(Control::Industry),
        "declared_size" => Some(Control::Size),
        "above_scale" => Some(Control::YesNo),
        other => ATTRIBUTES.iter().any(|a| a.code == other).then_some(Control::Text),
    }
}

/// What to register, from the form.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field; the field `warned` says that the credit code
/// fails its inner check and waits to be sent again.
pub fn new_org(form: &RegisterForm, scope: &Scope, today: Day) -> Result<NewOrg> {
    let mut faults = Faults::new();
    if !KINDS.iter().any(|(code, _)| *code == form.kind) {
        faults.add("kind", "请选择主体类型");
    }
    let credit_code = credit_code(form, &mut faults);
    let since = day(&form.since, "since", today, &mut faults);
    let attributes = attributes(form, scope, today, &mut faults);
    if !attributes.iter().any(|(code, _)| code == "name") && faults.at("name").is_none() {
        faults.add("name", "请填写名称");
    }
    if compact(&form.unit).is_empty() && *scope != Scope::All {
        faults.add("unit", "请选择填报单元");
    }
    let source = text(&form.source, "source", "请写明依据或来源，例如 营业执照", &mut faults);
    let local_code = Some(compact(&form.local_code)).filter(|code| !code.is_empty());
    faults.or(NewOrg {
        kind: form.kind.clone(),
        credit_code,
        local_code,
        since: since.unwrap_or(today),
        attributes,
        source,
    })
}

fn credit_code(form: &RegisterForm, faults: &mut Faults) -> Option<String> {
    if compact(&form.credit_code).is_empty() {
        if compact(&form.local_code).is_empty() {
            faults.add("credit_code", "请填写统一社会信用代码；没有的填本地编号");
        }
        return None;
    }
    match CreditCode::parse(&form.credit_code) {
        Ok(parsed) => {
            let read_already = code(&form.warned) == parsed.code.as_str();
            if let Some(warning) = parsed.warning.filter(|_| !read_already) {
                faults.add("warned", warning);
            }
            Some(parsed.code.to_string())
        }
        Err(error) => {
            faults.add("credit_code", error.to_string());
            None
        }
    }
}

fn attributes(form: &RegisterForm, scope: &Scope, today: Day, faults: &mut Faults) -> Vec<(String, String)> {
    let typed = [
        ("name", "name", &form.name),
        ("status", "status", &form.status),
        ("founded_on", "founded_on", &form.founded_on),
        ("capital_fen", "capital", &form.capital),
        ("address", "address", &form.address),
        ("region", "region", &form.region),
        ("unit", "unit", &form.unit),
        ("industry", "industry", &form.industry),
        ("above_scale", "above_scale", &form.above_scale),
    ];
    let mut stored = Vec::new();
    for (attribute, field, raw) in typed.into_iter().filter(|(_, _, raw)| !compact(raw).is_empty()) {
        match value(attribute, raw, scope, today) {
            Ok(value) => stored.push((attribute.to_owned(), value)),
            Err(message) => faults.add(field, message),
        }
    }
    stored
}

/// The change that a form asks for.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub fn change(form: &ChangeForm, scope: &Scope, today: Day) -> Result<Change> {
    let mut faults = Faults::new();
    let attribute = form.attribute.clone();
    if control(&attribute).is_none() {
        let message = if attribute == "size" {
            "划型由年度数据计算，请登记年度数据"
        } else {
            "请选择要变更的属性"
        };
        return Err(Error::invalid("attribute", message));
    }
    let value = value(&attribute, &form.value, scope, today).unwrap_or_else(|message| {
        faults.add("value", message);
        String::new()
    });
    let from = day(&form.valid_from, "valid_from", today, &mut faults);
    let to = match compact(&form.valid_to).is_empty() {
        true => None,
        // An end may lie ahead: a mark is valid until its certificate runs out.
        false => day(&form.valid_to, "valid_to", Day::MAX, &mut faults),
    };
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        faults.add("valid_to", "截止日期早于生效日期");
    }
    let source = text(&form.source, "source", "请写明依据或来源，例如 变更登记通知书", &mut faults);
    faults.or(Change { attribute, value, from: from.unwrap_or(today), to, source })
}

/// What is said after a change; `cut_to` is its last day where a later change was on record already.
pub(super) fn changed(cut_to: Option<Day>) -> String {
    match cut_to {
        None => "变更已登记".to_owned(),
        Some(last) => format!(
            "变更已登记，有效到 {last}：次日起另有登记，仍以那次为准。如应一直有效，请再登记一次，生效日期填次日"
        ),
    }
}

/// The figures of a year, from the form.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub fn year(form: &YearForm) -> Result<YearFigures> {
    let mut faults = Faults::new();
    let year = compact(&form.year).trim_end_matches('年').parse().ok().filter(|y| (1949..=9999).contains(y));
    if year.is_none() {
        faults.add("year", "请填四位数的年度，例如 2020");
    }
    let employees = optional(&form.employees, "employees", &mut faults, |raw| {
        let digits = compact(raw).trim_end_matches('人').replace(',', "");
        digits.parse::<i64>().map_err(|_| "从业人员应为整数，单位为人".to_owned())
    });
    let money = |raw: &str| Fen::parse(raw, MoneyUnit::Wan).map(|fen| fen.0).map_err(|e| e.to_string());
    let revenue = optional(&form.revenue, "revenue", &mut faults, money).map(Fen);
    let assets = optional(&form.assets, "assets", &mut faults, money).map(Fen);
    if [&form.employees, &form.revenue, &form.assets].iter().all(|raw| compact(raw).is_empty()) {
        faults.add("employees", "从业人员、营业收入、资产总额至少填一项");
    }
    let source = text(&form.year_source, "year_source", "请写明依据或来源，例如 2020 年年报", &mut faults);
    faults.or(YearFigures { year: year.unwrap_or_default(), employees, revenue, assets, source })
}

/// What makes a merge doubtful although nothing forbids it.
pub(super) fn doubts(duplicate: &Organisation, into: &Organisation) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    if let (Some(a), Some(b)) = (&duplicate.credit_code, &into.credit_code)
        && a != b
    {
        doubts.push("两份档案各有统一社会信用代码且不相同，请确认确是同一主体（例如换证、迁入时重新赋码）");
    }
    if duplicate.kind != into.kind {
        doubts.push("两份档案的主体类型不同");
    }
    if duplicate.unit != into.unit {
        doubts.push("两份档案的填报单元不同，合并后事实改按保留档案在发生当日的单元、行业、规上等情况统计");
    }
    doubts
}

/// A typed value of an attribute in its stored form.
fn value(attribute: &str, typed: &str, scope: &Scope, today: Day) -> std::result::Result<String, String> {
    if compact(typed).is_empty() {
        return Err("请填写新的内容".into());
    }
    match control(attribute) {
        Some(Control::Day) => match parse_day(typed).map_err(said)? {
            day if day > today => Err(format!("{day} 在今天之后，请核对")),
            day => Ok(day.to_string()),
        },
        Some(Control::Money) => match Fen::parse(typed, MoneyUnit::Wan).map_err(said)? {
            Fen(fen) if fen < 0 => Err("金额不能为负数".into()),
            Fen(fen) => Ok(fen.to_string()),
        },
        Some(Control::Industry) => industry_code(typed),
        Some(Control::Region) => region_code(typed),
        Some(Control::Unit) => match compact(typed).parse::<i64>() {
            Ok(unit) if holds_unit(scope, UnitId(unit)) => Ok(unit.to_string()),
            Ok(_) => Err("您只能登记到自己的填报单元；转往其他单元请报市局办理".into()),
            Err(_) => Err("请从列表中选择填报单元".into()),
        },
        _ if attribute == "name" && words(typed).chars().count() > LONGEST_NAME => {
            Err(format!("名称最多 {LONGEST_NAME} 个字"))
        }
        _ if words(typed).chars().count() > LONGEST => Err(format!("最多 {LONGEST} 个字")),
        _ => Ok(words(typed)),
    }
}

/// The code of an industry typed as its code, its name, or both.
fn industry_code(typed: &str) -> std::result::Result<String, String> {
    let wanted = compact(typed);
    let (digits, name) = leading_digits(&wanted);
    if industry::find(digits).is_some_and(|i| i.level > Level::Section && (name.is_empty() || name == compact(i.name)))
    {
        return Ok(digits.to_owned());
    }
    let found: Vec<_> = industry::search(&wanted).into_iter().filter(|i| i.level == Level::Class).collect();
    match found.as_slice() {
        [only] => Ok(only.code.to_owned()),
        [] => Err(format!("“{wanted}”不在 GB/T 4754-2017 中，请填 2 至 4 位代码，例如 3130 钢压延加工")),
        several => {
            let some: Vec<String> = several.iter().take(6).map(|i| format!("{} {}", i.code, i.name)).collect();
            let more = if several.len() > 6 { " 等" } else { "" };
            Err(format!("“{wanted}”可能是：{}{more}，请填代码", some.join("、")))
        }
    }
}

/// The code of a division typed as its code, its name, or both. Codes of other cities are taken by their form.
fn region_code(typed: &str) -> std::result::Result<String, String> {
    let wanted = compact(typed);
    let (digits, name) = leading_digits(&wanted);
    let named_so = name.is_empty() || region::name(digits).is_some_and(|known| compact(known) == name);
    if digits.len() == 6 && !digits.starts_with('0') && named_so {
        return Ok(digits.to_owned());
    }
    let named = region::regions().iter().find(|r| r.name == wanted);
    named.map(|r| r.code.to_owned()).ok_or_else(|| "请填六位行政区划代码，例如 420281 大冶市".into())
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn day(typed: &str, field: &str, last: Day, faults: &mut Faults) -> Option<Day> {
    match parse_day(typed) {
        Ok(day) if day <= last => return Some(day),
        Ok(day) => faults.add(field, format!("{day} 在今天之后，请到时再登记")),
        Err(error) => faults.add(field, error.to_string()),
    }
    None
}

fn text(typed: &str, field: &str, missing: &str, faults: &mut Faults) -> String {
    let text = words(typed);
    if text.is_empty() {
        faults.add(field, missing);
    } else if text.chars().count() > LONGEST {
        faults.add(field, format!("最多 {LONGEST} 个字"));
    }
    text
}

/// A number that may be left out and may not be negative.
fn optional(
    typed: &str,
    field: &str,
    faults: &mut Faults,
    read: impl Fn(&str) -> std::result::Result<i64, String>,
) -> Option<i64> {
    if compact(typed).is_empty() {
        return None;
    }
    match read(typed) {
        Ok(number) if number >= 0 => return Some(number),
        Ok(_) => faults.add(field, "不能为负数"),
        Err(message) => faults.add(field, message),
    }
    None
}

/// A text as its writer meant it: only white space is put right, full-width punctuation stays.
fn words(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn said(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests;
