//! Whether AWS Lambda runs this process.

/// Whether AWS Lambda runs this process.
pub fn under_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}
