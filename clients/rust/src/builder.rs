//! The settings of a client.

use std::{env, time::Duration};

use crate::{
    auth::{Auth, Sign},
    client::Client,
    error::Misuse,
    patience::Patience,
    wire::Wire,
};

/// Where `taskway dev` serves the API unless told otherwise.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// How long a call is tried unless the client says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The settings of a client.
#[derive(Debug)]
pub struct Builder {
    url: String,
    agent: String,
    patience: Patience,
    auth: Result<Auth, Misuse>,
}

impl Builder {
    /// Settings of a client of the API at `url`.
    pub fn new(url: &str) -> Self {
        let agent = concat!("taskway-rust/", env!("CARGO_PKG_VERSION")).to_owned();
        Builder { url: url.to_owned(), agent, patience: Patience::For(TIMEOUT), auth: Ok(Auth::Nobody) }
    }

    /// Settings of a client of the API at `TASKWAY_URL`, or where `taskway dev` serves it, with the token `TASKWAY_TOKEN`. An
    /// emptied variable counts as none.
    ///
    /// # Errors
    /// If the token has characters that no token has.
    pub fn from_env() -> Result<Self, Misuse> {
        let given = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let builder = Builder::new(given("TASKWAY_URL").as_deref().unwrap_or(DEFAULT_URL));
        match given("TASKWAY_TOKEN") {
            Some(token) => Ok(builder.auth(Auth::token(&token)?)),
            None => Ok(builder),
        }
    }

    /// How long a call is tried, with all its retries: 60 s unless given.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.patience(Patience::For(timeout))
    }

    /// When a call that failed is made again.
    #[must_use]
    pub fn patience(self, patience: Patience) -> Self {
        Builder { patience, ..self }
    }

    /// Sends this bearer token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Builder { auth: Auth::token(token), ..self }
    }

    /// Signs each request: `aws::Signer` does, of the feature `aws`.
    #[must_use]
    pub fn signer(self, signer: impl Sign + 'static) -> Self {
        self.auth(Auth::Signed(Box::new(signer)))
    }

    /// How requests say who sends them.
    #[must_use]
    pub fn auth(self, auth: Auth) -> Self {
        Builder { auth: Ok(auth), ..self }
    }

    /// What the client calls itself, such as `reports/2.1`.
    #[must_use]
    pub fn user_agent(self, agent: &str) -> Self {
        Builder { agent: agent.to_owned(), ..self }
    }

    /// The client.
    ///
    /// # Errors
    /// If the URL is not that of an API, or the token cannot be sent there.
    pub fn build(self) -> Result<Client, Misuse> {
        let wire = Wire::new(&self.url, &self.agent, self.auth?)?;
        Ok(Client { wire, patience: self.patience })
    }
}
