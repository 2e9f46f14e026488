//! Taskway on the emulator: the API, the poller, the ticker, and what Lambda and API Gateway do for functions that run in
//! processes of their own.

mod caller;
pub mod dev;
mod endpoints;
pub mod functions;
mod gateway;
pub mod mapping;
mod parts;
mod resend;
mod running;
mod server;
mod settings;
mod setup;
#[cfg(test)]
mod tests;
mod ticker;

pub use caller::Caller;
pub use running::Stack;
pub use settings::Settings;
pub use setup::{NAME, Setup, TEMPLATE};
