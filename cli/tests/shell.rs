//! The stack, the worker and the signer in somebody's real shell: whatever AWS settings it has.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stack.rs"]
mod stack;
mod support;

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use stack::{Stack, dev};
use support::{Ran, Reply, Server, command, run};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Counts the connections of those who obey a setting that they should not.
struct Trap {
    url: String,
    caught: Arc<AtomicUsize>,
}

impl Trap {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let caught = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&caught);
        thread::spawn(move || {
            for _ in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Trap { url, caught }
    }
}

/// A configuration file of AWS, gone at the end.
struct Config(PathBuf);

impl Config {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("taskway-shell-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        Config(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn echoes(stack: &Stack) {
    let ran = stack.run(&["submit", "echo", r#""hello""#, "--wait", "20"]);
    assert!(ran.code == 0 && ran.out.contains("succeeded"), "{ran:?}");
}

/// Every setting of AWS that leads elsewhere or means nothing, as variables.
fn hostile(trap: &str) -> Vec<(&'static str, String)> {
    let mut all: Vec<_> = [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_SQS",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_LAMBDA",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ]
    .map(|name| (name, trap.to_owned()))
    .to_vec();
    let nonsense = [
        ("AWS_REGION", "moon base\u{1}"),
        ("AWS_DEFAULT_REGION", "moon"),
        ("AWS_PROFILE", "nobody"),
        ("AWS_DEFAULT_PROFILE", "nobody"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_ACCESS_KEY_ID", "AK\u{7f}ID"),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SESSION_TOKEN", "ü\n"),
        ("AWS_ACCOUNT_ID", "x"),
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "required"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_RETRY_MODE", "sideways"),
        ("AWS_MAX_ATTEMPTS", "-1e9"),
        ("AWS_NEW_RETRIES_2026", "true"),
        ("AWS_DEFAULTS_MODE", "sideways"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "sideways"),
        ("AWS_CA_BUNDLE", "/nonexistent"),
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
        ("AWS_SDK_UA_APP_ID", "a b\u{1}"),
        ("AWS_EXECUTION_ENV", "somewhere (else)"),
        ("AWS_AUTH_SCHEME_PREFERENCE", "sideways"),
        ("AWS_SIGV4A_SIGNING_REGION_SET", ""),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "sideways"),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "sideways"),
        ("AWS_DISABLE_REQUEST_COMPRESSION", "sideways"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "-1"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "sideways"),
        ("AWS_ENDPOINT_DISCOVERY_ENABLED", "sideways"),
        ("AWS_ROLE_ARN", "not an arn"),
        ("AWS_ROLE_SESSION_NAME", ""),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\u{1}"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "sideways"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "0"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "0"),
        ("AWS_LAMBDA_FUNCTION_NAME", "f\u{1}"),
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
        ("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:1"),
        ("_X_AMZN_TRACE_ID", "a\u{1}"),
    ];
    all.extend(nonsense.map(|(name, value)| (name, value.to_owned())));
    all
}

fn borrowed<'a>(all: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    all.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[test]
fn the_stack_reads_nothing_of_aws_from_the_environment() {
    let trap = Trap::new();
    let hostile = hostile(&trap.url);
    let stack = Stack::start(&[], &borrowed(&hostile));
    echoes(&stack);
    assert_eq!(trap.caught.load(Ordering::SeqCst), 0, "the stack called an endpoint of the shell");
}

#[test]
fn the_stack_reads_nothing_of_aws_from_a_profile() {
    let trap = Trap::new();
    let url = &trap.url;
    let text = format!(
        "[default]\nregion = moon\nendpoint_url = {url}\nservices = elsewhere\nretry_mode = sideways\nmax_attempts = 0\n\
         use_fips_endpoint = true\nuse_dualstack_endpoint = true\nca_bundle = /nonexistent\ndefaults_mode = sideways\n\
         role_arn = nonsense\nsource_profile = default\ncredential_process = false\nsdk_ua_app_id = a b\n\
         [services elsewhere]\ndynamodb =\n  endpoint_url = {url}\nsqs =\n  endpoint_url = {url}\n"
    );
    for text in [text, "[default\nnot a profile".to_owned()] {
        let config = Config::new("dev", &text);
        echoes(&Stack::start(&[], &[("AWS_CONFIG_FILE", config.path())]));
    }
    assert_eq!(trap.caught.load(Ordering::SeqCst), 0, "the stack called an endpoint of the profile");
}

#[test]
fn two_stacks_of_one_shell_share_nothing() {
    let first = Stack::start(&[], &[]);
    let exported: Vec<(&str, &str)> = first.exports.iter().map(|(name, value)| (&**name, &**value)).collect();
    let second = Stack::start(&[], &exported);
    echoes(&second);
    let listed = |stack: &Stack| stack.run(&["list", "--json"]).out.matches("\"id\"").count();
    assert_eq!((listed(&first), listed(&second)), (0, 1));
}

/// A worker in the shell of this stack, with these settings on top. It must end by itself.
fn worker(stack: &Stack, more: &[(&str, &str)]) -> Ran {
    let mut worker = command(&["worker"]);
    worker.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nonexistent");
    run(worker.envs(&stack.exports).envs(more.iter().copied()), "")
}

#[test]
fn a_worker_that_cannot_poll_says_why_and_ends_with_1() {
    let stack = Stack::start(&[], &[]);
    let queue = stack.exports["TASKWAY_QUEUE_LOW"].replace("low", "none").replace("Low", "None");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")], "cannot poll lane"),
        (&[("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")], "cannot read the table"),
        (&[("AWS_ENDPOINT_URL_SQS", "no url")], "AWS_ENDPOINT_URL_SQS must be a URL"),
        (&[("AWS_USE_FIPS_ENDPOINT", "true")], "AWS_USE_FIPS_ENDPOINT cannot be used together with an endpoint URL"),
        (&[("AWS_USE_DUALSTACK_ENDPOINT", "true")], "AWS_USE_DUALSTACK_ENDPOINT cannot be used together"),
        (&[("AWS_REGION", "\"us-east-1\"")], "AWS_REGION must be a region"),
        (&[("AWS_PROFILE", "nope")], "AWS_PROFILE names the profile \"nope\""),
        (&[("AWS_ACCESS_KEY_ID", "local\r")], "the access key id of the AWS credentials has"),
        (&[("AWS_EXECUTION_ENV", "x\n")], "AWS_EXECUTION_ENV must be text without control characters"),
        (&[("AWS_MAX_ATTEMPTS", "4000000000"), ("TASKWAY_TABLE", "none")], "cannot read the table"),
        (&[("TASKWAY_QUEUE_LOW", &queue)], "cannot poll lane low"),
        (&[("TASKWAY_TABLE", "none")], "cannot read the table"),
        (&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")], "credentials"),
        (&[("AWS_RETRY_MODE", "sideways")], "AWS_RETRY_MODE must be standard, adaptive or legacy"),
        (&[("AWS_MAX_ATTEMPTS", "many")], "AWS_MAX_ATTEMPTS must be a whole number"),
        (&[("SSL_CERT_FILE", "/nonexistent")], "see SSL_CERT_FILE"),
        (&[("AWS_CA_BUNDLE", "/nonexistent")], "AWS_CA_BUNDLE must name a file of root certificates"),
        (&[("TASKWAY_WEBHOOK_SECRETS", "whsec_x")], "TASKWAY_WEBHOOK_SECRETS: secret 1 of 1"),
        (&[("TASKWAY_HTTP_ALLOW", "foo")], "TASKWAY_HTTP_ALLOW: \"foo\" is not a network"),
    ];
    for (more, part) in cases {
        let ran = worker(&stack, more);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{more:?}: {ran:?}");
        let said = ran.err.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
        assert!(said.contains(part) && !ran.err.contains("panic"), "{more:?} does not say {part:?}: {}", ran.err);
    }
}

#[test]
fn a_worker_whose_profile_signs_in_by_a_browser_says_what_to_run() {
    let stack = Stack::start(&[], &[]);
    let config = Config::new(
        "sso",
        "[profile sso]\nsso_start_url = https://a.example\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n",
    );
    let mut worker = command(&["worker"]);
    worker.envs(stack.exports.iter().filter(|(name, _)| !name.contains("ACCESS_KEY")));
    let ran = run(worker.env("AWS_CONFIG_FILE", config.path()).env("AWS_PROFILE", "sso"), "");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains("run `aws sso login --profile sso`"), "{}", ran.err);
}

#[test]
fn a_call_is_signed_under_every_setting_that_the_aws_cli_takes() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", "eu-west-1")];
    let get = |more: &[(&str, &str)]| {
        let server = Server::new(vec![Reply::new("200 OK", r#"{"id":"t-1","state":"queued"}"#)]);
        let mut command = command(&["get", "t-1", "--sign"]);
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nonexistent").env("TASKWAY_URL", &server.url);
        run(command.envs(keys).envs(more.iter().copied()), "")
    };
    for (name, values) in [
        ("AWS_RETRY_MODE", &["standard", "adaptive", "legacy", ""][..]),
        ("AWS_MAX_ATTEMPTS", &["0", "1", "-1", "5", "99999999999999", ""]),
        ("AWS_DEFAULTS_MODE", &["legacy", "standard", "in-region", "cross-region", "mobile", "auto"]),
        ("AWS_STS_REGIONAL_ENDPOINTS", &["legacy", "regional"]),
        ("AWS_USE_FIPS_ENDPOINT", &["true", "maybe"]),
        ("AWS_USE_DUALSTACK_ENDPOINT", &["true", "maybe"]),
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", &["preferred", "required", "disabled", "maybe"]),
        ("AWS_SDK_UA_APP_ID", &["an app", ""]),
    ] {
        for value in values {
            let ran = get(&[(name, value)]);
            assert_eq!(ran.code, 0, "{name}={value}: {ran:?}");
        }
    }
    for line in
        ["retry_mode = legacy", "retry_mode = adaptive", "max_attempts = 0", "defaults_mode = legacy", "retry_mode ="]
    {
        let config = Config::new("sign", &format!("[default]\n{line}\n"));
        assert_eq!(get(&[("AWS_CONFIG_FILE", config.path())]).code, 0, "{line}");
    }
    let wrong = get(&[("AWS_RETRY_MODE", "sideways")]);
    assert_eq!(
        (wrong.code, wrong.err.as_str()),
        (1, "error: AWS_RETRY_MODE must be standard, adaptive or legacy, and is \"sideways\"\n")
    );
    // Nothing of this is known to be good. It may fail, with a reason.
    for (name, value) in hostile("http://127.0.0.1:1") {
        let ran = get(&[(name, &value)]);
        assert!(matches!(ran.code, 0 | 1) && !ran.err.contains("panic"), "{name}={value}: {ran:?}");
        assert_eq!(ran.code == 1, ran.err.starts_with("error: "), "{name}={value}: {ran:?}");
    }
}

#[test]
fn a_wrong_setting_of_the_stack_is_named_before_anything_is_made() {
    let data = std::env::temp_dir().join(format!("taskway-shell-{}-none", std::process::id()));
    for (name, value, part) in [
        ("TASKWAY_WEBHOOK_SECRETS", "whsec_x", "TASKWAY_WEBHOOK_SECRETS: secret 1 of 1 is not whole base64"),
        ("TASKWAY_WEBHOOK_SECRETS", "AAAA", "TASKWAY_WEBHOOK_SECRETS: secret 1 of 1 does not begin with whsec_"),
        ("TASKWAY_HTTP_ALLOW", "foo", "TASKWAY_HTTP_ALLOW: \"foo\" is not a network"),
        ("TASKWAY_HTTP_ALLOW", "10.0.0.0/99", "TASKWAY_HTTP_ALLOW: \"10.0.0.0/99\" is not a network"),
        ("TASKWAY_HTTP_ALLOW", "169.254.169.254", "TASKWAY_HTTP_ALLOW: 169.254.169.254/32 has only link-local"),
    ] {
        let ran = run(&mut dev(&["--data", data.to_str().unwrap()], &[(name, value)]), "");
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        assert!(ran.err.starts_with("error: ") && ran.err.contains(part), "{part}: {ran:?}");
        assert!(!data.exists());
    }
}

/// Runs a line of a shell, in which `$TASKWAY` is the command.
fn sh(line: &str) -> Ran {
    let mut sh = Command::new("/bin/sh");
    sh.args(["-c", line]).env_clear().env("TASKWAY", env!("CARGO_BIN_EXE_taskway")).env("PATH", "/usr/bin:/bin");
    let output = sh.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn an_output_that_cannot_be_written_is_an_error_and_never_a_panic() {
    let dev = "$TASKWAY dev --port 0 --dynamodb-port 0 --sqs-port 0";
    let full = sh(&format!("{dev} > /dev/full"));
    assert_eq!(full.code, 1, "{full:?}");
    assert!(
        full.err.starts_with("error: cannot write to standard output: ") && !full.err.contains("panic"),
        "{full:?}"
    );
    // Errors that nobody can read are dropped; the exit code tells.
    for (line, code) in [
        ("TASKWAY_HTTP_ALLOW=foo $TASKWAY dev 2> /dev/full", 1),
        ("$TASKWAY dev --port 0 --dynamodb-port 0 --sqs-port 0 > /dev/full 2> /dev/full", 1),
        ("$TASKWAY --help > /dev/full", 1),
        ("$TASKWAY --version > /dev/full", 1),
        ("$TASKWAY --nonsense 2> /dev/full", 1),
        ("$TASKWAY completions bash > /dev/full", 1),
        ("$TASKWAY worker 2> /dev/full", 1),
        ("TASKWAY_LOG=trace $TASKWAY worker 2> /dev/full", 1),
        ("$TASKWAY get t-1 --url http://127.0.0.1:1 2> /dev/full", 1),
    ] {
        assert_eq!(sh(line).code, code, "{line}");
    }
}

#[test]
fn a_reader_that_leaves_does_not_stop_the_stack() {
    let mut process = dev(&[], &[]).spawn().unwrap();
    drop(process.stdout.take());
    // It is up when it obeys the signal that it listens for.
    let id = process.id().to_string();
    let listens = || fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    while !listens().lines().any(|line| line.starts_with("SigCgt:") && line.ends_with(['2', '3', '6', '7'])) {
        if process.try_wait().unwrap().is_some() {
            break;
        }
        thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("panic"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_data_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let base = std::env::temp_dir().join(format!("taskway-shell-{}-data", std::process::id()));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (new, open, shared) = (base.join("a/b"), base.join("open"), base.join("shared"));
    for made in [&open, &shared] {
        fs::create_dir_all(made).unwrap();
        fs::set_permissions(made, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(shared.join("notes.txt"), "").unwrap();
    for (data, expected) in [(&new, 0o700), (&open, 0o700), (&shared, 0o755), (&open, 0o700)] {
        let stack = Stack::start(&["--data", data.to_str().unwrap()], &[]);
        echoes(&stack);
        assert_eq!(mode(data), expected, "{}", data.display());
        for entry in fs::read_dir(data).unwrap().flatten().filter(|entry| entry.file_name() != "notes.txt") {
            let expected = if entry.path().is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&entry.path()), expected, "{}", entry.path().display());
        }
        drop(stack);
        // What an earlier version left open is closed at the next start.
        fs::set_permissions(data, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(mode(&base.join("a")), 0o700);
    fs::remove_dir_all(base).unwrap();
}
