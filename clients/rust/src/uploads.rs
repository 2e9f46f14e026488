//! Payloads and results that are too large for a request.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use taskway_api::{Upload, UploadRequest};
use taskway_protocol::Object;

use crate::{
    call::{Call, Repeat},
    client::Client,
    error::{Error, Misuse},
    refusal::Refusal,
};

impl Client {
    /// Uploads a payload of up to 100 MiB, and returns the `payload_ref` with which a task is submitted within a day. To upload the
    /// same bytes again changes nothing.
    ///
    /// # Errors
    /// If the API or the bucket refuses it, or gives no answer in time.
    pub async fn upload(&self, payload: Vec<u8>) -> Result<String, Error> {
        let request = UploadRequest::of(&Object::of(&payload));
        let body = serde_json::to_string(&request).map_err(Misuse::json)?;
        let ask = Call::new(Method::POST, ["v1", "payloads"])?.json(body).repeated(Repeat::Harmless);
        let mut put = Call::new(Method::PUT, ["upload"])?.body(payload);
        let mut told: Upload = self.ask(ask.clone()).await?;
        put.headers = headers(&told)?;
        match self.send_to(&told.upload.url, &put).await {
            Err(Error::Refused(refusal)) if may_have_expired(&refusal) => {
                told = self.ask(ask).await?;
                put.headers = headers(&told)?;
                self.send_to(&told.upload.url, &put).await?;
            }
            outcome => drop(outcome?),
        }
        Ok(told.payload_ref)
    }

    /// Reads a payload or a result at its `payload_url` or `result_url`.
    ///
    /// # Errors
    /// If the bucket refuses it, because the URL is too old say, or gives no answer in time.
    pub async fn download(&self, url: &str) -> Result<Vec<u8>, Error> {
        let call = Call::new(Method::GET, ["download"])?;
        Ok(self.send_to(url, &call).await?.body)
    }
}

/// The headers that the URL is signed with.
fn headers(told: &Upload) -> Result<HeaderMap, Misuse> {
    let one = |(name, value): (&String, &String)| {
        let name = name.parse::<HeaderName>().map_err(|_| Misuse::Name(name.clone()))?;
        Ok((name, HeaderValue::from_str(value).map_err(|_| Misuse::Name(value.clone()))?))
    };
    told.upload.headers.iter().map(one).collect()
}

/// Whether another URL may help: S3 says 403 for one that has expired, and 400 if the credentials that signed it have.
fn may_have_expired(refusal: &Refusal) -> bool {
    refusal.status == StatusCode::FORBIDDEN || refusal.body.contains("<Code>ExpiredToken</Code>")
}
