//! Splits money in proportion, in exact pence by largest remainder. Shares sum to the whole.

/// A split, with buffers reused from one split to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Split {
    /// The shares of the last split.
    pub(super) shares: Vec<i64>,
    rest: Vec<u64>,
}

impl Split {
    /// Splits a non-negative `total` in proportion to the positive `weights`. Odd pence go to the
    /// largest remainders, earliest first. Without a positive weight, every share is 0.
    pub(super) fn share(&mut self, total: i64, weights: &[i64]) {
        self.shares.clear();
        let weight = |weight: i64| u64::try_from(weight).unwrap_or(0);
        let sum: u64 = weights.iter().map(|of| weight(*of)).sum();
        let total = weight(total);
        if sum == 0 {
            self.shares.resize(weights.len(), 0);
            return;
        }
        if sum == total {
            self.shares.extend(weights.iter().map(|of| (*of).max(0)));
            return;
        }
        self.rest.clear();
        let mut left = total;
        for of in weights {
            let (share, rest) = part(total, weight(*of), sum);
            left -= share;
            self.shares.push(share as i64);
            self.rest.push(rest);
        }
        // There are fewer odd pence than non-zero remainders.
        while left > 0 {
            let largest = self.rest.iter().enumerate().max_by(|(a, x), (b, y)| {
                // Among equals, the earliest counts as largest.
                x.cmp(y).then(b.cmp(a))
            });
            let Some(largest) = largest.map(|(index, _)| index) else { return };
            self.shares[largest] += 1;
            self.rest[largest] = 0;
            left -= 1;
        }
    }
}

/// `total * weight / sum`, and the remainder.
fn part(total: u64, weight: u64, sum: u64) -> (u64, u64) {
    match total.checked_mul(weight) {
        Some(product) => (product / sum, product % sum),
        None => {
            let (product, sum) = (u128::from(total) * u128::from(weight), u128::from(sum));
            ((product / sum) as u64, (product % sum) as u64)
        }
    }
}

/// The shares of a single split. A negative total gives the negated shares of its absolute value.
pub(super) fn shares(total: i64, weights: &[i64]) -> Vec<i64> {
    let mut split = Split::default();
    split.share(total.saturating_abs(), weights);
    if total < 0 {
        split.shares.iter_mut().for_each(|share| *share = -*share);
    }
    split.shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_in_proportion_and_sum_to_the_whole() {
        let table: [(i64, &[i64], &[i64]); 7] = [
            (100, &[1, 1, 1], &[34, 33, 33]),
            (101, &[1, 1, 1], &[34, 34, 33]),
            (10, &[0, 7, 3], &[0, 7, 3]),
            (5, &[-9, 1, 2], &[0, 2, 3]),
            (7, &[0, -1], &[0, 0]),
            (0, &[3, 4], &[0, 0]),
            (-101, &[1, 1], &[-51, -50]),
        ];
        for (total, weights, expected) in table {
            assert_eq!(shares(total, weights), expected, "{total} by {weights:?}");
        }
    }

    #[test]
    fn sums_as_large_as_a_book_s_neither_overflow_nor_lose_a_penny() {
        let large = 1_i64 << 60;
        for total in [1, 3, large - 1, large] {
            let shares = shares(total, &[large, large - 7, 1, 12_345_678_901_234]);
            assert_eq!(shares.iter().sum::<i64>(), total);
            assert!(shares.iter().all(|share| *share >= 0));
        }
    }
}
