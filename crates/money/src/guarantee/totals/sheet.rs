//! The monthly bulletin as a workbook.

use std::collections::BTreeMap;

use kernel::Result;
use kernel::value::money::MoneyUnit;
use sheets::{Column, Filled, Issued, Kind, Template, Value};

use super::queries::Line;

/// The bulletin's lines as a worksheet of its own.
///
/// # Errors
/// As the engine says.
pub(super) fn workbook(lines: &[Line], issued: &Issued) -> Result<Vec<u8>> {
    let wan = || Kind::Money(MoneyUnit::Wan);
    let template = Template {
        code: "guarantee.bulletin",
        label: "政银担业务月报",
        version: 1,
        note: "新增为当月放款，在保为月末时点；存量与流量不相加。",
        columns: vec![
            Column::new("group", "分组", Kind::Text),
            Column::new("name", "名称", Kind::Text),
            Column::new("issued_n", "当月新增", Kind::Count).counts("笔"),
            Column::new("issued", "当月新增金额", wan()),
            Column::new("in_force_n", "月末在保", Kind::Count).counts("笔"),
            Column::new("in_force", "月末在保余额", wan()),
            Column::new("share", "占在保余额", Kind::Text),
        ],
    };
    let total = lines.iter().find(|line| line.group == "全部").map_or(0, |line| line.in_force.1.0);
    let row = |(n, line): (usize, &Line)| Filled {
        key: format!("bulletin:{n}"),
        values: BTreeMap::from([
            ("group", Value::Text(line.group.to_owned())),
            ("name", Value::Text(line.name.clone())),
            ("issued_n", Value::Count(line.issued.0)),
            ("issued", Value::Money(line.issued.1)),
            ("in_force_n", Value::Count(line.in_force.0)),
            ("in_force", Value::Money(line.in_force.1)),
            ("share", Value::Text(crate::guarantee::rules::percent(line.in_force.1.0, total))),
        ]),
    };
    let rows: Vec<Filled> = lines.iter().enumerate().map(row).collect();
    sheets::write(&template, &rows, issued)
}
