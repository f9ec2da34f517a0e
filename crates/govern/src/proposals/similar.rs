//! Which earlier proposals ask for something like this one, by the words of their titles. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// Proposals shown at most.
const SHOWN: usize = 5;
/// Characters of common words from which on two titles are alike.
const ALIKE: usize = 4;

/// A proposal that asks for something like another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Likeness {
    /// Its place among those compared.
    pub at: usize,
    /// The words both titles have, the longest first.
    pub words: Vec<String>,
}

/// The titles most like one, the most alike first. Words that stand in a third of all titles (of three or more) say
/// nothing: 关于, 提案, the name of the city.
pub(super) fn most_like(own: &BTreeSet<String>, others: &[BTreeSet<String>]) -> Vec<Likeness> {
    let mut stands: BTreeMap<&str, usize> = BTreeMap::new();
    for word in others.iter().flatten() {
        *stands.entry(word).or_default() += 1;
    }
    let common = |word: &str| others.len() > 2 && stands.get(word).is_some_and(|n| n * 3 >= others.len() && *n > 1);
    let mut found: Vec<(usize, Likeness)> = Vec::new();
    for (at, other) in others.iter().enumerate() {
        let mut words: Vec<String> =
            own.intersection(other).filter(|word| !EMPTY.contains(&word.as_str()) && !common(word)).cloned().collect();
        let weight = words.iter().map(|word| word.chars().count()).sum();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        if weight >= ALIKE {
            found.push((weight, Likeness { at, words }));
        }
    }
    found.sort_by_key(|(weight, likeness)| (std::cmp::Reverse(*weight), likeness.at));
    found.into_iter().take(SHOWN).map(|(_, likeness)| likeness).collect()
}

/// Words that every title has.
const EMPTY: [&str; 8] = ["关于", "提案", "建议", "我市", "我县", "加快", "进一步", "推进"];

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::store::keywords;

    #[test]
    fn a_title_is_like_those_with_which_it_shares_words_that_say_something() {
        let own = keywords("关于加快我市中小企业信息化平台建设的提案");
        let others = [
            "关于加强校园周边停车管理的提案",
            "关于支持中小企业信息化改造的建议",
            "关于推进我市平台建设的提案",
            "关于加快我市社区食堂发展的提案",
        ]
        .map(keywords);
        let found = most_like(&own, &others);
        assert_eq!(found[0].at, 1, "{found:?}");
        assert!(found.iter().all(|one| ![0, 3].contains(&one.at)), "{found:?}");
        assert_eq!(most_like(&own, &[]), []);
    }
}
