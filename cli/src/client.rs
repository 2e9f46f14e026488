//! The API's client for this command: the calls of `taskway-client`, with this command's patience and words.

mod calls;
mod passing;

use std::{env, io, io::ErrorKind, time::Duration};

use serde::de::DeserializeOwned;
use taskway_client::{Call, Error, Misuse, NotAnswered, Patience, Repeat};
use taskway_dashboard::Sender;

pub(crate) use calls::{Action, BulkAction, Listing};
pub(crate) use passing::{Answered, Passed};
pub(crate) use taskway_client::DEFAULT_URL;

use crate::{
    auth::{self, Sign},
    failure::Failure,
    refusal::Refusal,
    task::Task,
};

/// A throttled call that may be repeated is made again three times. Someone who is told to wait for more than ten seconds should
/// see it.
const PATIENCE: Patience = Patience::WhenAsked { times: 3, longest: Duration::from_secs(10) };

/// A client of one API.
#[derive(Debug)]
pub(crate) struct Client {
    api: taskway_client::Client,
    sender: Sender,
}

/// A successful answer, kept as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: String,
    /// The API had this task already, under its idempotency key.
    pub(crate) replayed: bool,
    /// What was put was not there before.
    pub(crate) created: bool,
}

impl Answer {
    /// The task that the answer holds.
    pub(crate) fn task(&self) -> Result<Task, Failure> {
        self.read("the answer holds no task: is this URL a taskway api's?")
    }

    /// What the answer holds; `context` says what it does not, if it holds something else.
    pub(crate) fn read<T: DeserializeOwned>(&self, context: &'static str) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(|error| Failure::Other(anyhow::Error::new(error).context(context)))
    }
}

impl From<taskway_client::Answer> for Answer {
    fn from(answer: taskway_client::Answer) -> Self {
        let (replayed, created) = (answer.replayed(), answer.status.as_u16() == 201);
        Answer { body: answer.text().into_owned(), replayed, created }
    }
}

impl Client {
    /// A client of the API at `url`; an empty one, as of an emptied variable, means the default. A token is taken from the
    /// environment alone: a command line is for all to see.
    pub(crate) fn new(url: &str, sign: Sign) -> Result<Self, Failure> {
        let url = if url.is_empty() { DEFAULT_URL } else { url };
        let auth = auth::choose(url, sign, env::var("TASKWAY_TOKEN").ok().as_deref())?;
        let sender = auth::sender(url, &auth);
        let builder = taskway_client::Client::builder(url).auth(auth).patience(PATIENCE);
        let agent = concat!("taskway/", env!("CARGO_PKG_VERSION"));
        builder.user_agent(agent).build().map(|api| Client { api, sender }).map_err(unusable)
    }

    /// Makes a call, again while the API asks for patience and the call can bear it.
    async fn call(&self, call: Result<Call, Error>) -> Result<Answer, Failure> {
        let sent = match call {
            Ok(call) => self.api.send(&call).await,
            Err(error) => Err(error),
        };
        sent.map(Answer::from).map_err(|error| self.failure(error))
    }

    /// Why a call was not answered as it should, in this command's words.
    fn failure(&self, error: Error) -> Failure {
        match error {
            Error::Misuse(misuse) => Failure::Usage(misuse.to_string()),
            Error::Refused(refusal) => Failure::Refused(Box::new(Refusal::of(*refusal))),
            Error::NotAnswered(unanswered) => self.unanswered(&unanswered),
            Error::Unsigned(error) => Failure::Other(anyhow::Error::new(error)),
            Error::WaitTimeout(_) => Failure::Other(error.into()),
        }
    }

    /// Says why there was no answer, and what to do.
    fn unanswered(&self, unanswered: &NotAnswered) -> Failure {
        let (url, root) = (self.shown(), unanswered.root_cause());
        if root.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused) {
            return Failure::Unanswered(format!("nothing answers at {url}: start `taskway dev`, or set TASKWAY_URL"));
        }
        let cause = |nothing: &str| match unanswered.timed_out {
            Some(limit) => format!("no {nothing} within {} s", limit.as_secs()),
            None => root.to_string(),
        };
        if !unanswered.sent {
            let cause = cause("connection");
            return Failure::Unanswered(format!("cannot reach {url}: {cause}\n  check --url or TASKWAY_URL"));
        }
        // The request may have arrived, and only the answer been lost.
        let doubt = match unanswered.repeat {
            _ if unanswered.method == "GET" => "",
            Repeat::ByKey => "\n  it may have been accepted; with the same --key it can be submitted again",
            Repeat::Harmless => "\n  some of it may have been carried out; given again, the command does the rest",
            Repeat::Unknown => "\n  it may have been carried out all the same",
        };
        Failure::Unanswered(format!("lost the call to {url}: {}{doubt}", cause("answer")))
    }

    /// The API's URL for people, without a password and without the slash that parsing adds.
    pub(crate) fn shown(&self) -> String {
        self.api.url()
    }

    /// How its requests say who sends them.
    pub(crate) fn sender(&self) -> Sender {
        self.sender
    }
}

/// What is wrong with the settings of a client, by the names that they have here.
pub(crate) fn unusable(misuse: Misuse) -> Failure {
    match misuse {
        Misuse::PlainHttp => {
            let why = "TASKWAY_TOKEN is not sent over plain http, where anyone on the way could read it";
            Failure::Usage(why.to_owned())
        }
        Misuse::Https(_) => Failure::Other(misuse.into()),
        Misuse::Token => Failure::Usage("TASKWAY_TOKEN is no token: it has characters that none has".to_owned()),
        Misuse::Url(..)
        | Misuse::UrlForm(_)
        | Misuse::Agent(_)
        | Misuse::Senders
        | Misuse::Name(_)
        | Misuse::ReplacesNothing
        | Misuse::Json(_)
        | Misuse::Time(_) => Failure::Usage(misuse.to_string()),
    }
}
