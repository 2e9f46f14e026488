//! The bucket with payloads and results that are too large for the table.
//!
//! A client uploads by a [presigned request](Objects::presign_upload). When a task is submitted, its upload is
//! [copied](Objects::take_upload) under the task's own key. So each object has one owner: the task whose id is in its key.

mod list;
mod presign;

use std::{fmt, io, sync::Arc, time::Duration};

use aws_config::SdkConfig;
use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use http::{Method, Request, header::CONTENT_LENGTH};
use http_body_util::{BodyExt, BodyStream};
use taskway_protocol::{Object, TaskId, Time};

use crate::aws::signed::{self, CallError, Refused, S3};

pub use list::Listed;
pub use presign::{PresignError, Upload};

/// How long the tries of a call may take together until its answer begins.
const CALL: Duration = Duration::from_secs(15);

/// How long the tries of a copy or a write of many bytes may take together.
const LONG_CALL: Duration = Duration::from_secs(25);

/// The answer's header with an object's digest.
const SHA256: &str = "x-amz-checksum-sha256";

/// The largest part of an answer that is not an object, in bytes: a page of a list has about 300 a key.
const LONGEST_ANSWER: usize = 1 << 20;

/// Why the bucket did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is no such object.
    #[error("the object is not there")]
    NotFound,
    /// The object is there, and is another one than its key says.
    #[error("the object has another length or digest than its key says")]
    Other,
    /// The call did not succeed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer cannot be read.
    #[error("the bucket's answer cannot be read")]
    Unreadable,
}

/// A bucket. Clones share the configuration.
#[derive(Clone)]
pub struct Objects {
    config: Arc<SdkConfig>,
    bucket: Arc<str>,
}

impl Objects {
    /// The bucket with this name.
    pub fn new(config: SdkConfig, bucket: &str) -> Self {
        Objects { config: Arc::new(config), bucket: bucket.into() }
    }

    /// Gives the task the upload of this client under the task's own key.
    ///
    /// # Errors
    /// [`ObjectError::NotFound`] if the client has made no such upload; [`ObjectError::Other`] if it is not what it should be.
    pub async fn take_upload(&self, upload: &Object, client: &str, task: TaskId) -> Result<(), ObjectError> {
        let key = upload.key_of_upload(client);
        let head = self.head(&key).await?;
        if head != Some(*upload) {
            return Err(ObjectError::Other);
        }
        let source = format!("{}/{key}", self.bucket);
        let request = request(Method::PUT, &upload.key_of(task)).header("x-amz-copy-source", source);
        let answer = self.send(request, Vec::new(), LONG_CALL).await?;
        // S3 begins to answer before it has copied, so an error may follow a status of success.
        if contains(&answer, b"<Error>") { Err(ObjectError::Unreadable) } else { Ok(()) }
    }

    /// Stores the bytes of `object` under the task's key. Storing them again changes nothing.
    ///
    /// # Errors
    /// When the bytes may not be stored.
    pub async fn put(&self, object: &Object, task: TaskId, bytes: Vec<u8>) -> Result<(), ObjectError> {
        let request = request(Method::PUT, &object.key_of(task))
            .header("content-type", "application/json")
            .header(SHA256, presign::base64(object));
        self.send(request, bytes, LONG_CALL).await.map(|_| ())
    }

    /// The bytes of a task's object, as they come.
    ///
    /// # Errors
    /// When the answer does not begin. An item of the stream is an error when the bytes end too early.
    pub async fn open(
        &self,
        object: &Object,
        task: TaskId,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, ObjectError> {
        let answer = self.answer(request(Method::GET, &object.key_of(task)), Vec::new(), CALL).await?;
        let frames = BodyStream::new(answer.into_body());
        let chunks = frames.filter_map(async |frame| match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(error) => Some(Err(io::Error::other(error))),
        });
        Ok(counted(chunks.boxed(), object.bytes))
    }

    /// The next objects of tasks behind `after` in the order of their keys.
    ///
    /// # Errors
    /// When the bucket does not answer.
    pub async fn list(&self, after: &str) -> Result<Vec<Listed>, ObjectError> {
        let answer = self.send(list::request(after), Vec::new(), CALL).await?;
        list::read(&answer).ok_or(ObjectError::Unreadable)
    }

    /// Removes the object with this key, if it is there.
    ///
    /// # Errors
    /// When it may still be there.
    pub async fn remove(&self, key: &str) -> Result<(), ObjectError> {
        self.send(request(Method::DELETE, key), Vec::new(), CALL).await.map(|_| ())
    }

    /// A request by which a client uploads `object`, from `now` for as long as `valid`. S3 refuses other bytes and another length.
    ///
    /// # Errors
    /// There are no credentials, or they cannot sign.
    pub async fn presign_upload(
        &self,
        object: &Object,
        client: &str,
        now: Time,
        valid: Duration,
    ) -> Result<Upload, PresignError> {
        let url = format!("{}/{}", self.endpoint()?, object.key_of_upload(client));
        let headers = [("content-length", object.bytes.to_string()), (SHA256, presign::base64(object))];
        let url = presign::presign(&self.config, &Method::PUT, &url, &headers, now, valid).await?;
        Ok(Upload { url, headers: headers.into() })
    }

    /// A URL by which everybody can read a task's object, for a while.
    ///
    /// # Errors
    /// There are no credentials, or they cannot sign.
    pub async fn presign_download(
        &self,
        object: &Object,
        task: TaskId,
        now: Time,
        valid: Duration,
    ) -> Result<String, PresignError> {
        let url = format!("{}/{}", self.endpoint()?, object.key_of(task));
        presign::presign(&self.config, &Method::GET, &url, &[], now, valid).await
    }

    /// What is stored under this key.
    async fn head(&self, key: &str) -> Result<Option<Object>, ObjectError> {
        let request = request(Method::HEAD, key).header("x-amz-checksum-mode", "ENABLED");
        let answer = self.answer(request, Vec::new(), CALL).await?;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let bytes = header(CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok());
        let sha256 = header(SHA256).and_then(presign::parse_base64);
        Ok(bytes.zip(sha256).map(|(bytes, sha256)| Object { sha256, bytes }))
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
        within: Duration,
    ) -> Result<Bytes, ObjectError> {
        let answer = self.answer(request, body, within).await?;
        let body = http_body_util::Limited::new(answer.into_body(), LONGEST_ANSWER);
        let read = tokio::time::timeout(within, body.collect()).await;
        read.ok().and_then(Result::ok).map(http_body_util::Collected::to_bytes).ok_or(ObjectError::Unreadable)
    }

    async fn answer(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
        within: Duration,
    ) -> Result<http::Response<signed::Body>, ObjectError> {
        let request = request.body(body).map_err(|_| ObjectError::Unreadable)?;
        match signed::open(&self.config, (S3, &self.endpoint()?), request, within).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Refused(Refused { status: 404, .. })) => Err(ObjectError::NotFound),
            Err(error) => Err(error.into()),
        }
    }

    /// The bucket's endpoint: `https://BUCKET.s3.REGION.amazonaws.com`, or one that somebody has configured, with the bucket
    /// in its path.
    fn endpoint(&self) -> Result<String, CallError> {
        let region = signed::region(&self.config, S3)?;
        Ok(S3.endpoint_of_part(&self.config, region.as_ref(), &self.bucket))
    }
}

/// A request for the object with this key, which needs no escapes.
fn request(method: Method, key: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("/{key}"))
}

/// Ends with an error if there are fewer or more bytes than `expected`.
fn counted(chunks: BoxStream<'static, io::Result<Bytes>>, expected: u64) -> BoxStream<'static, io::Result<Bytes>> {
    let wrong = || Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None));
    stream::unfold(Some((chunks, expected)), move |state| async move {
        let (mut chunks, left) = state?;
        match chunks.next().await {
            Some(Ok(chunk)) => match left.checked_sub(chunk.len() as u64) {
                Some(left) => Some((Ok(chunk), Some((chunks, left)))),
                None => wrong(),
            },
            Some(Err(error)) => Some((Err(error), None)),
            None if left > 0 => wrong(),
            None => None,
        }
    })
    .boxed()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn read(sizes: &[usize], expected: u64) -> Result<usize, io::ErrorKind> {
        let chunks: Vec<_> = sizes.iter().map(|size| Ok(Bytes::from(vec![0; *size]))).collect();
        let mut counted = counted(stream::iter(chunks).boxed(), expected);
        let mut all = 0;
        while let Some(chunk) = counted.next().await {
            all += chunk.map_err(|error| error.kind())?.len();
        }
        Ok(all)
    }

    #[tokio::test]
    async fn bytes_that_are_missing_or_too_many_are_an_error() {
        assert_eq!(read(&[2, 3], 5).await, Ok(5));
        assert_eq!(read(&[], 0).await, Ok(0));
        for (sizes, expected) in [(&[2, 2][..], 5), (&[2, 4], 5), (&[], 1)] {
            assert_eq!(read(sizes, expected).await, Err(io::ErrorKind::UnexpectedEof));
        }
    }

    #[test]
    fn a_bucket_is_in_the_host_and_at_a_configured_endpoint_in_the_path() {
        let config = || aws_types::SdkConfig::builder().region(aws_types::region::Region::new("eu-west-1"));
        let cloud = Objects::new(config().build(), "payloads");
        assert_eq!(cloud.endpoint().unwrap(), "https://payloads.s3.eu-west-1.amazonaws.com");
        let local = Objects::new(config().endpoint_url("http://127.0.0.1:9000").build(), "payloads");
        assert_eq!(local.endpoint().unwrap(), "http://127.0.0.1:9000/payloads");
    }
}
