//! A payload, or a schedule's definition, from the command line, a file or standard input: checked to be JSON, and then
//! left as it is.

use std::{io::Read, path::Path};

use serde_json::value::RawValue;

use crate::failure::Failure;

/// What a text is and where it stood, which decides the advice when it is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A payload's argument, which a shell has had its hands on.
    Argument,
    /// A payload's file or standard input.
    File,
    /// A schedule's definition in a file or standard input.
    Definition,
    /// A callback's argument.
    Callback,
    /// The tasks in a file or standard input, a line each.
    Tasks,
}

/// How much of a broken line is shown on each side of the break, in characters: a screen's width in all.
const CONTEXT: usize = 36;

impl Origin {
    fn noun(self) -> &'static str {
        match self {
            Self::Argument | Self::File => "payload",
            Self::Definition => "definition",
            Self::Callback => "callback",
            Self::Tasks => "tasks",
        }
    }
}

/// Reads a text from `path`; `-` is standard input.
pub(crate) fn read(path: &Path, origin: Origin) -> Result<String, Failure> {
    let (what, mut bytes) = (origin.noun(), Vec::new());
    let (name, read) = if path == Path::new("-") {
        ("standard input".to_owned(), std::io::stdin().read_to_end(&mut bytes).map(drop))
    } else {
        (path.display().to_string(), std::fs::read(path).map(|read| bytes = read))
    };
    read.map_err(|error| Failure::Usage(format!("cannot read the {what} from {name}: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::Usage(format!("the {what} in {name} is not UTF-8: see byte {}", at + 1))
    })
}

/// Checks that `text` is one JSON value and keeps it byte for byte, so that no number loses a digit on its way. (The
/// white space around the value goes: it is not part of it.)
pub(crate) fn parse(text: &str, origin: Origin) -> Result<Box<RawValue>, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Usage(explain(text, origin, &error)))
}

/// Says where the text stops being JSON, shows the place, and names the usual cause.
fn explain(text: &str, origin: Origin, error: &serde_json::Error) -> String {
    let what = origin.noun();
    if text.starts_with('\u{feff}') {
        return format!("the {what} begins with a byte order mark: save it as UTF-8 without one");
    }
    let mut message = format!("the {what} is not JSON: {error}");
    if let Some((line, caret)) = excerpt(text, error.line(), error.column()) {
        message.push_str(&format!("\n  {line}\n  {:caret$}^", ""));
    }
    let quotes = "\nhint: the shell takes bare quotes away: put the JSON between single quotes, as in '{\"user\": 42}'";
    match origin {
        Origin::Argument => message.extend([quotes, ", or give it with --payload-file"]),
        Origin::Callback => message.push_str(quotes),
        Origin::File | Origin::Definition | Origin::Tasks => {}
    }
    message
}

/// The part of the broken line around `column` (serde_json's: in bytes, from 1), and how many characters of it stand
/// before the break.
fn excerpt(text: &str, line: usize, column: usize) -> Option<(String, usize)> {
    let line = text.split('\n').nth(line.checked_sub(1)?)?;
    // A column counts bytes and may fall inside a character, or on the end.
    let at = line.floor_char_boundary(column.saturating_sub(1));
    let (before, after) = line.split_at(at);
    let skipped = before.chars().count().saturating_sub(CONTEXT);
    let shown = before.chars().skip(skipped).chain(after.chars().take(CONTEXT));
    let shown: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
    (!shown.trim().is_empty()).then(|| (shown, before.chars().count() - skipped))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refusal(text: &str, origin: Origin) -> String {
        match parse(text, origin) {
            Err(Failure::Usage(message)) => message,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn text_is_kept_byte_for_byte() {
        let text = r#"{ "n":  123456789012345678901234567890.10, "a":1e400,"z":"\u00e9" }"#;
        assert_eq!(parse(&format!("\n {text} \n"), Origin::File).unwrap().get(), text);
    }

    #[test]
    fn the_caret_stands_under_the_break() {
        let message = refusal("{user: 42}", Origin::Argument);
        assert!(message.contains("line 1 column 2"), "{message}");
        assert!(message.contains("\n  {user: 42}\n   ^\n"), "{message}");
        assert!(message.contains("single quotes"), "{message}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_break() {
        let text = format!("[{}x{}]", "\"é\",".repeat(50), ",1".repeat(50));
        let message = refusal(&text, Origin::File);
        let lines: Vec<&str> = message.lines().collect();
        let caret = lines[2].chars().count() - 1;
        assert_eq!(lines[1].chars().nth(caret), Some('x'), "{message}");
        assert!(lines[1].chars().count() <= 2 + 2 * CONTEXT, "{message}");
    }

    #[test]
    fn a_file_is_not_told_of_shells() {
        assert!(!refusal("{", Origin::File).contains("shell"));
        assert!(refusal("{", Origin::Definition).starts_with("the definition is not JSON: "));
        assert!(refusal("", Origin::File).contains("EOF while parsing a value"));
        assert!(refusal("\u{feff}{}", Origin::File).contains("byte order mark"));
    }
}
