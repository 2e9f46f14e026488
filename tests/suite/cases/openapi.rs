//! The API's own description.

use http::Method;
use taskway_tests::World;

#[tokio::test]
async fn the_committed_document_is_answered_and_a_client_that_has_it_is_told_so() {
    let world = World::new().await;
    let committed: serde_json::Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    let get = async |headers: &[(&str, &str)]| world.api.ask(Method::GET, "/openapi.json", headers, "").await;
    let answer = get(&[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!((answer.header("cache-control"), &answer.body), ("no-cache", &committed));
    let tag = answer.header("etag");
    assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"another, one\", {tag}"), "*".to_owned()] {
        let answer = get(&[("if-none-match", &known)]).await;
        assert_eq!((answer.status, answer.header("etag")), (304, tag), "{known}");
    }
    for other in ["", "\"another\"", tag.trim_matches('"')] {
        assert_eq!(get(&[("if-none-match", other)]).await.status, 200, "{other}");
    }
}
