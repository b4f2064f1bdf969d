//! An axis for figures: round ticks, and the position of a figure in pixels.
//!
//! Ticks are exact. Pixels are rounded and never printed. All arithmetic uses integers, because large
//! figures would lose digits in a float.

use event_ledger::money::{Balance, Scale};

/// The approximate number of ticks.
const TICKS: u128 = 4;

/// A range of figures with round ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    low: Balance,
    high: Balance,
    /// In ascending order.
    ticks: Vec<Balance>,
}

impl Axis {
    /// The axis that contains these figures, and zero if it is not far away.
    pub(crate) fn around(figures: impl Iterator<Item = Balance>, scale: Scale) -> Axis {
        let (mut low, mut high) = (None, None);
        for figure in figures {
            low = Some(low.map_or(figure, |least: Balance| least.min(figure)));
            high = Some(high.map_or(figure, |most: Balance| most.max(figure)));
        }
        let (mut low, mut high) = (low.unwrap_or_default(), high.unwrap_or_default());
        let span = distance(low, high);
        if low > Balance::ZERO && distance(Balance::ZERO, low) <= span.saturating_mul(2) {
            low = Balance::ZERO;
        }
        if high < Balance::ZERO && distance(Balance::ZERO, high) <= span.saturating_mul(2) {
            high = Balance::ZERO;
        }
        Axis::between(low, high, scale)
    }

    /// The axis from zero up to this figure or the next round one.
    pub(crate) fn up_to(high: Balance, scale: Scale) -> Axis {
        Axis::between(Balance::ZERO, high.max(Balance::ZERO), scale)
    }

    fn between(low: Balance, high: Balance, scale: Scale) -> Axis {
        let least = 10_u128
            .checked_pow(u32::from(9_u8.saturating_sub(scale.digits())))
            .unwrap_or(1);
        let step = step(distance(low, high), least);
        rounded(low, high, step).unwrap_or_else(|| {
            // Near the limits of `i128` there may be no round figure.
            let ticks = if low == high {
                vec![low]
            } else {
                vec![low, high]
            };
            Axis { low, high, ticks }
        })
    }

    /// The figures to label, in ascending order.
    pub(crate) fn ticks(&self) -> &[Balance] {
        &self.ticks
    }

    /// The height of a figure in pixels: 0 at the lowest tick, `most` at the highest.
    pub(crate) fn pixel(&self, figure: Balance, most: u32) -> u32 {
        let figure = figure.clamp(self.low, self.high);
        part(
            distance(self.low, figure),
            distance(self.low, self.high),
            most,
        )
    }
}

/// `part` / `of` × `most`, rounded to the nearest integer.
pub(crate) fn part(part: u128, of: u128, most: u32) -> u32 {
    // The shift prevents overflow; the lost bits are far below a pixel.
    let shift = if of.leading_zeros() < 32 { 32 } else { 0 };
    let down = |figure: u128| figure.checked_shr(shift).unwrap_or_default();
    let (part, of) = (down(part), down(of));
    let half = of.checked_div(2).unwrap_or_default();
    part.checked_mul(u128::from(most))
        .and_then(|product| product.checked_add(half))
        .and_then(|product| product.checked_div(of))
        .and_then(|pixel| u32::try_from(pixel).ok())
        .map_or(0, |pixel| pixel.min(most))
}

fn distance(low: Balance, high: Balance) -> u128 {
    low.billionths().abs_diff(high.billionths())
}

/// The distance between ticks: 1, 2 or 5 times a power of ten, but at least `least`.
fn step(span: u128, least: u128) -> u128 {
    let wanted = span.div_ceil(TICKS).max(least).max(1);
    let mut power = 1_u128;
    loop {
        for factor in [1, 2, 5] {
            match power.checked_mul(factor) {
                Some(step) if step >= wanted => return step,
                Some(_) => {}
                None => return wanted,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return wanted,
        }
    }
}

fn rounded(low: Balance, high: Balance, step: u128) -> Option<Axis> {
    let step = i128::try_from(step).ok()?;
    let floor = low
        .billionths()
        .checked_div_euclid(step)?
        .checked_mul(step)?;
    let mut ticks = vec![Balance::from_billionths(floor)];
    let mut last = floor;
    while last < high.billionths() || ticks.len() < 2 {
        last = last.checked_add(step)?;
        ticks.push(Balance::from_billionths(last));
    }
    Some(Axis {
        low: Balance::from_billionths(floor),
        high: Balance::from_billionths(last),
        ticks,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figure(text: &str) -> Balance {
        Balance::from_canonical(text.as_bytes()).unwrap().0
    }

    fn ticks(figures: &[&str], digits: u8) -> Vec<String> {
        let scale = Scale::new(digits).unwrap();
        Axis::around(figures.iter().map(|text| figure(text)), scale)
            .ticks()
            .iter()
            .map(|tick| tick.to_text(scale))
            .collect()
    }

    #[test]
    fn ticks_are_round_and_include_every_figure() {
        assert_eq!(
            ticks(&["0", "87.10"], 2),
            ["0.00", "50.00", "100.00"],
            "from zero"
        );
        assert_eq!(
            ticks(&["7125.75", "14210.33"], 2),
            ["0.00", "5000.00", "10000.00", "15000.00"],
            "zero is not far off"
        );
        assert_eq!(
            ticks(&["100000", "100100"], 0),
            ["100000", "100050", "100100"],
            "zero is far off"
        );
        assert_eq!(ticks(&["-3", "4"], 0), ["-4", "-2", "0", "2", "4"]);
        assert_eq!(ticks(&["-30", "-4"], 0), ["-30", "-20", "-10", "0"]);
        assert_eq!(ticks(&["5", "5"], 0), ["5", "6"]);
        assert_eq!(ticks(&["0.01", "0.02"], 2), ["0.00", "0.01", "0.02"]);
        assert_eq!(ticks(&[], 2), ["0.00", "0.01"]);
    }

    #[test]
    fn figures_become_pixels_from_the_lowest_tick_to_the_highest() {
        let axis = Axis::up_to(figure("100"), Scale::WHOLE);
        let pixel = |text: &str| axis.pixel(figure(text), 32);
        assert_eq!(
            [pixel("0"), pixel("50"), pixel("100"), pixel("1000")],
            [0, 16, 32, 32]
        );
    }

    proptest! {
        #[test]
        fn every_figure_is_within_the_axis_and_pixels_are_monotonic(
            one in any::<i128>(), other in any::<i128>(), digits in 0_u8..=9, most in 1_u32..5000,
        ) {
            let (low, high) = (one.min(other), one.max(other));
            let balances = [low, high].map(Balance::from_billionths);
            let axis = Axis::around(balances.into_iter(), Scale::new(digits).unwrap());
            prop_assert!(axis.ticks().len() <= 8);
            prop_assert!(axis.low <= balances[0] && balances[1] <= axis.high);
            let middle = Balance::from_billionths(low / 2 + high / 2);
            let pixels = [axis.low, balances[0], middle, balances[1], axis.high]
                .map(|figure| axis.pixel(figure, most));
            prop_assert!(pixels.is_sorted(), "{:?}", pixels);
            prop_assert_eq!((pixels[0], pixels[4]), (0, most));
        }
    }
}
