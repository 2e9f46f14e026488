//! Wrong usage is said at once and exits 2; help and completions need no server.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{command, run};

/// Nothing listens here, so that a command that sends after all fails otherwise than by 2.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn wrong_usage_exits_2_and_says_why() {
    let cases: &[(&[&str], &str)] = &[
        (&["frobnicate"], "unrecognized subcommand"),
        (&["get"], "<ID>"),
        (&["get", ""], "a task id is 1 to 64"),
        (&["get", ".."], "a task id is 1 to 64"),
        (&["get", "a/cancel"], "a task id is 1 to 64"),
        (&["watch", "a", "--interval", "0"], "0.05 to 3600"),
        (&["submit"], "<HANDLER|--http <URL>|--lambda <FUNCTION>>"),
        (&["submit", "echo", "--http", "https://example.com"], "one target"),
        (&["submit", "echo", "{}", "--http", "https://example.com"], "one target"),
        (&["submit", "echo", "--lambda", "report"], "one target"),
        (&["submit", "--http", "https://example.com", "--lambda", "report"], "one target"),
        (&["submit", "echo", "--invocation", "event"], "--lambda"),
        (&["submit", "echo", "--tenant-id", "a"], "--lambda"),
        (&["submit", "--lambda", "report", "--invocation", "sync"], "expected one of request, event, durable"),
        (&["submit", "echo", "--method", "PUT"], "--http"),
        (&["submit", "echo", "--header", "a:b"], "--http"),
        (&["submit", "--http", "https://example.com", "--header", "ab"], "NAME:VALUE"),
        (&["submit", "echo", "--label", "team"], "NAME=VALUE"),
        (&["submit", "echo", "--label", "a=1", "--label", "a=2"], "--label a is given twice"),
        (&["submit", "echo", "{}", "--payload", "{}"], "cannot be used with"),
        (&["submit", "echo", "--payload", "{}", "--payload-file", "-"], "cannot be used with"),
        (&["submit", "echo", "--delay", "1", "--run-at", "2030-01-01T00:00:00Z"], "cannot be used with"),
        (&["submit", "echo", "--delay", "1.5"], "invalid digit"),
        (&["submit", "echo", "--priority", "urgent"], "high, normal, low"),
        (&["submit", "echo", "--multiplier", "inf"], "expected a number"),
        (&["submit", "echo", "--wait", "26"], "1..=25"),
        (&["submit", "echo", "--wait", "5", "--watch"], "cannot be used with"),
        (&["submit", "echo", "{user: 42}"], "line 1 column 2"),
        (&["submit", "echo", "{user: 42}"], "hint: the shell takes bare quotes away"),
        (&["submit", "echo", "--payload-file", "no-such-file"], "cannot read the payload from no-such-file"),
        (&["schedule"], "put"),
        (&["schedule", "get", ".."], "a schedule's name is 1 to 64"),
        (&["schedule", "delete", ""], "a schedule's name is 1 to 64"),
        (&["schedule", "run", "a/b"], "a schedule's name is 1 to 64"),
        (&["schedule", "put", "n", "--every", "30"], "<HANDLER|--http <URL>|--lambda <FUNCTION>|--file <FILE>>"),
        (&["schedule", "put", "n", "echo"], "<--cron <EXPR>|--every <SECONDS>|--file <FILE>>"),
        (&["schedule", "put", "n", "echo", "--cron", "@daily", "--every", "30"], "cannot be used with"),
        (&["schedule", "put", "n", "echo", "--every", "30", "--zone", "UTC"], "cannot be used with"),
        (&["schedule", "put", "n", "echo", "--every", "1.5"], "invalid digit"),
        (&["schedule", "put", "n", "echo", "--every", "30", "--http", "https://example.com"], "one target"),
        (&["schedule", "put", "n", "echo", "--every", "30", "--overlap", "queue"], "allow, skip"),
        (&["schedule", "put", "n", "echo", "--every", "30", "--misfire", "none"], "skip, once, all"),
        (&["schedule", "put", "n", "echo", "--every", "30", "--key", "k"], "unexpected argument '--key'"),
        (&["schedule", "put", "n", "echo", "{user: 42}", "--every", "30"], "line 1 column 2"),
        (&["schedule", "put", "n", "--file", "f", "--every", "30"], "'--file <FILE>' cannot be used with '--every"),
        (&["schedule", "put", "n", "--file", "f", "--paused"], "'--file <FILE>' cannot be used with '--paused'"),
        (&["schedule", "put", "n", "--file", "f", "--label", "a=b"], "'--file <FILE>' cannot be used with '--label"),
        (&["schedule", "put", "n", "--file", "f", "echo"], "'--file <FILE>' cannot be used with '[HANDLER]'"),
        (&["schedule", "put", "n", "--file", "no-such-file"], "cannot read the definition from no-such-file"),
        (&["schedule", "list", "--limit", "0"], "--limit"),
        (&["queue"], "pause"),
        (&["queue", "pause", ".."], "a queue's name is 1 to 64"),
        (&["queue", "get", ""], "a queue's name is 1 to 64"),
        (&["queue", "purge", ".."], "a queue's name is 1 to 64"),
        (&["queue", "list", "--limit", "0"], "--limit"),
        (&["worker", "--lanes", "high,urgent"], "high, normal, low"),
        (&["worker", "--concurrency", "0"], "--concurrency"),
        (&["worker", "--drain", "-1"], "--drain"),
        (&["worker", "--drain", "43201"], "from 0 to 43200"),
        (&["worker", "--drain", "30s"], "from 0 to 43200"),
        (&["dev", "--port", "65536"], "--port"),
        (&["--url", "ftp://example.com", "get", "a"], "http(s)://"),
        (&["--url", "example.com", "get", "a"], "the url `example.com`"),
        (&["--url", "http://me:pw@127.0.0.1:1", "--sign", "get", "a"], "one sender"),
        (&["--sign=perhaps", "get", "a"], "auto, always"),
        (&["completions", "tcsh"], "bash"),
        (&["list", "--label", "team"], "NAME=VALUE"),
        (&["list", "--label", "a=1", "--label", "a=2"], "--label a is given twice"),
        (&["list", "--limit", "0"], "--limit"),
        (&["list", "--limit", "5", "--all"], "cannot be used with"),
        (&["cancel"], "required"),
        (&["cancel", "a", "--queue", "b"], "cannot be used with"),
        (&["cancel", "--all", "--state", "queued"], "cannot be used with"),
        (&["dead"], "list"),
        (&["dead", "redrive"], "required"),
        (&["dead", "redrive", "a", "--all"], "cannot be used with"),
        (&["dead", "redrive", "--all", "--queue", "b"], "cannot be used with"),
    ];
    for (args, part) in cases {
        let ran = run(command(args).env("TASKWAY_URL", NOWHERE), "");
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(part), "{args:?} does not say {part:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
fn a_payload_that_is_not_utf8_is_refused_with_the_byte() {
    let path = std::env::temp_dir().join(format!("taskway-cli-{}.json", std::process::id()));
    std::fs::write(&path, b"{\"a\":\"\xff\"}").unwrap();
    let ran = run(&mut command(&["submit", "echo", "--payload-file", path.to_str().unwrap()]), "");
    std::fs::remove_file(&path).unwrap();
    assert_eq!((ran.code, ran.err.contains("not UTF-8: see byte 7")), (2, true), "{ran:?}");
}

#[test]
fn every_command_has_help_with_examples() {
    let names = ["dev", "worker", "submit", "get", "list", "watch", "cancel", "run", "retry", "completions"];
    for name in names.map(|name| vec![name]).into_iter().chain([vec!["dead", "list"], vec!["dead", "redrive"]]) {
        let (ran, name) = (run(command(&name).arg("--help"), ""), name.join(" "));
        assert_eq!(ran.code, 0, "{ran:?}");
        let (_, examples) = ran.out.split_once("Examples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
        assert!(examples.lines().all(|line| line.starts_with("  ") && line.contains("taskway ")), "{examples}");
    }
}

#[test]
fn every_command_of_schedules_has_help_with_examples() {
    for name in ["put", "get", "list", "delete", "run", "pause", "resume"] {
        let ran = run(&mut command(&["schedule", name, "--help"]), "");
        assert_eq!(ran.code, 0, "{ran:?}");
        let (_, examples) = ran.out.split_once("Examples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
        let all_fit =
            examples.lines().all(|line| line.contains(&format!("taskway schedule {name} ")) || line.ends_with(name));
        assert!(all_fit, "{examples}");
    }
}

#[test]
fn every_command_of_queues_has_help_with_examples() {
    for name in ["get", "list", "pause", "resume"] {
        let ran = run(&mut command(&["queue", name, "--help"]), "");
        assert_eq!(ran.code, 0, "{ran:?}");
        let (_, examples) = ran.out.split_once("Examples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
        assert!(examples.lines().all(|line| line.contains(&format!("taskway queue {name}"))), "{examples}");
    }
}

#[test]
fn dev_and_completions_do_not_mind_a_broken_url() {
    for args in [&["completions", "bash"][..], &["dev", "--help"]] {
        let ran = run(command(args).env("TASKWAY_URL", "::"), "");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    }
}

#[test]
fn completions_are_a_script() {
    let ran = run(&mut command(&["completions", "bash"]), "");
    assert!(ran.out.contains("complete -o") && ran.out.contains("COMPLETE="), "{ran:?}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = command(&["completions", "zsh"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
