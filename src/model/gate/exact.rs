//! Exact counting: how likely few errors are. Everything is summed from logarithms of probabilities,
//! so that nothing underflows, and no approximation by a bell curve is made.

/// The most errors among `messages` that are no more than a share of them.
pub fn most(messages: u64, share: f64) -> u64 {
    // A share such as 0.02 is a little more or less than it says; a product that should be whole is.
    (messages as f64 * share + 1e-9).floor() as u64
}

/// Whether `wrong` errors among `messages` are few enough to promise that of as many further messages
/// at most a share is wrong, but for a chance of `doubt`.
///
/// Were more than that share of the further ones wrong, then at least so many are wrong among all of
/// them, and each way to halve them is as likely as any other: the errors seen are hypergeometric. No
/// rate is assumed, and the noise of what is to come is in it, unlike in a bound of a rate, which half
/// of the further messages exceed when it is reached. (A fixed number of errors in all, as in Fisher's
/// exact test; the worst number is the least that breaks the promise.)
pub fn holds(wrong: u64, messages: u64, share: f64, doubt: f64) -> bool {
    let breaking = most(messages, share) + 1;
    // With that many errors the promise is as likely broken as not.
    wrong < breaking
        && breaking <= messages
        && halves_with_at_most(wrong, messages, wrong + breaking) <= doubt
}

/// The fewest messages without an error that [`holds`].
pub fn fewest(share: f64, doubt: f64) -> u64 {
    // Only where one more error is allowed does the chance fall, to about a half.
    let least = |allowed: u32| (f64::from(allowed) / share).ceil() as u64;
    (0..LONGEST).map(least).find(|messages| holds(0, *messages, share, doubt)).unwrap_or(MANY)
}

/// More messages than anybody confirms.
pub const MANY: u64 = 10_000_000;
/// One half to the power of this is no number any more.
const LONGEST: u32 = 1_100;

/// The chance that a half of `2 * half` messages, `all` of them wrong, has at most `few` wrong ones.
fn halves_with_at_most(few: u64, half: u64, all: u64) -> f64 {
    let whole = ln_choose(2 * half, half);
    let chance = |wrong| ln_choose(all, wrong) + ln_choose(2 * half - all, half - wrong) - whole;
    summed(all.saturating_sub(half), few.min(all), chance)
}

/// The chance of at most `few` errors among `messages` at a rate between 0 and 1.
pub fn binomial(few: u64, messages: u64, rate: f64) -> f64 {
    let (log, log_not) = (rate.ln(), (-rate).ln_1p());
    let chance =
        |wrong| ln_choose(messages, wrong) + wrong as f64 * log + (messages - wrong) as f64 * log_not;
    summed(0, few.min(messages), chance)
}

/// The sum of chances, given as logarithms, from the last down to where they no longer count.
fn summed(first: u64, last: u64, ln_chance: impl Fn(u64) -> f64) -> f64 {
    let mut sum = 0.0;
    for wrong in (first..=last).rev() {
        let chance = ln_chance(wrong).exp();
        sum += chance;
        if chance < sum * 1e-18 {
            break;
        }
    }
    sum
}

/// The highest rate that `wrong` errors among `messages` leave possible: above it so few of them have a
/// chance below `doubt`. Clopper and Pearson, "The use of confidence or fiducial limits illustrated in
/// the case of the binomial", Biometrika 26 (1934), one-sided, by bisection.
pub fn clopper_pearson(wrong: u64, messages: u64, doubt: f64) -> f64 {
    if messages <= wrong {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if binomial(wrong, messages, middle) > doubt {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn ln_choose(all: u64, some: u64) -> f64 {
    ln_factorial(all) - ln_factorial(some) - ln_factorial(all - some)
}

/// Stirling's series (DLMF 5.11.1); three terms are exact to the last bits from 32 on.
fn ln_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|it| (it as f64).ln()).sum();
    }
    let x = n as f64;
    let series = (1.0 - (1.0 - 2.0 / (7.0 * x * x)) / (30.0 * x * x)) / (12.0 * x);
    (x + 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn bounds_are_those_of_the_tables() {
        // No error in n: 1 - doubt^(1/n); the "rule of three" is its neighbour.
        near(clopper_pearson(0, 149, 0.05), 1.0 - 0.05_f64.powf(1.0 / 149.0));
        // scipy.stats.beta.ppf(1 - doubt, wrong + 1, messages - wrong)
        near(clopper_pearson(1, 200, 0.05), 0.0234984704349507);
        near(clopper_pearson(29, 2000, 0.05), 0.0197182998884098);
        near(clopper_pearson(33, 2531, 0.025), 0.018262320434762);
        near(clopper_pearson(500, 1000, 0.01), 0.537221933239002);
        assert_eq!(clopper_pearson(7, 7, 0.05), 1.0);
    }

    #[test]
    fn tails_are_those_of_a_library() {
        // scipy.stats.binom.cdf and hypergeom.cdf
        near(binomial(3, 10, 0.2), 8.791261183999999e-01);
        near(binomial(29, 2000, 0.02), 4.170664069369691e-02);
        near(binomial(0, 1000000, 1e-05), 4.539765980761298e-05);
        near(binomial(19000, 1000000, 0.02), 3.063253459149862e-13);
        near(halves_with_at_most(0, 200, 5), 3.046975120420698e-02);
        near(halves_with_at_most(26, 2000, 67), 4.190401871069072e-02);
        near(halves_with_at_most(7, 800, 24), 3.097259022178911e-02);
        near(halves_with_at_most(900, 50000, 2000), 3.423038889580879e-06);
    }

    #[test]
    fn two_hundred_right_ones_are_the_fewest_for_two_in_a_hundred() {
        assert_eq!(fewest(0.02, 0.05), 200);
        assert!(holds(0, 200, 0.02, 0.05) && !holds(0, 199, 0.02, 0.05) && !holds(1, 200, 0.02, 0.05));
    }

    proptest! {
        #[test]
        fn what_holds_for_as_many_more_holds_for_the_rate(
            messages in 1_u64..20_000, share in 0.005_f64..0.3, doubt in 0.001_f64..0.3, part in 0.0_f64..1.0
        ) {
            let wrong = (part * share * messages as f64) as u64;
            if holds(wrong, messages, share, doubt) {
                prop_assert!(clopper_pearson(wrong, messages, doubt) <= share);
                prop_assert!(wrong == 0 || holds(wrong - 1, messages, share, doubt));
            }
        }
    }
}
