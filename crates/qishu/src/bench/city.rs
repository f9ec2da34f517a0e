//! The city that is measured: reporting units and synthetic organisations.
//!
//! Every organisation is a pure function of its number, so that a search or a fact can be made up
//! without reading the store. Credit codes lie in the unassigned region 420299; no real body is meant.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kernel::access::Actor;
use kernel::id::{OrgId, UnitId};
use kernel::org::{self, NewOrg};
use kernel::store::Store;
use kernel::value::credit_code::CreditCode;
use kernel::value::day::{Day, day_end};
use kernel::value::industry::{self, Level};
use kernel::{Error, Result};

use super::dice::Dice;
use super::progress;

/// Reporting units: number, code, name, region.
pub(super) const UNITS: [(i64, &str, &str, i64); 7] = [
    (1, "u1", "第一单元", 420_202),
    (2, "u2", "第二单元", 420_203),
    (3, "u3", "第三单元", 420_204),
    (4, "u4", "第四单元", 420_205),
    (5, "u5", "第五单元", 420_222),
    (6, "u6", "第六单元", 420_281),
    (7, "u7", "第七单元", 420_299),
];

/// Organisations registered in one act.
const BATCH: u64 = 5_000;

/// Characters of brands with the initial of their pinyin; none of them is read in two common ways.
const BRANDS: &str = "安a邦b博b昌c诚c川c达d德d鼎d东d恩e方f飞f丰f富f刚g高g光g国g海h浩h恒h宏h华h汇h佳j建j江j金j京j精j景j巨j\
    开k凯k科k康k坤k蓝l朗l力l利l联l林l凌l龙l隆l迈m美m民m明m铭m宁n诺n欧o鹏p平p普p奇q启q千q强q庆q全q泉q\
    仁r日r荣r瑞r润r森s山s尚s深s胜s实s世s顺s硕s思s泰t腾t天t通t旺w威w维w伟w文w汉h西x祥x翔x欣x新x鑫x信x星x旭x\
    亚y阳y耀y亿y益y银y英y永y优y友y宇y玉y元y远y跃y云y泽z展z兆z正z志z众z卓z紫z宗z";

/// What organisations do, with initials; the earlier ones are the more common.
const TRADES: [(&str, &str); 20] = [
    ("科技", "kj"),
    ("机械", "jx"),
    ("电子", "dz"),
    ("建材", "jc"),
    ("贸易", "my"),
    ("模具", "mj"),
    ("物流", "wl"),
    ("食品", "sp"),
    ("装备", "zb"),
    ("信息", "xx"),
    ("材料", "cl"),
    ("化工", "hg"),
    ("服饰", "fs"),
    ("医药", "yy"),
    ("软件", "rj"),
    ("环保", "hb"),
    ("制造", "zz"),
    ("钢铁", "gt"),
    ("铜业", "ty"),
    ("新能源", "xny"),
];

const TOWNS: [&str; 8] = ["东湖", "江北", "江南", "楚天", "鄂东", "磁湖", "云山", "汉江"];

/// Who an organisation is, by its number from 0.
#[derive(Debug, Clone)]
pub(super) struct Name {
    town: &'static str,
    brand: Vec<(char, char)>,
    trade: (&'static str, &'static str),
    tail: &'static str,
}

impl Name {
    pub(super) fn of(number: u64) -> Self {
        let brands = brands();
        let mut dice = Dice::new(number ^ 0x00A0_0000_0000);
        let brand = (0..2 + dice.index(2)).map(|_| *dice.pick(&brands)).collect();
        let common = dice.index(TRADES.len()).min(dice.index(TRADES.len()));
        let tail = match dice.below(20) {
            0 | 1 => "股份有限公司",
            2 => "经营部",
            _ => "有限公司",
        };
        Self { town: TOWNS[dice.index(TOWNS.len())], brand, trade: TRADES[common], tail }
    }

    pub(super) fn text(&self) -> String {
        let brand: String = self.brand.iter().map(|(c, _)| *c).collect();
        format!("{}{brand}{}{}", self.town, self.trade.0, self.tail)
    }

    /// The part that tells it from others: brand and trade.
    pub(super) fn distinctive(&self) -> String {
        self.brand.iter().map(|(c, _)| *c).chain(self.trade.0.chars()).collect()
    }

    /// The pinyin initials of [`Name::distinctive`].
    pub(super) fn initials(&self) -> String {
        self.brand.iter().map(|(_, i)| *i).chain(self.trade.1.chars()).collect()
    }
}

fn brands() -> Vec<(char, char)> {
    let chars: Vec<char> = BRANDS.chars().filter(|c| !c.is_whitespace()).collect();
    chars.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The organisations in the store, in the order of their numbers.
#[derive(Debug, Clone)]
pub(super) struct City {
    ids: Vec<OrgId>,
}

impl City {
    /// Organisations that lend, vouch and provide: the first ones.
    fn institutions(&self) -> u64 {
        institutions(self.ids.len() as u64)
    }

    /// A firm: 30 in 100 draws fall on the active twentieth, the others on anyone.
    pub(super) fn firm(&self, dice: &mut Dice) -> OrgId {
        let first = self.institutions();
        let firms = self.ids.len() as u64 - first;
        let among = if dice.percent(30) { firms.div_ceil(20) } else { firms };
        self.ids[(first + dice.below(among)) as usize]
    }

    /// A bank, guarantor or provider.
    pub(super) fn institution(&self, dice: &mut Dice) -> OrgId {
        self.ids[dice.index(self.institutions() as usize)]
    }

    /// The organisation at this place; the last one beyond the end.
    pub(super) fn nth(&self, n: u64) -> OrgId {
        self.ids[(n as usize).min(self.ids.len() - 1)]
    }

    /// The place of the first guarantor.
    pub(super) fn guarantors(&self) -> u64 {
        (0..self.len()).find(|n| *n >= self.institutions() / 3).unwrap_or(0)
    }

    /// How many organisations there are.
    pub(super) fn len(&self) -> u64 {
        self.ids.len() as u64
    }

    /// What a store that was loaded earlier holds.
    pub(super) async fn held(store: &Store) -> Result<Self> {
        let rows = store.read().await?.all("SELECT id FROM organisation ORDER BY id").await?;
        let ids = rows.iter().map(|r| r.get("id").map(OrgId)).collect::<Result<Vec<_>>>()?;
        if ids.len() < 20 {
            return Err(Error::invalid("dir", "这个目录没有装载过的测试数据，请去掉 --reuse 重新装载"));
        }
        Ok(Self { ids })
    }

    /// Writes units and organisations; returns them and how long the organisations took.
    pub(super) async fn found(store: &Store, orgs: u64, at: DateTime<Utc>) -> Result<(Self, Duration)> {
        let actor = Actor::system("性能测试");
        store
            .write_at(at, &actor, async |tx| {
                for (id, code, name, _) in UNITS {
                    org::create_unit(tx, UnitId(id), code, name).await?;
                }
                Ok(())
            })
            .await?;
        let industries = Industries::load();
        let bar = progress("organisations", orgs);
        let mut ids = Vec::with_capacity(orgs as usize);
        let started = Instant::now();
        let mut next = 0;
        while next < orgs {
            let end = (next + BATCH).min(orgs);
            let registered = store
                .write_at(at, &actor, async |tx| {
                    let mut registered = Vec::with_capacity((end - next) as usize);
                    for number in next..end {
                        registered.push(org::register(tx, new_org(number, orgs, &industries)?).await?);
                    }
                    Ok(registered)
                })
                .await?;
            ids.extend(registered);
            next = end;
            bar.set_position(next);
        }
        bar.finish_and_clear();
        Ok((Self { ids }, started.elapsed()))
    }
}

fn institutions(orgs: u64) -> u64 {
    (orgs / 5).clamp(1, 180)
}

struct Industries {
    all: Vec<&'static str>,
    industrial: Vec<&'static str>,
}

impl Industries {
    fn load() -> Self {
        let classes = industry::industries().iter().filter(|i| i.level == Level::Class).map(|i| i.code);
        let all: Vec<&'static str> = classes.collect();
        let industrial = all.iter().copied().filter(|code| industry::is_industrial(code)).collect();
        Self { all, industrial }
    }
}

fn new_org(number: u64, orgs: u64, industries: &Industries) -> Result<NewOrg> {
    let mut dice = Dice::new(number ^ 0x00B0_0000_0000);
    let first_firm = institutions(orgs);
    let kind = match number {
        n if n < first_firm / 3 => "financial_institution",
        n if n < first_firm / 2 => "guarantor",
        n if n < first_firm => "provider",
        _ if dice.percent(15) => "sole_trader",
        _ => "enterprise",
    };
    let is_active = number >= first_firm && number - first_firm < (orgs - first_firm).div_ceil(20);
    let size = match (is_active, dice.below(100)) {
        (true, 0..30) => 1,
        (true, 30..70) | (false, 80..98) => 2,
        (true, 70..92) | (false, 98..100) => 3,
        (true, _) => 4,
        (false, _) => 1,
    };
    let is_above = size >= 3 || (size == 2 && dice.percent(if is_active { 60 } else { 10 }));
    let (unit, _, _, region) = UNITS[dice.index(UNITS.len()).min(dice.index(UNITS.len()))];
    let code = if dice.percent(70) { *dice.pick(&industries.industrial) } else { *dice.pick(&industries.all) };
    let prefix = if kind == "sole_trader" { "92420299" } else { "91420299" };
    let credit_code =
        CreditCode::compose(prefix, &format!("{number:08}")).map_err(|e| Error::Internal(e.to_string()))?;
    let pairs = [
        ("name", Name::of(number).text()),
        ("status", "存续".to_owned()),
        ("unit", unit.to_string()),
        ("region", region.to_string()),
        ("industry", code.to_owned()),
        ("size", size.to_string()),
        ("above_scale", u8::from(is_above).to_string()),
    ];
    Ok(NewOrg {
        kind: kind.to_owned(),
        credit_code: Some(credit_code.to_string()),
        local_code: None,
        since: Day::from_ymd_opt(2006 + dice.below(10) as i32, 1 + dice.below(12) as u32, 1).unwrap_or_default(),
        attributes: pairs.into_iter().map(|(code, value)| (code.to_owned(), value)).collect(),
        source: "性能测试的合成数据".to_owned(),
    })
}

/// Firms that change on `day`: some rise above or fall below designated size, some move to another unit.
/// Facts recorded later about days before the change must then be stamped from the history.
pub(super) async fn change_some(store: &Store, city: &City, dice: &mut Dice, day: Day, how_many: u64) -> Result<()> {
    store
        .write_at(day_end(day), &Actor::system("性能测试"), async |tx| {
            for _ in 0..how_many {
                let org = city.firm(dice);
                let (attribute, value) = match dice.below(3) {
                    0 => ("unit", (1 + dice.below(UNITS.len() as u64)).to_string()),
                    1 => ("above_scale", "0".to_owned()),
                    _ => ("above_scale", "1".to_owned()),
                };
                org::assert(tx, org, attribute, &value, day, None, "性能测试的合成数据").await?;
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_every_time_and_has_its_initials() {
        for number in 0..500 {
            let name = Name::of(number);
            assert_eq!(name.text(), Name::of(number).text());
            assert!(name.text().contains(&name.distinctive()));
            assert_eq!(name.distinctive().chars().count(), name.initials().chars().count());
        }
    }

    #[test]
    fn brands_are_pairs_of_a_character_and_a_letter() {
        assert!(brands().len() > 100);
        assert!(brands().iter().all(|(c, i)| !c.is_ascii() && i.is_ascii_lowercase()));
    }

    #[test]
    fn an_organisation_has_a_valid_code_of_the_unassigned_region() {
        let industries = Industries::load();
        let org = new_org(1234, 10_000, &industries).expect("a valid organisation");
        let code = org.credit_code.expect("a code");
        assert_eq!(CreditCode::parse(&code).expect("valid").code.region(), "420299");
    }
}
