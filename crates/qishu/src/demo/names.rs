//! Names that are pleasant to read and plainly made up.
//!
//! A name is the unit's short name, a made-up 字号, the trade and the form, closed by 「（样例）」.

use std::collections::HashSet;

use super::random::Rng;

/// What closes every synthetic name.
pub(super) const MARK: &str = "（样例）";

const FIRST: &[char] = &[
    '澜', '砚', '岚', '樾', '沐', '璟', '泓', '霁', '苒', '琅', '祺', '翎', '昱', '栩', '峤', '洵', '筠', '澄', '珩',
    '弘', '禹', '骐', '瀚', '葳',
];
const SECOND: &[char] = &[
    '石', '川', '禾', '岭', '舟', '林', '源', '朗', '庭', '野', '汐', '辰', '原', '陌', '屿', '衡', '谷', '芃', '铎',
    '衢', '柏', '桥', '帆', '钧',
];

/// A trade: GB/T 4754 class, the word in the name, and how common it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trade {
    /// GB/T 4754-2017 class.
    pub code: &'static str,
    /// The word in the name.
    pub word: &'static str,
    /// Weight among the trades of its list.
    pub weight: i64,
}

const fn trade(code: &'static str, word: &'static str, weight: i64) -> Trade {
    Trade { code, word, weight }
}

/// Trades of industry.
pub(super) static INDUSTRY: &[Trade] = &[
    trade("3525", "模具", 9),
    trade("3451", "轴承", 3),
    trade("3464", "制冷设备", 6),
    trade("3484", "精密机械", 9),
    trade("3432", "起重机械", 3),
    trade("3441", "泵业", 2),
    trade("3515", "矿山机械", 3),
    trade("3982", "电路", 6),
    trade("3983", "传感技术", 3),
    trade("3974", "显示科技", 2),
    trade("3985", "电子材料", 4),
    trade("3812", "电机", 3),
    trade("3823", "电气", 4),
    trade("3670", "汽车部件", 6),
    trade("3130", "特钢", 5),
    trade("3391", "铸造", 5),
    trade("3393", "锻件", 3),
    trade("3311", "钢构", 5),
    trade("3360", "表面工程", 3),
    trade("3251", "铜业", 3),
    trade("3011", "水泥", 2),
    trade("3021", "建材", 5),
    trade("3099", "新材料", 4),
    trade("1011", "矿业", 2),
    trade("2614", "化工", 4),
    trade("2641", "涂料", 2),
    trade("2710", "药业", 3),
    trade("2770", "医用材料", 2),
    trade("2921", "塑业", 3),
    trade("2231", "包装", 4),
    trade("1830", "服饰", 5),
    trade("1811", "制衣", 4),
    trade("1512", "酒业", 2),
    trade("1353", "食品", 4),
    trade("1311", "粮油", 2),
    trade("4210", "再生资源", 2),
    trade("4412", "热电", 1),
    trade("4620", "水务", 1),
];

/// Trades outside industry.
pub(super) static OTHERS: &[Trade] = &[
    trade("6513", "软件", 6),
    trade("6531", "信息技术", 7),
    trade("6550", "数据服务", 3),
    trade("5179", "机电商贸", 9),
    trade("5164", "金属贸易", 6),
    trade("5174", "五金商贸", 6),
    trade("5211", "百货", 5),
    trade("5431", "货运", 6),
    trade("5810", "联运", 2),
    trade("5930", "冷链仓储", 2),
    trade("4790", "建筑工程", 7),
    trade("4813", "市政工程", 3),
    trade("6121", "酒店管理", 3),
    trade("6210", "餐饮管理", 4),
    trade("7320", "工程技术", 3),
    trade("7452", "检测技术", 3),
    trade("7514", "节能科技", 3),
    trade("0141", "生态农业", 4),
    trade("8111", "汽车服务", 4),
];

/// Trades of sole traders.
pub(super) static TRADERS: &[Trade] = &[
    trade("6210", "小菜馆", 6),
    trade("6220", "快餐店", 5),
    trade("5211", "百货店", 5),
    trade("5174", "五金店", 4),
    trade("8111", "汽修店", 3),
    trade("0141", "蔬菜种植场", 3),
    trade("1830", "服饰加工店", 3),
    trade("8010", "家政服务部", 2),
    trade("5431", "货运服务部", 2),
    trade("7281", "会展服务部", 1),
];

/// Gives names and never the same twice.
#[derive(Debug, Default)]
pub(super) struct Namer(HashSet<String>);

impl Namer {
    /// `place` + 字号 + `rest` + 「（样例）」.
    pub(super) fn name(&mut self, rng: &mut Rng, place: &str, rest: &str) -> String {
        loop {
            let (first, second) = (rng.pick(FIRST), rng.pick(SECOND));
            let name = format!("{place}{first}{second}{rest}{MARK}");
            if self.0.insert(name.clone()) {
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::value::industry;

    #[test]
    fn every_trade_is_a_class_of_the_standard() {
        for t in INDUSTRY.iter().chain(OTHERS).chain(TRADERS) {
            assert!(t.code.len() == 4 && industry::find(t.code).is_some(), "{}", t.code);
        }
        assert!(INDUSTRY.iter().all(|t| industry::is_industrial(t.code)));
        assert!(OTHERS.iter().all(|t| !industry::is_industrial(t.code)));
    }

    #[test]
    fn names_are_marked_and_different() {
        let (mut namer, mut rng) = (Namer::default(), Rng::new("names"));
        let names: HashSet<String> = (0..300).map(|_| namer.name(&mut rng, "大冶", "模具有限公司")).collect();
        assert_eq!(names.len(), 300);
        assert!(names.iter().all(|n| n.ends_with(MARK)));
    }
}
