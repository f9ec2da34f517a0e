//! What whoever looks at a demand or an answer should know, and where to go on.

use std::pin::Pin;

use kernel::case::{self, Case, Told};
use kernel::consent;
use kernel::store::Read;
use kernel::{Error, Result};

use super::actions::{balance, demand_of, terms};
use super::flows::ANSWERS;
use super::rules::{cost, percent};

type Later<'a> = Pin<Box<dyn Future<Output = Result<Vec<Told>>> + Send + 'a>>;

fn told(text: String, href: String) -> Told {
    Told { text, href }
}

/// How far a demand is answered.
pub(super) fn of_demand<'a>(read: &'a Read, demand: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let answers = case::about(read, ANSWERS.code, demand.subject).await?;
        let count = answers.iter().filter(|answer| demand_of(&answer.values) == Some(demand.id)).count();
        let text = match count {
            0 => "还没有邀请金融机构；查看适合的产品并邀请".to_owned(),
            n => format!("已邀请 {n} 家金融机构；比较报价"),
        };
        Ok(vec![told(text, format!("/finance/demands/{}", demand.id))])
    })
}

/// What an offer costs, what is outstanding, and whether the institution may see more of the firm.
pub(super) fn of_answer<'a>(read: &'a Read, answer: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let mut all = Vec::new();
        if let Some(cost) = cost(&terms(&answer.values)) {
            let text = format!(
                "报价综合成本：{} 万元，折合年化 {}（利息 {}、费用 {}、担保费 {} 万元）",
                cost.total.exact_wan(),
                percent(cost.yearly_bp),
                cost.interest.exact_wan(),
                cost.fee.exact_wan(),
                cost.guarantee.exact_wan()
            );
            all.push(told(text, String::new()));
        }
        if ["repaying", "overdue"].contains(&answer.state.as_str()) {
            match balance(read, answer).await {
                Ok(left) => all.push(told(format!("未还本金：{} 万元", left.exact_wan()), String::new())),
                Err(Error::Conflict(wrong)) => all.push(told(wrong, String::new())),
                Err(other) => return Err(other),
            }
        }
        if let Some(bank) = answer.counterparty.filter(|_| !ANSWERS.ends_in(&answer.state)) {
            all.push(match consent::live_until(read, answer.subject, bank).await? {
                Some(until) => told(
                    format!("企业的授权至 {until} 有效，机构可查看授权的档案；每次查看都会记下"),
                    format!("/orgs/{}", answer.subject),
                ),
                None => told(
                    "没有有效的授权，机构只看到本件写明的内容；需要更多资料的，请企业在“授权”里勾选（机构可在留言里提出）"
                        .to_owned(),
                    String::new(),
                ),
            });
        }
        Ok(all)
    })
}
