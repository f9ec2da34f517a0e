//! What firms of the same industry and size class have: the median, by which an amount in another unit stands out.
//!
//! Numbers are data (`data/unit-slips.toml`). Only medians of enough firms leave this file, never a firm's figure.

use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::Result;
use kernel::org::{Organisation, size_label};
use kernel::store::{Read, Sql};
use kernel::value::industry;
use kernel::value::money::Fen;
use serde::Deserialize;

use super::model::What;

/// When an amount is doubted.
#[derive(Debug, Deserialize)]
pub(super) struct Doubts {
    least_firms: usize,
    recordings: i64,
    thousand_from: i64,
    ten_thousand_from: i64,
}

/// The numbers that are shipped.
pub(super) fn doubts() -> &'static Doubts {
    #[derive(Deserialize)]
    struct File {
        peers: Doubts,
    }
    static HELD: OnceLock<Doubts> = OnceLock::new();
    HELD.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/unit-slips.toml"));
        let file: File = toml::from_str(text).expect("invariant: the shipped numbers are read by a test");
        file.peers
    })
}

/// A group of firms: division of the industry, and size class.
type Group = (u8, i64);

/// Medians by group.
#[derive(Debug, Default)]
pub(super) struct Peers {
    groups: HashMap<Group, [Option<Median>; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Median {
    amount: Fen,
    firms: usize,
}

/// The measure for one firm.
#[derive(Debug)]
pub(super) struct Peer {
    pub median: Fen,
    /// How many firms it stands for.
    pub firms: usize,
    /// What they have in common, in Chinese.
    pub group: String,
}

impl Peers {
    /// Reads the newest figures on record and takes the medians of groups with enough firms; only yearly figures are
    /// held against them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load(read: &Read, what: What) -> Result<Self> {
        if what != What::Years {
            return Ok(Self::default());
        }
        let mut sql = Sql::new(
            "SELECT y.org_id, o.industry, o.size, y.revenue_fen, y.assets_fen FROM org_year y \
             JOIN organisation o ON o.id = y.org_id WHERE o.merged_into IS NULL ORDER BY y.position DESC LIMIT ",
        );
        sql.bind(doubts().recordings);
        // Of each firm what was recorded last.
        let mut firms: HashMap<i64, (Group, [Option<i64>; 2])> = HashMap::new();
        for row in read.all(sql).await? {
            let industry: String = row.get("industry")?;
            let Some(division) = industry::division_of(&industry) else { continue };
            let amounts = [row.get("revenue_fen")?, row.get("assets_fen")?];
            firms.entry(row.get("org_id")?).or_insert(((division, row.get("size")?), amounts));
        }
        let mut all: HashMap<Group, [Vec<i64>; 2]> = HashMap::new();
        for (group, amounts) in firms.into_values() {
            let of = all.entry(group).or_default();
            for (held, amount) in of.iter_mut().zip(amounts) {
                held.extend(amount.filter(|fen| *fen > 0));
            }
        }
        Ok(Self { groups: all.into_iter().map(|(group, held)| (group, held.map(median))).collect() })
    }

    /// What the peers of a firm have in a column, if there are enough of them.
    pub fn of(&self, org: &Organisation, column: &str) -> Option<Peer> {
        let division = industry::division_of(&org.industry)?;
        let [revenue, assets] = self.groups.get(&(division, org.size))?;
        let median = if column == "revenue" { revenue } else { assets };
        let name = industry::find(&format!("{division:02}")).map_or("", |industry| industry.name);
        let size = if org.size == 0 { "未划型" } else { size_label(org.size) };
        median.map(|m| Peer { median: m.amount, firms: m.firms, group: format!("{name}、{size}") })
    }
}

fn median(mut amounts: Vec<i64>) -> Option<Median> {
    amounts.sort_unstable();
    let middle = amounts.get(amounts.len() / 2).copied()?;
    (amounts.len() >= doubts().least_firms).then_some(Median { amount: Fen(middle), firms: amounts.len() })
}

/// How far an amount lies from the median of its peers, if farther than firms of one sort and size do.
pub(super) fn far(median: Fen, new: Fen) -> Option<&'static str> {
    let (median, new) = (i128::from(median.0), i128::from(new.0));
    let (thousand, ten) = (i128::from(doubts().thousand_from), i128::from(doubts().ten_thousand_from));
    match () {
        () if median <= 0 || new <= 0 => None,
        () if new >= median * ten => Some("1 万倍"),
        () if new >= median * thousand => Some("1000 倍"),
        () if new * ten <= median => Some("万分之一"),
        () if new * thousand <= median => Some("千分之一"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_far_from_its_peers_reads_as_another_unit() {
        for (median, new, told) in [
            (1000, 1_200_000, Some("1000 倍")),
            (1000, 10_000_000, Some("1 万倍")),
            (10_000_000, 9_000, Some("千分之一")),
            (10_000_000, 1_000, Some("万分之一")),
            (1000, 200_000, None),
            (0, 1000, None),
        ] {
            assert_eq!(far(Fen(median), Fen(new)), told, "{median} {new}");
        }
        assert!(median(vec![1; 4]).is_none(), "too few to be a measure");
        assert_eq!(median(vec![9, 1, 5, 7, 3]).map(|m| (m.amount, m.firms)), Some((Fen(5), 5)));
    }
}
