//! Numbers, judged by their text: nothing overflows and nothing is rounded on the way.

use std::ops::RangeInclusive;

use serde_json::json;

use crate::{
    Check, Schema,
    json::{Json, Value},
    words::got,
};

/// A whole number in any spelling, such as `90`, `90.0` or `9e1`, that is in the range.
pub fn whole(range: RangeInclusive<u32>) -> Check<impl Fn(Value<'_>) -> Result<u32, String>, impl Fn() -> Schema> {
    let (minimum, maximum) = (*range.start(), *range.end());
    let judge = move |value: Value<'_>| {
        let Json::Number(text) = value.read() else {
            return Err(format!("must be a whole number, got {}", value.kind()));
        };
        match worth(text) {
            Worth::Fraction => Err(format!("must be a whole number, got {}", got(value))),
            Worth::Whole(number) if range.contains(&number) => Ok(number),
            Worth::Whole(_) | Worth::Beyond => {
                Err(format!("must be {} to {}, got {}", range.start(), range.end(), got(value)))
            }
        }
    };
    Check::new(judge, move || json!({ "type": "integer", "minimum": minimum, "maximum": maximum }))
}

/// A number, with a fraction or without, that is in the range.
pub fn real(range: RangeInclusive<f64>) -> Check<impl Fn(Value<'_>) -> Result<f64, String>, impl Fn() -> Schema> {
    let (minimum, maximum) = (*range.start(), *range.end());
    let judge = move |value: Value<'_>| {
        let Json::Number(text) = value.read() else {
            return Err(format!("must be a number, got {}", value.kind()));
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(format!("must be {} to {}, got {}", range.start(), range.end(), got(value))),
        }
    };
    Check::new(judge, move || json!({ "type": "number", "minimum": minimum, "maximum": maximum }))
}

#[derive(Debug, PartialEq)]
enum Worth {
    Whole(u32),
    Fraction,
    /// Negative, or more than any field takes.
    Beyond,
}

/// What a JSON number is worth. Its exponent may be as long as its text: no power is ever computed.
fn worth(text: &str) -> Worth {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Worth::Whole(0);
    }
    // The number is `significant` with this many zeros behind it; a fraction if they are fewer than none.
    let cut = digits.len() - digits.trim_end_matches('0').len();
    let zeros = match exponent.parse::<i64>() {
        Ok(exponent) => exponent.saturating_add(cut as i64).saturating_sub(fraction.len() as i64),
        Err(_) if exponent.starts_with('-') => i64::MIN,
        Err(_) => i64::MAX,
    };
    match usize::try_from(zeros) {
        Err(_) => Worth::Fraction,
        Ok(zeros) if !negative && zeros <= 9 && significant.len() <= 10 => {
            format!("{significant}{}", "0".repeat(zeros)).parse().map_or(Worth::Beyond, Worth::Whole)
        }
        Ok(_) => Worth::Beyond,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_judged_by_its_worth_not_by_its_spelling() {
        for text in ["90", "90.0", "9e1", "9E+1", "0.9e2", "900e-1", "90.000000000000000000000000", "9000e-00002"] {
            assert_eq!(worth(text), Worth::Whole(90), "{text}");
        }
        for text in ["0", "-0", "0.0", "-0.00e5", "0e99999999999999999999999", "0e-99999999999999999999999"] {
            assert_eq!(worth(text), Worth::Whole(0), "{text}");
        }
        for text in ["1.5", "-1.5", "1e-1", "90.0000000000000000000000001", "1e-99999999999999999999999", "15e-1"] {
            assert_eq!(worth(text), Worth::Fraction, "{text}");
        }
        for text in ["-1", "1e400", "1e99999999999999999999999", "4294967296", "10e9", "123456789012345678901234567890"]
        {
            assert_eq!(worth(text), Worth::Beyond, "{text}");
        }
        assert_eq!(worth("4294967295"), Worth::Whole(u32::MAX));
        assert_eq!(worth("4e9"), Worth::Whole(4_000_000_000));
    }

    proptest! {
        #[test]
        fn every_whole_number_is_itself_in_every_spelling(number: u32, zeros in 0_usize..5) {
            let padding = "0".repeat(zeros);
            for text in [format!("{number}.{padding}0"), format!("{number}{padding}e-{zeros}"), format!("{number}e0")] {
                prop_assert_eq!(worth(&text), Worth::Whole(number));
            }
        }
    }
}
