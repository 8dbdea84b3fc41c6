//! Splits a sum of a report into rows whose sum is that sum exactly.

use super::draw::Draw;

/// How the units lie over the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// About the mean, as far to both sides as the bounds allow.
    Even,
    /// As many rows as possible have the most; those that cannot have the least.
    Full,
}

/// Units for each row; what is left over is less than a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Whole units of each row.
    pub units: Vec<i64>,
    /// What did not divide into units.
    pub remainder: i64,
    /// The row that takes the remainder.
    pub remainder_row: usize,
}

/// Splits `total` into `count` rows of `least` to `most` units of the size `unit`.
///
/// # Errors
/// What does not fit: no such rows can have that sum.
pub fn split(
    total: i64,
    count: usize,
    unit: i64,
    (least, most): (i64, i64),
    spread: Spread,
    draw: &mut Draw,
) -> Result<Parts, String> {
    let rows = i64::try_from(count).map_err(|error| error.to_string())?;
    if unit <= 0 || rows == 0 {
        return Err(format!("{total} cannot be split into {rows} rows of units of {unit}"));
    }
    let (mut left, remainder) = (total / unit, total % unit);
    if left < least * rows || left > most * rows {
        return Err(format!("{left} units do not fit {rows} rows of {least} to {most}"));
    }
    let mut units = Vec::with_capacity(count);
    for place in 0..rows {
        let after = rows - place - 1;
        let lowest = least.max(left - most * after);
        let highest = most.min(left - least * after);
        let drawn = match spread {
            Spread::Even => {
                let mean = left / (after + 1);
                let width = (mean - least).min(most - mean).max(0);
                draw.between(mean - width, mean + width)
            }
            // The deficit is served first, in as few rows as it takes; the caller mixes the rows.
            Spread::Full => least,
        };
        let taken = drawn.clamp(lowest, highest);
        units.push(taken);
        left -= taken;
    }
    let mut parts = Parts { units, remainder, remainder_row: 0 };
    if spread == Spread::Full {
        mix(&mut parts.units, draw);
    }
    // The row with the least has room for what is left over.
    let smallest = (0..count).min_by_key(|row| parts.units[*row]).unwrap_or_default();
    parts.remainder_row = smallest;
    Ok(parts)
}

/// Fisher and Yates' shuffle.
fn mix(rows: &mut [i64], draw: &mut Draw) {
    for last in (1..rows.len()).rev() {
        let other = draw.between(0, i64::try_from(last).unwrap_or(i64::MAX));
        rows.swap(last, usize::try_from(other).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_split_keeps_sum_count_and_bounds() {
        for (total, count, bounds) in [(13_272, 1_316, (2, 19)), (13_352, 2_062, (3, 9)), (283, 21, (8, 20))] {
            let parts = split(total * 10 + 3, count, 10, bounds, Spread::Even, &mut Draw::new(1, "even", 0)).unwrap();

            assert_eq!((parts.units.len(), parts.units.iter().sum::<i64>(), parts.remainder), (count, total, 3));
            assert!(parts.units.iter().all(|units| (bounds.0..=bounds.1).contains(units)));
            assert!(parts.units.iter().collect::<std::collections::HashSet<_>>().len() > 3);
        }
    }

    #[test]
    fn a_full_split_has_few_rows_below_the_most() {
        let parts = split(8_508, 3_026, 1, (1, 3), Spread::Full, &mut Draw::new(1, "full", 0)).unwrap();

        assert_eq!(parts.units.iter().sum::<i64>(), 8_508);
        assert_eq!(parts.units.iter().filter(|units| **units < 3).count(), 285);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_refused() {
        assert!(split(100, 10, 1, (1, 9), Spread::Even, &mut Draw::new(1, "x", 0)).is_err());
        assert!(split(100, 0, 1, (1, 9), Spread::Even, &mut Draw::new(1, "x", 0)).is_err());
    }
}
