//! An S3 endpoint with the template's buckets.
//!
//! The endpoint is s3s, with its file system behind it. It checks signatures, presigned ones too, and lengths, as S3 does, which is
//! what uploads depend on. Digests are checked before it: it has replaced the object when it finds another digest. There are no
//! lifecycle rules: what nobody removes stays until the directory goes.

use std::{
    future::Future,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use anyhow::Context;
use axum::{
    Router,
    body::{Body, BodyDataStream, Bytes},
    error_handling::HandleError,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{Stream, TryStreamExt, stream};
use http::{Method, StatusCode, header::CONTENT_TYPE};
use s3s::{
    S3Result,
    access::{S3Access, S3AccessContext},
    auth::{S3Auth, SecretKey},
    path::S3Path,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{calls::Calls, doors::Doors, dynamo::private, template::Bucket};

/// The secret key of every access key.
const SECRET: &str = "local";

/// The directory of the buckets within the data directory.
pub(crate) const OBJECTS: &str = "objects";

/// What S3 answers if the bytes have another digest.
const BAD_DIGEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>BadDigest</Code>\
                          <Message>The SHA256 you specified did not match the calculated checksum.</Message></Error>";

/// What an upload that no task has taken is kept for.
const UPLOADS_KEPT: Duration = Duration::from_secs(86_400);

/// The buckets, each a directory of its name.
pub(crate) struct S3 {
    service: S3Service,
    /// Removed with this value.
    temporary: Option<TempDir>,
}

impl S3 {
    /// Opens the buckets in this directory, or in one that is removed at the end.
    ///
    /// # Errors
    /// A directory cannot be made.
    pub(crate) fn open(data: Option<&Path>, buckets: &[Bucket], calls: Option<Calls>) -> anyhow::Result<Self> {
        let (root, temporary) = match data {
            Some(data) => (data.join(OBJECTS), None),
            None => {
                let made = tempfile::Builder::new().prefix("taskway-").tempdir().context("no temporary directory")?;
                (made.path().to_owned(), Some(made))
            }
        };
        let unusable = || format!("the directory {} cannot be made", root.display());
        private::closed(&root).with_context(unusable)?;
        for bucket in buckets {
            let directory = root.join(&bucket.name);
            std::fs::create_dir_all(&directory)
                .with_context(|| format!("the directory {} cannot be made", directory.display()))?;
            remove_old_uploads(&directory.join("uploads"));
        }
        let system = FileSystem::new(&root)
            .map_err(|error| anyhow::anyhow!("the directory {} cannot be used: {error:?}", root.display()))?;
        let mut builder = S3ServiceBuilder::new(system);
        builder.set_auth(AnyKey);
        builder.set_access(Noting(calls));
        Ok(S3 { service: builder.build(), temporary })
    }

    /// Serves until `shutdown` resolves.
    pub(crate) async fn serve(
        self,
        doors: Doors,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let service = HandleError::new(self.service, async |error: s3s::HttpError| {
            tracing::warn!(?error, "the embedded s3 endpoint cannot answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        });
        let router = doors.before(Router::new().fallback_service(service).layer(from_fn(only_what_was_announced)));
        axum::serve(listener, router).with_graceful_shutdown(shutdown).await?;
        drop(self.temporary);
        Ok(())
    }
}

/// Refuses an upload of other bytes than its SHA-256 says, before the object is replaced.
async fn only_what_was_announced(request: Request, next: Next) -> Response {
    let Some((digest, length)) = announced(&request) else { return next.run(request).await };
    let differs = Arc::new(AtomicBool::new(false));
    let (parts, body) = request.into_parts();
    let body = Body::from_stream(checked(body.into_data_stream(), length, digest, Arc::clone(&differs)));
    let answer = next.run(Request::from_parts(parts, body)).await;
    if differs.load(Ordering::SeqCst) {
        (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "application/xml")], BAD_DIGEST).into_response()
    } else {
        answer
    }
}

/// The SHA-256 and the length that an upload has by its headers.
fn announced(request: &Request) -> Option<(Vec<u8>, Option<u64>)> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    // With this header, the body has more than the object's bytes.
    let is_plain = request.method() == Method::PUT && header("x-amz-decoded-content-length").is_none();
    let digest = header("x-amz-checksum-sha256").filter(|_| is_plain).and_then(|text| STANDARD.decode(text).ok())?;
    Some((digest, header("content-length").and_then(|text| text.parse().ok())))
}

/// The chunks, but an error in place of the last one if they are not the bytes of this digest. `differs` tells that then.
fn checked(
    chunks: BodyDataStream,
    length: Option<u64>,
    digest: Vec<u8>,
    differs: Arc<AtomicBool>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let expected = (length, digest, differs);
    stream::try_unfold((chunks, Sha256::new(), 0, expected), async |(mut chunks, mut hash, mut bytes, expected)| {
        let chunk = chunks.try_next().await.map_err(io::Error::other)?;
        let (length, digest, differs) = &expected;
        if let Some(chunk) = &chunk {
            hash.update(chunk);
            bytes += chunk.len() as u64;
        }
        // Who reads the body may stop at its announced end.
        let is_last = chunk.is_none() || Some(bytes) == *length;
        if is_last && hash.clone().finalize()[..] != digest[..] {
            differs.store(true, Ordering::SeqCst);
            return Err(io::Error::other("these are not the announced bytes"));
        }
        Ok(chunk.map(|chunk| (chunk, (chunks, hash, bytes, expected))))
    })
}

/// What is left of an earlier process. A file that cannot be removed now may be removed at the next start.
fn remove_old_uploads(uploads: &Path) {
    let entries = |directory: &Path| std::fs::read_dir(directory).into_iter().flatten().flatten();
    for client in entries(uploads) {
        for upload in entries(&client.path()) {
            let stored =
                upload.metadata().and_then(|metadata| metadata.modified()).unwrap_or_else(|_| SystemTime::now());
            if stored.elapsed().unwrap_or_default() > UPLOADS_KEPT {
                let _ = std::fs::remove_file(upload.path());
            }
        }
    }
}

/// Every access key has the same secret.
struct AnyKey;

#[async_trait::async_trait]
impl S3Auth for AnyKey {
    async fn get_secret_key(&self, _access_key: &str) -> S3Result<SecretKey> {
        Ok(SECRET.into())
    }
}

/// Lets signed requests through, and records them.
struct Noting(Option<Calls>);

#[async_trait::async_trait]
impl S3Access for Noting {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(credentials) = cx.credentials() else { return Err(s3s::s3_error!(AccessDenied)) };
        if let Some(calls) = &self.0 {
            for (action, resource) in permissions(cx.s3_op().name(), cx.s3_path(), copied(cx.headers())) {
                calls.note_of(&credentials.access_key, action, resource);
            }
        }
        Ok(())
    }
}

fn copied(headers: &http::HeaderMap) -> Option<&str> {
    headers.get("x-amz-copy-source")?.to_str().ok()
}

/// The permissions that AWS checks before an operation, each with the ARN of its resource.
fn permissions(operation: &str, path: &S3Path, source: Option<&str>) -> Vec<(String, String)> {
    let (bucket, key) = match path {
        S3Path::Root => return vec![(format!("s3:{operation}"), "*".to_owned())],
        S3Path::Bucket { bucket } => (&**bucket, ""),
        S3Path::Object { bucket, key } => (&**bucket, &**key),
    };
    let on_bucket = |action: &str| (format!("s3:{action}"), format!("arn:aws:s3:::{bucket}"));
    let on_object = |action: &str, key: &str| (format!("s3:{action}"), objects(bucket, key));
    match operation {
        // Without the second, S3 answers 403 if there is no such object.
        "HeadObject" => vec![on_object("GetObject", key), on_bucket("ListBucket")],
        "CopyObject" => {
            let source = source.and_then(|source| source.split_once('/')).map_or("", |(_, key)| key);
            vec![on_object("PutObject", key), on_object("GetObject", source)]
        }
        "ListObjectsV2" => vec![on_bucket("ListBucket")],
        other if key.is_empty() => vec![on_bucket(other)],
        other => vec![on_object(other, key)],
    }
}

/// The objects that a policy names which permits this one: all under the first part of its key.
fn objects(bucket: &str, key: &str) -> String {
    let first = key.split('/').next().unwrap_or_default();
    format!("arn:aws:s3:::{bucket}/{first}/*")
}
