//! Event source mappings: each polls a lane and passes batches of messages to a function, as Lambda does in the cloud.

mod answer;
mod event;
mod feed;
mod lanes;
mod source;
#[cfg(test)]
mod tests;

pub use event::event;
pub use lanes::MappedLanes;
pub use source::Mapping;
