//! Rules of proposals. Pure.

use kernel::value::day::Day;

/// Official number of a proposal, with hexagonal brackets; the kind decides its name.
pub(super) fn number(kind: &str, year: &str, number: &str) -> String {
    let name = if kind == "npc" { "代表建议" } else { "委员提案" };
    format!("{name}〔{year}〕{number}号")
}

/// 发文字号 of a reply.
pub(super) fn issue_number(series: &str, year: i64, number: i64) -> String {
    format!("{series}〔{year}〕{number}号")
}

/// What the office's record says, against which papers are held.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// Official number, such as 委员提案〔2021〕82号.
    pub number: String,
    /// Title.
    pub title: String,
    /// Who proposed.
    pub proposer: String,
    /// Who handles it.
    pub lead: String,
    /// Mark of the answer: a to d.
    pub mark: String,
    /// 发文字号 and 成文日期 of the reply; empty before it has them.
    pub issue: (String, String),
    /// Rules between figures of the reply that break, with the reason when they were let pass.
    pub breaks: Vec<(String, Option<String>)>,
    /// Numbers in the reply that are neither cited nor declared.
    pub bare: Vec<String>,
    /// Days in the order in which they must follow each other, with their names.
    pub days: Vec<(&'static str, Option<Day>)>,
}

/// What a paper says: the opinion form, or a letter. Empty where it says nothing.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Paper {
    /// Every number printed on it.
    pub numbers: String,
    /// Title of the proposal.
    pub title: String,
    /// Who handles it, by the paper.
    pub lead: String,
    /// Effect ticked: a to d.
    pub effect: String,
    /// Publish: yes, no, or nothing.
    pub publish: String,
    /// Day of the signature.
    pub signed_on: String,
    /// Who received it, and when.
    pub receipt: String,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slip {
    /// The field it stands at.
    pub field: &'static str,
    /// What it is, and what to do.
    pub message: String,
}

fn slip(field: &'static str, message: impl Into<String>) -> Slip {
    Slip { field, message: message.into() }
}

/// Holds an opinion form against the record: every slip at its field.
pub(super) fn check_paper(record: &Record, paper: &Paper) -> Vec<Slip> {
    let mut found = Vec::new();
    check_numbers(record, paper, &mut found);
    let title = paper.title.trim();
    if !title.is_empty() && title != record.title {
        found.push(slip("title", format!("标题与登记的不同，应为“{}”", record.title)));
    }
    if paper.lead.trim().is_empty() {
        found.push(slip("lead", format!("没有填承办单位，应为“{}”", record.lead)));
    } else if paper.lead.trim() != record.lead {
        let is_proposer = !record.proposer.is_empty()
            && (record.proposer.contains(paper.lead.trim()) || similar(&record.proposer, paper.lead.trim()));
        let whose = if is_proposer { "，填的是提案人" } else { "" };
        found.push(slip("lead", format!("承办单位应为“{}”{whose}", record.lead)));
    }
    if !record.mark.is_empty() && !paper.effect.is_empty() && paper.effect != record.mark {
        let (effect, mark) = (paper.effect.to_uppercase(), record.mark.to_uppercase());
        found.push(slip("effect", format!("办理效果（{effect}）与答复类别（{mark}）不一致，须说明原因")));
    }
    if !["yes", "no"].contains(&paper.publish.as_str()) {
        found.push(slip("publish", "是否公开没有勾选：必填，须由提案人勾选，不得代填"));
    }
    if paper.signed_on.trim().is_empty() {
        found.push(slip("signed_on", "提案人没有签名日期"));
    }
    if paper.receipt.trim().is_empty() {
        found.push(slip("receipt", "签收人、签收时间空缺：先经代表室或提案委签收，再送督查室"));
    }
    found
}

/// 农工市委会 and 农工党黄石市委会 name one body: every character of the shorter stands in the longer, in its order.
fn similar(long: &str, short: &str) -> bool {
    let mut rest = long.chars();
    short.chars().count() >= 3 && short.chars().all(|c| rest.any(|other| other == c))
}

/// Numbers on a paper: the right one, with the right brackets, and no other.
fn check_numbers(record: &Record, paper: &Paper, found: &mut Vec<Slip>) {
    let numbers: Vec<&str> =
        paper.numbers.split([' ', '、', '，', '\n', '；']).filter(|n| !n.trim().is_empty()).collect();
    if numbers.is_empty() {
        found.push(slip("numbers", format!("没有编号，应为“{}”", record.number)));
    }
    for printed in &numbers {
        let plain: String = printed
            .chars()
            .map(|c| match c {
                '[' => '〔',
                ']' => '〕',
                c => c,
            })
            .collect();
        let plain = plain.trim_matches(['(', ')', '（', '）']);
        if plain != printed.trim_matches(['(', ')', '（', '）']) {
            found.push(slip("numbers", format!("“{printed}”的年份应使用六角括号〔〕")));
        }
        let (kind, year, number) = parts(plain);
        let (own_kind, own_year, own_number) = parts(&record.number);
        if kind != own_kind {
            found.push(slip(
                "numbers",
                format!("“{printed}”不是本件的类别：代表建议与委员提案只印一个，应为“{}”", record.number),
            ));
        } else if year != own_year {
            found.push(slip("numbers", format!("“{printed}”的年份应为 {own_year}")));
        } else if number != own_number {
            found.push(slip("numbers", format!("“{printed}”的序号应为 {own_number}：意见表可能属于另一件提案")));
        }
    }
}

/// Kind, year and number of an official number.
fn parts(number: &str) -> (&str, &str, &str) {
    let (kind, rest) = number.split_once('〔').unwrap_or((number, ""));
    let (year, rest) = rest.split_once('〕').unwrap_or((rest, ""));
    (kind, year, rest.trim_end_matches('号'))
}

/// What stands in the way of issuing a reply.
pub(super) fn check_reply(record: &Record) -> Vec<Slip> {
    let mut found = Vec::new();
    for (name, value, field) in
        [("标题", &record.title, "title"), ("主办单位", &record.lead, "lead"), ("答复类别", &record.mark, "mark")]
    {
        if value.is_empty() {
            found.push(slip(field, format!("没有{name}")));
        }
    }
    if record.issue.0.is_empty() {
        found.push(slip("issue", "没有发文字号：编号印发时由登记簿自动编号"));
    }
    if record.issue.1.is_empty() {
        found.push(slip("signed_on", "没有成文日期"));
    }
    found.extend(check_days(&record.days));
    for bare in &record.bare {
        found.push(slip("figures", format!("“{bare}”是手写的数字：改为引用，或写明来源申明")));
    }
    for (rule, reason) in &record.breaks {
        if reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            found.push(slip("rules", format!("勾稽不平：{rule}。须改正，或写明理由作为脚注放行")));
        }
    }
    found
}

/// Days that run backwards.
pub(super) fn check_days(days: &[(&'static str, Option<Day>)]) -> Vec<Slip> {
    let known: Vec<(&str, Day)> = days.iter().filter_map(|(name, day)| day.map(|day| (*name, day))).collect();
    let backwards = |pair: &[(&str, Day)]| {
        let [(before, earlier), (after, later)] = pair else { return None };
        (later < earlier).then(|| slip("days", format!("{after}（{later}）早于{before}（{earlier}），请核对")))
    };
    known.windows(2).filter_map(backwards).collect()
}

/// Numbers with a unit in a text that stand there as words: neither cited nor declared. Years, days, ordinals and
/// numbers of documents are none.
pub(super) fn bare_numbers(text: &str) -> Vec<String> {
    const UNITS: [&str; 14] = ["家", "个", "亿元", "万元", "元", "%", "笔", "款", "人次", "人", "场", "次", "名", "项"];
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let before = rest[..at].chars().next_back();
        let digits =
            rest[at..].find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).map_or(rest.len(), |n| at + n);
        let unit = UNITS.iter().find(|unit| rest[digits..].starts_with(**unit));
        if let Some(unit) = unit
            && before != Some('第')
        {
            found.push(format!("{}{unit}", &rest[at..digits]));
        }
        rest = &rest[digits..];
    }
    found
}

/// How a promise stands: fulfilled when what it waits for has reached its floor.
pub(super) fn promise(reached: Option<i64>, floor: i64, due_on: Day, today: Day) -> (&'static str, &'static str) {
    match reached {
        Some(reached) if reached >= floor => ("已兑现", "state-ok"),
        _ if today > due_on => ("逾期", "state-bad"),
        _ if (due_on - today).num_days() <= 30 => ("即将到期", "state-warn"),
        _ => ("进行中", "state-info"),
    }
}

/// The last day of an answer, so many months after it was assigned.
pub(super) fn answer_by(assigned_on: Day, months: u32) -> Option<Day> {
    assigned_on.checked_add_months(chrono::Months::new(months))
}
