//! Lambda functions: how a task names one, and which ones tasks may call.

use std::fmt;

/// The longest text that names a function: a whole ARN with its qualifier.
pub const LONGEST_FUNCTION: usize = 256;

/// What [`FunctionName::parse`] reads, as a regular expression.
pub const FUNCTION_PATTERN: &str = r"^((arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?[0-9]{12}:function:)?[A-Za-z0-9_-]{1,64}(:(\$LATEST(\.PUBLISHED)?|[A-Za-z0-9_-]{1,128}))?$";

/// A function as a task names it, in one form for all spellings.
///
/// [`AllowedFunctions::find`] says which function that is, if it may be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FunctionName<'a> {
    partition: Option<&'a str>,
    region: Option<&'a str>,
    account: Option<&'a str>,
    resource: &'a str,
}

/// The text names no function.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be a function's name, its ARN or ACCOUNT:function:NAME, each with or without :QUALIFIER")]
pub struct NoFunction;

impl<'a> FunctionName<'a> {
    /// Reads `NAME`, `ACCOUNT:function:NAME` or `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`, each with or without
    /// `:QUALIFIER`.
    ///
    /// # Errors
    /// The text has another form, is too long, or has a character that Lambda does not take.
    pub fn parse(text: &'a str) -> Result<Self, NoFunction> {
        let parts: Vec<&str> = text.split(':').collect();
        let (partition, region, account, names) = match parts.as_slice() {
            ["arn", partition, "lambda", region, account, "function", names @ ..] => {
                (Some(*partition), Some(*region), Some(*account), names)
            }
            [account, "function", names @ ..] if is_account(account) && !names.is_empty() => {
                (None, None, Some(*account), names)
            }
            names => (None, None, None, names),
        };
        let is_right = match names {
            [name] => is_name(name),
            [name, qualifier] => is_name(name) && is_qualifier(qualifier),
            _ => false,
        };
        let are_right =
            partition.is_none_or(is_partition) && region.is_none_or(is_region) && account.is_none_or(is_account);
        let length: usize = names.iter().map(|name| name.len() + 1).sum();
        if !is_right || !are_right || text.len() > LONGEST_FUNCTION {
            return Err(NoFunction);
        }
        Ok(FunctionName { partition, region, account, resource: &text[text.len() + 1 - length..] })
    }

    /// The name without a qualifier.
    pub fn name(&self) -> &'a str {
        self.resource.split_once(':').map_or(self.resource, |(name, _)| name)
    }

    /// The version or alias, if the text has one.
    pub fn qualifier(&self) -> Option<&'a str> {
        self.resource.split_once(':').map(|(_, qualifier)| qualifier)
    }
}

/// The functions that tasks may call. None, unless the operator says otherwise.
///
/// A pattern is compared as IAM compares it in the executor's role: with the name and its qualifier as one text, where `*`
/// stands for any characters and `?` for one. So `report` allows `report` and not `report:live`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AllowedFunctions(Vec<Pattern>);

/// A function that a task may call, as Lambda is asked for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllowedFunction {
    /// The name, or the ARN without a qualifier.
    pub name: String,
    /// The version or alias.
    pub qualifier: Option<String>,
}

/// A function that a task may not call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAllowed {
    /// No pattern has its name.
    #[error("must be a function that the stack's parameter AllowedFunctions (TASKWAY_ALLOWED_FUNCTIONS) allows")]
    NoPattern,
    /// Patterns of more than one account or region have its name.
    #[error("must be an ARN, because AllowedFunctions allows this name in more than one account or region")]
    SeveralPlaces,
}

/// A partition, a region and an account.
type Place = [Box<str>; 3];

#[derive(Clone, PartialEq, Eq, Debug)]
struct Pattern {
    /// Without a place, the pattern is for the executor's own account and region.
    place: Option<Place>,
    resource: Box<str>,
}

/// A word that is no pattern of functions.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0:?} is not a pattern of functions such as report-* or resize:live, or of their ARNs such as \
     arn:aws:lambda:eu-central-1:123456789012:function:report-*"
)]
pub struct NoPattern(String);

impl AllowedFunctions {
    /// No function.
    pub const NONE: Self = AllowedFunctions(Vec::new());

    /// Reads patterns with commas or spaces between them. Each is `NAME`, `NAME:QUALIFIER`, or one of these at the end of an
    /// ARN whose partition, region and account have no wildcard.
    ///
    /// # Errors
    /// The first word that is no pattern.
    pub fn parse(text: &str) -> Result<Self, NoPattern> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let pattern = |word: &str| Pattern::parse(word).ok_or_else(|| NoPattern(word.to_owned()));
        words.map(pattern).collect::<Result<_, _>>().map(AllowedFunctions)
    }

    /// The function to call for what a task names. A name alone stands for the function of this name that a pattern allows, in
    /// the account and region of that pattern.
    ///
    /// # Errors
    /// No pattern allows the function, or the task does not say in which account or region.
    pub fn find(&self, function: &FunctionName<'_>) -> Result<AllowedFunction, NotAllowed> {
        let mut places = self.0.iter().filter(|pattern| pattern.allows(function)).map(|pattern| &pattern.place);
        let place = places.next().ok_or(NotAllowed::NoPattern)?;
        if places.any(|other| other != place) {
            return Err(NotAllowed::SeveralPlaces);
        }
        let name = match place {
            Some([partition, region, account]) => {
                format!("arn:{partition}:lambda:{region}:{account}:function:{}", function.name())
            }
            None => function.name().to_owned(),
        };
        Ok(AllowedFunction { name, qualifier: function.qualifier().map(str::to_owned) })
    }
}

impl fmt::Display for AllowedFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Pattern { place, resource }) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            if let Some([partition, region, account]) = place {
                write!(f, "arn:{partition}:lambda:{region}:{account}:function:")?;
            }
            f.write_str(resource)?;
        }
        Ok(())
    }
}

impl Pattern {
    fn parse(word: &str) -> Option<Self> {
        let (place, resource) = match word.splitn(7, ':').collect::<Vec<_>>().as_slice() {
            ["arn", partition, "lambda", region, account, "function", resource] => {
                let is_place = is_partition(partition) && is_region(region) && is_account(account);
                is_place.then_some(())?;
                (Some([*partition, *region, *account].map(Into::into)), *resource)
            }
            _ => (None, word),
        };
        let wild = |byte: u8| matches!(byte, b'*' | b'?');
        let (name, qualifier) = resource.split_once(':').map_or((resource, None), |(name, rest)| (name, Some(rest)));
        let is_name = (1..=64).contains(&name.len()) && name.bytes().all(|byte| wild(byte) || is_word(byte));
        let is_qualifier = qualifier.is_none_or(|qualifier| {
            (1..=128).contains(&qualifier.len())
                && qualifier.bytes().all(|byte| wild(byte) || is_word(byte) || matches!(byte, b'$' | b'.'))
        });
        (is_name && is_qualifier).then(|| Pattern { place, resource: resource.into() })
    }

    fn allows(&self, function: &FunctionName<'_>) -> bool {
        let given = [function.partition, function.region, function.account];
        let is_here = match &self.place {
            Some(place) => place.iter().zip(given).all(|(own, given)| given.is_none_or(|given| given == &**own)),
            None => given.iter().all(Option::is_none),
        };
        is_here && is_like(function.resource.as_bytes(), self.resource.as_bytes())
    }
}

/// Whether the text has the pattern's form. Takes no more steps than the product of the two lengths.
fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut of) = (0, 0);
    // The latest star, and where the text goes on after what it stands for.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some(b'*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(&expected) if expected == b'?' || expected == text[at] => {
                at += 1;
                of += 1;
            }
            Some(_) | None => {
                let Some((place, stands_to)) = star else { return false };
                star = Some((place, stands_to + 1));
                (at, of) = (stands_to + 1, place + 1);
            }
        }
    }
    pattern[of..].iter().all(|byte| *byte == b'*')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(is_word)
}

fn is_qualifier(text: &str) -> bool {
    matches!(text, "$LATEST" | "$LATEST.PUBLISHED") || (1..=128).contains(&text.len()) && text.bytes().all(is_word)
}

fn is_partition(text: &str) -> bool {
    text.starts_with("aws") && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HERE: &str = "arn:aws:lambda:eu-central-1:123456789012:function:";

    #[test]
    fn every_spelling_of_a_function_has_one_name_and_qualifier() {
        for prefix in ["", "123456789012:function:", HERE] {
            for (resource, name, qualifier) in [
                ("report", "report", None),
                ("report:live", "report", Some("live")),
                ("Re_port-2:17", "Re_port-2", Some("17")),
                ("report:$LATEST", "report", Some("$LATEST")),
                ("function:function", "function", Some("function")),
            ] {
                let text = format!("{prefix}{resource}");
                let read = FunctionName::parse(&text).unwrap();
                assert_eq!((read.name(), read.qualifier()), (name, qualifier), "{text}");
            }
        }
        // A name of twelve digits is no account.
        let read = FunctionName::parse("123456789012:function").unwrap();
        assert_eq!((read.name(), read.qualifier()), ("123456789012", Some("function")));
    }

    #[test]
    fn a_text_that_names_no_function_is_refused() {
        let (long, longer) = ("a".repeat(65), format!("a:{}", "b".repeat(129)));
        for text in [
            "",
            ":",
            "report:",
            ":live",
            "report:live:2",
            "re port",
            "report/../other",
            "report?x",
            "report%3Alive",
            "report*",
            "répört",
            "report:$NEXT",
            "report:$latest",
            "a.b",
            "123:function:report",
            "123456789012:function:",
            "123456789012:layer:report",
            "arn:aws:lambda:eu-central-1:123456789012:function:",
            "arn:aws:lambda:eu-central-1:123456789012:layer:report",
            "arn:aws:lambda::123456789012:function:report",
            "arn:aws:lambda:eu-central-1::function:report",
            "arn:aws:lambda:eu-central-1:123456789012:function:report:live:2",
            "arn:aws:sqs:eu-central-1:123456789012:function:report",
            "arn:other:lambda:eu-central-1:123456789012:function:report",
            "ARN:aws:lambda:eu-central-1:123456789012:function:report",
            "eu-central-1:123456789012:function:report",
            &long,
            &longer,
        ] {
            assert_eq!(FunctionName::parse(text), Err(NoFunction), "{text}");
        }
    }

    fn found(patterns: &str, function: &str) -> Result<AllowedFunction, NotAllowed> {
        AllowedFunctions::parse(patterns).unwrap().find(&FunctionName::parse(function).unwrap())
    }

    fn allowed(patterns: &str, function: &str) -> bool {
        found(patterns, function).is_ok()
    }

    #[test]
    fn a_pattern_allows_what_iam_would() {
        for (pattern, right, wrong) in [
            ("report", &["report"][..], &["reports", "report:live", "report:$LATEST", "Report", "a-report"][..]),
            ("report:*", &["report:live", "report:1", "report:$LATEST"], &["report", "reports:live"]),
            ("report*", &["report", "reports", "report:live", "report-x:1"], &["repor", "a-report"]),
            ("report-?", &["report-1"], &["report-", "report-12", "report-1:live"]),
            ("*-live", &["a-live", "a:b-live"], &["live", "a-live:1"]),
            ("a*b*c", &["abc", "a-b-b-c", "abcbc"], &["ac", "acb", "abcd"]),
            ("*:live", &["report:live"], &["report", "report:dead"]),
            ("report:$LATEST", &["report:$LATEST"], &["report"]),
            ("*", &["report", "report:live"], &[]),
            ("**", &["report"], &[]),
            ("a,b c", &["a", "b", "c"], &["d", "a,b"]),
            ("", &[], &["report"]),
        ] {
            for function in right {
                assert!(allowed(pattern, function), "{pattern} allows {function}");
                assert!(allowed(&format!("x,{pattern}"), function), "{pattern} allows {function}");
            }
            for function in wrong.iter().filter(|function| !function.contains(',')) {
                assert!(!allowed(pattern, function), "{pattern} does not allow {function}");
            }
        }
    }

    #[test]
    fn a_function_is_called_where_its_pattern_is() {
        let patterns = format!("{HERE}report*,{HERE}resize:live,local");
        for (function, name, qualifier) in [
            ("report", &*format!("{HERE}report"), None),
            ("123456789012:function:reports:live", &format!("{HERE}reports"), Some("live")),
            (&format!("{HERE}resize:live"), &format!("{HERE}resize"), Some("live")),
            ("local", "local", None),
        ] {
            let expected = AllowedFunction { name: name.to_owned(), qualifier: qualifier.map(str::to_owned) };
            assert_eq!(found(&patterns, function), Ok(expected), "{function}");
        }
        for elsewhere in [
            "210987654321:function:report",
            "arn:aws:lambda:eu-central-1:210987654321:function:report",
            "arn:aws:lambda:eu-west-1:123456789012:function:report",
            "arn:aws-cn:lambda:eu-central-1:123456789012:function:report",
        ] {
            assert_eq!(found(&patterns, elsewhere), Err(NotAllowed::NoPattern), "{elsewhere}");
            assert_eq!(found("*", elsewhere), Err(NotAllowed::NoPattern), "{elsewhere}");
        }
        // A pattern without a place cannot tell whether an ARN is of the executor's own account.
        assert_eq!(found("*", &format!("{HERE}report")), Err(NotAllowed::NoPattern));
    }

    #[test]
    fn a_name_that_is_allowed_in_two_places_needs_its_arn() {
        let other = "arn:aws:lambda:eu-central-1:210987654321:function:";
        let patterns = format!("{HERE}report,{other}rep*,{other}resize");
        assert_eq!(found(&patterns, "report"), Err(NotAllowed::SeveralPlaces));
        assert_eq!(found(&patterns, "resize").unwrap().name, format!("{other}resize"));
        assert_eq!(found(&patterns, "210987654321:function:report").unwrap().name, format!("{other}report"));
        assert_eq!(found(&patterns, &format!("{HERE}report")).unwrap().name, format!("{HERE}report"));
    }

    #[test]
    fn patterns_are_read_and_written_alike() {
        let text = format!("report-*,resize:live,{HERE}a?:$LATEST");
        assert_eq!(AllowedFunctions::parse(&text).unwrap().to_string(), text);
        let spaced = AllowedFunctions::parse(" report-* , resize:live ").unwrap();
        assert_eq!(spaced.to_string(), "report-*,resize:live");
        for wrong in [
            "a/b",
            "a:",
            ":a",
            "a:b:c",
            "a.b",
            "arn:aws:lambda:*:123456789012:function:a",
            "arn:aws:lambda:eu-central-1:*:function:a",
            "arn:aws:lambda:eu-central-1:123456789012:function:",
            "arn:aws:iam:eu-central-1:123456789012:function:a",
            "arn:aws:lambda:eu-central-1:123456789012:*",
        ] {
            assert_eq!(AllowedFunctions::parse(wrong), Err(NoPattern(wrong.to_owned())), "{wrong}");
        }
    }
}
