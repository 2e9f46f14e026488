//! Conditional writes, alone or many in one request, a `BatchExecuteStatement`. In a batch each write succeeds or fails
//! alone, at the price of a single write.
//!
//! A request for one write is a single write. What the table throttled in a batch, or did not understand, is then done by a
//! single write, whose answer counts.

use std::{
    fmt::Debug,
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, ProvideErrorMetadata},
    types::{BatchStatementErrorCodeEnum as Code, BatchStatementRequest, BatchStatementResponse},
};
use futures::FutureExt;
use taskway_runtime::log::causes;

use super::{change::Change, error::StoreError, first_put::FirstPut, reads::Reads};
use crate::gather::{Asked, Carrier, Gather};

/// Throttled writes of one request are tried alone one after another, this far apart. The SDK backs off from there.
const APART: Duration = Duration::from_millis(10);

/// A conditional write of one item.
pub(super) trait Write: Debug + Send + Sync + 'static {
    /// What it gives.
    type Done: Debug + Send;

    /// Whether the other write is of the same item.
    fn same_item(&self, other: &Self) -> bool;

    /// The write as one of a batch.
    fn statement(&self, table: &str) -> Result<BatchStatementRequest, BuildError>;

    /// What an answer in a batch means. `None` if only a single write can tell.
    fn answered(&self, answer: BatchStatementResponse) -> Option<Result<Self::Done, StoreError>>;

    /// The write by itself.
    fn alone(&self, client: &Client, table: &str) -> impl Future<Output = Result<Self::Done, StoreError>> + Send;
}

/// The batches of a table, and its reads that go together. Clones gather together.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    pub(super) changes: Gather<Statements<Change>>,
    pub(super) puts: Gather<Statements<FirstPut>>,
    pub(super) reads: Gather<Reads>,
}

impl Batches {
    pub(super) fn new(client: &Client, table: &str) -> Self {
        Batches {
            changes: Gather::new(Statements::new(client, table)),
            puts: Gather::new(Statements::new(client, table)),
            reads: Gather::new(Reads::new(client, table)),
        }
    }
}

/// Makes one kind of write in batches.
#[derive(Debug)]
pub(super) struct Statements<W> {
    client: Client,
    table: String,
    /// Set when the table refused a batch as a whole. From then on every write is a single write.
    refused: AtomicBool,
    kind: std::marker::PhantomData<fn() -> W>,
}

impl<W: Write> Gather<Statements<W>> {
    /// Makes a write, alone or with others.
    pub(super) async fn make(&self, write: W) -> Result<W::Done, StoreError> {
        if self.carrier().refused.load(Ordering::Relaxed) {
            return write.alone(&self.carrier().client, &self.carrier().table).await;
        }
        let unanswered = || Err(unknown(false, "the request ended without an answer".to_owned()));
        self.write(write).await.unwrap_or_else(unanswered)
    }
}

fn unknown(throttled: bool, why: String) -> StoreError {
    StoreError::Unavailable { throttled, source: why.into() }
}

impl<W: Write> Carrier for Statements<W> {
    type Write = W;
    type Answer = Result<W::Done, StoreError>;
    /// DynamoDB takes no more statements in a request.
    const MOST: usize = 25;

    /// DynamoDB refuses a request with two statements about one item.
    fn clash(one: &W, other: &W) -> bool {
        one.same_item(other)
    }

    async fn carry(&self, writes: Vec<Asked<W, Self::Answer>>) {
        if writes.len() == 1 || self.refused.load(Ordering::Relaxed) {
            return self.one_by_one(writes).await;
        }
        let statements = writes.iter().map(|asked| asked.write.statement(&self.table)).collect();
        let answers = match statements {
            Ok(statements) => self.execute(statements).await,
            Err(error) => Err(Lost::Refused(error.to_string())),
        };
        match answers {
            Ok(answers) => {
                let mut throttled = 0;
                for (asked, answer) in writes.into_iter().zip(answers) {
                    let wait = if is_throttled(&answer) { APART * throttled } else { Duration::ZERO };
                    throttled += u32::from(is_throttled(&answer));
                    match asked.write.answered(answer) {
                        Some(done) => asked.answer(done),
                        None => self.later(asked, wait),
                    }
                }
            }
            Err(Lost::Refused(why)) => {
                if !self.refused.swap(true, Ordering::Relaxed) {
                    tracing::warn!(error = why, "the table refuses batches; this process now writes one by one");
                }
                self.one_by_one(writes).await;
            }
            Err(Lost::Unknown { throttled, why }) => {
                writes.into_iter().for_each(|asked| asked.answer(Err(unknown(throttled, why.clone()))));
            }
        }
    }
}

/// A batch without an answer.
enum Lost {
    /// The table did nothing of it.
    Refused(String),
    /// The table may have done any part of it.
    Unknown { throttled: bool, why: String },
}

impl<W: Write> Statements<W> {
    pub(super) fn new(client: &Client, table: &str) -> Self {
        Statements {
            client: client.clone(),
            table: table.to_owned(),
            refused: AtomicBool::new(false),
            kind: std::marker::PhantomData,
        }
    }

    async fn execute(&self, statements: Vec<BatchStatementRequest>) -> Result<Vec<BatchStatementResponse>, Lost> {
        let asked = statements.len();
        match self.client.batch_execute_statement().set_statements(Some(statements)).send().boxed().await {
            Ok(output) => {
                let answers = output.responses.unwrap_or_default();
                let all_have = |code: Code| answers.iter().all(|answer| error_code(answer) == Some(&code));
                match answers.len() {
                    answered if answered != asked => {
                        let why = format!("{asked} statements have {answered} answers");
                        Err(Lost::Unknown { throttled: false, why })
                    }
                    _ if all_have(Code::AccessDenied) || all_have(Code::ValidationError) => {
                        Err(Lost::Refused("it refuses every statement".to_owned()))
                    }
                    _ => Ok(answers),
                }
            }
            Err(error) => {
                let why = causes(&error).to_string();
                match error.code() {
                    Some("ValidationException" | "AccessDeniedException" | "UnknownOperationException") => {
                        Err(Lost::Refused(why))
                    }
                    _ => Err(Lost::Unknown { throttled: StoreError::is_throttled(error.code()), why }),
                }
            }
        }
    }

    /// Makes each write by itself, all at once.
    async fn one_by_one(&self, writes: Vec<Asked<W, Result<W::Done, StoreError>>>) {
        let each = writes.into_iter().map(|asked| async move {
            let done = asked.write.alone(&self.client, &self.table).await;
            asked.answer(done);
        });
        futures::future::join_all(each).await;
    }

    /// Makes a write by itself, beside the next requests.
    fn later(&self, asked: Asked<W, Result<W::Done, StoreError>>, wait: Duration) {
        let (client, table) = (self.client.clone(), self.table.clone());
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let done = asked.write.alone(&client, &table).await;
            asked.answer(done);
        });
    }
}

fn error_code(answer: &BatchStatementResponse) -> Option<&Code> {
    answer.error.as_ref().and_then(|error| error.code.as_ref())
}

fn is_throttled(answer: &BatchStatementResponse) -> bool {
    matches!(
        error_code(answer),
        Some(Code::ThrottlingError | Code::ProvisionedThroughputExceeded | Code::RequestLimitExceeded)
    )
}
