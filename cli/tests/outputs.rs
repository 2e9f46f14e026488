//! `--output`, and what a shell completes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{Ran, Reply, Server, command, run};

const TASK: &str = r#"{"id":"t-1","queue":"emails","target":{"handler":"echo"},"state":"succeeded","result":7}"#;
const TASKS: &str = r#"{"tasks":[{"id":"t-1","state":"queued"},{"id":"t-22","state":"failed"}],"next_cursor":null}"#;
const SCHEDULE: &str = r#"{"name":"nightly","cron":"0 2 * * *","description":"every day at 02:00"}"#;
const QUEUE: &str = r#"{"name":"emails","paused":false}"#;
const BULK: &str = r#"{"matched":2,"done":2,"next_cursor":null}"#;

fn answered(body: &str, args: &[&str]) -> Ran {
    Server::new(vec![Reply::new("200 OK", body)]).run(args)
}

#[test]
fn ids_are_a_line_each_and_nothing_else() {
    for (body, args, expected) in [
        (TASK, &["get", "t-1"][..], "t-1\n"),
        (TASK, &["submit", "echo", "--wait", "5"], "t-1\n"),
        (TASK, &["submit", "echo", "--watch"], "t-1\n"),
        (TASK, &["watch", "t-1"], ""),
        (TASK, &["run", "t-1"], "t-1\n"),
        (TASK, &["cancel", "t-1"], "t-1\n"),
        (TASKS, &["list"], "t-1\nt-22\n"),
        (TASKS, &["dead", "list"], "t-1\nt-22\n"),
        (BULK, &["cancel", "--all"], ""),
        (BULK, &["dead", "redrive", "t-1", "t-2"], ""),
        (QUEUE, &["queue", "get", "emails"], "emails\n"),
        (QUEUE, &["queue", "pause", "emails"], "emails\n"),
        (QUEUE, &["queue", "set", "emails", "--concurrency", "3"], "emails\n"),
        (&format!(r#"{{"queues":[{QUEUE}],"next_cursor":null}}"#), &["queue", "list"], "emails\n"),
        (SCHEDULE, &["schedule", "get", "nightly"], "nightly\n"),
        (SCHEDULE, &["schedule", "put", "nightly", "--cron", "0 2 * * *", "echo"], "nightly\n"),
        (TASK, &["schedule", "run", "nightly"], "t-1\n"),
        (&format!(r#"{{"schedules":[{SCHEDULE}],"next_cursor":null}}"#), &["schedule", "list"], "nightly\n"),
    ] {
        let args = [args, &["--output", "ids"]].concat();
        let ran = answered(body, &args);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, expected, ""), "{args:?}");
    }
}

#[test]
fn output_json_is_what_json_is() {
    let [long, short] = [&["list", "--output", "json"][..], &["list", "--json"]].map(|args| answered(TASKS, args));
    assert_eq!((long.code, &long.out), (0, &short.out));
    assert!(long.out.starts_with(r#"{"tasks":["#), "{long:?}");
    for (args, told) in [
        (&["list", "--json", "--output", "ids"][..], "cannot be used with"),
        (&["list", "--output", "yaml"], "table, json, ids"),
        (&["stats", "--output", "ids"], "choose table or json"),
    ] {
        let ran = answered(r#"{"lanes":{}}"#, args);
        assert!(ran.code == 2 && ran.err.contains(told), "{args:?}: {ran:?}");
    }
}

/// What a shell would offer for the last of these words.
fn completed(server: &Server, words: &[&str]) -> Vec<String> {
    let mut completing = command(&["--"]);
    completing.args(words).env("TASKWAY_URL", &server.url);
    completing
        .env("COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
    let ran = run(&mut completing, "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_shell_completes_states_queues_and_schedules() {
    let nobody = Server::new(vec![Reply::new("503 Service Unavailable", "")]);
    assert_eq!(completed(&nobody, &["taskway", "list", "--state", "s"]), ["scheduled", "succeeded"]);
    assert_eq!(completed(&nobody, &["taskway", "cancel", "--state", ""]), ["scheduled", "queued", "running"]);
    assert!(completed(&nobody, &["taskway", "queue", "pause", ""]).iter().all(|word| word.starts_with('-')));

    let queues = r#"{"queues":[{"name":"emails","paused":false},{"name":"exports","paused":true}],"next_cursor":null}"#;
    let server = Server::new(vec![Reply::new("200 OK", queues)]);
    assert_eq!(completed(&server, &["taskway", "queue", "pause", "em"]), ["emails"]);
    assert_eq!(server.asked()[0].line, "GET /v1/queues?limit=100");
    for words in [&["taskway", "list", "--queue", "e"][..], &["taskway", "submit", "echo", "--queue", "e"]] {
        assert_eq!(completed(&server, words), ["emails", "exports"]);
    }

    let schedules = format!(r#"{{"schedules":[{SCHEDULE}],"next_cursor":null}}"#);
    let server = Server::new(vec![Reply::new("200 OK", schedules)]);
    assert_eq!(completed(&server, &["taskway", "schedule", "run", "n"]), ["nightly"]);
}
