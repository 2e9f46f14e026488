//! The surroundings of a Taskway process: clock, randomness, environment, logs, and the places where a test lets it die.

pub mod clock;
pub mod env;
pub mod faults;
pub mod invocation;
pub mod log;
pub mod random;
