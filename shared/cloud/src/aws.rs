//! The clients of AWS services, and how they reach AWS.
//!
//! Endpoint, region and credentials come from the SDK's own environment variables and provider chain. [`local`] is for
//! endpoints on this machine, and reads none of them.

mod clients;
mod connector;
mod lambda;
mod local;
mod roots;
mod settings;
mod signed;
mod timeouts;
mod warm;

pub use clients::{config, lanes, loader, store};
pub use lambda::under_lambda;
pub use local::local;
pub use roots::AMAZON_ROOTS;
pub use settings::{SettingError, chosen_profile, login_command};
pub use signed::{CallError, LAMBDA, Refused, Service, call};
pub use timeouts::{calls, polls};
pub use warm::{warm, warm_under_lambda};
