//! The root certificates that AWS's endpoints are known by.

use std::ffi::OsString;

use aws_smithy_http_client::tls::TrustStore;

/// The five roots of Amazon Trust Services, PEM: Amazon Root CA 1 to 4 and Starfield Services G2. All five together are
/// what <https://www.amazontrust.com/repository/> tells those to trust who keep a list of their own.
pub const AMAZON_ROOTS: &str = include_str!("amazon.pem");

/// Whoever sets one of these names the roots to trust.
const OWN_ROOTS: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"];

/// What an address that is not AWS's may be named by.
const OWN_ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Under Lambda Amazon's roots alone, where these are what AWS's endpoints have: to read the system's, about 145, would
/// be a good part of a function's start. Elsewhere the system's, or those that `SSL_CERT_FILE` names.
pub(super) fn trusted() -> TrustStore {
    if amazon_alone(std::env::vars_os()) {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    } else {
        TrustStore::default()
    }
}

fn amazon_alone(environment: impl IntoIterator<Item = (OsString, OsString)>) -> bool {
    let (mut lambda, mut public) = (false, false);
    for (name, value) in environment {
        // What is not Unicode is none of these names.
        let Some(name) = name.to_str() else { continue };
        if OWN_ROOTS.contains(&name) || name.starts_with(OWN_ENDPOINT) {
            return false;
        }
        lambda |= name == "AWS_LAMBDA_RUNTIME_API";
        public |= name == "AWS_REGION" && value.to_str().is_some_and(is_public);
    }
    lambda && public
}

/// Whether a region is one of the partition `aws`. Those in China, for governments and the European sovereign ones have
/// roots that are nobody else's, or may have.
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
        amazon_alone(LAMBDA.iter().chain(more).map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn under_lambda_amazons_roots_do_unless_somebody_says_otherwise() {
        assert!(alone(&[]));
        assert!(alone(&[("SSL_VERSION", "1.3"), ("AWS_ACCESS_KEY_ID", "key")]));
        for own in ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"] {
            assert!(!alone(&[(own, "x")]), "{own}");
        }
        for missing in [LAMBDA[0], LAMBDA[1]] {
            assert!(!amazon_alone([(missing.0.into(), missing.1.into())]), "{missing:?}");
        }
    }

    #[test]
    fn only_regions_of_the_public_partition_are_taken_to_have_amazons_roots() {
        for region in ["us-east-1", "eu-central-2", "ap-southeast-7", "sa-east-1", "il-central-1", "mx-central-1"] {
            assert!(is_public(region), "{region}");
        }
        let others =
            ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"];
        for region in others.into_iter().chain(["us-isof-1", "", "us-east", "moon-base-1"]) {
            assert!(!is_public(region), "{region}");
        }
    }

    /// By the SHA-256 of each certificate, as Amazon Trust Services and the browsers' lists have them.
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
        // It panics over a certificate that it cannot read.
        connector.tls_context(context.build().unwrap()).build();
    }
}
