//! One way out for all of a process's clients.

use std::sync::OnceLock;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{self, TlsContext},
};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

use super::roots;

/// The connector that the first caller asks for is everybody's: one pool of connections, and one reading of the
/// root certificates. By itself the SDK parses them for each client that is made, and throws all but the last away.
#[derive(Debug)]
pub(super) struct Shared {
    inner: SharedHttpClient,
    connector: OnceLock<SharedHttpConnector>,
}

impl Shared {
    pub(super) fn new() -> Self {
        let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let builder = Builder::new().tls_provider(tls);
        // It has nothing yet to refuse.
        let builder = match TlsContext::builder().with_trust_store(roots::trusted()).build() {
            Ok(context) => builder.tls_context(context),
            Err(_) => builder,
        };
        Shared { inner: builder.build_https(), connector: OnceLock::new() }
    }
}

impl HttpClient for Shared {
    /// All clients are configured alike here as far as connecting goes, so whose settings they are does not matter.
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.connector.get_or_init(|| self.inner.http_connector(settings, components)).clone()
    }
}
