//! TLS in front of an endpoint on this machine, because the cloud's endpoints have TLS.

use std::{net::Ipv4Addr, path::PathBuf, sync::Arc};

use anyhow::Context;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use taskway_cloud::aws::AMAZON_ROOTS;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// A self-signed certificate, and a file of root certificates that includes it.
pub(crate) struct Authority {
    acceptor: TlsAcceptor,
    /// The path for `SSL_CERT_FILE`.
    pub(crate) roots: PathBuf,
}

/// An endpoint behind TLS. Dropping it stops the TLS server.
#[derive(Debug)]
pub(crate) struct Secured {
    /// The https URL.
    pub(crate) url: String,
    serving: JoinHandle<()>,
}

impl Authority {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?;
        params.distinguished_name.push(DnType::CommonName, "Taskway's benchmark");
        let key = KeyPair::generate()?;
        let ours = params.self_signed(&key)?;
        // The file has the roots that a function trusts under Lambda, and ours. Reading them is part of a start.
        let roots = format!("{AMAZON_ROOTS}{}", ours.pem());
        let path = std::env::temp_dir().join(format!("taskway-benchmark-{}.pem", std::process::id()));
        std::fs::write(&path, roots).with_context(|| format!("cannot write {}", path.display()))?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![ours.der().clone()], key)?;
        Ok(Authority { acceptor: TlsAcceptor::from(Arc::new(config)), roots: path })
    }

    /// Serves the endpoint at `http://HOST:PORT` over https.
    pub(crate) async fn secure(&self, url: &str) -> anyhow::Result<Secured> {
        let behind = url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        let behind = behind.with_context(|| format!("expected an http URL, found {url}"))?.to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("https://{}", listener.local_addr()?);
        let acceptor = self.acceptor.clone();
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    // Errors are ignored here: if a side closes the connection, the benchmarked process notices.
                    let _ = connection.set_nodelay(true);
                    let Ok(mut connection) = acceptor.accept(connection).await else { return };
                    let Ok(mut plain) = TcpStream::connect(&behind).await else { return };
                    let _ = plain.set_nodelay(true);
                    let _ = copy_bidirectional(&mut connection, &mut plain).await;
                });
            }
        });
        Ok(Secured { url, serving })
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // If this fails, the file stays in the temporary directory, which the system cleans.
        let _ = std::fs::remove_file(&self.roots);
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
