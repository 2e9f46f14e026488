//! Lists and numbers in words.

use crate::calendar::values::Values;

/// `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `every hour`, `every 5 hours`.
pub(super) fn every(count: u32, unit: &str) -> String {
    if count == 1 { format!("every {unit}") } else { format!("every {count} {unit}s") }
}

/// `day 5`, `days 1 to 7`.
pub(super) fn counted(unit: &str, values: Values) -> String {
    let plural = if values.count() == 1 { "" } else { "s" };
    format!("{unit}{plural} {}", numbers(values))
}

/// `0 to 10 and 30`, `1 to 59 in steps of 2`.
pub(super) fn numbers(values: Values) -> String {
    match progression(values) {
        Some((first, last, step)) if step > 1 && values.count() > 3 => format!("{first} to {last} in steps of {step}"),
        _ => list(&named(values.iter(), |n| n.to_string())),
    }
}

/// The names of numbers in their order, three or more in a row as a range.
pub(super) fn named(numbers: impl Iterator<Item = u32>, name: impl Fn(u32) -> String) -> Vec<String> {
    let mut words = Vec::new();
    for (first, last) in runs(numbers) {
        match last - first {
            0 => words.push(name(first)),
            1 => words.extend([name(first), name(last)]),
            _ => words.push(format!("{} to {}", name(first), name(last))),
        }
    }
    words
}

/// The first and the last number of each run of numbers without a gap.
pub(super) fn runs(numbers: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for n in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == n => *last = n,
            Some(_) | None => runs.push((n, n)),
        }
    }
    runs
}

/// The first number, the last one and the step, if the numbers are all equally far apart.
pub(super) fn progression(values: Values) -> Option<(u32, u32, u32)> {
    let (first, last) = (values.from(0)?, values.below(60)?);
    let step = values.from(first + 1)?.checked_sub(first)?;
    let stepped: Values = (first..=last).step_by(step as usize).collect();
    (stepped == values).then_some((first, last, step))
}

/// The step of `*/15`, if it divides the sixty values and so comes round without a shorter step. 1 for every value.
pub(super) fn even_step(values: Values) -> Option<u32> {
    let (first, _, step) = progression(values)?;
    (first == 0 && 60 % step == 0 && values.count() == 60 / step).then_some(step)
}
