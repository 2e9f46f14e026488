//! What can go wrong.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::Method;
use taskway_api::{Task, instant::Malformed};

use crate::{
    auth::SignError,
    call::{Call, Repeat},
    refusal::Refusal,
};

/// A call did not do what it should.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for has no meaning. Nothing was sent.
    #[error(transparent)]
    Misuse(#[from] Misuse),
    /// The API refused the call.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No answer came within the client's timeout. The stack may have done what was asked.
    #[error(transparent)]
    NotAnswered(#[from] NotAnswered),
    /// The task has not ended within the time given to [`wait`](crate::Client::wait). It goes on.
    #[error("task {} is still {}", .0.id, .0.state)]
    WaitTimeout(Box<Task>),
    /// The request could not be signed, so it was not sent.
    #[error("cannot sign the request")]
    Unsigned(#[source] Arc<dyn StdError + Send + Sync>),
}

/// What a caller gave has no meaning.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Misuse {
    /// The URL is none.
    #[error("the url `{0}` is not one: {1}")]
    Url(String, String),
    /// The URL is not that of an API.
    #[error("the url `{0}` is not of the form http(s)://host[:port][/path]")]
    UrlForm(String),
    /// A task is to replace another, and has no key that names it.
    #[error("a task that replaces another needs the idempotency key of that task")]
    ReplacesNothing,
    /// A token would go over plain http to another machine.
    #[error("a token is not sent over plain http, where anyone on the way could read it")]
    PlainHttp,
    /// Beside a user in the URL there is another way to say who sends a request.
    #[error("a request has one sender: take the user out of the url, or the token or signer out of the settings")]
    Senders,
    /// The token has characters that none has.
    #[error("the token is none: it has characters that no token has")]
    Token,
    /// The client calls itself by a text that no header holds.
    #[error("`{0}` cannot be what a client calls itself")]
    Agent(String),
    /// No certificates, or ones that cannot be used.
    #[error("cannot make an https client: see SSL_CERT_FILE and SSL_CERT_DIR: {0}")]
    Https(String),
    /// No task, queue or schedule has such an id or name, and in a path it would lead to another call.
    #[error("`{0}` is not an id or a name")]
    Name(String),
    /// A payload or another value is not JSON.
    #[error("what is to be sent is not JSON: {0}")]
    Json(String),
    /// A time that the API does not take.
    #[error("a time {0}")]
    Time(Malformed),
}

/// There was no answer of the API.
#[derive(Clone, Debug)]
pub struct NotAnswered {
    /// The call's method.
    pub method: Method,
    /// The call's path.
    pub path: String,
    /// Whether the request may have arrived.
    pub sent: bool,
    /// The time limit that ended the try, if one did.
    pub timed_out: Option<Duration>,
    /// What making the call twice does. It is in doubt whether the call was carried out if that is unknown.
    pub repeat: Repeat,
    pub(crate) cause: Arc<dyn StdError + Send + Sync>,
}

impl Misuse {
    pub(crate) fn json(error: impl fmt::Display) -> Self {
        Misuse::Json(error.to_string())
    }
}

impl NotAnswered {
    pub(crate) fn of(call: &Call, cause: impl StdError + Send + Sync + 'static) -> Self {
        let (method, path) = (call.method.clone(), format!("/{}", call.path.join("/")));
        NotAnswered { method, path, sent: true, timed_out: None, repeat: call.repeat, cause: Arc::new(cause) }
    }

    /// The end of the chain of causes, which has the system's own words.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        let mut cause: &(dyn StdError + 'static) = &*self.cause;
        while let Some(source) = cause.source() {
            cause = source;
        }
        cause
    }
}

impl fmt::Display for NotAnswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotAnswered { method, path, .. } = self;
        write!(f, "{method} {path} got no answer: {}", self.root_cause())?;
        if self.sent && self.repeat == Repeat::Unknown && method != Method::GET {
            f.write_str("; it may have been carried out all the same")?;
        }
        Ok(())
    }
}

impl StdError for NotAnswered {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

impl Error {
    /// The refusal, if the API refused the call.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused(refusal) => Some(refusal),
            Error::Misuse(_) | Error::NotAnswered(_) | Error::WaitTimeout(_) | Error::Unsigned(_) => None,
        }
    }

    pub(crate) fn unsigned(error: SignError) -> Self {
        Error::Unsigned(error.into())
    }
}

impl From<Malformed> for Error {
    fn from(fault: Malformed) -> Self {
        Misuse::Time(fault).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(Box::new(refusal))
    }
}
