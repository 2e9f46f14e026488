//! The patterns of the template's parameters accept the texts that the functions accept, and no others: a mistake fails the
//! deployment, not every start of a function.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{fmt::Debug, sync::LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use regex_lite::Regex;
use taskway_cloud::dynamo::Shards;
use taskway_executor::targets::http::{Allowed, Secrets};
use taskway_protocol::{AllowedFunctions, AwsHosts};
use taskway_submit::{BasePath, Places};

use crate::stack::TEMPLATE;

/// A parameter's pattern beside the function that reads the parameter.
struct Parameter {
    name: &'static str,
    pattern: Regex,
    is_read: fn(&str) -> bool,
}

impl Parameter {
    fn of(name: &'static str, is_read: fn(&str) -> bool) -> Self {
        let (_, block) = TEMPLATE.split_once(&format!("\n  {name}:\n")).unwrap();
        let line = block
            .lines()
            .map_while(|line| line.strip_prefix("    "))
            .find_map(|line| line.strip_prefix("AllowedPattern: \"").and_then(|rest| rest.strip_suffix('"')));
        let pattern = line.unwrap_or_else(|| panic!("{name} has no pattern"));
        // In a quoted text of YAML a backslash stands for something else.
        assert!(pattern.starts_with('^') && pattern.ends_with('$') && !pattern.contains('\\'), "{name}: {pattern}");
        Parameter { name, pattern: Regex::new(pattern).unwrap(), is_read }
    }

    fn judge(&self, text: &str) {
        let (matches, is_read) = (self.pattern.is_match(text), (self.is_read)(text));
        assert_eq!(matches, is_read, "{}: {text:?}: does it match, is it read?", self.name);
    }

    fn accepts<T: AsRef<str> + Debug>(&self, texts: impl IntoIterator<Item = T>) {
        for text in texts {
            self.judge(text.as_ref());
            assert!((self.is_read)(text.as_ref()), "{}: {text:?}", self.name);
        }
    }

    fn refuses<T: AsRef<str> + Debug>(&self, texts: impl IntoIterator<Item = T>) {
        for text in texts {
            self.judge(text.as_ref());
            assert!(!(self.is_read)(text.as_ref()), "{}: {text:?}", self.name);
        }
    }
}

static SECRETS: LazyLock<Parameter> =
    LazyLock::new(|| Parameter::of("WebhookSecrets", |text| Secrets::parse(text).is_ok()));
static ALLOWED: LazyLock<Parameter> = LazyLock::new(|| Parameter::of("HttpAllow", |text| Allowed::parse(text).is_ok()));
static AWS_HOSTS: LazyLock<Parameter> =
    LazyLock::new(|| Parameter::of("AwsHosts", |text| AwsHosts::parse(text).is_ok()));
static FUNCTIONS: LazyLock<Parameter> = LazyLock::new(|| Parameter::of("AllowedFunctions", is_list_of_arns));
static BASE_PATH: LazyLock<Parameter> =
    LazyLock::new(|| Parameter::of("BasePath", |text| text.parse::<BasePath>().is_ok()));

fn secret(bytes: usize) -> String {
    format!("whsec_{}", STANDARD.encode(vec![0xa5; bytes]))
}

#[test]
fn secrets_of_24_to_64_bytes_are_accepted() {
    SECRETS.accepts((24..=64).map(secret));
    SECRETS.refuses((1..24).chain(65..100).map(secret));
    let (one, other) = (secret(24), secret(33));
    let bare = one.trim_start_matches("whsec_");
    SECRETS.accepts(["", &format!("{one} {other}"), &format!("{one},{other}"), &format!(" {one} , {other} ")]);
    SECRETS.accepts([&*format!("emails:{one}"), &format!("{one} a.b-c_d:{other},9:{one}")]);
    SECRETS.accepts([format!("{}:{one}", "q".repeat(64))]);
    SECRETS.refuses([
        format!(":{one}"),
        format!("_a:{one}"),
        format!("a b:{one}"),
        format!("a::{one}"),
        "a:".to_owned(),
    ]);
    SECRETS.refuses([format!("{}:{one}", "q".repeat(65)), format!("emails={one}")]);
    SECRETS.refuses([
        bare.to_owned(),
        "whsec_x".to_owned(),
        "whsec_".to_owned(),
        secret(25).trim_end_matches('=').to_owned(),
        secret(26).replace('=', "=="),
        format!("{one}\n"),
        format!("{one};{other}"),
        format!("{one}{other}"),
        format!("WHSEC_{bare}"),
        one.replace('p', "-"),
        // The last character has bits beyond the last byte.
        format!("whsec_{}R==", "A".repeat(33)),
        format!("whsec_{}B=", "A".repeat(34)),
    ]);
}

#[test]
fn networks_and_addresses_are_accepted() {
    ALLOWED.accepts([
        "",
        "10.0.0.0/8",
        "10.0.0.0/8,192.168.1.7",
        "10.0.0.0/8 , fd00::/8",
        "0.0.0.0/0",
        "::/0",
        "::1/128",
    ]);
    ALLOWED.accepts([
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1::8",
        "1:2::7:8/64",
        "FD00::A/127",
        "::",
    ]);
    ALLOWED.refuses(["foo", "10.0.0.0/99", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/"]);
    ALLOWED.refuses(["10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.0.0", "1.2.3.4/8/8", "10.0.0.0/8;10.1.0.0/16", "/8"]);
    ALLOWED.refuses([
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        ":::",
        "12345::",
        "::/129",
        "::g",
        "::ffff:10.0.0.1",
        "fe80::1%1",
    ]);
}

#[test]
fn requests_that_may_be_signed_have_a_service_a_region_and_a_host() {
    let of = |host: &str| format!("sqs/eu-central-1@{host}");
    AWS_HOSTS.accepts(["", "s/r@a.b", "execute-api/us-gov-west-1@*.b.c, s/r@a.b s3/x@c.d"]);
    AWS_HOSTS.accepts([
        of("sqs.eu-central-1.amazonaws.com"),
        of("*.b.c"),
        of(&format!("{}.b", "a".repeat(63))),
        of("127.0.0.1"),
    ]);
    AWS_HOSTS.refuses([
        "a.b",
        "sqs@a.b",
        "/r@a.b",
        "s/@a.b",
        "s/r@",
        "S/r@a.b",
        "s-/r@a.b",
        "s/-r@a.b",
        "s/r@a.b;s/r@c.d",
    ]);
    AWS_HOSTS.refuses(
        ["a", "*", "*.a", "*a.b", "a.*.b", "A.b", "a..b", ".a.b", "a.b.", "a.b:443", "https://a.b", "a_b.c"].map(of),
    );
    AWS_HOSTS.refuses([of(&format!("{}.b", "a".repeat(64))), format!("{}/r@a.b", "s".repeat(65))]);
}

/// The functions also read names and spaces. The executor's role takes neither, so the parameter must not.
fn is_list_of_arns(text: &str) -> bool {
    let is_arn = |word: &str| word.starts_with("arn:") && !word.contains(' ') && AllowedFunctions::parse(word).is_ok();
    text.is_empty() || text.split(',').all(is_arn)
}

#[test]
fn allowed_functions_are_arns_that_the_functions_read_and_iam_takes() {
    let at = "arn:aws:lambda:eu-central-1:123456789012:function:";
    for resource in
        ["report", "report-*", "a?_b", "*", "report:live", "report*:*", "report:$LATEST", "r:$LATEST.PUBLISHED"]
    {
        FUNCTIONS.accepts([
            format!("{at}{resource}"),
            format!("{at}x,{at}{resource},arn:aws-us-gov:lambda:us-gov-west-1:000000000000:function:y"),
        ]);
    }
    FUNCTIONS.accepts([""]);
    for resource in ["", ":live", "a:", "a:b:c", "a.b", "a/b", "a b", "ä", "a,", "a,b", "a ", "a:${b}"] {
        FUNCTIONS.refuses([format!("{at}{resource}")]);
    }
    let name = |length| format!("{at}{}", "a".repeat(length));
    FUNCTIONS.accepts([name(64), format!("{}:{}", name(64), "b".repeat(128))]);
    FUNCTIONS.refuses([name(65), format!("{}:{}", name(1), "b".repeat(129))]);
    FUNCTIONS.refuses([
        "report",
        ",",
        "arn:aws:lambda:*:123456789012:function:a",
        "arn:aws:lambda:eu-central-1:*:function:a",
        "arn:*:lambda:eu-central-1:123456789012:function:a",
        "arn:aws:lambda:eu-central-1:12345678901:function:a",
        "arn:aws:lambda:eu-central-1:1234567890123:function:a",
        "arn:aws:lambda::123456789012:function:a",
        "arn:aws:lambda:eu-central-1:123456789012:layer:a",
        "arn:aws:sqs:eu-central-1:123456789012:function:a",
        "*",
    ]);
}

#[test]
fn a_base_path_is_accepted_as_the_function_reads_it() {
    BASE_PATH.accepts(["", "/queue", "/queue/v2", "/a.b/c_d/-e", "/_"]);
    BASE_PATH.refuses([
        "/", "queue", "/queue/", "//", "/a//b", "/.", "/..", "/.a", "/a/../b", "/a b", "/a?b", "/a%20b", "/ü",
    ]);
}

#[test]
fn numbers_that_the_functions_read_are_whole_ones_within_their_bounds() {
    let numbers = [
        Parameter::of("AgendaShards", |text| Shards::parse_agenda(text).is_ok()),
        Parameter::of("CatalogShards", |text| Shards::parse_catalog(text).is_ok()),
        Parameter::of("WaitingRequests", |text| text.parse::<Places>().is_ok()),
    ];
    for parameter in numbers {
        (0..1_200).for_each(|number| parameter.judge(&number.to_string()));
        for text in ["", "-1", "+1", "1.0", "2.5", "1e1", " 1", "1 ", "01", "0001", "064", "0000000004", "x", "١"] {
            parameter.judge(text);
        }
    }
}

proptest! {
    #[test]
    fn what_is_nearly_a_secret_is_judged_alike(
        parts in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 20..70), 0..6_usize, "[ -~]"), 0..3),
        between in "[ ,;\n]{1,2}",
    ) {
        let one = |(prefix, bytes, change, other): &(bool, Vec<u8>, usize, String)| {
            let mut text = STANDARD.encode(bytes);
            match change {
                1 => text.truncate(text.len() - 1),
                2 => text.push('='),
                3 => text.replace_range(9..10, other),
                4 => text.push_str(other),
                _ => {}
            }
            if *prefix { format!("whsec_{text}") } else { text }
        };
        SECRETS.judge(&parts.iter().map(one).collect::<Vec<_>>().join(&between));
    }

    #[test]
    fn what_is_nearly_a_network_is_judged_alike(
        v4 in "([0-9]{1,3}[.]){2,4}[0-9]{1,3}(/[0-9]{1,3})?",
        v6 in "([0-9a-f]{0,5}:){1,8}[0-9a-f]{0,5}(/[0-9]{1,3})?",
        // Not of fe80::/10 or fd00:ec2::/32, which the executor refuses by name: a pattern cannot say that.
        compressed in "([0-9a-e][0-9a-f]{0,3}:){0,7}(:[0-9A-F]{1,4}){0,7}",
        between in "[ ,;]{1,2}",
    ) {
        for text in [&v4, &v6, &compressed] {
            ALLOWED.judge(text);
        }
        ALLOWED.judge(&format!("{v4}{between}{compressed}"));
    }

    #[test]
    fn what_is_nearly_an_arn_of_functions_is_judged_alike(
        arns in prop::collection::vec(
            "arn:aws(-cn)?:lambda:[a-z1-]{0,6}:[0-9]{11,13}:function:[a-zA-Z*?_.-]{0,5}(:[a-z$.*?]{0,5}){0,2}", 1..3
        ),
        between in "[ ,]{1,2}",
    ) {
        FUNCTIONS.judge(&arns.join(&between));
    }

    #[test]
    fn what_is_nearly_a_path_is_judged_alike(path in "(/?[a-z_.-]{0,3}){0,4}") {
        BASE_PATH.judge(&path);
    }
}
