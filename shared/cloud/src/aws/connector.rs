//! The HTTP connector that all clients of a process share.

use std::sync::OnceLock;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{self, TlsContext, TrustStore},
};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

use super::roots;

/// Makes one connector at the first request and gives it to every client. So a process has one pool of connections and
/// parses the root certificates once. Without this, the SDK parses them for each client.
#[derive(Debug)]
pub(super) struct Shared {
    inner: SharedHttpClient,
    connector: OnceLock<SharedHttpConnector>,
}

impl Shared {
    /// Trusts these root certificates if there are any, given as checked PEM. Otherwise [`roots::trusted`] says which.
    pub(super) fn new(own_roots: Option<Vec<u8>>) -> Self {
        let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let builder = Builder::new().tls_provider(tls);
        let trusted = own_roots.map_or_else(roots::trusted, |pem| TrustStore::empty().with_pem_certificate(pem));
        // This cannot fail: the context only stores the certificates.
        let builder = match TlsContext::builder().with_trust_store(trusted).build() {
            Ok(context) => builder.tls_context(context),
            Err(_) => builder,
        };
        Shared { inner: builder.build_https(), connector: OnceLock::new() }
    }

    /// For plain http alone. Reads no certificates.
    pub(super) fn plain() -> Self {
        Shared { inner: Builder::new().build_http(), connector: OnceLock::new() }
    }
}

impl HttpClient for Shared {
    /// The settings of the first client serve for all, because all clients here have the same connection settings.
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.connector.get_or_init(|| self.inner.http_connector(settings, components)).clone()
    }
}
