//! Requests of the dashboard, sent on as this command's own.

use std::time::SystemTime;

use reqwest::{
    Method, Request, StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};

use super::{Call, Client, Repeat};
use crate::failure::Failure;

/// A request of the page: where it goes below the API's URL, and what it carries.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) method: Method,
    /// The path's parts, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// Those of the page's headers that the API reads.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The API's answer as it came.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What to do about an answer that does not let this command in.
    pub(crate) advice: Option<String>,
}

impl Client {
    /// Sends a request on, once, and returns what came.
    pub(crate) async fn pass(&self, passed: Passed) -> Result<Answered, Failure> {
        let path: Vec<&str> = passed.path.iter().map(String::as_str).collect();
        let method = passed.method.clone();
        // Built as every call is, so that what is signed is what the API checks.
        let call = Call { method, path: &path, query: &passed.query, body: None, wait: None, repeat: Repeat::Unknown };
        let mut request = self.request(&call)?;
        spaces_as_percent(&mut request);
        carry(&mut request, passed.headers, passed.body);
        let sender = self.auth.authenticate(&mut request).await?;
        let unanswered = |error: reqwest::Error| self.unanswered(&call, &error);
        let mut response = self.http.execute(request).await.map_err(unanswered)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let body = response.bytes().await.map_err(unanswered)?.to_vec();
        let advice = sender.advice(status, &headers, SystemTime::now());
        Ok(Answered { status, headers, body, advice })
    }
}

/// A signature covers a space as `%20`. Only forms write it as `+`, and a plus itself is encoded here.
fn spaces_as_percent(request: &mut Request) {
    if let Some(query) = request.url().query().filter(|query| query.contains('+')) {
        let query = query.replace('+', "%20");
        request.url_mut().set_query(Some(&query));
    }
}

fn carry(request: &mut Request, headers: HeaderMap, body: Vec<u8>) {
    request.headers_mut().extend(headers);
    if !body.is_empty() {
        // The length is the body's now.
        request.headers_mut().remove(CONTENT_LENGTH);
        *request.body_mut() = Some(body.into());
    }
}
