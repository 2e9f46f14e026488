//! Payloads and results that are too large for a request: what the table of cases does not say.

use std::time::Duration;

use taskway_client::{Client, NewTask};

use crate::stack::Running;

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_a_payload_and_a_large_result_is_read_by_its_url() {
    let stack = Running::start().await;
    let client = Client::new(&stack.api()).unwrap();
    let text = serde_json::to_string(&"x".repeat(300_000)).unwrap();
    let payload_ref = client.upload(text.clone().into_bytes()).await.unwrap();
    assert_eq!(client.upload(text.clone().into_bytes()).await.unwrap(), payload_ref);

    let task = client.submit(NewTask::handler("echo").payload_ref(&payload_ref)).await.unwrap();
    let task = client.wait(&task.id, Duration::from_secs(30)).await.unwrap();
    assert_eq!((&*task.state, task.payload_ref.as_deref()), ("succeeded", Some(&*payload_ref)));
    for url in [task.payload_url, task.result_url] {
        assert_eq!(client.download(&url.unwrap()).await.unwrap(), text.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_upload_is_refused() {
    let stack = Running::start().await;
    let client = Client::new(&stack.api()).unwrap();
    let refusal = client.upload(Vec::new()).await.unwrap_err();
    assert!(refusal.to_string().contains("/bytes must be 1 to 104857600, got 0"), "{refusal}");
    assert!(NewTask::handler("echo").payload_ref("elsewhere").request().is_err());
    let missing = format!("{}-5", "0".repeat(64));
    let refusal = client.submit(NewTask::handler("echo").payload_ref(&missing)).await.unwrap_err();
    assert!(refusal.to_string().contains("names no upload of yours"), "{refusal}");
    let nowhere = client.download(&format!("{}/nothing", stack.api())).await.unwrap_err();
    assert_eq!(nowhere.refusal().unwrap().status.as_u16(), 404);
}
