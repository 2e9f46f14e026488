//! The AWS account and region that the emulator stands for. No real account has this number.

/// The region in every local ARN.
pub const REGION: &str = "us-east-1";

/// The account in every local ARN and queue URL.
pub const ACCOUNT: &str = "000000000000";
