//! Rules by table: names, years and the timeline out of assertions and facts.

use chrono::{DateTime, Utc};
use kernel::id::{OrgId, RecordId, UnitId};
use kernel::ledger::Dims;

use super::*;

fn day(text: &str) -> Day {
    day::parse_day(text).expect("a real day")
}

fn instant() -> DateTime<Utc> {
    day::day_end(day("2021-08-10"))
}

fn said(position: i64, attribute: &str, value: &str, from: &str, to: Option<&str>) -> Assertion {
    Assertion {
        position: Position(position),
        attribute: attribute.into(),
        label: "",
        value: value.into(),
        valid_from: day(from),
        valid_to: to.map(day),
        source: "营业执照".into(),
        recorded_at: instant(),
        recorded_by: "甲".into(),
    }
}

fn fact(position: i64, on: &str) -> Fact {
    Fact {
        position: Position(position),
        kind: "diagnosis.finished".into(),
        kind_label: "诊断完成",
        class: String::new(),
        class_label: "",
        unit_of_quantity: "次",
        money: true,
        subject: OrgId(1),
        subject_name: "甲公司".into(),
        counterparty: None,
        counterparty_name: String::new(),
        unit: UnitId(1),
        dims: Dims::default(),
        occurred_on: day(on),
        quantity: 1,
        amount: Fen::ZERO,
        record: RecordId(7),
        record_title: "诊断单".into(),
        reverses: None,
        reason: None,
        reversed_by: None,
        recorded_at: instant(),
        recorded_by: "甲".into(),
    }
}

#[test]
fn former_names_are_those_really_held() {
    let history = [
        said(1, "name", "大冶铸造厂", "2006-01-01", None),
        said(2, "name", "铜都铸造", "2015-03-18", None),
        said(3, "name", "铜都精铸", "2015-03-18", None),
        said(4, "name", "铜都机械", "2019-03-19", None),
        said(5, "alias", "铜都", "2006-01-01", None),
    ];
    let former =
        |name: &str, from: &str, until: &str| FormerName { name: name.into(), from: from.into(), until: until.into() };
    let all = [former("大冶铸造厂", "2006-01-01", "2015-03-17"), former("铜都精铸", "2015-03-18", "2019-03-18")];
    assert_eq!(former_names(&history, day("2021-06-30")), all);
    assert_eq!(former_names(&history, day("2016-01-01")), all[..1]);
    assert!(former_names(&history, day("2010-01-01")).is_empty());
}

#[test]
fn an_attribute_shows_what_holds_and_keeps_what_was() {
    let history = [
        said(1, "status", "存续", "2006-01-01", Some("2020-12-31")),
        said(2, "mark.high_tech", "国家级", "2018-01-01", Some("2020-12-31")),
    ];
    let shown = identity(&history, day("2021-06-30"), &[], &HashMap::new(), &HashMap::new());
    let labels: Vec<&str> = shown.iter().map(|a| a.label).collect();
    assert_eq!(labels.len(), ALWAYS.len() + 1, "{labels:?}");
    let mark = shown.last().expect("the mark");
    assert_eq!((mark.label, mark.now.is_none(), mark.history.len()), ("高新技术企业", true, 1));
    let then = identity(&history, day("2020-12-31"), &[], &HashMap::new(), &HashMap::new());
    assert_eq!(then.last().and_then(|a| a.now.as_ref()).map(|n| n.value.as_str()), Some("国家级"));
}

fn figures(year: i32) -> YearFigures {
    YearFigures {
        year, employees: Some(312), revenue: Some(Fen(21_480_000_000)), assets: None, source: "年报".into()
    }
}

#[test]
fn a_year_shows_its_class_beside_the_declared_one() {
    let history = [said(1, "industry", "3130", "2006-01-01", None), said(2, "declared_size", "2", "2021-03-01", None)];
    let shown = years(vec![figures(2021), figures(2020)], &history, day("2021-08-11"), &HashMap::new());
    let [year] = shown.as_slice() else { panic!("2021 is not over on the day") };
    assert_eq!((year.year, year.size.as_str(), year.declared, year.differs), (2020, "中型", "小型", true));
    assert_eq!(year.decided_by, "从业人员、营业收入");
    assert_eq!(year.proof.as_ref().map(|p| (p.industry.as_str(), p.measures.len())), Some(("工业", 2)));
    assert_eq!(year.revenue_wan, "21,480");
    let before_it_was_declared = years(vec![figures(2020)], &history, day("2021-02-01"), &HashMap::new());
    assert_eq!(before_it_was_declared.first().map(|y| (y.declared, y.differs)), Some(("", false)));
}

#[test]
fn a_year_without_an_industry_says_what_is_missing() {
    let shown = years(vec![figures(2020)], &[], day("2021-08-11"), &HashMap::new());
    let year = shown.first().expect("one year");
    assert!(year.size.contains("行业代码") && year.proof.is_none() && year.decided_by.is_empty(), "{}", year.size);
}

#[test]
fn the_timeline_follows_the_days_within_a_page() {
    let facts = vec![fact(9, "2020-11-20"), fact(8, "2021-07-30"), fact(7, "2021-03-02"), fact(6, "2021-01-01")];
    let page = timeline(facts, 3, &HashMap::new(), Position(99), &[]);
    let shown: Vec<(i64, Option<i32>)> = page.entries.iter().map(|e| (e.position.0, e.new_year)).collect();
    assert_eq!(shown, [(8, Some(2021)), (7, None), (9, Some(2020))]);
    assert_eq!(page.before, Some(Position(7)));
    let last = timeline(vec![fact(6, "2021-01-01")], 3, &HashMap::new(), Position(99), &[]);
    assert_eq!(last.before, None);
}

#[test]
fn a_reversal_counts_only_once_it_was_known() {
    let reversed = || Fact { reversed_by: Some(Position(50)), ..fact(8, "2021-07-30") };
    let reasons = HashMap::from([(Position(50), "误登".to_owned())]);
    let then = timeline(vec![reversed()], 3, &reasons, Position(49), &[]);
    assert!(then.entries.iter().all(|e| e.reversed.is_none()));
    assert!(reversals(&[reversed()], Position(49)).is_empty());
    let now = timeline(vec![reversed()], 3, &reasons, Position(50), &[]);
    assert_eq!(now.entries.first().and_then(|e| e.reversed.clone()), Some((Position(50), "误登".to_owned())));
}

#[test]
fn a_reversal_is_told_at_the_fact_it_takes_back() {
    let original = Fact { reversed_by: Some(Position(50)), ..fact(8, "2021-07-30") };
    let reversal =
        Fact { reverses: Some(Position(8)), reason: Some("误登".into()), quantity: -1, ..fact(50, "2021-07-30") };
    let page = timeline(vec![reversal.clone(), original], 3, &HashMap::new(), Position(99), &[]);
    assert_eq!((page.entries.len(), page.folded), (1, 1));
    let alone = timeline(vec![reversal], 3, &HashMap::new(), Position(99), &[]);
    assert_eq!(alone.folded, 0);
    assert_eq!(alone.entries.first().and_then(|e| e.reverses.clone()), Some((Position(8), "误登".to_owned())));
}

#[test]
fn amounts_carry_their_units() {
    for (quantity, fen, expected) in
        [(1, 0, ""), (3, 0, "3 次"), (1, 3_200_000_000, "3,200 万元"), (-1, -1, "-1 次，-0.000001 万元")]
    {
        assert_eq!(how_much(&Fact { quantity, amount: Fen(fen), ..fact(1, "2021-01-01") }), expected);
    }
}
