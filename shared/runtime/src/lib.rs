//! What surrounds a Taskway process: the time, randomness, its environment, its logs, and the places where a test lets it
//! die.

pub mod clock;
pub mod env;
pub mod faults;
pub mod invocation;
pub mod log;
pub mod random;
