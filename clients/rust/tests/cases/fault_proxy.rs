//! A proxy before the API and its bucket that makes the faults of the table, and remembers the requests.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What only a signed URL has.
const SIGNED: &str = "X-Amz-Signature";

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    headers: HeaderMap,
}

/// Passes requests on. The first request gets the first fault, and so on. Later ones pass. Signed URLs in answers lead here, too,
/// and from here to the bucket.
pub(crate) struct FaultProxy {
    pub(crate) url: String,
    seen: Arc<Seen>,
    serving: JoinHandle<()>,
}

struct Seen {
    faults: Mutex<VecDeque<Value>>,
    sent: Mutex<Vec<Sent>>,
    api: String,
    /// Known from the first signed URL.
    bucket: Mutex<String>,
    url: String,
    http: reqwest::Client,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl FaultProxy {
    /// A proxy on a free port before this API.
    pub(crate) async fn start(api: &str, faults: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen {
            faults: Mutex::new(faults.iter().cloned().collect()),
            sent: Mutex::default(),
            api: api.to_owned(),
            bucket: Mutex::default(),
            url: url.clone(),
            http: reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap(),
        });
        let served = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A connection ends with an error when the client goes.
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        FaultProxy { url, seen, serving }
    }

    /// The requests so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.seen.sent.lock().unwrap().clone()
    }
}

impl Seen {
    fn fault(&self, sent: Sent) -> Value {
        self.sent.lock().unwrap().push(sent);
        let mut faults = self.faults.lock().unwrap();
        match faults.front() {
            Some(fault) if fault["and_so_on"] == true => fault.clone(),
            Some(_) => faults.pop_front().unwrap(),
            None => serde_json::json!({ "fault": "pass" }),
        }
    }

    async fn pass_on(&self, sent: &Sent) -> Reply {
        let is_signed = sent.path.contains(SIGNED);
        let server = if is_signed { self.bucket.lock().unwrap().clone() } else { self.api.clone() };
        let request = self.http.request(sent.method.clone(), format!("{server}{}", sent.path));
        let answer = request.headers(sent.headers.clone()).body(sent.body.clone()).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body: Vec<u8> = answer.bytes().await.unwrap().into();
        let body = if is_signed { body } else { self.led_here(body) };
        Reply { status, headers, body }
    }

    /// An answer whose signed URLs lead to this proxy.
    fn led_here(&self, body: Vec<u8>) -> Vec<u8> {
        let Ok(text) = String::from_utf8(body.clone()) else { return body };
        let Some((before, _)) = text.split_once(SIGNED) else { return body };
        let start = before.rfind("http://").unwrap();
        let end = before[start + "http://".len()..].find('/').unwrap() + start + "http://".len();
        let bucket = &before[start..end];
        bucket.clone_into(&mut self.bucket.lock().unwrap());
        text.replace(bucket, &self.url).into_bytes()
    }
}

async fn serve(stream: TcpStream, seen: Arc<Seen>) -> io::Result<()> {
    let mut stream = BufStream::new(stream);
    while let Some(sent) = read(&mut stream).await? {
        let fault = seen.fault(sent.clone());
        match fault["fault"].as_str().unwrap() {
            "close_before" => return Ok(()),
            "answer" => write(&mut stream, &made(&fault), 1).await?,
            "answer_after" => {
                seen.pass_on(&sent).await;
                write(&mut stream, &made(&fault), 1).await?;
            }
            "close_after" => {
                seen.pass_on(&sent).await;
                return Ok(());
            }
            "close_within" => return write(&mut stream, &seen.pass_on(&sent).await, 2).await,
            "pass" => write(&mut stream, &seen.pass_on(&sent).await, 1).await?,
            other => panic!("the proxy cannot do {other}"),
        }
    }
    Ok(())
}

/// The answer that a fault describes.
fn made(fault: &Value) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in fault["headers"].as_object().into_iter().flatten() {
        headers.insert(name.parse::<HeaderName>().unwrap(), value.as_str().unwrap().parse().unwrap());
    }
    let body = fault["body"].as_str().map_or_else(|| fault["body"].to_string(), str::to_owned);
    let status = u16::try_from(fault["status"].as_u64().unwrap()).unwrap();
    Reply { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() }
}

/// The next request of a connection, if there is one.
async fn read(stream: &mut BufStream<TcpStream>) -> io::Result<Option<Sent>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    let mut lines = head.lines();
    let mut words = lines.next().unwrap().split(' ');
    let (method, path) = (words.next().unwrap().parse().unwrap(), words.next().unwrap().to_owned());
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    let length = headers.remove("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    headers.remove("host");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Sent { method, path, body, headers }))
}

/// Writes an answer with this part of its body: all, or a half.
async fn write(stream: &mut BufStream<TcpStream>, reply: &Reply, part: usize) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        if !["content-length", "connection", "transfer-encoding", "date"].contains(&name.as_str()) {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
    }
    if reply.status != StatusCode::NO_CONTENT {
        head += &format!("content-length: {}\r\n", reply.body.len());
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    stream.write_all(&reply.body[..reply.body.len() / part]).await?;
    stream.flush().await
}
