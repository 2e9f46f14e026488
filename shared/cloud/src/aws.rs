//! The clients of AWS services, and how they reach AWS.
//!
//! Endpoint, region and credentials come from the SDK's own environment variables and provider chain.

mod clients;
mod connector;
mod lambda;
mod roots;
mod signed;
mod timeouts;
mod warm;

pub use clients::{config, lanes, loader, store};
pub use lambda::under_lambda;
pub use roots::AMAZON_ROOTS;
pub use signed::{CallError, LAMBDA, Refused, Service, call};
pub use timeouts::{calls, polls};
pub use warm::{warm, warm_under_lambda};
