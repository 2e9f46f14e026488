//! Opens connections before they are needed.

use std::time::Duration;

use aws_config::{SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, http::HttpRequest, interceptors::BeforeTransmitInterceptorContextMut,
    },
    error::BoxError,
};
use futures::FutureExt;

use super::lambda::under_lambda;

/// The longest time that opening connections may delay a start.
const PATIENCE: Duration = Duration::from_secs(1);

/// Under Lambda, opens a connection to DynamoDB and one to SQS. So the handshakes happen while the function starts and
/// has a whole processor. In the first invocation it only has the share that its memory buys. Elsewhere this does
/// nothing.
pub async fn warm_under_lambda(config: &SdkConfig, table: &str, queue_url: &str) {
    if under_lambda() {
        warm(config, table, queue_url).await;
    }
}

/// Sends a health check to DynamoDB and to SQS over the connections that the clients of this configuration use. The
/// check needs no permission and costs nothing. It takes a second at most. A failure is not reported, because the first
/// real call will report it.
pub async fn warm(config: &SdkConfig, table: &str, queue_url: &str) {
    let once = RetryConfig::disabled;
    let dynamodb = aws_sdk_dynamodb::config::Builder::from(config).interceptor(Ping).retry_config(once()).build();
    let sqs = aws_sdk_sqs::config::Builder::from(config).interceptor(Ping).retry_config(once()).build();
    // These calls only determine the endpoint; `Ping` replaces the request. Every function contains them anyway, so
    // they do not make the program larger. If they were ever sent, they would do nothing: one has no key, the other no
    // messages.
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb).get_item().table_name(table).send().boxed();
    let sqs = aws_sdk_sqs::Client::from_conf(sqs)
        .send_message_batch()
        .queue_url(queue_url)
        .set_entries(Some(Vec::new()))
        .send()
        .boxed();
    let both = async { tokio::join!(dynamodb, sqs) };
    if let Ok((dynamodb, sqs)) = tokio::time::timeout(PATIENCE, both).await {
        // The answer to a ping is not JSON, so the SDK returns an error here even if all is well.
        tracing::debug!(?dynamodb, ?sqs, "opened connections to DynamoDB and SQS");
    }
}

/// Replaces any request with an unsigned `GET /ping` to the same host.
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
        let (scheme, rest) = uri.split_once("://").ok_or_else(|| format!("expected an endpoint URL, got {uri}"))?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let ping = HttpRequest::get(format!("{scheme}://{host}/ping"))?;
        *context.request_mut() = ping;
        Ok(())
    }
}
