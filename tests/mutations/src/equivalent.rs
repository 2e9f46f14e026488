//! Rules that can be broken without any harm, because other rules already prevent it.

/// The rules, each with its reason. The reason holds as long as the rest of the step stays as it is.
pub(crate) const EQUIVALENT: &[(&str, &str)] = &[
    ("park/allows/running", "a claim makes a fence, and the step expects a record without one"),
    (
        "park/allows/scheduled",
        "the submit that parks a task has made it queued, and whatever schedules it makes a generation",
    ),
];
