//! Connections that are open before they are needed.

use std::time::Duration;

use aws_config::{SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, http::HttpRequest, interceptors::BeforeTransmitInterceptorContextMut,
    },
    error::BoxError,
};

/// A start is not held up longer than this by what only makes the next step faster.
const PATIENCE: Duration = Duration::from_secs(1);

/// Under Lambda opens a connection to DynamoDB and one to SQS, so that the handshakes are made while the function
/// starts, when it has a whole processor, and not within the first invocation, when it has the share that its memory
/// buys. Elsewhere this does nothing.
pub async fn warm_under_lambda(config: &SdkConfig, table: &str, queue_url: &str) {
    if super::under_lambda() {
        warm(config, table, queue_url).await;
    }
}

/// Asks DynamoDB and SQS whether they are well, over the connections that the clients of this configuration will use.
/// That needs no permission and is not billed. Takes a second at most, and what fails here is not told: who needs the
/// connection will hear it.
pub async fn warm(config: &SdkConfig, table: &str, queue_url: &str) {
    let once = RetryConfig::disabled;
    let dynamodb = aws_sdk_dynamodb::config::Builder::from(config).interceptor(Ping).retry_config(once()).build();
    let sqs = aws_sdk_sqs::config::Builder::from(config).interceptor(Ping).retry_config(once()).build();
    // Calls that every function makes anyway, because where a request goes may depend on what it is about, and others
    // would make the program larger. They would do nothing if they were ever sent: no key, no messages.
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb).get_item().table_name(table).send();
    let sqs = aws_sdk_sqs::Client::from_conf(sqs)
        .send_message_batch()
        .queue_url(queue_url)
        .set_entries(Some(Vec::new()))
        .send();
    let both = async { tokio::join!(dynamodb, sqs) };
    if let Ok((dynamodb, sqs)) = tokio::time::timeout(PATIENCE, both).await {
        // An answer that is no JSON is an error to the SDK, so errors are what is expected here.
        tracing::debug!(?dynamodb, ?sqs, "connected");
    }
}

/// Sends `GET /ping`, unsigned, in the place of whatever was to be sent.
#[derive(Debug)]
struct Ping;

impl Intercept for Ping {
    fn name(&self) -> &'static str {
        "ping"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        let (scheme, rest) = uri.split_once("://").ok_or("the endpoint is no URL")?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let ping = HttpRequest::get(format!("{scheme}://{host}/ping"))?;
        *context.request_mut() = ping;
        Ok(())
    }
}
