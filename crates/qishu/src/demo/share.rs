//! Cutting a total into unequal shares that add up to it exactly.

use super::random::Rng;

/// Fen in 万元.
pub(super) const WAN: i64 = 1_000_000;
/// Fen in 亿元.
pub(super) const YI: i64 = 10_000_000_000;

/// One share per pair of bounds; together exactly `total`.
///
/// Every share lies within its bounds and, as far as bounds and total are multiples of `step`, so is the share.
/// A total outside the sum of the bounds gives the nearest that can be had: the figures' test then fails.
pub(super) fn within(rng: &mut Rng, total: i64, bounds: &[(i64, i64)], step: i64) -> Vec<i64> {
    let mut shares: Vec<i64> = bounds.iter().map(|(low, _)| *low).collect();
    let left = total - shares.iter().sum::<i64>();
    let weights: Vec<i128> = bounds
        .iter()
        .map(|(low, high)| {
            let skew = i128::from(rng.between(15, 100)).pow(2);
            i128::from((high - low).max(0)) * skew
        })
        .collect();
    let sum: i128 = weights.iter().sum::<i128>().max(1);
    for (i, (low, high)) in bounds.iter().enumerate() {
        let wanted = (i128::from(left) * weights[i] / sum) as i64 / step * step;
        shares[i] += wanted.clamp(0, high - low);
    }
    top_up(rng, total, bounds, step, &mut shares);
    shares
}

/// Hands out what rounding and upper bounds left over, in turns and in a random order.
fn top_up(rng: &mut Rng, total: i64, bounds: &[(i64, i64)], step: i64, shares: &mut [i64]) {
    let mut order: Vec<usize> = (0..bounds.len()).collect();
    rng.shuffle(&mut order);
    let mut left = total - shares.iter().sum::<i64>();
    while left > 0 {
        let before = left;
        for i in &order {
            let room = bounds[*i].1 - shares[*i];
            let more = step.min(left).min(room).max(0);
            shares[*i] += more;
            left -= more;
        }
        if left == before {
            break;
        }
    }
}

/// `n` shares between `low` and `high`.
pub(super) fn even(rng: &mut Rng, total: i64, n: usize, low: i64, high: i64, step: i64) -> Vec<i64> {
    within(rng, total, &vec![(low, high); n], step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_unequal_and_within_bounds() {
        let mut rng = Rng::new("test");
        for (total, n, low, high, step) in [
            (137_600 * WAN, 196, 50 * WAN, 2000 * WAN, 10 * WAN),
            (2_101_830_000, 18, WAN, 500 * WAN, WAN),
            (89, 22, 1, 8, 1),
            (100, 10, 10, 10, 1),
        ] {
            let shares = even(&mut rng, total, n, low, high, step);
            assert_eq!(shares.iter().sum::<i64>(), total);
            assert!(shares.iter().all(|s| (low..=high).contains(s)));
            let first = shares[0];
            assert!(low == high || shares.iter().any(|s| *s != first));
        }
    }
}
