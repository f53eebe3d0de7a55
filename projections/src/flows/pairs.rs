//! Pairs: who pays whom within one movement.
//!
//! An entry states what each account gives or gets, not who pays whom. With one payer or one payee,
//! the pairs follow. With several of both, they are by rule: payers pay in the order first named,
//! each in proportion to what the payees still lack, in exact pence by largest remainder. Every
//! account's total stays what the entry states. An account named twice counts once, net.
//!
//! Beyond [`PAIRS_MAX`] pairs, each payer instead pays the payees in order until each has its
//! amount. Totals stay exact, and one entry cannot add an unlimited number of transfers.

use super::shares::Split;

/// The most pairs made in proportion from one movement.
const PAIRS_MAX: usize = 1024;

/// An account and its gain; negative for a payer.
pub(super) type Side = (u32, i64);

/// A payer, a payee and an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) pence: i64,
    /// Whether the pair is by rule: the entry states only totals.
    pub(super) by_rule: bool,
}

/// The net gain of each account, in the order first named.
pub(super) fn net(legs: impl Iterator<Item = Side>) -> Vec<Side> {
    let mut named: Vec<(u32, usize, i64)> =
        legs.enumerate().map(|(index, (account, pence))| (account, index, pence)).collect();
    named.sort_unstable();
    named.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.2 = kept.2.wrapping_add(later.2);
        }
        same
    });
    named.sort_unstable_by_key(|(_, index, _)| *index);
    named.into_iter().map(|(account, _, pence)| (account, pence)).collect()
}

/// Pairs payers with payees. The sides must sum to zero.
pub(super) fn pairs(sides: &[Side], split: &mut Split, mut pay: impl FnMut(Pair)) {
    let payers: Vec<Side> =
        sides.iter().filter(|(_, pence)| *pence < 0).map(|(from, pence)| (*from, -pence)).collect();
    let payees: Vec<Side> = sides.iter().filter(|(_, pence)| *pence > 0).copied().collect();
    let by_rule = payers.len() > 1 && payees.len() > 1;
    let mut lack: Vec<i64> = payees.iter().map(|(_, pence)| *pence).collect();
    let in_order = by_rule && payers.len().saturating_mul(payees.len()) > PAIRS_MAX;
    for (from, gives) in payers {
        if in_order {
            pay_in_order(gives, &lack, &mut split.shares);
        } else {
            split.share(gives, &lack);
        }
        let shares = payees.iter().zip(&split.shares).zip(&mut lack);
        for (((to, _), share), lack) in shares.filter(|((_, share), _)| **share > 0) {
            *lack -= share;
            pay(Pair { from, to: *to, pence: *share, by_rule });
        }
    }
}

fn pay_in_order(gives: i64, lack: &[i64], shares: &mut Vec<i64>) {
    let mut left = gives;
    shares.clear();
    shares.extend(lack.iter().map(|lack| {
        let share = left.min(*lack);
        left -= share;
        share
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(legs: &[Side]) -> Vec<(u32, u32, i64)> {
        let mut paid = Vec::new();
        pairs(&net(legs.iter().copied()), &mut Split::default(), |pair| {
            paid.push((pair.from, pair.to, pair.pence));
        });
        paid
    }

    #[test]
    fn the_donors_of_2017_18_pay_cyber_and_suspense_to_the_penny() {
        let (provdig, wifi, cyber, suspense) = (1, 2, 3, 4);
        let legs = [
            (provdig, -8_100_000_000),
            (wifi, -1_370_000_000),
            (cyber, 6_370_000_000),
            (suspense, 3_100_000_000),
        ];
        let expected = [
            (provdig, cyber, 5_448_468_849),
            (provdig, suspense, 2_651_531_151),
            (wifi, cyber, 921_531_151),
            (wifi, suspense, 448_468_849),
        ];
        assert_eq!(paid(&legs), expected);
    }

    #[test]
    fn one_payer_or_one_payee_needs_no_rule() {
        assert_eq!(paid(&[(1, -5), (2, 3), (3, 2)]), [(1, 2, 3), (1, 3, 2)]);
        assert_eq!(paid(&[(1, 5), (2, -3), (3, -2)]), [(2, 1, 3), (3, 1, 2)]);
    }

    #[test]
    fn an_account_named_twice_counts_net() {
        assert_eq!(paid(&[(1, -5), (2, 9), (1, -4)]), [(1, 2, 9)]);
        assert_eq!(paid(&[(1, -5), (2, 9), (1, 5), (3, -9)]), [(3, 2, 9)]);
        assert_eq!(paid(&[(1, -5), (1, 5)]), []);
    }

    #[test]
    fn totals_are_those_of_the_entry_for_any_number_of_accounts() {
        for (payers, payees) in [(3_u32, 7_u32), (32, 32), (33, 32), (300, 200)] {
            let mut legs: Vec<Side> = (0..payers).map(|n| (n, -i64::from(n * n + 1))).collect();
            let total: i64 = -legs.iter().map(|(_, pence)| pence).sum::<i64>();
            let each = total / i64::from(payees);
            legs.extend((0..payees).map(|n| (1000 + n, each)));
            legs.push((999, total - each * i64::from(payees)));
            let paid = paid(&legs);
            for (account, pence) in net(legs.iter().copied()) {
                let got: i64 = paid.iter().filter(|p| p.1 == account).map(|p| p.2).sum();
                let gave: i64 = paid.iter().filter(|p| p.0 == account).map(|p| p.2).sum();
                assert_eq!(got - gave, pence, "{account} of {payers} and {payees}");
            }
            assert!(paid.len() <= PAIRS_MAX.max((payers + payees + 1) as usize));
        }
    }
}
