//! A client of the HTTP API.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::{Body, Client};
use serde_json::Value;
use taskway_protocol::TaskId;

use crate::wait::PATIENCE;

/// More pages than any list in the tests has.
const MOST_PAGES: usize = 2_000;

/// The API at a URL, with an HTTP client.
#[derive(Clone, Debug)]
pub struct Api {
    url: String,
    client: Client,
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or null if a [`Value`] cannot hold it.
    pub body: Value,
}

impl Api {
    /// The API at this URL.
    pub fn at(url: impl Into<String>) -> Self {
        // The stack asks every POST for a header that no web page can send.
        let us = HeaderMap::from_iter([(HeaderName::from_static("taskway-client"), HeaderValue::from_static("test"))]);
        let client = Client::builder().no_proxy().timeout(PATIENCE).default_headers(us);
        Api { url: url.into(), client: client.build().unwrap() }
    }

    /// Sends any request.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.url)).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status, headers, body }
    }

    /// Sends JSON by POST, with these headers beside its content type.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let headers: Vec<_> =
            [("content-type", "application/json")].into_iter().chain(headers.iter().copied()).collect();
        self.ask(Method::POST, path, &headers, body).await
    }

    /// Submits a task, whether it is accepted or refused.
    pub async fn try_submit(&self, task: &Value) -> Answer {
        self.post("/v1/tasks", &[], task.to_string()).await
    }

    /// Submits a task, which must be accepted.
    pub async fn submit(&self, task: Value) -> TaskId {
        let answer = self.try_submit(&task).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.id()
    }

    /// `GET /v1/tasks/{id}`.
    pub async fn get(&self, id: TaskId) -> Answer {
        self.ask(Method::GET, &format!("/v1/tasks/{id}"), &[], "").await
    }

    /// Reads a task, which must exist.
    pub async fn task(&self, id: TaskId) -> Value {
        let answer = self.get(id).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// `POST /v1/tasks/{id}/{verb}`.
    pub async fn act(&self, id: TaskId, verb: &str) -> Answer {
        self.ask(Method::POST, &format!("/v1/tasks/{id}/{verb}"), &[], "").await
    }

    /// `GET` of any path.
    pub async fn read(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    /// Submits many tasks in one request. All must be accepted.
    pub async fn submit_all(&self, tasks: &[Value]) -> Vec<TaskId> {
        let answer = self.post("/v1/tasks/batch", &[], serde_json::json!({ "tasks": tasks }).to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let results = answer.body["results"].as_array().unwrap().iter();
        results.map(|one| TaskId::parse(one["task"]["id"].as_str().unwrap()).unwrap()).collect()
    }

    /// Reads all pages of a list. The path must be open for another parameter, as `/v1/tasks?limit=7&` is.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let (mut tasks, mut cursor) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let page = self.read(&format!("{path}{cursor}")).await;
            assert_eq!(page.status, 200, "{}", page.body);
            tasks.extend(page.tasks());
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("cursor={next}"),
                None => return tasks,
            }
        }
        panic!("the list does not end");
    }

    /// `PATCH /v1/tasks/{id}`.
    pub async fn change(&self, id: TaskId, change: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask(Method::PATCH, &format!("/v1/tasks/{id}"), &headers, change.to_string()).await
    }
}

impl Answer {
    /// The id of the task in the answer.
    pub fn id(&self) -> TaskId {
        let id = self.body["id"].as_str().or_else(|| self.header("location").strip_prefix("/v1/tasks/"));
        TaskId::parse(id.unwrap()).unwrap()
    }

    /// The tasks of a page.
    pub fn tasks(&self) -> Vec<Value> {
        self.body["tasks"].as_array().unwrap().clone()
    }

    /// The text of a header, empty if the answer lacks it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The text of the API's answer for a task, letter for letter.
pub async fn text(api: &Api, id: TaskId) -> String {
    let answer = api.client.get(format!("{}/v1/tasks/{id}", api.url)).send().await.unwrap();
    String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap()
}
