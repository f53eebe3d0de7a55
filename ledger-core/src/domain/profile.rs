//! Monthly profiles: how a full-year amount is spread over twelve months.
//!
//! The parts always sum to the whole. Each month's share is rounded down; odd pence go to the
//! largest remainders, earliest month first.

use serde::{Deserialize, Serialize};

use super::calendar::Month;
use super::money::Pence;

/// Twelve weights, April to March; not all of them zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u16>", into = "Vec<u16>")]
pub struct Profile([u16; 12]);

impl Default for Profile {
    fn default() -> Self {
        Profile::EQUAL
    }
}

impl Profile {
    /// The same weight every month.
    pub const EQUAL: Profile = Profile([1; 12]);

    /// A profile of the given weights, April first.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] where every weight is zero.
    pub fn new(weights: [u16; 12]) -> Result<Self, ProfileError> {
        if weights.iter().all(|weight| *weight == 0) {
            Err(ProfileError)
        } else {
            Ok(Self(weights))
        }
    }

    /// The weights, April first.
    pub const fn weights(self) -> [u16; 12] {
        self.0
    }

    /// The monthly plan: `total` spread over M1 to M12, to the penny.
    pub fn spread(self, total: Pence) -> [Pence; 12] {
        let sum: i128 = self.0.iter().map(|weight| i128::from(*weight)).sum();
        let magnitude = i128::from(total.magnitude().get());
        let mut parts = [0_i128; 12];
        let mut order: [(i128, usize); 12] = std::array::from_fn(|month| (0, month));
        for ((part, rank), weight) in parts.iter_mut().zip(&mut order).zip(&self.0) {
            let product = magnitude.saturating_mul(i128::from(*weight));
            *part = product.checked_div(sum).unwrap_or(0);
            rank.0 = product.checked_rem(sum).unwrap_or(0);
        }
        let placed: i128 = parts.iter().sum();
        let left_over = usize::try_from(magnitude.saturating_sub(placed)).unwrap_or(0);
        order.sort_by_key(|(remainder, month)| (std::cmp::Reverse(*remainder), *month));
        for (_, month) in order.iter().take(left_over) {
            if let Some(part) = parts.get_mut(*month) {
                *part = part.saturating_add(1);
            }
        }
        parts.map(|part| {
            let part = Pence::new(i64::try_from(part).unwrap_or(i64::MAX));
            if total.is_negative() { part.negated() } else { part }
        })
    }

    /// The plan to date: the part of `total` in the months up to and including `month`.
    ///
    /// `M12` and `M13` give the whole.
    pub fn through(self, total: Pence, month: Month) -> Pence {
        if month >= Month::M12 {
            return total;
        }
        let months = i64::from(month.number());
        if self == Profile::EQUAL {
            // The closed form of `spread` for equal weights: odd pence fall in the first months.
            let (each, odd) = (total.get().checked_div(12), total.get().checked_rem(12));
            let odd = odd.unwrap_or(0).clamp(months.saturating_neg(), months);
            return Pence::new(each.unwrap_or(0).saturating_mul(months).saturating_add(odd));
        }
        Pence::sum(self.spread(total).into_iter().take(usize::from(month.number())))
    }
}

impl TryFrom<Vec<u16>> for Profile {
    type Error = ProfileError;

    fn try_from(weights: Vec<u16>) -> Result<Self, ProfileError> {
        Profile::new(weights.try_into().map_err(|_| ProfileError)?)
    }
}

impl From<Profile> for Vec<u16> {
    fn from(profile: Profile) -> Self {
        profile.0.to_vec()
    }
}

/// Why weights are not a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a profile is twelve whole weights from April to March, at least one of them above zero")]
pub struct ProfileError;

#[cfg(test)]
mod tests {
    use super::*;

    fn months(profile: Profile, pence: i64) -> [i64; 12] {
        profile.spread(Pence::new(pence)).map(Pence::get)
    }

    #[test]
    fn odd_pence_fall_in_the_earliest_months() {
        assert_eq!(months(Profile::EQUAL, 125), [11, 11, 11, 11, 11, 10, 10, 10, 10, 10, 10, 10]);
        assert_eq!(months(Profile::EQUAL, -13), [-2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1]);
    }

    #[test]
    fn left_over_pence_go_to_the_largest_remainder_first() {
        let profile = Profile::new([1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).expect("has weight");
        assert_eq!(months(profile, 100)[..3], [33, 67, 0]);
        assert_eq!(months(profile, 101)[..3], [34, 67, 0]);
    }

    #[test]
    fn parts_sum_to_the_whole_and_the_closed_form_agrees_with_the_spread() {
        let uneven = Profile::new([7, 0, 3, 3, 1, 1, 0, 9, 65_535, 2, 5, 11]).expect("has weight");
        let limit = Pence::LIMIT.get();
        for pence in [0, 1, -1, 11, 12, 13, 999, -7_777, limit, -limit, limit - 5] {
            for profile in [Profile::EQUAL, uneven] {
                let total = Pence::new(pence);
                assert_eq!(Pence::sum(profile.spread(total)), total);
                for (index, month) in Month::all().take(12).enumerate() {
                    let naive = Pence::sum(profile.spread(total).into_iter().take(index + 1));
                    assert_eq!(profile.through(total, month), naive, "{pence} through {month}");
                }
            }
        }
    }

    #[test]
    fn a_profile_without_weight_is_refused() {
        assert_eq!(Profile::new([0; 12]), Err(ProfileError));
        assert_eq!(Profile::try_from(vec![1; 11]), Err(ProfileError));
    }
}
