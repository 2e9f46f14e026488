//! The root certificates that this process trusts.

use std::ffi::OsString;

use aws_smithy_http_client::tls::TrustStore;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// The five roots of Amazon Trust Services, as PEM: Amazon Root CA 1 to 4 and Starfield Services G2. These are the
/// roots that <https://www.amazontrust.com/repository/> asks clients with their own list to trust.
pub const AMAZON_ROOTS: &str = include_str!("amazon.pem");

/// If one of these variables is set, it names the roots to trust.
const OWN_ROOTS: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"];

/// Variables that begin with this name an endpoint that may not be AWS's.
const OWN_ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Under Lambda only Amazon's roots, if AWS's endpoints there use them. Parsing the system's roots, about 145, would
/// take a considerable part of a function's start. Elsewhere the system's roots, or those that `SSL_CERT_FILE` names.
pub(super) fn trusted() -> TrustStore {
    if only_amazon(std::env::vars_os()) {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    } else {
        TrustStore::default()
    }
}

/// Returns the PEM if it holds certificates that can be used as roots. The SDK's client panics at others.
pub(super) fn checked(pem: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| store.add(certificate).map_err(|error| error.to_string()));
        added.map_err(|error| format!("holds a certificate that cannot be used: {error}"))?;
    }
    if store.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(pem) }
}

fn only_amazon(environment: impl IntoIterator<Item = (OsString, OsString)>) -> bool {
    let (mut lambda, mut public) = (false, false);
    for (name, value) in environment {
        // A name that is not Unicode is none of those above.
        let Some(name) = name.to_str() else { continue };
        if OWN_ROOTS.contains(&name) || name.starts_with(OWN_ENDPOINT) {
            return false;
        }
        lambda |= name == "AWS_LAMBDA_RUNTIME_API";
        public |= name == "AWS_REGION" && value.to_str().is_some_and(is_public);
    }
    lambda && public
}

/// Whether a region belongs to the partition `aws`. The regions in China, those for governments and the European
/// sovereign ones may use other roots.
fn is_public(region: &str) -> bool {
    let mut parts = region.split('-');
    let area =
        parts.next().is_some_and(|area| matches!(area, "af" | "ap" | "ca" | "eu" | "il" | "me" | "mx" | "sa" | "us"));
    let side = parts.next().is_some_and(|side| !side.starts_with("iso"));
    let number = parts.next().is_some_and(|number| number.parse::<u8>().is_ok());
    area && side && number && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use aws_smithy_http_client::{
        Connector,
        tls::{Provider, TlsContext, rustls_provider::CryptoMode},
    };
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    const LAMBDA: [(&str, &str); 2] = [("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"), ("AWS_REGION", "eu-central-1")];

    fn alone(more: &[(&str, &str)]) -> bool {
        only_amazon(LAMBDA.iter().chain(more).map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn under_lambda_only_amazons_roots_are_trusted_unless_a_variable_says_otherwise() {
        assert!(alone(&[]));
        assert!(alone(&[("SSL_VERSION", "1.3"), ("AWS_ACCESS_KEY_ID", "key")]));
        for own in ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"] {
            assert!(!alone(&[(own, "x")]), "{own}");
        }
        for missing in [LAMBDA[0], LAMBDA[1]] {
            assert!(!only_amazon([(missing.0.into(), missing.1.into())]), "{missing:?}");
        }
    }

    #[test]
    fn only_regions_of_the_public_partition_are_known_to_use_amazons_roots() {
        for region in ["us-east-1", "eu-central-2", "ap-southeast-7", "sa-east-1", "il-central-1", "mx-central-1"] {
            assert!(is_public(region), "{region}");
        }
        let others =
            ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"];
        for region in others.into_iter().chain(["us-isof-1", "", "us-east", "moon-base-1"]) {
            assert!(!is_public(region), "{region}");
        }
    }

    /// Compares the SHA-256 of each certificate with the ones that Amazon Trust Services publishes.
    #[test]
    fn the_roots_are_the_five_that_amazon_publishes() {
        let hashes: Vec<String> = AMAZON_ROOTS
            .split("-----BEGIN CERTIFICATE-----")
            .skip(1)
            .map(|pem| {
                let text: String = pem.lines().take_while(|line| !line.starts_with("-----END")).collect();
                let der = BASE64_STANDARD.decode(text).unwrap();
                Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect()
            })
            .collect();
        let published = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        assert_eq!(hashes, published);
    }

    #[test]
    fn the_roots_can_be_read() {
        let context = TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS));
        let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
        // `build` panics if it cannot read a certificate.
        connector.tls_context(context.build().unwrap()).build();
    }
}
