//! Questionnaires as the office knows them: the edition of 2024, the four steps, a model with weights, and files that
//! contradict themselves.

#![allow(clippy::unwrap_used, reason = "tests")]

use kernel::Error;
use rust_decimal::Decimal;

use super::*;

fn sme() -> &'static Instrument {
    shipped().iter().find(|i| i.code == "sme-digital").unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Every item at its best (or worst), every scene at a level.
fn filled(instrument: &Instrument, best: bool, level: usize) -> Answers {
    let mut answers = Answers::new();
    for item in &instrument.items {
        let pick = |o: &&Choice| if best { o.points > Decimal::ZERO } else { o.points == Decimal::ZERO };
        let codes: Vec<String> = match &item.kind {
            ItemKind::Multi => item.options.iter().filter(pick).map(|o| o.code.clone()).collect(),
            ItemKind::Single { .. } => {
                let by_points = |o: &&Choice| o.points;
                let one = if best {
                    item.options.iter().max_by_key(by_points)
                } else {
                    item.options.iter().min_by_key(by_points)
                };
                one.map(|o| o.code.clone()).into_iter().collect()
            }
            _ => continue,
        };
        answers.insert(item.code.clone(), codes);
    }
    for scene in &instrument.scenes {
        answers.insert(scene.code.clone(), vec![level.min(scene.levels.len()).to_string()]);
    }
    answers
}

fn set(answers: &mut Answers, pairs: &[(&str, &str)]) {
    for (code, value) in pairs {
        answers.insert((*code).to_owned(), value.split(',').map(str::to_owned).collect());
    }
}

#[test]
fn the_questionnaire_of_2024_has_its_parts_scenes_and_constraint_scenes() {
    let sme = sme();
    let tops: Vec<String> = sme.within("").map(|p| format!("{} {}", p.label, p.points)).collect();
    assert_eq!(tops, ["数字化基础 50", "数字化管理 30", "数字化成效 20"]);
    assert_eq!(sme.scenes.len(), 16);
    let constraint: Vec<&str> = sme.scenes.iter().filter(|s| s.constraint).map(|s| s.label.as_str()).collect();
    let expected = [
        "产品设计",
        "营销管理",
        "生产管控",
        "质量管理",
        "设备管理",
        "安全生产",
        "能耗管理",
        "采购管理",
        "仓储物流",
        "财务管理",
    ];
    assert_eq!(constraint, expected);
}

#[test]
fn thirteen_links_and_people_are_exactly_ten_points() {
    let outcome = assess(sme(), &filled(sme(), true, 4)).unwrap();
    let earned = |code: &str| outcome.items.iter().find(|i| i.code == code).unwrap().earned;
    assert_eq!(earned("collected"), number("10"), "13 × 0.7 + 0.9");
    assert_eq!(outcome.score, number("100"));
    assert_eq!((outcome.level.unwrap().1.as_str(), outcome.next), ("四级", None));
}

#[test]
fn an_answer_of_nothing_everywhere_is_below_the_first_level_and_says_why() {
    let outcome = assess(sme(), &filled(sme(), false, 0)).unwrap();
    assert_eq!((outcome.score, outcome.level), (Decimal::ZERO, None));
    let next = outcome.next.unwrap();
    let blocks: Vec<&str> = next.blocks.iter().map(|b| b.text.as_str()).collect();
    assert_eq!(next.label, "一级");
    assert_eq!(
        blocks,
        [
            "总分 0 分，须达到 20 分，还差 20 分",
            "达到 1 级的场景 0 个，须有 6 个，还差 6 个",
            "达到 1 级的约束场景 0 个，须有 3 个，还差 3 个"
        ]
    );
}

#[test]
fn points_for_four_but_scenes_for_two_is_level_two_and_the_scenes_block() {
    let mut answers = filled(sme(), true, 2);
    set(&mut answers, &[("s_quality", "3"), ("s_office", "4"), ("s_finance", "3")]);
    let outcome = assess(sme(), &answers).unwrap();
    assert_eq!(outcome.level.unwrap().1, "二级");
    let next = outcome.next.unwrap();
    let blocks: Vec<&str> = next.blocks.iter().map(|b| b.text.as_str()).collect();
    assert_eq!(
        blocks,
        ["达到 3 级的场景 3 个，须有 8 个，还差 5 个", "达到 3 级的约束场景 2 个，须有 5 个，还差 3 个"]
    );
    assert!(next.blocks[0].nearest.contains("产品设计（现 2 级）"), "{}", next.blocks[0].nearest);
}

#[test]
fn a_bound_belongs_to_the_lower_option() {
    for (digital, said, points) in [
        ("10", "不超过10%", "0"),
        ("10.0001", "10%以上至20%", "1.5"),
        ("20", "10%以上至20%", "1.5"),
        ("100", "60%以上", "6"),
    ] {
        let mut answers = filled(sme(), true, 4);
        set(&mut answers, &[("equipment", "100"), ("equipment_digital", digital), ("equipment_networked", "100")]);
        let outcome = assess(sme(), &answers).unwrap();
        let item = outcome.items.iter().find(|i| i.code == "digitalised").unwrap();
        assert_eq!((item.said.as_str(), item.earned), (said, number(points)), "{digital} of 100");
    }
}

#[test]
fn equal_ratios_are_equal_however_they_are_written() {
    // A third and two sixths: "the same as before", not a hair more or less.
    let mut answers = filled(sme(), true, 4);
    set(&mut answers, &[("revenue", "3"), ("revenue_2", "6"), ("energy", "1"), ("energy_2", "2"), ("green", "down")]);
    let outcome = assess(sme(), &answers).unwrap();
    let item = outcome.items.iter().find(|i| i.code == "green").unwrap();
    assert_eq!((item.said.as_str(), item.earned), ("持平", number("3.5")), "the data decide, not what was ticked");
}

#[test]
fn what_is_missing_or_impossible_is_told_at_its_item() {
    let mut answers = filled(sme(), true, 4);
    answers.remove("network");
    answers.remove("s_energy");
    set(
        &mut answers,
        &[
            ("people", "none,staff"),
            ("plan", "magic"),
            ("equipment", "10"),
            ("equipment_digital", "11"),
            ("s_people", "5"),
            ("staff", "-3"),
        ],
    );
    let Err(Error::Invalid(faults)) = assess(sme(), &answers) else { panic!("refused") };
    for (field, told) in [
        ("network", "请选择"),
        ("s_energy", "请选择"),
        ("people", "选了“无”"),
        ("plan", "没有“magic”这个选项"),
        ("equipment_digital", "不应大于生产设备总数（10）"),
        ("s_people", "没有“5”这一级"),
        ("staff", "不为负"),
    ] {
        assert!(faults.at(field).is_some_and(|f| f.contains(told)), "{field}: {:?}", faults.at(field));
    }
}

#[test]
fn the_citys_own_ladder_asks_for_each_step_below() {
    let steps = shipped().iter().find(|i| i.code == "four-steps").unwrap();
    let mut answers = Answers::new();
    let all = |prefix: &[&str]| prefix.join(",");
    set(
        &mut answers,
        &[
            ("a", &all(&["machines", "line", "testing"])),
            ("d", &all(&["erp", "mes"])),
            ("n", &all(&["shop", "cloud", "platform", "supply"])),
            ("i", "none"),
        ],
    );
    let outcome = assess(steps, &answers).unwrap();
    assert_eq!(outcome.level.unwrap().1, "自动化推进", "a higher step does not count without the lower");
    assert_eq!(outcome.next.unwrap().blocks[0].text, "“数字化集成” 10 分，须达到 15 分，还差 5 分");
}

/// A model with weights, as a file alone adds it.
const WEIGHTED: &str = r#"
code = "maturity"
edition = "test"
name = "成熟度模型（测试）"
source = "测试"
in_force_from = "2021-05-01"
points = "5"
[[part]]
code = "people"
label = "人员"
points = "3"
weight = "0.3"
[[part]]
code = "making"
label = "制造"
points = "1"
weight = "4.7"
[[item]]
code = "p"
part = "people"
label = "人员"
kind = "single"
points = "3"
options = [{ code = "a", label = "无", points = "0" }, { code = "b", label = "一半", points = "1" }, { code = "c", label = "全部", points = "3" }]
[[item]]
code = "m"
part = "making"
label = "制造"
kind = "single"
points = "1"
options = [{ code = "a", label = "无", points = "0" }, { code = "b", label = "大部分", points = "0.8" }, { code = "c", label = "全部", points = "1" }]
[[level]]
code = "1"
label = "一级"
needs = [{ score = "0.8" }, { item = "p", option = "b" }]
"#;

#[test]
fn a_model_with_weights_needs_no_code() {
    let model = read("maturity.toml", WEIGHTED).unwrap();
    let mut answers = Answers::new();
    set(&mut answers, &[("p", "b"), ("m", "b")]);
    let outcome = assess(&model, &answers).unwrap();
    assert_eq!(outcome.score, number("3.86"), "0.3 × 1/3 + 4.7 × 0.8");
    assert_eq!(outcome.level.unwrap().1, "一级");
}

#[test]
fn a_file_that_contradicts_itself_is_refused_with_item_and_reason() {
    for (from, to, item, reason) in [
        ("points = \"3\"\nweight", "points = \"4\"\nweight", "people", "应得 4 分，各项合计 3 分"),
        ("option = \"b\"", "option = \"z\"", "1", "用到“p”没有的选项“z”"),
        ("weight = \"4.7\"", "weight = \"4.6\"", "", "总分应为 5，各部分合计 4.9"),
        ("points = \"0.8\"", "points = \"x\"", "m", "不是数"),
        ("kind = \"single\"\npoints = \"1\"", "kind = \"magic\"\npoints = \"1\"", "m", "题型“magic”不认识"),
        ("code = \"m\"", "code = \"p\"", "p", "重复"),
        ("[[level]]", "[[stage]]", "", "格式不对"),
        ("score = \"0.8\"", "score = \"6\"", "1", "高于总分"),
    ] {
        let text = WEIGHTED.replacen(from, to, 1);
        let faults = read("maturity.toml", &text).unwrap_err();
        let told = faults.iter().any(|f| f.item == item && f.reason.contains(reason) && f.file == "maturity.toml");
        assert!(told, "{to}: {faults:?}");
    }
}

#[test]
fn computed_items_that_need_themselves_are_refused() {
    let ring = r#"
[[item]]
code = "x"
part = "making"
label = "甲"
kind = "computed"
compute = { sum = ["y"], over = ["y"] }
[[item]]
code = "y"
part = "making"
label = "乙"
kind = "computed"
compute = { of = "x", less = "x" }
[[level]]"#;
    let faults = read("ring.toml", &WEIGHTED.replacen("[[level]]", ring, 1)).unwrap_err();
    let rings: Vec<&str> = faults.iter().filter(|f| f.reason.contains("绕成了圈")).map(|f| f.item.as_str()).collect();
    assert_eq!(rings, ["x", "y"]);
}

#[test]
fn bounds_that_overlap_or_leave_a_gap_are_refused() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/instruments/sme-digital-2024.toml"));
    for (from, to) in [
        ("above = \"10\", up_to = \"20\"", "above = \"11\", up_to = \"20\""),
        ("above = \"20\", up_to = \"40\"", "from = \"20\", up_to = \"40\""),
    ] {
        let faults = read("sme.toml", &text.replacen(from, to, 1)).unwrap_err();
        assert!(faults.iter().any(|f| f.item == "digitalised" && f.reason.contains("重叠或空缺")), "{faults:?}");
    }
}
