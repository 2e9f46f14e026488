//! Requests are signed, or carry a token, where they should; and who is not let in hears why.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/signature.rs"]
mod signature;
mod support;

use std::{fs, path::PathBuf, process::Command};

use signature::verified;
use support::{Asked, Ran, Reply, Server, command, run};
use time::{OffsetDateTime, PrimitiveDateTime, macros::format_description};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TASK: &str = r#"{"id":"t-1","state":"queued"}"#;

fn server() -> Server {
    Server::new(vec![Reply::new("200 OK", TASK)])
}

/// The command where no credentials are to be found but by these settings.
fn with(args: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = command(args);
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nonexistent").envs(settings.iter().copied());
    command
}

fn keys(args: &[&str], url: &str) -> Command {
    with(
        args,
        &[
            ("TASKWAY_URL", url),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", "eu-west-1"),
        ],
    )
}

#[test]
fn every_call_is_signed_as_it_is_sent() {
    let payload = r#"{"text":"äöü – 日本語","n":1.10}"#;
    let calls: &[(&[&str], &str)] = &[
        (&["submit", "echo", payload, "--key", "welcome-42", "--wait", "1"], "POST /v1/tasks"),
        (&["submit", "echo"], "POST /v1/tasks"),
        (&["get", "t-1"], "GET /v1/tasks/t-1"),
        (&["cancel", "t-1"], "POST /v1/tasks/t-1/cancel"),
        (&["run", "t-1"], "POST /v1/tasks/t-1/run"),
        (&["retry", "t-1"], "POST /v1/tasks/t-1/retry"),
    ];
    for (args, line) in calls {
        let server = server();
        let ran = run(keys(args, &server.url).env("TASKWAY_SIGN", "1"), "");
        assert_eq!(ran.code, 0, "{ran:?}");
        let asked = &server.asked()[0];
        assert_eq!(asked.line, *line);
        let signed = verified(asked, SECRET);
        assert_eq!((&*signed.access_key, &*signed.region, &*signed.service), (KEY, "eu-west-1", "execute-api"));
        assert_eq!(signed.session_token, None);
        let expected: &[&str] = match args {
            ["submit", .., "1"] => &["content-type", "host", "prefer", "x-amz-date"],
            ["submit", ..] => &["content-type", "host", "x-amz-date"],
            ["get", ..] => &["host", "x-amz-date"],
            _ => &["content-length", "host", "x-amz-date"],
        };
        assert_eq!(signed.headers, expected, "{args:?}");
        // AWS takes a signature for five minutes around its own time.
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let signed_at = PrimitiveDateTime::parse(&signed.date, format).unwrap().assume_utc();
        assert!((OffsetDateTime::now_utc() - signed_at).abs().whole_seconds() < 60, "{signed_at}");
    }
}

#[test]
fn a_watch_signs_every_look() {
    let ended = r#"{"id":"t-1","state":"succeeded"}"#;
    let server = Server::new(vec![Reply::new("200 OK", TASK), Reply::new("200 OK", TASK), Reply::new("200 OK", ended)]);
    let ran = run(&mut keys(&["watch", "t-1", "--interval", "0.05", "--sign"], &server.url), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    asked.iter().for_each(|asked| assert_eq!(verified(asked, SECRET).access_key, KEY));
}

#[test]
fn a_call_that_is_made_again_is_signed_again() {
    let throttled =
        Reply::new("429 Too Many Requests", r#"{"message":"Too Many Requests"}"#).headers("retry-after: 1\r\n");
    let server = Server::new(vec![throttled, Reply::new("200 OK", TASK)]);
    let ran = run(&mut keys(&["get", "t-1", "--sign"], &server.url), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let dates: Vec<_> = server.asked().iter().map(|asked| verified(asked, SECRET).date).collect();
    assert!(dates.len() == 2 && dates[0] < dates[1], "{dates:?}");
}

#[test]
fn a_session_token_a_base_path_and_an_emulators_host_are_signed_too() {
    let server = server();
    let port = server.url.rsplit(':').next().unwrap();
    let url = format!("http://a1b2c3.execute-api.localhost:{port}/a%20stage/~x");
    let ran = run(keys(&["get", "t-1", "--sign=always"], &url).env("AWS_SESSION_TOKEN", "IQoJb3JpZ2lu//=="), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "GET /a%20stage/~x/v1/tasks/t-1");
    assert!(asked.headers.contains(&format!("host: a1b2c3.execute-api.localhost:{port}\r\n")), "{}", asked.headers);
    let signed = verified(asked, SECRET);
    assert_eq!(signed.session_token.as_deref(), Some("IQoJb3JpZ2lu//=="));
    assert_eq!(signed.headers, ["host", "x-amz-date", "x-amz-security-token"]);
}

/// A directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("taskway-cli-{}-{name}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_profile_gives_keys_and_region() {
    let home = directory("profile");
    let process = format!("echo {{\"Version\":1,\"AccessKeyId\":\"ASIAPROCESS\",\"SecretAccessKey\":\"{SECRET}\"}}");
    let script = home.join("keys");
    fs::write(&script, process.replace('"', "\\\"")).unwrap();
    let config = format!(
        "[profile team]\nregion = ap-south-1\naws_access_key_id = AKIATEAM\naws_secret_access_key = {SECRET}\n\
         [profile process]\nregion = ap-south-1\ncredential_process = sh {}\n",
        script.display()
    );
    fs::write(home.join("config"), config).unwrap();
    let file = home.join("config");
    for (profile, key) in [("team", "AKIATEAM"), ("process", "ASIAPROCESS")] {
        let server = server();
        let settings = [
            ("TASKWAY_URL", &*server.url),
            ("AWS_CONFIG_FILE", file.to_str().unwrap()),
            ("AWS_PROFILE", profile),
            ("PATH", "/usr/bin:/bin"),
        ];
        let ran = run(&mut with(&["get", "t-1", "--sign"], &settings), "");
        assert_eq!(ran.code, 0, "{ran:?}");
        let signed = verified(&server.asked()[0], SECRET);
        assert_eq!((&*signed.access_key, &*signed.region), (key, "ap-south-1"));
    }
    fs::remove_dir_all(home).unwrap();
}

fn is_bare(asked: &Asked) -> bool {
    ["authorization:", "x-amz-"].iter().all(|name| !asked.headers.contains(name))
}

#[test]
fn the_stack_on_this_machine_needs_no_signature() {
    for extra in [&[][..], &["--sign=auto"], &["--sign=never"]] {
        let server = server();
        let ran = run(keys(&["get", "t-1"], &server.url).args(extra), "");
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(is_bare(&server.asked()[0]), "{:?}", server.asked());
    }
    for setting in ["", "auto", "0", "never"] {
        let server = server();
        assert_eq!(run(keys(&["get", "t-1"], &server.url).env("TASKWAY_SIGN", setting), "").code, 0);
        assert!(is_bare(&server.asked()[0]), "{setting}");
    }
}

#[test]
fn a_token_is_sent_instead_of_a_signature() {
    let server = server();
    let ran = run(keys(&["get", "t-1"], &server.url).env("TASKWAY_TOKEN", "eyJhbGci.eyJpc3Mi.c2ln"), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked = &server.asked()[0];
    assert!(asked.raw_headers.contains("authorization: Bearer eyJhbGci.eyJpc3Mi.c2ln\r\n"), "{}", asked.raw_headers);
    assert!(!asked.headers.contains("x-amz-"), "{}", asked.headers);
}

#[test]
fn what_cannot_be_signed_is_not_sent() {
    // Nothing answers at these, and nothing is asked: there is no key in these environments.
    let aws = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
    let refused = |url: &str, settings: &[(&str, &str)]| {
        let ran = run(with(&["get", "t-1"], settings).env("TASKWAY_URL", url), "");
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        ran.err
    };
    for said in [
        refused(aws, &[]),
        refused("https://tasks.example.com", &[("AWS_REGION", "eu-west-1")]),
        refused("http://127.0.0.1:1", &[("AWS_REGION", "eu-west-1"), ("TASKWAY_SIGN", "1")]),
    ] {
        assert!(said.starts_with("error: no aws credentials to sign the request with\n"), "{said}");
        assert!(said.contains("`aws configure`") && said.contains("TASKWAY_TOKEN"), "{said}");
    }
    let said = refused("https://tasks.example.com", &[("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)]);
    assert!(said.starts_with("error: no region to sign for") && said.contains("AWS_REGION"), "{said}");

    let said = refused(aws, &[("AWS_PROFILE", "nobody")]);
    assert!(said.starts_with("error: AWS_PROFILE names the profile \"nobody\", which the AWS files"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_profile_that_signs_in_by_a_browser_signs_by_the_aws_cli() {
    use std::os::unix::fs::PermissionsExt;
    let home = directory("browser");
    let config = "[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n\
                  sso_account_id = 123456789012\nsso_role_name = dev\nregion = eu-west-1\n\
                  [profile session]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = dev\n\
                  region = eu-west-1\n[sso-session s]\nsso_start_url = https://a.example\nsso_region = eu-west-1\n\
                  [profile login]\nlogin_session = arn:aws:sts::123456789012:assumed-role/dev/me\nregion = eu-west-1\n";
    fs::write(home.join("config"), config).unwrap();
    // Stands in for the AWS CLI.
    let aws = |text: &str| {
        let path = home.join("aws");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let (file, path) = (home.join("config"), format!("{}:/usr/bin:/bin", home.display()));
    let get = |server: &Server, profile: &str| {
        let settings = [("AWS_CONFIG_FILE", file.to_str().unwrap()), ("AWS_PROFILE", profile), ("PATH", &*path)];
        run(with(&["get", "t-1", "--sign"], &settings).env("TASKWAY_URL", &server.url), "")
    };
    for (profile, command) in [
        ("sso", "aws sso login --profile sso"),
        ("session", "aws sso login --profile session"),
        ("login", "aws login --profile login"),
    ] {
        let asked = r#"[ "$*" = "configure export-credentials --format process" ] || exit 9"#;
        let keys = format!(r#"{{"Version":1,"AccessKeyId":"ASIA$AWS_PROFILE","SecretAccessKey":"{SECRET}"}}"#);
        aws(&format!("{asked}\necho \"{}\"", keys.replace('"', "\\\"")));
        let server = server();
        let ran = get(&server, profile);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(verified(&server.asked()[0], SECRET).access_key, format!("ASIA{profile}"));

        aws("echo 'Error when retrieving token from sso: Token has expired and refresh failed' >&2; exit 255");
        let ran = get(&server, profile);
        assert_eq!((ran.code, server.asked().len()), (1, 1), "{ran:?}");
        assert!(ran.err.lines().next().unwrap().contains(&format!("run `{command}`")), "{}", ran.err);
        fs::remove_file(home.join("aws")).unwrap();
        let without = get(&server, profile);
        assert!(without.code == 1 && without.err.contains(&format!("run `{command}`")), "{}", without.err);
    }
    fs::remove_dir_all(home).unwrap();
}

#[test]
fn who_is_not_let_in_hears_what_to_do() {
    let forbidden = || Server::new(vec![Reply::new("403 Forbidden", r#"{"message":"Forbidden"}"#)]);
    let told = |ran: Ran, advice: &str| {
        let expected = format!("error: the server answered 403 Forbidden\n  {advice}\n");
        assert_eq!((ran.code, ran.out.as_str(), ran.err), (1, "", expected));
    };
    let signed = "the request was signed by access key AKIAIOSFODNN7EXAMPLE for eu-west-1: its user or role needs \
                  execute-api:Invoke on this API";
    told(run(&mut keys(&["get", "t-1", "--sign"], &forbidden().url), ""), signed);
    let unsigned = "the request was not signed: --sign signs it by your AWS credentials, TASKWAY_TOKEN sends a token";
    told(run(&mut keys(&["get", "t-1"], &forbidden().url), ""), unsigned);
    let token =
        "the token in TASKWAY_TOKEN was sent: it must be of the API's issuer and audience, and not have expired";
    told(run(keys(&["get", "t-1"], &forbidden().url).env("TASKWAY_TOKEN", "t"), ""), token);

    // Programs get the answer, and people beside them the advice.
    let ran = run(&mut keys(&["get", "t-1", "--sign", "--json"], &forbidden().url), "");
    assert_eq!((ran.code, &*ran.out, ran.err), (1, "{\"message\":\"Forbidden\"}\n", format!("error: {signed}\n")));

    // What the submit function says for itself.
    let problem = r#"{"type":"/problems/unauthorized","title":"Unauthorized","status":401,
        "detail":"the request must be authenticated"}"#;
    let server = Server::new(vec![Reply::new("401 Unauthorized", problem)]);
    let ran = server.run(&["get", "t-1"]);
    assert_eq!(ran.err, format!("error: Unauthorized\n  the request must be authenticated\n  {unsigned}\n"));

    let late = r#"{"message":"Signature expired: 20011122T130000Z is now earlier than 20011122T130500Z"}"#;
    let late = Reply::new("403 Forbidden", late).headers("date: Thu, 22 Nov 2001 13:00:00 GMT\r\n");
    let ran = run(&mut keys(&["get", "t-1", "--sign"], &Server::new(vec![late]).url), "");
    assert!(ran.err.contains("Signature expired: 20011122T130000Z is now earlier"), "{ran:?}");
    assert!(ran.err.contains("min ahead of the server's"), "{ran:?}");
}

#[test]
fn secrets_are_not_shown() {
    let server = Server::new(vec![Reply::new("403 Forbidden", r#"{"message":"Forbidden"}"#)]);
    let ran = run(keys(&["get", "t-1", "--sign"], &server.url).env("AWS_SESSION_TOKEN", "a-session-token"), "");
    assert!(!ran.err.contains(SECRET) && !ran.err.contains("a-session-token"), "{ran:?}");
    let help = run(keys(&["--help"], &server.url).env("TASKWAY_TOKEN", "a-bearer-token"), "");
    for name in ["TASKWAY_URL", "TASKWAY_TOKEN", "TASKWAY_SIGN", "AWS_PROFILE", "AWS_REGION"] {
        assert!(help.out.contains(name), "{name}: {}", help.out);
    }
    assert!(!help.out.contains("a-bearer-token") && !help.out.contains(SECRET), "{}", help.out);
}
