//! Where clients reach the API: at the root of its host, under the path of a custom domain, or under a stage's name.
//!
//! API Gateway leaves both in `rawPath`: `/queue/v1/tasks` where a custom domain maps `queue` to the API, and
//! `/prod/v1/tasks` where the API's own host serves a stage called `prod`. They are taken off before routing, and put
//! before every `Location`.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use http::{HeaderValue, request::Parts};

/// A custom domain's key has at most so many characters.
const LONGEST: usize = 300;

/// The path under which a custom domain serves the API: empty, or such as `/queue` or `/queue/v2`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BasePath(Box<str>);

/// What stands before the API's own paths where the client of one request reached it. Empty at a root.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mount(Box<str>);

/// By which host and stage a request came, as API Gateway says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entrance<'a> {
    /// The id of the API.
    pub(crate) api: &'a str,
    /// The first label of the host. It is the API's id at the API's own host.
    pub(crate) host_prefix: &'a str,
    /// The stage.
    pub(crate) stage: &'a str,
}

impl FromStr for BasePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_segment = |segment: &str| {
            let begins = segment.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            begins && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        let is_path = |path: &str| path.strip_prefix('/').is_some_and(|path| path.split('/').all(is_segment));
        if text.is_empty() || (text.len() <= LONGEST && is_path(text)) {
            return Ok(BasePath(text.into()));
        }
        let text = taskway_strict::words::shown(text);
        Err(format!(
            "must be a path such as /queue: at most {LONGEST} letters, digits, '_', '.' or '-' in segments that begin \
             with no '.', without a '/' at the end, got {text:?}"
        ))
    }
}

impl BasePath {
    /// Where a request came in, and its path without what stands before the API's own.
    ///
    /// The base path counts only at a custom domain: there API Gateway takes it off before IAM judges the rest. At the
    /// API's own host IAM judges the path with it, so there it leads nowhere.
    pub(crate) fn enter<'p>(&self, entrance: Entrance<'_>, path: &'p str) -> (Mount, &'p str) {
        let stage = match entrance.stage {
            "" | "$default" => String::new(),
            stage => format!("/{stage}"),
        };
        let path = without(path, &stage);
        if entrance.api == entrance.host_prefix {
            return (Mount(stage.into()), path);
        }
        (Mount(self.0.clone()), without(path, &self.0))
    }
}

/// The path behind the prefix, if that ends at a segment's end.
fn without<'p>(path: &'p str, prefix: &str) -> &'p str {
    path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

impl Mount {
    /// The value of `Location` for a path of the API.
    pub(crate) fn location(&self, path: &str) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("{}{path}", self.0)).ok()
    }
}

/// Of a request that is of no event, the root.
impl<S: Sync> FromRequestParts<S> for Mount {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn enter<'p>(base: &str, host_prefix: &str, stage: &str, path: &'p str) -> (String, &'p str) {
        let base: BasePath = base.parse().unwrap();
        let (mount, path) = base.enter(Entrance { api: "a1b2", host_prefix, stage }, path);
        (mount.0.into(), path)
    }

    #[test]
    fn what_stands_before_the_apis_path_is_taken_off() {
        let tasks = "/v1/tasks";
        for (base, host, stage, path, mount, rest) in [
            ("", "a1b2", "$default", tasks, "", tasks),
            ("", "a1b2", "prod", "/prod/v1/tasks", "/prod", tasks),
            ("", "a1b2", "prod", tasks, "/prod", tasks),
            ("/queue", "api", "$default", "/queue/v1/tasks", "/queue", tasks),
            ("/queue/v2", "api", "$default", "/queue/v2/v1/tasks", "/queue/v2", tasks),
            ("/queue", "api", "$default", "/queue/healthz", "/queue", "/healthz"),
            // A custom domain that maps a key to a named stage shows the key, and no stage, to its clients.
            ("/queue", "api", "prod", "/queue/v1/tasks", "/queue", tasks),
            ("/queue", "api", "prod", "/prod/v1/tasks", "/queue", tasks),
            ("", "api", "prod", tasks, "", tasks),
            ("", "api", "prod", "/prod/v1/tasks", "", tasks),
            // The API's own host stays open beside the domain.
            ("/queue", "a1b2", "$default", tasks, "", tasks),
            ("/prod", "a1b2", "prod", "/prod/v1/tasks", "/prod", tasks),
        ] {
            let expected = (mount.to_owned(), rest);
            assert_eq!(enter(base, host, stage, path), expected, "{base:?} at {host}, {stage}: {path}");
        }
    }

    #[test]
    fn another_path_stays_as_it_is() {
        for (base, host, stage, path) in [
            ("/queue", "api", "$default", "/queues/v1/tasks"),
            ("/queue", "api", "$default", "/queue"),
            ("/queue", "api", "$default", "/Queue/v1/tasks"),
            ("", "a1b2", "prod", "/production/v1/tasks"),
            ("", "a1b2", "$default", "/$default/v1/tasks"),
            // IAM has judged this path with the base path in it.
            ("/queue", "a1b2", "$default", "/queue/v1/tasks"),
        ] {
            assert_eq!(enter(base, host, stage, path).1, path, "{base:?} at {host}, {stage}");
        }
    }

    #[test]
    fn a_base_path_is_one_that_a_route_could_have() {
        let long = format!("/{}", "q".repeat(LONGEST));
        for wrong in
            ["/", "queue", "/queue/", "//queue", "/a//b", "/.", "/..", "/a/../b", "/.a", "/a b", "/ü", "/a?b", &long]
        {
            assert!(wrong.parse::<BasePath>().is_err(), "{wrong}");
        }
        for right in ["", "/queue", "/queue/v2", "/a.b/c_d/-e", &long[..LONGEST]] {
            assert!(right.parse::<BasePath>().is_ok(), "{right}");
        }
    }
}
