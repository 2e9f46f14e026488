//! Numbers of weekdays, which differ between schedulers.

use crate::calendar::{expression::Written, fault::Fault, field::WEEKDAYS};

/// The refusal of an expression with `?` and numbers of weekdays that mean other days where `?` comes from.
pub(in crate::calendar) fn ambiguous(written: &Written) -> Option<Fault> {
    let [_, _, _, day, _, weekday] = &written.texts;
    let has_question = &**day == "?" || &**weekday == "?";
    let here = renumbered(weekday, 0)?;
    if !has_question || here == weekday.to_ascii_uppercase() {
        return None;
    }
    let advice = match renumbered(weekday, -1) {
        Some(there) => format!(
            "`{weekday}` is {there} in Quartz and EventBridge, and {here} here and in Spring; write {there} or {here}"
        ),
        None => format!("write {here} instead of `{weekday}`"),
    };
    Some(Fault::Weekday { advice })
}

/// The weekdays of a field by name, if its number 0 is so many days after Sunday: -1 in Quartz and EventBridge, where 1
/// is Sunday, and 1 in APScheduler, where 0 is Monday. `None` if the other scheduler does not take one of the numbers.
pub(in crate::calendar) fn renumbered(text: &str, shift: i32) -> Option<String> {
    let (mut written, mut rest) = (String::new(), text);
    // A number after `/` or `#` is no weekday.
    let mut is_weekday = true;
    while let Some(first) = rest.chars().next() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if digits == 0 {
            is_weekday = !matches!(first, '/' | '#');
            written.push(first.to_ascii_uppercase());
            rest = rest.get(first.len_utf8()..)?;
            continue;
        }
        let (number, after) = rest.split_at(digits);
        match number.parse::<i32>().ok() {
            Some(day) if is_weekday => {
                let taken = match shift {
                    -1 => (1..=7).contains(&day),
                    1 => (0..=6).contains(&day),
                    _ => (0..=7).contains(&day),
                };
                let name = WEEKDAYS.get((day + shift).rem_euclid(7) as usize).filter(|_| taken)?;
                // `6L` is `FRI#L`: `FRIL` would be hard to read.
                written.push_str(name);
                if after.starts_with(['L', 'l']) {
                    written.push('#');
                }
            }
            _ => written.push_str(number),
        }
        rest = after;
    }
    Some(written)
}
