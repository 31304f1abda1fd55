//! What a transaction offers for its place in a block. BSC has a base fee of 0 and a minimum gas price, so the tip is
//! the price; a replacement must offer at least ten percent more on both caps, which not every node enforces and we
//! therefore do. Pure: prices come in, caps go out.

/// Both fee caps of a transaction, in wei for one unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// The most that is paid in all.
    pub max_fee: u64,
    /// The most that is paid above the base fee; never more than `max_fee`.
    pub priority: u64,
}

/// What a node asks at the moment, in wei for one unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The next block's base fee; 0 on BSC.
    pub base_fee: u64,
    /// What the node suggests above it; at least its minimum gas price.
    pub tip: u64,
}

/// The bounds that operators set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePolicy {
    /// No transaction offers more than this for one unit of gas, in wei.
    pub ceiling: u64,
    /// By how much a replacement raises both caps, in percent; at least [`LEAST_BUMP`].
    pub bump_percent: u64,
}

/// Nodes of BSC take a replacement only if both caps are raised by this many percent.
pub const LEAST_BUMP: u64 = 10;

/// The caps of a first sending; `None` when the node asks more than the ceiling.
///
/// The base fee counts twice, so that a transaction outlasts a few blocks of a rising one.
pub fn first(price: Price, policy: FeePolicy) -> Option<Fee> {
    let max_fee = price.base_fee.checked_mul(2)?.checked_add(price.tip)?;
    (max_fee <= policy.ceiling).then_some(Fee { max_fee, priority: price.tip })
}

/// The caps of a transaction that must take the place of one that offered `previous`; `None` when that passes the ceiling.
pub fn replacement(previous: Fee, price: Price, policy: FeePolicy) -> Option<Fee> {
    let now = first(price, policy)?;
    let percent = policy.bump_percent.max(LEAST_BUMP);
    let max_fee = raised(previous.max_fee, percent)?.max(now.max_fee);
    let priority = raised(previous.priority, percent)?.max(now.priority);
    (max_fee <= policy.ceiling && priority <= max_fee).then_some(Fee { max_fee, priority })
}

/// The caps of a transaction against one of the same nonce that offered `previous` and may still wait somewhere, or
/// nowhere: those of a [`replacement`], but at most the ceiling. `None` when the node asks more than the ceiling.
pub fn outbidding(previous: Fee, price: Price, policy: FeePolicy) -> Option<Fee> {
    let now = first(price, policy)?;
    let percent = policy.bump_percent.max(LEAST_BUMP);
    let capped = |wei| raised(wei, percent).unwrap_or(u64::MAX).min(policy.ceiling);
    let max_fee = capped(previous.max_fee).max(now.max_fee);
    let priority = capped(previous.priority).max(now.priority).min(max_fee);
    Some(Fee { max_fee, priority })
}

/// `wei` and `percent` more, rounded up, and by one wei at least.
fn raised(wei: u64, percent: u64) -> Option<u64> {
    let more = u128::from(wei).checked_mul(u128::from(percent))?.div_ceil(100).max(1);
    wei.checked_add(u64::try_from(more).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GWEI: u64 = 1_000_000_000;
    const POLICY: FeePolicy = FeePolicy { ceiling: 5 * GWEI, bump_percent: 10 };

    fn fee(max_fee: u64, priority: u64) -> Fee {
        Fee { max_fee, priority }
    }

    #[test]
    fn the_first_offer_is_the_nodes_price() {
        for (base_fee, tip, expected) in [
            (0, GWEI / 20, Some(fee(GWEI / 20, GWEI / 20))),
            (GWEI, GWEI, Some(fee(3 * GWEI, GWEI))),
            (0, 5 * GWEI, Some(fee(5 * GWEI, 5 * GWEI))),
            (0, 5 * GWEI + 1, None),
            (u64::MAX, 1, None),
        ] {
            assert_eq!(first(Price { base_fee, tip }, POLICY), expected, "base fee {base_fee}, tip {tip}");
        }
    }

    #[test]
    fn a_replacement_raises_both_caps_by_a_tenth_at_least() {
        let low = Price { base_fee: 0, tip: 1 };
        for (previous, price, expected) in [
            (fee(100, 50), low, Some(fee(110, 55))),
            // Rounded up: 10 % of 101 is more than 10.
            (fee(101, 101), low, Some(fee(112, 112))),
            (fee(0, 0), low, Some(fee(1, 1))),
            // What the node asks by now is more than the bump.
            (fee(100, 100), Price { base_fee: 0, tip: 200 }, Some(fee(200, 200))),
            // The ceiling holds for the bump, too.
            (fee(4 * GWEI, GWEI), low, Some(fee(44 * GWEI / 10, 11 * GWEI / 10))),
            (fee(46 * GWEI / 10, GWEI), low, None),
            (fee(5 * GWEI, 5 * GWEI), low, None),
            (fee(u64::MAX, 1), low, None),
        ] {
            assert_eq!(replacement(previous, price, POLICY), expected, "{previous:?} {price:?}");
        }
    }

    #[test]
    fn what_may_wait_nowhere_is_outbid_up_to_the_ceiling() {
        let low = Price { base_fee: 0, tip: 1 };
        for (previous, price, expected) in [
            (fee(100, 50), low, Some(fee(110, 55))),
            (fee(46 * GWEI / 10, GWEI), low, Some(fee(5 * GWEI, 11 * GWEI / 10))),
            (fee(5 * GWEI, 5 * GWEI), low, Some(fee(5 * GWEI, 5 * GWEI))),
            // The ceiling was lowered since.
            (fee(9 * GWEI, 9 * GWEI), low, Some(fee(5 * GWEI, 5 * GWEI))),
            (fee(u64::MAX, u64::MAX), low, Some(fee(5 * GWEI, 5 * GWEI))),
            (fee(100, 100), Price { base_fee: 0, tip: 200 }, Some(fee(200, 200))),
            (fee(5 * GWEI, 5 * GWEI), Price { base_fee: 0, tip: 5 * GWEI + 1 }, None),
        ] {
            assert_eq!(outbidding(previous, price, POLICY), expected, "{previous:?} {price:?}");
        }
    }

    #[test]
    fn a_bump_below_what_nodes_take_is_raised_to_it() {
        let timid = FeePolicy { bump_percent: 1, ..POLICY };
        let replaced = replacement(fee(1000, 1000), Price { base_fee: 0, tip: 1 }, timid);
        assert_eq!(replaced, Some(fee(1100, 1100)));
    }
}
