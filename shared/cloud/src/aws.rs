//! The clients of AWS services, and how they reach AWS.
//!
//! Endpoint, region and credentials come from the SDK's own environment variables and provider chain. [`local`] is for
//! endpoints on this machine, and reads none of them.

use aws_config::BehaviorVersion;

mod clients;
mod connector;
mod credentials;
mod lambda;
mod local;
mod roots;
mod settings;
mod sign;
pub(crate) mod signed;
mod timeouts;
mod warm;

pub use clients::{config, lanes, loader, store};
pub use lambda::under_lambda;
pub use local::local;
pub use roots::AMAZON_ROOTS;
pub use settings::{SettingError, chosen_profile, execution_environment, login_command};
pub use sign::{SignError, Signer, Unsigned, is_stale, is_temporary};
pub use signed::{Answered, CallError, LAMBDA, Refused, Service, call, call_once};
pub use timeouts::{calls, polls};
pub use warm::{warm, warm_under_lambda};

/// The SDK's defaults are those of this version, so that an update of the SDK changes none of them silently. It has three
/// tries and a connection timeout for every client.
fn defaults() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}
