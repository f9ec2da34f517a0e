//! What stands in the papers of the demonstration's orders: made up, and the same each time.

use std::collections::BTreeMap;

use transform::diagnosis::history::{Papers, Recommended, Written};

/// The four steps: item, and its signs in the order in which firms come to them.
const STEPS: [(&str, [&str; 5]); 4] = [
    ("a", ["machines", "loading", "testing", "line", "robots"]),
    ("d", ["erp", "design", "mes", "capture", "joined"]),
    ("n", ["cloud", "shop", "platform", "supply", "remote"]),
    ("i", ["schedule", "vision", "predict", "twin", "decide"]),
];

const ITEMS: [Recommended; 6] = [
    Recommended {
        problem: "关键设备没有联网，产量靠人工抄表",
        measure: "关键设备加装采集网关，接入制造执行系统",
        cost_wan: (30, 60),
        effect: "设备状态实时可见，停机时间减少",
        priority: "high",
    },
    Recommended {
        problem: "工序之间靠人工搬运和上下料",
        measure: "建设自动上下料和物流小车",
        cost_wan: (120, 260),
        effect: "人均产出提高，工伤风险降低",
        priority: "middle",
    },
    Recommended {
        problem: "生产计划用电子表格排，插单后难以调整",
        measure: "上线高级排程，与资源计划系统贯通",
        cost_wan: (40, 90),
        effect: "交付及时率提高",
        priority: "high",
    },
    Recommended {
        problem: "外观检验靠目测，漏检率高",
        measure: "关键工位增加视觉检测",
        cost_wan: (50, 110),
        effect: "漏检率下降，质量数据可追溯",
        priority: "middle",
    },
    Recommended {
        problem: "水电气没有分项计量",
        measure: "安装分项计量和能耗监测",
        cost_wan: (15, 35),
        effect: "单位能耗下降",
        priority: "low",
    },
    Recommended {
        problem: "业务系统装在本地旧服务器，备份不全",
        measure: "业务系统迁移上云并定期备份",
        cost_wan: (8, 20),
        effect: "运维费用下降，数据不丢失",
        priority: "middle",
    },
];

/// The papers of the order with this number.
pub(super) fn of(number: usize, division: &str) -> Papers {
    let signs = [2 + number % 4, 1 + number % 3, number % 3, usize::from(number.is_multiple_of(5))];
    let line = kernel::value::industry::find(division).map_or("所在行业", |found| found.name);
    let parts = [
        format!("演示企业，主营业务属{line}。主要工序已有部分自动化设备，信息系统以财务和进销存为主。"),
        format!("{line}的同类企业多从设备联网和制造执行系统起步，先做一条线，见效后推广。"),
        "现场查看了主要车间，访谈了生产、设备、质量、财务人员；主要问题见后面的建议。".to_owned(),
        "财务、办公和销售系统适合先行上云；关键设备数据先在厂内汇集，再按需上平台。".to_owned(),
        "得分与等级由问卷计算；基础较好的环节是自动化，联网和集成是短板。".to_owned(),
        "分两步走：先联网采集、打通计划与执行，再做质量和能耗的优化。".to_owned(),
    ];
    let items = (0..2 + number % 2).map(|nth| ITEMS[(number + nth * 2) % ITEMS.len()].clone()).collect();
    Papers { instrument: "four-steps", answers: answers(signs), report: Some(Written { parts, items }) }
}

/// The questionnaire when a firm is visited again.
pub(super) fn again(nth: usize) -> Papers {
    Papers { instrument: "four-steps", answers: answers([5, 4, 2 + nth % 3, 1]), report: None }
}

fn answers(signs: [usize; 4]) -> BTreeMap<String, Vec<String>> {
    let said = |(item, codes): &(&str, [&str; 5]), n: usize| {
        let chosen: Vec<String> = match n {
            0 => vec!["none".to_owned()],
            n => codes.iter().take(n).map(|code| (*code).to_owned()).collect(),
        };
        ((*item).to_owned(), chosen)
    };
    STEPS.iter().zip(signs).map(|(step, n)| said(step, n)).collect()
}
