//! Rules by table: what a typed form means.

use super::*;

fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd_opt(year, month, day).expect("a real day")
}

fn pairs(text: &[(&str, &str)]) -> Vec<(String, String)> {
    text.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

/// The fields at fault, in order.
fn fields<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(faults)) => faults.0.into_iter().map(|f| f.field).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

fn county() -> Scope {
    Scope::Units(vec![UnitId(1)])
}

/// A form that registers without fault on 30 June 2021.
fn filled() -> RegisterForm {
    let code = CreditCode::compose("91420299", "MADE0001").expect("a valid code").to_string();
    RegisterForm {
        kind: "enterprise".into(),
        credit_code: code,
        name: " 演示铜都　机械有限公司 ".into(),
        unit: "1".into(),
        region: "大冶市".into(),
        industry: "钢压延加工".into(),
        founded_on: "2006年5月12日".into(),
        capital: "1.2亿元".into(),
        above_scale: "1".into(),
        since: "2021-01-01".into(),
        source: "营业执照".into(),
        ..RegisterForm::default()
    }
}

#[test]
fn the_comparison_is_named() {
    assert_eq!(check(&[]).expect("default"), (Check::Size, None));
    let asked = pairs(&[("check", "above_scale"), ("after", "5")]);
    assert_eq!(check(&asked).expect("valid"), (Check::AboveScale, Some(OrgId(5))));
    assert_eq!(fields(check(&pairs(&[("check", "age")]))), ["check"]);
    assert_eq!(fields(check(&pairs(&[("after", "x")]))), ["after"]);
}

#[test]
fn the_beginning_of_a_credit_code_is_a_range() {
    for (typed, first, last) in [
        ("914202", "914202", "914202ZZZZZZZZZZZZ"),
        (" ９１４２０２９９ｍａ ", "91420299MA", "91420299MAZZZZZZZZ"),
        ("91420299MADE00015K", "91420299MADE00015K", "91420299MADE00015K"),
    ] {
        assert_eq!(code_range(typed), Some((first.into(), last.into())), "{typed}");
    }
    for name in ["", "91420", "hsdyjx", "铜都机械有限公司", "91420299MADE00015KX", "9142-2", "DEMO01"] {
        assert_eq!(code_range(name), None, "{name}");
    }
}

#[test]
fn a_unit_is_written_only_within_the_scope() {
    for (scope, holds) in [
        (Scope::All, true),
        (county(), true),
        (Scope::Units(vec![UnitId(2)]), false),
        (Scope::Any(vec![Scope::Own(OrgId(3)), county()]), true),
        (Scope::Own(OrgId(1)), false),
        (Scope::Nothing, false),
    ] {
        assert_eq!(holds_unit(&scope, UnitId(1)), holds, "{scope:?}");
    }
}

#[test]
fn a_filled_form_registers_in_stored_forms() {
    let new = new_org(&filled(), &county(), day(2021, 6, 30)).expect("valid");
    let stored: Vec<(&str, &str)> = new.attributes.iter().map(|(a, v)| (a.as_str(), v.as_str())).collect();
    assert_eq!(
        stored,
        [
            ("name", "演示铜都 机械有限公司"),
            ("founded_on", "2006-05-12"),
            ("capital_fen", "12000000000"),
            ("region", "420281"),
            ("unit", "1"),
            ("industry", "3130"),
            ("above_scale", "1"),
        ]
    );
    assert_eq!((new.since, new.source.as_str()), (day(2021, 1, 1), "营业执照"));
}

#[test]
fn an_empty_form_names_every_missing_field() {
    let faults = fields(new_org(&RegisterForm::default(), &county(), day(2021, 6, 30)));
    assert_eq!(faults, ["kind", "credit_code", "since", "name", "unit", "source"]);
    let whole_city = fields(new_org(&RegisterForm::default(), &Scope::All, day(2021, 6, 30)));
    assert_eq!(whole_city, ["kind", "credit_code", "since", "name", "source"]);
}

#[test]
fn wrong_values_are_told_at_their_fields() {
    let today = day(2021, 6, 30);
    type Spoil = fn(&mut RegisterForm);
    let cases: [(&str, Spoil); 9] = [
        ("credit_code", |f| f.credit_code = "91420299MADE00011X".into()),
        ("unit", |f| f.unit = "2".into()),
        ("unit", |f| f.unit = "大冶市".into()),
        ("region", |f| f.region = "大冶".into()),
        ("industry", |f| f.industry = "9999".into()),
        ("founded_on", |f| f.founded_on = "2021-07-01".into()),
        ("capital", |f| f.capital = "-1".into()),
        ("since", |f| f.since = "2021-07-01".into()),
        ("address", |f| f.address = "长".repeat(LONGEST + 1)),
    ];
    for (field, spoil) in cases {
        let mut form = filled();
        spoil(&mut form);
        assert_eq!(fields(new_org(&form, &county(), today)), [field]);
    }
}

/// The same code with its inner check character spoilt and its last one right again.
fn code_with_warning(form: &RegisterForm) -> String {
    let spoilt = if form.credit_code.as_bytes()[16] == b'0' { "1" } else { "0" };
    let body = format!("{}{spoilt}", &form.credit_code[..16]);
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|check| format!("{body}{check}"))
        .find(|code| CreditCode::parse(code).is_ok())
        .expect("one check character fits")
}

#[test]
fn a_doubtful_code_is_taken_when_sent_again() {
    let today = day(2021, 6, 30);
    let mut form = filled();
    form.credit_code = code_with_warning(&form);
    assert_eq!(fields(new_org(&form, &county(), today)), ["warned"]);
    form.warned = form.credit_code.clone();
    assert!(new_org(&form, &county(), today).is_ok());
    form.warned = filled().credit_code;
    assert_eq!(fields(new_org(&form, &county(), today)), ["warned"], "another code was read");
}

#[test]
fn an_industry_is_found_by_code_name_or_both() {
    for (typed, code) in
        [("3130", "3130"), ("31", "31"), ("３１３０ 钢压延加工", "3130"), ("钢压延加工", "3130"), ("白酒", "1512")]
    {
        assert_eq!(industry_code(typed).as_deref(), Ok(code), "{typed}");
    }
    let several = industry_code("水泥").expect_err("more than one");
    assert!(several.contains("3011 水泥制造"), "{several}");
    for wrong in ["C", "9999", "3130 白酒制造", "不存在的行业"] {
        assert!(industry_code(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_region_is_found_by_code_or_name() {
    for (typed, code) in [("420281", "420281"), ("大冶市", "420281"), ("420281 大冶市", "420281"), ("420106", "420106")]
    {
        assert_eq!(region_code(typed).as_deref(), Ok(code), "{typed}");
    }
    for wrong in ["4202", "大冶", "420281 阳新县", "020281"] {
        assert!(region_code(wrong).is_err(), "{wrong}");
    }
}

fn a_change(attribute: &str, value: &str) -> ChangeForm {
    ChangeForm {
        attribute: attribute.into(),
        value: value.into(),
        valid_from: "2021-03-01".into(),
        valid_to: String::new(),
        source: "变更通知书".into(),
    }
}

#[test]
fn a_change_is_read_in_its_stored_form() {
    let today = day(2021, 6, 30);
    for (attribute, typed, stored) in [
        ("capital_fen", "500", "500000000"),
        ("unit", "1", "1"),
        ("declared_size", "3", "3"),
        ("status", "注销", "注销"),
        ("mark.specialised", "省级", "省级"),
        ("name", "演示（磁湖） 电子", "演示（磁湖） 电子"),
    ] {
        let change = change(&a_change(attribute, typed), &county(), today).expect("valid");
        assert_eq!((change.value.as_str(), change.from, change.to), (stored, day(2021, 3, 1), None), "{attribute}");
    }
    let ahead = ChangeForm { valid_to: "2024-02-29".into(), ..a_change("mark.high_tech", "国家级") };
    assert_eq!(change(&ahead, &county(), today).expect("valid").to, Some(day(2024, 2, 29)));
}

#[test]
fn a_wrong_change_names_its_fields() {
    let today = day(2021, 6, 30);
    for attribute in ["size", "colour", ""] {
        assert_eq!(fields(change(&a_change(attribute, "3"), &county(), today)), ["attribute"], "{attribute}");
    }
    assert_eq!(fields(change(&a_change("unit", "2"), &county(), today)), ["value"], "into another unit");
    let empty = ChangeForm { attribute: "name".into(), ..ChangeForm::default() };
    assert_eq!(fields(change(&empty, &county(), today)), ["value", "valid_from", "source"]);
    let backwards = ChangeForm { valid_to: "2021-02-28".into(), ..a_change("name", "新名") };
    assert_eq!(fields(change(&backwards, &county(), today)), ["valid_to"]);
    let ahead = ChangeForm { valid_from: "2021-07-01".into(), ..a_change("name", "新名") };
    assert_eq!(fields(change(&ahead, &county(), today)), ["valid_from"]);
}

#[test]
fn figures_of_a_year_are_read_in_their_units() {
    let form = YearForm {
        year: "2020年".into(),
        employees: "1,312人".into(),
        revenue: "2.148亿元".into(),
        assets: String::new(),
        year_source: "年报".into(),
    };
    let figures = year(&form).expect("valid");
    assert_eq!(
        (figures.year, figures.employees, figures.revenue, figures.assets),
        (2020, Some(1312), Some(Fen(21_480_000_000)), None)
    );
    assert_eq!(fields(year(&YearForm::default())), ["year", "employees", "year_source"]);
    let wrong = YearForm { employees: "约300".into(), revenue: "-1".into(), assets: "3千元".into(), ..form };
    assert_eq!(fields(year(&wrong)), ["employees", "revenue", "assets"]);
}

#[test]
fn different_codes_make_a_merge_doubtful() {
    let org = |code: Option<&str>, unit: i64| Organisation {
        id: OrgId(1),
        kind: "enterprise".into(),
        credit_code: code.map(str::to_owned),
        local_code: None,
        name: "甲".into(),
        unit,
        region: 0,
        industry: String::new(),
        size: 0,
        above_scale: false,
        status: String::new(),
        merged_into: None,
    };
    assert!(doubts(&org(Some("A"), 1), &org(None, 1)).is_empty());
    assert_eq!(doubts(&org(Some("A"), 1), &org(Some("B"), 2)).len(), 2);
}
