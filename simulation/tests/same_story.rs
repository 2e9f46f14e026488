//! The same seed tells the same story, whatever was told before it, and another seed another.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use taskway_simulation::{
    cloud::Plan,
    run::{Runner, many},
    script::Script,
};

const STEPS: usize = 60;

#[test]
fn the_same_seed_tells_the_same_story() {
    let plan = Arc::new(Plan::read().unwrap());
    let (one, other) = (Runner::new(&plan), Runner::new(&plan));
    let script = Script::draw(7, STEPS);
    let first = one.run(&script, true).unwrap();
    // Not the first on its machines, this time.
    other.run(&Script::draw(8, STEPS), false).unwrap();
    let again = other.run(&script, true).unwrap();
    assert_eq!(first.broken, None);
    assert!(first.lines.len() > STEPS);
    assert_eq!((first.lines, first.digest, first.faults), (again.lines, again.digest, again.faults));
}

#[test]
fn sums_do_not_depend_on_who_is_faster() {
    let plan = Arc::new(Plan::read().unwrap());
    let run = || many(&plan, 21, 4, STEPS, |_| {}).unwrap();
    let (one, other) = (run(), run());
    assert_eq!(one.broken, None);
    assert_eq!((one.worlds, one.digest, one.lives), (4, other.digest, other.lives));
    let elsewhere = many(&plan, 22, 4, STEPS, |_| {}).unwrap();
    assert_ne!(one.digest, elsewhere.digest);
}
