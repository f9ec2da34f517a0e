//! What whoever decides about a change should know.

use std::pin::Pin;

use kernel::case::{self, Case, Told};
use kernel::store::Read;
use kernel::value::day::parse_day;
use kernel::{Result, org, publication};

/// Attributes by which facts are counted.
const COUNTED_BY: [&str; 3] = ["industry", "region", "unit"];

/// What stands now, and what the change does to figures.
pub(super) fn tells<'a>(
    read: &'a Read,
    case: &'a Case,
) -> Pin<Box<dyn Future<Output = Result<Vec<Told>>> + Send + 'a>> {
    Box::pin(async move {
        let text = |field: &str| case.values.get(field).map_or("", String::as_str);
        let mut told = vec![standing(read, case, text("attribute")).await?];
        told.push(evidence(read, case).await?);
        if case.flow.ends_in(&case.state) || !COUNTED_BY.contains(&text("attribute")) {
            return Ok(told);
        }
        let from = parse_day(text("valid_from")).unwrap_or(read.today());
        let behind = publication::behind(read, case.subject, from).await?;
        let effect = match (behind.facts, behind.figures) {
            (0, _) => "生效日期以来没有已登记的事实，变更只影响今后登记的。".to_owned(),
            (facts, 0) => format!(
                "生效日期以来已登记 {facts} 条事实，按登记当时的属性统计，没有用于已发布的数字；变更不改动它们。"
            ),
            (facts, figures) => format!(
                "生效日期以来已登记 {facts} 条事实，按登记当时的属性统计，用于 {figures} 个已发布的数字；变更不改动它们，需要改的请在事实页面申请更正。"
            ),
        };
        let href = if behind.facts > 0 { format!("/ledger?org={}", case.subject) } else { String::new() };
        told.push(Told { text: effect, href });
        Ok(told)
    })
}

async fn evidence(read: &Read, case: &Case) -> Result<Told> {
    let text = match case::attachments(read, case.id).await?.len() {
        0 => "没有上传证明材料。".to_owned(),
        n => format!("证明材料 {n} 份，见附件；同意变更时记入依据。"),
    };
    Ok(Told { text, href: String::new() })
}

async fn standing(read: &Read, case: &Case, attribute: &str) -> Result<Told> {
    let now = org::attributes(read, case.subject, read.today(), None).await?;
    let units = org::units(read).await?;
    let unit = |id: i64| units.iter().find(|u| u.id.0 == id).map_or_else(String::new, |u| u.name.clone());
    let text = match now.iter().find(|assertion| assertion.attribute == attribute) {
        Some(found) => {
            let value = org::display(attribute, &found.value, unit);
            format!("现登记为“{value}”，自 {} 起，依据：{}。", found.valid_from, found.source)
        }
        None => "现在没有登记这一项。".to_owned(),
    };
    Ok(Told { text, href: String::new() })
}
