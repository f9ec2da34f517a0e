//! From a cell to a value: tolerant of how people type, and honest about every repair.

use chrono::{Days, NaiveTime};
use kernel::value::credit_code::CreditCode;
use kernel::value::day::{Day, parse_day};
use kernel::value::money::{Fen, MoneyUnit};
use kernel::value::text::{compact, normalise};

use crate::book::Cell;
use crate::template::{Choice, Kind};

/// What a cell means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words, a code, or the code of a choice.
    Text(String),
    /// A day.
    Day(Day),
    /// A whole number, also a year.
    Count(i64),
    /// Money.
    Money(Fen),
    /// Yes or no.
    Flag(bool),
}

impl Value {
    /// The value as the field of a form takes it, and as it is compared.
    pub fn typed(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Day(day) => day.to_string(),
            Self::Count(number) => number.to_string(),
            Self::Money(fen) => format!("{}万元", fen.exact_wan()),
            Self::Flag(flag) => if *flag { "1" } else { "0" }.to_owned(),
        }
    }

    /// The day, if it is one.
    pub fn day(&self) -> Option<Day> {
        if let Self::Day(day) = self { Some(*day) } else { None }
    }

    /// The number, if it is one.
    pub fn count(&self) -> Option<i64> {
        if let Self::Count(count) = self { Some(*count) } else { None }
    }

    /// The amount, if it is one.
    pub fn money(&self) -> Option<Fen> {
        if let Self::Money(fen) = self { Some(*fen) } else { None }
    }
}

/// A value with what was done to get it and what is doubtful about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub value: Value,
    pub repair: Option<String>,
    pub warning: Option<String>,
}

impl Parsed {
    fn as_is(value: Value) -> Self {
        Self { value, repair: None, warning: None }
    }

    /// The value, with a repair told when `shown` is not how it was written.
    fn of(value: Value, raw: &str, regular: &str, how: &str) -> Self {
        let repair = (raw != regular).then(|| format!("{how}：“{raw}”读作“{regular}”"));
        Self { value, repair, warning: None }
    }
}

/// What a cell does not say itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context {
    /// The unit that the sheet states for the column.
    pub unit: Option<MoneyUnit>,
    /// Whether the workbook counts its days from 1904.
    pub from_1904: bool,
}

/// Reads a cell as a column of this kind; a text from a file without types is no repair by itself.
///
/// # Errors
/// The sentence for the cell: what is wrong and what to do.
pub(crate) fn parse(cell: &Cell, kind: &Kind, context: Context) -> Result<Parsed, String> {
    match cell {
        Cell::Failed(error) => return Err(format!("公式结果是错误值 {error}，请改正公式或填写结果")),
        Cell::Uncomputed => return Err("公式还没有计算结果，请用表格软件打开并保存一次，或直接填写结果".into()),
        _ => {}
    }
    let raw = cell.shown();
    match kind {
        Kind::Text => Ok(words(&raw)),
        Kind::Code => Ok(code(&raw)),
        Kind::CreditCode => credit_code(cell, &raw),
        Kind::Day => day(cell, &raw, context.from_1904),
        Kind::Year => year(&raw),
        Kind::Count => count(&raw),
        Kind::Money(default) => money(&raw, context.unit.unwrap_or(*default)),
        Kind::Choice(choices) => choice(&raw, choices),
        Kind::YesNo => yes_no(&raw),
    }
}

fn words(raw: &str) -> Parsed {
    let regular = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let regular: String = regular.chars().filter(|c| !c.is_control() && *c != '\u{FEFF}' && *c != '\u{200B}').collect();
    Parsed::of(Value::Text(regular.clone()), raw, &regular, "去掉多余的空白")
}

fn code(raw: &str) -> Parsed {
    let regular = compact(raw);
    Parsed::of(Value::Text(regular.clone()), raw, &regular, "去掉空格、改为半角")
}

fn credit_code(cell: &Cell, raw: &str) -> Result<Parsed, String> {
    if matches!(cell, Cell::Number(_)) && compact(raw).len() > 15 {
        return Err("代码被表格软件当成数字，末几位已丢失；请把该列设为文本格式后重新填写".into());
    }
    let regular = compact(raw);
    if regular.len() != 18 {
        let is_slip = (16..=20).contains(&regular.len())
            && regular.bytes().all(|b| b.is_ascii_alphanumeric())
            && regular.bytes().filter(u8::is_ascii_digit).count() > regular.len() / 2;
        if is_slip {
            return Err(format!("统一社会信用代码应为 18 位，填的是 {} 位，请核对是否漏填或多填", regular.len()));
        }
        // Not the length of a credit code: a local code, known or not.
        return Ok(Parsed::of(Value::Text(regular.clone()), raw, &regular, "去掉空格、改为半角"));
    }
    let parsed = CreditCode::parse(raw).map_err(|e| e.to_string())?;
    let regular = parsed.code.to_string();
    let mut read = Parsed::of(Value::Text(regular.clone()), raw, &regular, "规整信用代码");
    read.warning = parsed.warning.map(|w| w.to_string());
    Ok(read)
}

fn day(cell: &Cell, raw: &str, from_1904: bool) -> Result<Parsed, String> {
    if let Cell::Day(day) = cell {
        return Ok(Parsed::as_is(Value::Day(*day)));
    }
    let text = compact(raw);
    // Five digits are 1954 to 2173 and no other way to write a day.
    if let Some(serial) = text.parse::<u64>().ok().filter(|n| (20_000..100_000).contains(n)) {
        let (year, month, day) = if from_1904 { (1904, 1, 1) } else { (1899, 12, 30) };
        let epoch = Day::from_ymd_opt(year, month, day).unwrap_or_default();
        let day = epoch.checked_add_days(Days::new(serial)).ok_or("日期超出范围，请核对")?;
        return Ok(Parsed::of(Value::Day(day), raw, &day.to_string(), "表格软件的日期序号"));
    }
    let (date, time) = parted(raw);
    let day = parse_day(&date).map_err(|e| e.to_string())?;
    let how = if time.is_some_and(|t| t != NaiveTime::MIN) { "只取日期、舍去时间" } else { "日期写法" };
    Ok(Parsed::of(Value::Day(day), raw, &day.to_string(), how))
}

/// A date and the time of day behind it, if that is what stands there.
fn parted(raw: &str) -> (String, Option<NaiveTime>) {
    let text = normalise(raw);
    let Some((date, time)) = text.rsplit_once(['T', ' ']) else { return (text, None) };
    let time = time.split('.').next().unwrap_or("").trim_end_matches('Z');
    let read = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok());
    match read {
        Some(time) => (date.to_owned(), Some(time)),
        None => (text, None),
    }
}

fn year(raw: &str) -> Result<Parsed, String> {
    let text = compact(raw);
    let digits = text.trim_end_matches("年度").trim_end_matches('年');
    match digits.parse::<i64>().ok().filter(|y| (1949..=9999).contains(y)) {
        Some(year) => Ok(Parsed::of(Value::Count(year), raw, &year.to_string(), "年度写法")),
        None => Err("请填四位数的年度，例如 2020".into()),
    }
}

fn count(raw: &str) -> Result<Parsed, String> {
    let text = compact(raw);
    let digits = text.trim_end_matches(['人', '家', '个', '笔', '次', '项', '场', '户']);
    let digits = digits.strip_suffix(".00").or(digits.strip_suffix(".0")).unwrap_or(digits);
    if !is_grouped(digits) {
        return Err(format!("“{}”的千分位逗号位置不对，请核对", normalise(raw)));
    }
    match digits.replace(',', "").parse::<i64>() {
        Ok(number) if number.abs() > MOST => Err(format!("“{}”超出范围，请核对", normalise(raw))),
        Ok(number) => Ok(Parsed::of(Value::Count(number), raw, &number.to_string(), "数字写法")),
        Err(_) => Err(format!("“{}”不是整数，请填写数字，例如 120", normalise(raw))),
    }
}

/// More than a worksheet of any city counts.
const MOST: i64 = 10_000_000_000;

/// Whether commas, if there are any, stand between every three digits.
fn is_grouped(digits: &str) -> bool {
    let mut groups = digits.trim_start_matches(['-', '+']).split(',');
    let first = groups.next().unwrap_or("");
    let rest: Vec<&str> = groups.collect();
    rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3))
}

fn money(raw: &str, unit: MoneyUnit) -> Result<Parsed, String> {
    let fen = Fen::parse(raw, unit).map_err(|e| e.to_string())?;
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    // Plain decimal text is the one way of writing an amount that needs no repair.
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let read = format!("{} 万元", fen.exact_wan());
    let repair = (!plain).then(|| format!("金额写法：“{raw}”读作“{read}”"));
    Ok(Parsed { value: Value::Money(fen), repair, warning: None })
}

fn choice(raw: &str, choices: &[Choice]) -> Result<Parsed, String> {
    let text = compact(raw);
    let same = |a: &str| compact(a) == text;
    if let Some(found) = choices.iter().find(|c| same(&c.label)) {
        return Ok(Parsed::of(Value::Text(found.code.clone()), raw, &found.label, "去掉空格、改为半角"));
    }
    if let Some(found) = choices.iter().find(|c| same(&c.code)) {
        return Ok(Parsed::of(Value::Text(found.code.clone()), raw, &found.label, "代码换成名称"));
    }
    let near: Vec<&Choice> = choices.iter().filter(|c| !text.is_empty() && compact(&c.label).contains(&text)).collect();
    if let [only] = near.as_slice() {
        return Ok(Parsed::of(Value::Text(only.code.clone()), raw, &only.label, "简称换成全称"));
    }
    let offered = if near.is_empty() { choices.iter().collect() } else { near };
    let some: Vec<&str> = offered.iter().take(8).map(|c| c.label.as_str()).collect();
    let more = if offered.len() > 8 { " 等" } else { "" };
    Err(format!("“{}”不在下拉列表中，请改为：{}{more}", normalise(raw), some.join("、")))
}

fn yes_no(raw: &str) -> Result<Parsed, String> {
    let text = compact(raw).to_lowercase();
    let flag = match text.as_str() {
        "是" | "1" | "有" | "√" | "y" | "yes" | "true" | "规上" => true,
        "否" | "0" | "无" | "×" | "x" | "n" | "no" | "false" | "规下" => false,
        _ => return Err(format!("“{}”看不懂，请填 是 或 否", normalise(raw))),
    };
    Ok(Parsed::of(Value::Flag(flag), raw, if flag { "是" } else { "否" }, "是否写法"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str, kind: &Kind) -> Result<(String, bool), String> {
        parse(&Cell::Text(raw.into()), kind, Context::default()).map(|p| (p.value.typed(), p.repair.is_some()))
    }

    #[test]
    fn what_people_type_is_read_and_every_repair_is_told() {
        let wan = Kind::Money(MoneyUnit::Wan);
        for (raw, kind, value, repaired) in [
            ("2021-03-05", &Kind::Day, "2021-03-05", false),
            ("2021年3月5日", &Kind::Day, "2021-03-05", true),
            ("2021.3.5", &Kind::Day, "2021-03-05", true),
            ("44260", &Kind::Day, "2021-03-05", true),
            ("20210305", &Kind::Day, "2021-03-05", true),
            ("2021-03-05 13:30", &Kind::Day, "2021-03-05", true),
            ("2021-03-05T00:00:00", &Kind::Day, "2021-03-05", true),
            ("２０２１／３／５", &Kind::Day, "2021-03-05", true),
            ("１，２３４人", &Kind::Count, "1234", true),
            ("1234", &Kind::Count, "1234", false),
            ("12.5", &wan, "12.5万元", false),
            ("1,234.5", &wan, "1234.5万元", true),
            ("1.2亿元", &wan, "12000万元", true),
            ("125,000元", &wan, "12.5万元", true),
            ("√", &Kind::YesNo, "1", true),
            ("否", &Kind::YesNo, "0", false),
            ("2020年", &Kind::Year, "2020", true),
            ("  某 公司 ", &Kind::Text, "某 公司", true),
        ] {
            let (read, told) = text(raw, kind).expect(raw);
            assert_eq!((read.replace(',', "").as_str(), told), (value, repaired), "{raw}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_way_out() {
        let units = Kind::Choice(vec![Choice::new(1, "大冶市"), Choice::new(2, "下陆区")]);
        for (raw, kind, told) in [
            ("2021-02-30", &Kind::Day, "该月共28天"),
            ("12.5", &Kind::Count, "不是整数"),
            ("1,23", &Kind::Count, "千分位"),
            ("99999999999", &Kind::Count, "超出范围"),
            ("91420299MADT0001X", &Kind::CreditCode, "填的是 17 位"),
            ("2021-03-05 25:00", &Kind::Day, "看不懂"),
            ("三百", &Kind::Money(MoneyUnit::Wan), "不是金额"),
            ("西塞", &units, "大冶市、下陆区"),
            ("也许", &Kind::YesNo, "是 或 否"),
        ] {
            let message = text(raw, kind).expect_err(raw);
            assert!(message.contains(told), "{message}");
        }
        let mac = Context { from_1904: true, ..Context::default() };
        let read = parse(&Cell::Number("42798".into()), &Kind::Day, mac).expect("a day");
        assert_eq!(read.value.typed(), "2021-03-05");
        assert_eq!(text("大冶", &units), Ok(("1".into(), true)));
        let lost = parse(&Cell::Number("914202990000000000".into()), &Kind::CreditCode, Context::default());
        assert!(lost.expect_err("digits were lost").contains("文本格式"));
    }
}
