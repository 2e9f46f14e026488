//! Payloads that a handler reads piece by piece.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio_util::io::StreamReader;

/// The bytes of a payload, as they come.
pub type Chunks = BoxStream<'static, io::Result<Bytes>>;

/// For executors: a payload that is not in the task's record.
pub trait Source: fmt::Debug + Send + Sync {
    /// How many bytes it has.
    fn bytes(&self) -> u64;

    /// Begins to read it. It can be read more than once.
    fn open(&self) -> BoxFuture<'static, io::Result<Chunks>>;
}

/// A payload as a stream of bytes, for handlers that do not want it in memory as a whole. It is JSON if it was submitted with the
/// task, and otherwise what was uploaded.
///
/// It implements tokio's [`AsyncRead`] and [`AsyncBufRead`]. An upload that cannot be read to its end is an error of the kind
/// `UnexpectedEof`.
pub struct PayloadReader {
    bytes: u64,
    chunks: StreamReader<Chunks, Bytes>,
}

impl PayloadReader {
    /// The payload's length in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn of_text(text: &str) -> Self {
        let whole = Bytes::copy_from_slice(text.as_bytes());
        PayloadReader { bytes: whole.len() as u64, chunks: StreamReader::new(stream::iter([Ok(whole)]).boxed()) }
    }

    /// The reading of the source begins with the first read.
    pub(crate) fn of(source: Arc<dyn Source>) -> Self {
        let bytes = source.bytes();
        let chunks = async move {
            match source.open().await {
                Ok(chunks) => chunks,
                Err(error) => stream::iter([Err(error)]).boxed(),
            }
        };
        PayloadReader { bytes, chunks: StreamReader::new(chunks.flatten_stream().boxed()) }
    }
}

impl AsyncRead for PayloadReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.chunks).poll_read(cx, into)
    }
}

impl AsyncBufRead for PayloadReader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().chunks).poll_fill_buf(cx)
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        Pin::new(&mut self.chunks).consume(amount);
    }
}

impl fmt::Debug for PayloadReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayloadReader").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// For executors: a source that is a text.
///
/// # Errors
/// When it cannot be read to its end, or is not UTF-8.
pub async fn whole_text(source: &dyn Source) -> io::Result<String> {
    String::from_utf8(whole(source).await?).map_err(io::Error::other)
}

/// All bytes of a source.
pub(crate) async fn whole(source: &dyn Source) -> io::Result<Vec<u8>> {
    let mut chunks = source.open().await?;
    let mut bytes = Vec::with_capacity(usize::try_from(source.bytes()).unwrap_or_default());
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}
