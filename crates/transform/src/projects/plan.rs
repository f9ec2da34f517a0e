//! What is typed line by line: milestones and equipment. Pure.

use kernel::value::day::{Day, parse_day};
use kernel::value::money::{Fen, MoneyUnit};

/// Most lines of a list.
const MOST: usize = 40;

/// A milestone as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    /// What is to be reached.
    pub name: String,
    /// Until when.
    pub due_on: Day,
}

/// A piece of equipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Equipment {
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// What all of them cost, in fen.
    pub amount: Fen,
}

/// Milestones, one a line: the name, then the day.
///
/// # Errors
/// The line that cannot be read and what to do, in Chinese.
pub(super) fn milestones(text: &str) -> Result<Vec<Planned>, String> {
    let mut found: Vec<Planned> = Vec::new();
    for (number, line) in lines(text)? {
        let (name, day) = line.rsplit_once(char::is_whitespace).unwrap_or(("", line));
        let due_on = parse_day(day).map_err(|e| format!("第 {number} 行“{line}”：{e}；写作“设备安装 2021-06-30”"))?;
        let name = name.trim();
        if name.is_empty() {
            return Err(format!("第 {number} 行“{line}”没有里程碑名称；写作“设备安装 2021-06-30”"));
        }
        if found.iter().any(|one| one.name == name) {
            return Err(format!("第 {number} 行：里程碑“{name}”写了两次，请改名或删去一行"));
        }
        found.push(Planned { name: name.to_owned(), due_on });
    }
    Ok(found)
}

/// Equipment, one a line: the name, how many, and what they cost together in 万元.
///
/// # Errors
/// As [`milestones`].
pub(super) fn equipment(text: &str) -> Result<Vec<Equipment>, String> {
    let mut found = Vec::new();
    for (number, line) in lines(text)? {
        let wrong = |what: String| format!("第 {number} 行“{line}”：{what}；写作“数控加工中心 3 240万元”");
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [name @ .., quantity, amount] = parts.as_slice() else {
            return Err(wrong("应有名称、台数和金额".into()));
        };
        if name.is_empty() {
            return Err(wrong("应有名称、台数和金额".into()));
        }
        let quantity = quantity.trim_end_matches(['台', '套', '个', '条']).parse::<i64>();
        let quantity =
            quantity.ok().filter(|n| (1..=100_000).contains(n)).ok_or_else(|| wrong("台数应为正整数".into()))?;
        let amount = Fen::parse(amount, MoneyUnit::Wan).map_err(|e| wrong(e.to_string()))?;
        if amount.0 < 0 {
            return Err(wrong("金额不能为负".into()));
        }
        found.push(Equipment { name: name.join(" "), quantity, amount });
    }
    Ok(found)
}

/// Lines that hold something, with their number from 1.
fn lines(text: &str) -> Result<Vec<(usize, &str)>, String> {
    let found: Vec<(usize, &str)> =
        (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty()).collect();
    match found.len() {
        n if n > MOST => Err(format!("最多 {MOST} 行，现有 {n} 行")),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milestones_and_equipment_are_read_line_by_line() {
        let found = milestones("设备 采购 2021-03-31\n\n　验收 2021年8月1日 ").expect("readable");
        let names: Vec<(&str, String)> = found.iter().map(|m| (m.name.as_str(), m.due_on.to_string())).collect();
        assert_eq!(names, [("设备 采购", "2021-03-31".to_owned()), ("验收", "2021-08-01".to_owned())]);
        let found = equipment("数控 加工中心 3台 240\n机器人 2 35.5万元").expect("readable");
        let told: Vec<_> = found.iter().map(|e| (e.name.as_str(), e.quantity, e.amount.0)).collect();
        assert_eq!(told, [("数控 加工中心", 3, 240_000_000), ("机器人", 2, 35_500_000)]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for (text, told) in [
            ("设备采购 2021-03-31\n验收", "第 2 行"),
            ("2021-03-31", "没有里程碑名称"),
            ("验收 2021-02-30", "第 1 行"),
            ("验收 2021-02-01\n验收 2021-03-01", "写了两次"),
        ] {
            assert!(milestones(text).is_err_and(|e| e.contains(told)), "{text}");
        }
        for (text, told) in [("机器人", "应有名称"), ("机器人 两台 3", "台数"), ("机器人 2 -3", "不能为负")]
        {
            assert!(equipment(text).is_err_and(|e| e.contains(told)), "{text}");
        }
    }
}
