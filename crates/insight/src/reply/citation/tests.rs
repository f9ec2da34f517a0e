//! Tests of citations: what is read, what is printed, what is refused.

use super::*;
use kernel::id::Position;
use kernel::indicator::{Indicator, Measure, Window};
use kernel::value::money::Fen;

static FIRMS: Indicator = Indicator {
    code: "t.firms",
    version: 1,
    name: "企业",
    definition: "企业家数。",
    unit: "家",
    measure: Measure::Declared,
    window: Window::AsOf,
    owner: "市经信局",
    display: Display::WHOLE,
};
static MONEY: Indicator = Indicator {
    code: "t.money",
    version: 1,
    name: "资金",
    definition: "资金之和。",
    unit: "万元",
    measure: Measure::Declared,
    window: Window::AsOf,
    owner: "市经信局",
    display: Display::WAN,
};
static RATE: Indicator = Indicator {
    code: "t.rate",
    version: 1,
    name: "完成率",
    definition: "两数之比。",
    unit: "%",
    measure: Measure::Ratio("t.firms", "t.firms"),
    window: Window::AsOf,
    owner: "市经信局",
    display: Display { scale: Scale::Percent, decimals: 1 },
};
static MONTH: Indicator = Indicator {
    code: "t.month",
    version: 1,
    name: "启动月份",
    definition: "启动的月份。",
    unit: "年月",
    measure: Measure::Declared,
    window: Window::AsOf,
    owner: "市经信局",
    display: Display { scale: Scale::Month, decimals: 0 },
};

fn day(month: u32, day: u32) -> Day {
    Day::from_ymd_opt(2021, month, day).expect("a day")
}

fn figure(indicator: &'static Indicator, number: Number) -> Figure {
    let about = day(8, 11);
    Figure { indicator, about, known: Position(1), from: None, to: about, number, rows: 1, parts: Vec::new() }
}

fn ratio(num: i64, den: i64) -> Figure {
    let parts = vec![figure(&FIRMS, Number::Count(num)), figure(&FIRMS, Number::Count(den))];
    Figure { parts, ..figure(&RATE, Number::Ratio { num, den }) }
}

fn def(id: &str) -> CitationDef {
    CitationDef {
        id: id.into(),
        indicators: vec!["t.firms".into()],
        about: day(8, 11),
        over: None,
        floor_phrase: None,
        printed: None,
        form: None,
        unit: "家".into(),
        as_of: "2021".into(),
    }
}

fn text(def: &CitationDef, figures: &[Figure], phrase: Option<&str>) -> Result<String> {
    render(def, figures, phrase).map(|r| r.text(""))
}

#[test]
fn a_letter_is_cut_at_its_citations() {
    let source =
        "---\ntitle: 回复\nyear: 2021\n---\n\n## 一、诊断\n\n完成{{A03}}，上云{{ B08 | 超过 }}（{{year}}年）\n";
    let letter = Letter::parse(source).expect("a letter");
    assert_eq!(letter.front.title, "回复");
    assert_eq!(letter.blocks[0], Block { kind: BlockKind::Section, segments: vec![Segment::Text("一、诊断".into())] });
    assert_eq!(
        letter.blocks[1].segments,
        [
            Segment::Text("完成".into()),
            Segment::Figure { id: "A03".into(), phrase: None },
            Segment::Text("，上云".into()),
            Segment::Figure { id: "B08".into(), phrase: Some("超过".into()) },
            Segment::Text("（2021年）".into()),
        ]
    );
    assert_eq!(letter.cited(), ["A03", "B08"]);
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    for (source, line) in [
        ("正文", "第 1 行"),
        ("---\ntitle 回复\n---\n", "第 2 行"),
        ("---\ncolour: 红\n---\n", "第 2 行"),
        ("---\n---\n\n完成{{A03\n", "第 4 行"),
        ("---\n---\n完成{{甲}}\n", "第 3 行"),
    ] {
        let message = Letter::parse(source).expect_err(source).to_string();
        assert!(message.contains(line), "{message}");
    }
}

#[test]
fn a_number_is_printed_with_its_unit_or_without() {
    let figures = [figure(&FIRMS, Number::Count(1040))];
    let words = |phrase| text(&def("C06"), &figures, phrase).expect("fits");
    assert_eq!(words(None), "1040家");
    assert_eq!(words(Some("数字")), "1040");
    let figures = [figure(&FIRMS, Number::Count(4))];
    assert_eq!(text(&def("B07"), &figures, Some("中文")).expect("fits"), "四");
}

#[test]
fn a_floor_is_printed_only_while_it_holds() {
    let def = CitationDef { over: Some(1500), floor_phrase: Some("超过".into()), ..def("B08") };
    let at = |n| [figure(&FIRMS, Number::Count(n))];
    let words = render(&def, &at(1523), None).expect("holds");
    assert_eq!((words.text(" "), words.value.as_str(), words.exact.as_str()), ("超过 1500 家".into(), "1500", "1523"));
    assert!(matches!(render(&def, &at(1500), None), Err(Error::Conflict(_))));
    assert_eq!(text(&def, &at(1500), Some("以上")).expect("holds"), "1500家以上");
    assert!(matches!(render(&def, &at(1499), Some("以上")), Err(Error::Conflict(_))));
    let money = [figure(&MONEY, Number::Money(Fen(2_168_000_000)))];
    let def = CitationDef { over: Some(2000), ..def };
    assert_eq!(text(&def, &money, Some("拟超过")).expect("holds"), "拟超过2000万元");
}

#[test]
fn days_are_printed_as_documents_write_them() {
    let on = [figure(&FIRMS, Number::Day(day(3, 16)))];
    assert_eq!(text(&def("C02"), &on, None).expect("fits"), "2021年3月16日");
    assert_eq!(text(&def("C02"), &on, Some("月日")).expect("fits"), "3月16日");
    assert_eq!(render(&def("C02"), &on, None).expect("fits").value, "2021-03-16");
    let month = [figure(&MONTH, Number::Day(day(5, 10)))];
    assert_eq!(text(&def("E02"), &month, None).expect("fits"), "2021年5月");
    assert_eq!(render(&def("E02"), &month, None).expect("fits").value, "2021-05");
}

#[test]
fn several_values_are_joined_by_a_form() {
    let def = CitationDef { form: Some("{0.num}/{0.den}={0}%；{1.num}/{1.den}={1}%".into()), ..def("X03") };
    let words = render(&def, &[ratio(66, 100), ratio(66, 129)], None).expect("fits");
    assert_eq!(words.value, "66/100=66%；66/129=51.2%");
    assert_eq!(words.exact, "66/100 / 66/129");
}

#[test]
fn a_number_not_given_keeps_its_exact_value_behind_it() {
    let def = CitationDef { printed: Some("N".into()), ..def("B02") };
    let figures = [figure(&FIRMS, Number::Count(6))];
    let words = render(&def, &figures, None).expect("fits");
    assert_eq!((words.text(""), words.exact.as_str()), ("N家".into(), "6"));
    assert_eq!(text(&def, &figures, Some("实数")).expect("fits"), "6家");
}

#[test]
fn a_phrase_that_does_not_fit_is_refused() {
    let figures = [figure(&FIRMS, Number::Count(153))];
    for phrase in ["月日", "超过", "中文", "约"] {
        assert!(matches!(text(&def("A03"), &figures, Some(phrase)), Err(Error::Invalid(_))), "{phrase}");
    }
}

#[test]
fn small_numbers_in_chinese() {
    for (n, words) in [(0, "零"), (4, "四"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")] {
        assert_eq!(chinese(n).as_deref(), Some(words));
    }
    assert_eq!(chinese(100), None);
}
