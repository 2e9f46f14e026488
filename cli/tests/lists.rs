//! `list`, `dead` and the cancelling of many.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{Reply, Server};

const PAGE: &str = r#"{"tasks":[
  {"id":"t-1","queue":"emails","target":{"handler":"send_welcome"},"state":"running","run_at":"2030-01-01T00:00:00.000Z",
   "attempt":2,"retry":{"max_attempts":5}},
  {"id":"t-22","queue":"default","target":{"http":{"url":"https://example.com/a/very/long/path/of/some/hook","method":"POST"}},
   "state":"scheduled","run_at":"2030-01-01T00:00:01.000Z","attempt":0,"retry":{"max_attempts":5}}],
  "next_cursor":null}"#;

fn ok(body: impl Into<String>) -> Reply {
    Reply::new("200 OK", body)
}

#[test]
fn a_list_is_rows_in_columns() {
    let server = Server::new(vec![ok(PAGE)]);
    let ran = server.run(&["list", "--queue", "emails", "--state", "running", "--label", "team=a&b", "--label", "x="]);
    let expected = "\
t-1   running    emails   handler send_welcome                       2030-01-01T00:00:00.000Z  2 of 5
t-22  scheduled  default  POST https://example.com/a/very/long/pat…  2030-01-01T00:00:01.000Z  -
";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, ""), "{ran:?}");
    let query = "queue=emails&label.team=a%26b&label.x=&state=running&limit=50";
    assert_eq!(server.asked()[0].line, format!("GET /v1/tasks?{query}"));
    assert_eq!(server.run(&["dead", "list"]).out, expected);
    assert_eq!(server.asked()[1].line, "GET /v1/dead?limit=50");
}

#[test]
fn a_list_goes_on_until_it_has_what_was_asked_for() {
    let pages = || {
        let page = |cursor: &str, id: &str| {
            let task = if id.is_empty() { String::new() } else { format!(r#"{{"id":"{id}","state":"queued"}}"#) };
            ok(format!(r#"{{"tasks":[{task}],"next_cursor":{cursor}}}"#))
        };
        Server::new(vec![page("\"c1\"", "t-1"), page("\"c2\"", ""), page("\"c3\"", "t-2"), page("null", "t-3")])
    };
    let all = pages();
    let ran = all.run(&["list", "--all"]);
    assert_eq!((ran.out.lines().count(), ran.err.as_str()), (3, ""), "{ran:?}");
    let asked: Vec<String> = all.asked().into_iter().map(|asked| asked.line).collect();
    let queries = ["limit=500", "limit=500&cursor=c1", "limit=500&cursor=c2", "limit=500&cursor=c3"];
    assert_eq!(asked, queries.map(|query| format!("GET /v1/tasks?{query}")));

    let two = pages();
    let ran = two.run(&["list", "--limit", "2", "--cursor", "c0"]);
    assert_eq!((ran.out.lines().count(), ran.err.as_str()), (2, "there may be more: --all, or --cursor c3\n"));
    assert_eq!(two.asked()[0].line, "GET /v1/tasks?limit=2&cursor=c0");
    assert_eq!(two.asked()[2].line, "GET /v1/tasks?limit=1&cursor=c2");

    let ran = pages().run(&["list", "--limit", "2", "--json"]);
    assert_eq!((ran.out.lines().count(), ran.err.as_str()), (3, ""), "each page on a line: {ran:?}");
    assert!(ran.out.lines().all(|line| line.starts_with(r#"{"tasks":["#)), "{ran:?}");
}

#[test]
fn many_are_cancelled_call_by_call() {
    let server = Server::new(vec![
        ok(r#"{"matched":500,"done":499,"next_cursor":"c1"}"#),
        ok(r#"{"matched":12,"done":12,"next_cursor":null}"#),
    ]);
    let ran = server.run(&["cancel", "--queue", "emails", "--state", "queued", "--label", "a=b"]);
    let expected = "cancelled 511 of 512 tasks; the others moved on meanwhile\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected), "{ran:?}");
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /v1/tasks/cancel");
    assert_eq!(asked[0].body, r#"{"queue":"emails","state":"queued","labels":{"a":"b"}}"#);
    assert_eq!(asked[1].body, r#"{"queue":"emails","state":"queued","labels":{"a":"b"},"cursor":"c1"}"#);

    let server = Server::new(vec![ok(r#"{"matched":1,"done":1,"next_cursor":null}"#)]);
    let ran = server.run(&["cancel", "--all", "--json"]);
    assert_eq!(ran.out, "{\"matched\":1,\"done\":1,\"next_cursor\":null}\n");
    assert_eq!(server.asked()[0].body, r#"{"all":true}"#);
}

#[test]
fn failed_tasks_are_started_again_by_name_or_all() {
    let server = Server::new(vec![ok(r#"{"matched":1,"done":1,"next_cursor":null}"#)]);
    let ran = server.run(&["dead", "redrive", "t-1", "t-2", "t-1"]);
    let expected = "redriven 1 of 2 tasks; the others are no failed tasks\n";
    assert_eq!((ran.code, ran.out.as_str()), (1, expected), "{ran:?}");
    assert_eq!(server.asked()[0].line, "POST /v1/dead/redrive");
    assert_eq!(server.asked()[0].body, r#"{"ids":["t-1","t-2"]}"#);

    let ran = server.run(&["dead", "redrive", "--all"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "redriven 1 of 1 task\n"), "{ran:?}");
    let many: Vec<String> = (0..501).map(|n| format!("t-{n}")).collect();
    let args: Vec<&str> = ["dead", "redrive"].into_iter().chain(many.iter().map(String::as_str)).collect();
    server.run(&args);
    assert_eq!(server.asked().len(), 4, "500 ids a call");
}

#[test]
fn a_change_of_many_is_tried_again_while_the_api_asks_for_patience() {
    let throttled = Reply::new("503 Service Unavailable", r#"{"title":"unavailable"}"#).headers("retry-after: 0\r\n");
    let server = Server::new(vec![throttled, ok(r#"{"matched":2,"done":2,"next_cursor":null}"#)]);
    let ran = server.run(&["cancel", "--queue", "emails"]);
    assert_eq!((ran.code, ran.out.as_str(), server.asked().len()), (0, "cancelled 2 of 2 tasks\n", 2), "{ran:?}");
    let page = Server::new(vec![ok("<html>")]).run(&["list"]);
    assert!(page.code == 1 && page.err.contains("is this URL a taskway api's?"), "{page:?}");
}
