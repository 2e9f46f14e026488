//! A part of the model, small enough for every test run. `make model` looks at the rest.

use taskway_model::{BRIEF, KEYS_BRIEF, LIMITS_BRIEF, RATES_BRIEF, Total, check, check_limits, check_rates};

#[test]
fn the_protocol_holds_within_small_bounds() {
    let mut total = Total::default();
    for bounds in BRIEF {
        let checked = check(*bounds, 2);
        assert!(checked.violation.is_none(), "{}: {}", bounds.name, checked.violation.unwrap_or_default());
        total.add(&checked);
    }
    println!("{} situations, {} steps", total.situations, total.steps);
}

#[test]
fn limits_hold_within_small_bounds() {
    let mut total = Total::default();
    for bounds in LIMITS_BRIEF.iter().chain(KEYS_BRIEF) {
        let checked = check_limits(*bounds, 2);
        assert!(checked.violation.is_none(), "{}: {}", bounds.name, checked.violation.unwrap_or_default());
        total.add(&checked);
    }
    println!("{} situations, {} steps", total.situations, total.steps);
}

#[test]
fn rates_hold_within_small_bounds() {
    let mut total = Total::default();
    for bounds in RATES_BRIEF {
        let checked = check_rates(*bounds, 2);
        assert!(checked.violation.is_none(), "{}: {}", bounds.name, checked.violation.unwrap_or_default());
        total.add(&checked);
    }
    println!("{} situations, {} steps", total.situations, total.steps);
}
