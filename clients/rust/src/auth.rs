//! How a request says who sends it.

use std::{error::Error as StdError, fmt, future::Future, pin::Pin};

use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use reqwest::{Request, Url};

use crate::error::{Error, Misuse};

/// How requests say who sends them.
#[derive(Debug, Default)]
pub enum Auth {
    /// They do not, unless the URL has a user or a password, which are sent then.
    #[default]
    Nobody,
    /// By the value of the header `Authorization`: see [`Auth::token`].
    Token(HeaderValue),
    /// By a signature.
    Signed(Box<dyn Sign>),
}

/// How one request said who sent it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sender {
    /// It did not.
    Nobody,
    /// By the user and password of the URL.
    Password,
    /// By a token.
    Token,
    /// By a signature.
    Signed(Signature),
}

/// By what a request was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The access key's id.
    pub access_key: String,
    /// The region that it was signed for.
    pub region: String,
}

/// A request that is complete but for its signature.
#[derive(Clone, Copy)]
pub struct Unsigned<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its URL.
    pub url: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
}

/// What a signature adds to a request.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The headers that carry it.
    pub headers: HeaderMap,
    /// By what it is made.
    pub signature: Signature,
}

/// Why a request could not be signed.
pub type SignError = Box<dyn StdError + Send + Sync>;

/// Signs requests, each for the moment at which it is sent.
pub trait Sign: Send + Sync + fmt::Debug {
    /// Signs a request.
    fn sign<'a>(
        &'a self,
        request: Unsigned<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Signed, SignError>> + Send + 'a>>;
}

impl Auth {
    /// By this bearer token.
    ///
    /// # Errors
    /// If it has characters that no token has.
    pub fn token(token: &str) -> Result<Self, Misuse> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| Misuse::Token)?;
        value.set_sensitive(true);
        Ok(Auth::Token(value))
    }

    /// Has a request that is otherwise complete say who sends it.
    pub(crate) async fn authenticate(&self, base: &Url, request: &mut Request) -> Result<Sender, Error> {
        match self {
            Auth::Nobody if has_user(base) => Ok(Sender::Password),
            Auth::Nobody => Ok(Sender::Nobody),
            Auth::Token(token) => {
                request.headers_mut().insert(AUTHORIZATION, token.clone());
                Ok(Sender::Token)
            }
            Auth::Signed(signer) => {
                let Signed { headers, signature } = {
                    let body = request.body().map_or(Some(&[][..]), |body| body.as_bytes()).unwrap_or_default();
                    let (method, url, headers) = (request.method(), request.url().as_str(), request.headers());
                    signer.sign(Unsigned { method, url, headers, body }).await.map_err(Error::unsigned)?
                };
                request.headers_mut().extend(headers);
                Ok(Sender::Signed(signature))
            }
        }
    }
}

/// Whether a URL has a user or a password.
pub(crate) fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

impl fmt::Debug for Unsigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}
