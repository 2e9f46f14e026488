//! A seed always gives the same story, on new and on used machines, and another seed gives another story.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use taskway_simulation::{
    cloud::Plan,
    run::{Runner, many},
    script::Script,
};

const STEPS: usize = 60;

#[test]
fn the_same_seed_gives_the_same_story() {
    let plan = Arc::new(Plan::read().unwrap());
    let used = Runner::new(&plan);
    for seed in 1..6 {
        let script = Script::draw(seed, STEPS);
        let first = Runner::new(&plan).run(&script, true).unwrap();
        // The machines of this runner have been in other worlds.
        let again = used.run(&script, true).unwrap();
        assert_eq!(first.broken, None);
        assert!(first.lines.len() > STEPS / 2);
        assert_eq!((first.lines, first.digest, first.faults), (again.lines, again.digest, again.faults));
    }
}

#[test]
fn the_sums_of_many_worlds_do_not_depend_on_the_threads_speed() {
    let plan = Arc::new(Plan::read().unwrap());
    let run = || many(&plan, 21, 4, STEPS, |_| {}).unwrap();
    let (one, other) = (run(), run());
    assert_eq!(one.broken, None);
    assert_eq!((one.worlds, one.digest, one.lives), (4, other.digest, other.lives));
    let elsewhere = many(&plan, 22, 4, STEPS, |_| {}).unwrap();
    assert_ne!(one.digest, elsewhere.digest);
}
