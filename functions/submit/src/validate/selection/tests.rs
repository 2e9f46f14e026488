//! What selections are taken, and how each fault is told.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use taskway_strict::json::Document;

use serde_json::{Value as Any, json};
use taskway_protocol::{StateName, TaskId, TaskKey, Time};

use super::*;
use crate::lists::{Cursor, Seen};

fn judged(ask: Ask, query: &str, body: Option<&Any>) -> Result<Selection, Vec<FieldError>> {
    let text = body.map(Any::to_string);
    let document = text.as_ref().map(|text| Document::read(text.as_bytes()).unwrap());
    selection(ask, query, document.as_ref().map(Document::root))
}

fn faults(ask: Ask, query: &str, body: Option<&Any>) -> Any {
    serde_json::to_value(judged(ask, query, body).unwrap_err()).unwrap()
}

fn id(number: u8) -> TaskId {
    TaskId { key: TaskKey::from_bytes([number; 16]), born: Time::from_millis(1_764_000_000_000) }
}

#[test]
fn parameters_are_read_and_have_defaults() {
    let none = judged(Ask::Tasks, "", None).unwrap();
    assert_eq!((none.limit, &none.filters.queue, none.filters.state, none.seen), (50, &None, None, None));
    assert_eq!(judged(Ask::Redrive, "", None).unwrap().limit, 500);
    let some = judged(Ask::Tasks, "queue=emails&state=running&label.team=a%26b&label.x=&limit=7", None).unwrap();
    assert_eq!((some.limit, some.filters.queue.as_deref()), (7, Some("emails")));
    assert_eq!(some.filters.state, Some(StateName::Running));
    let labels = [("team", "a&b"), ("x", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(some.filters.labels, BTreeMap::from(labels));
}

#[test]
fn every_faulty_parameter_is_told_at_once() {
    let query = "queue=%20&state=done&label.=x&limit=0&cursor=abc&colour=red&label.a=1&label.a=2";
    assert_eq!(
        faults(Ask::Tasks, query, None),
        json!([
            {"parameter": "queue", "detail": "must be 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter \
                or digit, got \" \""},
            {"parameter": "state", "detail": "must be one of scheduled, queued, running, succeeded, failed, cancelled, \
                expired, got \"done\""},
            {"parameter": "label.", "detail": "has a label's name that must be 1 to 64 characters, got 0"},
            {"parameter": "limit", "detail": "must be 1 to 500, got \"0\""},
            {"parameter": "cursor", "detail": "must be a next_cursor as it was answered"},
            {"parameter": "colour", "detail": "is not a known parameter"},
            {"parameter": "label.a", "detail": "is given more than once"},
        ])
    );
    for limit in ["", "-1", "+1", "1.0", "1e2", "abc", "501", "99999999999999999999", "%201"] {
        let told = faults(Ask::Tasks, &format!("limit={limit}"), None);
        assert_eq!((&told[0]["parameter"], told.as_array().unwrap().len()), (&json!("limit"), 1), "{limit}");
    }
    let many: Vec<String> = (0..17).map(|n| format!("label.n{n}=x")).collect();
    assert_eq!(faults(Ask::Dead, &many.join("&"), None)[0]["detail"], "must be at most 16 labels, got 17");
    assert!(judged(Ask::Dead, &many[..16].join("&"), None).is_ok());
    let told = faults(Ask::Tasks, "label.a=%ff&label.%fe=1", None);
    assert_eq!((&told[0]["parameter"], &told[1]["detail"]), (&json!("label.a"), &json!("is not in UTF-8")));
    let long = format!("{}=1", "x".repeat(5_000));
    assert!(faults(Ask::Tasks, &long, None).to_string().len() < 300);
}

#[test]
fn each_route_has_its_parameters() {
    for (ask, query, known) in [
        (Ask::Dead, "state=failed", false),
        (Ask::Redrive, "state=failed", false),
        (Ask::Cancel, "state=succeeded", false),
        (Ask::Cancel, "state=queued", true),
        (Ask::Tasks, "all=true", false),
        (Ask::Redrive, "all=true", true),
        (Ask::Cancel, "all=true", true),
        (Ask::Cancel, "all=yes", false),
        (Ask::Cancel, "ids=x", false),
    ] {
        assert_eq!(judged(ask, query, None).is_ok(), known, "{ask:?} {query}");
    }
    assert!(judged(Ask::Redrive, "", Some(&json!({"state": "failed"}))).is_err());
}

#[test]
fn a_body_says_the_same() {
    let body = json!({"queue": "emails", "state": "queued", "labels": {"a": "1"}, "limit": 3, "ids": null});
    let by_body = judged(Ask::Cancel, "", Some(&body)).unwrap();
    assert_eq!(by_body, judged(Ask::Cancel, "queue=emails&state=queued&label.a=1&limit=3", None).unwrap());
    let both = judged(Ask::Cancel, "queue=emails&limit=3", Some(&json!({"state": "queued", "labels": {"a": "1"}})));
    assert_eq!(by_body, both.unwrap());

    let ids = json!({"ids": [id(1).to_string(), "nonsense", id(2).to_string(), id(1).to_string()]});
    assert_eq!(judged(Ask::Redrive, "", Some(&ids)).unwrap().filters.ids, Some(vec![id(1), id(2)]));
    for (ids, detail) in [
        (json!([]), "must have 1 to 500 ids, got 0"),
        (json!("t"), "must be an array, got a string"),
        (json!(["t", 7]), "has an item, 1, that must be a string, got a number"),
        (json!(vec!["t"; 501]), "must have 1 to 500 ids, got 501"),
    ] {
        let told = faults(Ask::Redrive, "", Some(&json!({"ids": ids})));
        assert_eq!(told, json!([{"pointer": "/ids", "detail": detail}]));
    }
}

#[test]
fn the_same_thing_twice_is_refused() {
    let query = "queue=a&label.x=1&state=queued&limit=5&all=true";
    let body = json!({"queue": "a", "labels": {"y": "2"}, "state": "queued", "limit": 5, "all": true});
    let told = faults(Ask::Cancel, query, Some(&body));
    let told: Vec<&Any> = told.as_array().unwrap().iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(told[..5], ["/queue", "/state", "/labels", "/all", "/limit"]);
}

#[test]
fn all_tasks_are_cancelled_only_where_that_is_said() {
    for body in [json!({}), json!({"labels": {}}), json!({"queue": null}), json!({"limit": 5})] {
        let told = faults(Ask::Cancel, "", Some(&body));
        assert_eq!(told[0]["pointer"], "", "{body}");
        assert!(told[0]["detail"].as_str().unwrap().contains("{\"all\": true}"), "{told}");
    }
    // Whoever says that it is not all means something else.
    for ask in [Ask::Cancel, Ask::Redrive] {
        assert_eq!(faults(ask, "", Some(&json!({"all": false})))[0]["pointer"], "/all");
    }
    assert!(judged(Ask::Cancel, "", None).is_err());
    assert!(judged(Ask::Cancel, "", Some(&json!({"all": true}))).is_ok());
    for (query, body) in [("", json!({"all": true, "queue": "a"})), ("queue=a", json!({"all": true}))] {
        let told = faults(Ask::Cancel, query, Some(&body));
        assert_eq!(told, json!([{"pointer": "/all", "detail": "excludes every filter"}]));
    }
    // A filter with a fault was meant as one.
    let told = faults(Ask::Cancel, "", Some(&json!({"queue": 7})));
    assert_eq!((told.as_array().unwrap().len(), &told[0]["pointer"]), (1, &json!("/queue")));
}

#[test]
fn a_cursor_goes_on_with_its_own_list_only() {
    let filters = judged(Ask::Cancel, "queue=a", None).unwrap().filters;
    let ids = judged(Ask::Cancel, "", Some(&json!({"ids": [id(1).to_string()]}))).unwrap().filters;
    let place = json!({"v": 1, "l": filters.list().to_string(), "t": 5, "q": "a", "s": 0, "k": id(1).key.to_string()});
    let cursor = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, place.to_string());
    let seen = judged(Ask::Cancel, &format!("queue=a&limit=9&cursor={cursor}"), None).unwrap().seen;
    assert!(matches!(seen, Some(Seen::UpTo(..))));
    for (ask, query) in [(Ask::Cancel, "queue=b"), (Ask::Cancel, "queue=a&label.x=1"), (Ask::Tasks, "queue=a")] {
        let told = faults(ask, &format!("{query}&cursor={cursor}"), None);
        let expected = json!([{"parameter": "cursor", "detail": "belongs to other filters, or to another route"}]);
        assert_eq!(told, expected, "{query}");
    }
    let told = faults(Ask::Cancel, "queue=b", Some(&json!({"cursor": cursor})));
    assert_eq!(told[0]["pointer"], "/cursor");
    // One of a place does not say how many ids were seen, though it be of the same list.
    let of_ids = Cursor { list: ids.list(), ..Cursor::parse(&cursor).unwrap() }.text();
    let told = faults(Ask::Cancel, "", Some(&json!({"ids": [id(1).to_string()], "cursor": of_ids})));
    assert_eq!(told[0]["pointer"], "/cursor");
}
