//! The Merkle tree over the leaves of a block: pairs are hashed level by level, a last one without a partner goes up as it is.

use super::hash::Hash;

/// Before a node's bytes.
const NODE: &[u8] = &[1];

fn node(left: &Hash, right: &Hash) -> Hash {
    Hash::of_parts(&[NODE, &left.0, &right.0])
}

fn level_above(level: &[Hash]) -> Vec<Hash> {
    level.chunks(2).map(|pair| if let [left, right] = pair { node(left, right) } else { pair[0] }).collect()
}

/// The root over these leaves; [`Hash::ZERO`] over none.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level_above(&level);
    }
    level.first().copied().unwrap_or(Hash::ZERO)
}

/// A whole tree, for those who want many paths.
pub struct Tree(Vec<Vec<Hash>>);

impl Tree {
    /// The tree over these leaves.
    pub fn of(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            levels.push(level_above(level));
        }
        Self(levels)
    }

    /// The hashes that lead from leaf number `index` to the root, the lowest first.
    pub fn path(&self, index: usize) -> Vec<Hash> {
        self.0.iter().enumerate().filter_map(|(height, level)| level.get(index >> height ^ 1).copied()).collect()
    }
}

/// The hashes that lead from leaf number `index` to the root, the lowest first.
pub fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    Tree::of(leaves.to_vec()).path(index)
}

/// The root that a leaf, its number and its path lead to among `count` leaves; `None` when the path does not fit.
pub fn climb(leaf: Hash, mut index: usize, mut count: usize, path: &[Hash]) -> Option<Hash> {
    if index >= count {
        return None;
    }
    let (mut at, mut path) = (leaf, path.iter());
    while count > 1 {
        if index ^ 1 < count {
            let beside = path.next()?;
            at = if index.is_multiple_of(2) { node(&at, beside) } else { node(beside, &at) };
        }
        index /= 2;
        count = count.div_ceil(2);
    }
    path.next().is_none().then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_climbs_to_the_root_and_no_other_does() {
        for count in 1..40 {
            let leaves: Vec<Hash> = (0..count).map(|n: u64| Hash::of(&n.to_be_bytes())).collect();
            let root = root(&leaves);
            for index in 0..leaves.len() {
                let path = path(&leaves, index);
                assert_eq!(climb(leaves[index], index, leaves.len(), &path), Some(root), "{index} of {count}");
                assert_ne!(climb(Hash::of(b"other"), index, leaves.len(), &path), Some(root));
                assert_eq!(climb(leaves[index], leaves.len(), leaves.len(), &path), None);
                let long = [path.clone(), vec![root]].concat();
                assert_eq!(climb(leaves[index], index, leaves.len(), &long), None, "nothing is left over");
            }
        }
    }
}
