//! Payloads and results that are too large for a request.

use http::{HeaderName, HeaderValue, Method};
use taskway_api::{Upload, UploadRequest};
use taskway_protocol::Object;

use crate::{
    call::{Call, Repeat},
    client::Client,
    error::{Error, Misuse},
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
        let call = Call::new(Method::POST, ["v1", "payloads"])?.json(body).repeated(Repeat::Harmless);
        let told: Upload = self.ask(call).await?;
        let mut put = Call::new(Method::PUT, ["upload"])?.body(payload);
        for (name, value) in &told.upload.headers {
            let name = name.parse::<HeaderName>().map_err(|_| Misuse::Name(name.clone()))?;
            let value = HeaderValue::from_str(value).map_err(|_| Misuse::Name(value.clone()))?;
            put = put.header(name, value);
        }
        self.send_to(&told.upload.url, &put).await?;
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
