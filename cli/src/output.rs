//! What is printed: lines for people, the API's JSON for programs.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

/// How to print, decided once at the start.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    terminal: bool,
    colour: bool,
}

/// One value of a row, and the colour that it has on a terminal.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    colour: Option<&'static str>,
}

/// The longest value that is printed in full for people, in characters: about a dozen lines of a terminal.
const VALUE_MAX: usize = 1000;

impl Output {
    /// Colour needs a terminal and neither `NO_COLOR` (no-color.org: set, and not empty) nor a dumb one.
    pub(crate) fn new(json: bool) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        let terminal = io::stdout().is_terminal();
        Self { json, terminal, colour: !refused && !dumb && terminal }
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// One line for people. Fails when it cannot be written, a closed pipe included.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{line}")?;
        stdout.flush()
    }

    /// An answer as it came, ended by a newline.
    pub(crate) fn raw(&self, text: &str) -> io::Result<()> {
        self.line(text.strip_suffix('\n').unwrap_or(text))
    }

    /// An answer on one line, for output of one JSON value a line. A string holds no bare line break in JSON, so
    /// only white space between tokens changes.
    pub(crate) fn raw_line(&self, text: &str) -> io::Result<()> {
        self.line(&text.trim_end().replace(['\r', '\n'], " "))
    }

    /// Keys and values, the values in one column; the lines of a value stay below one another.
    pub(crate) fn table(&self, rows: &[(&str, String)]) -> io::Result<()> {
        let width = rows.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        for (key, value) in rows {
            let value = value.replace('\n', &format!("\n{:width$}  ", ""));
            self.line(&format!("{}{:pad$}  {value}", self.paint("2", key), "", pad = width - key.len()))?;
        }
        Ok(())
    }

    /// The names of columns as a row, where somebody looks at them: programs that cut columns out want the others alone.
    pub(crate) fn heading<const N: usize>(&self, names: [&str; N]) -> Option<[Cell; N]> {
        self.terminal.then(|| names.map(|name| Cell { text: name.to_owned(), colour: Some("2") }))
    }

    /// Rows, each value below the one before; `widths` are those of all rows so far.
    pub(crate) fn columns<const N: usize>(&self, widths: &mut [usize; N], rows: &[[Cell; N]]) -> io::Result<()> {
        for (column, width) in widths.iter_mut().enumerate() {
            let longest = rows.iter().map(|row| row[column].text.chars().count()).max();
            *width = longest.unwrap_or(0).max(*width);
        }
        for row in rows {
            let cells = row.iter().zip(*widths).map(|(cell, width)| {
                let pad = width - cell.text.chars().count();
                let shown = cell.colour.map_or_else(|| cell.text.clone(), |colour| self.paint(colour, &cell.text));
                format!("{shown}{:pad$}", "")
            });
            self.line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }

    /// A task's state, in its colour.
    pub(crate) fn state(&self, state: &str) -> String {
        self.paint(colour(state), &plain(state))
    }

    /// Something worth knowing beside the output, on standard error.
    pub(crate) fn note(&self, message: &str) {
        let _ = writeln!(io::stderr().lock(), "{message}");
    }

    /// An error, on standard error; one that cannot be written is dropped, as the exit code tells as well.
    pub(crate) fn error(&self, message: &str) {
        let _ = writeln!(io::stderr().lock(), "error: {message}");
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

impl Cell {
    /// A text from elsewhere, on one line.
    pub(crate) fn of(text: &str) -> Self {
        Self { text: plain_line(text), colour: None }
    }

    /// A task's state.
    pub(crate) fn state(name: &str) -> Self {
        Self { colour: Some(colour(name)), ..Self::of(name) }
    }
}

fn colour(state: &str) -> &'static str {
    match state {
        "succeeded" => "32",
        "failed" | "expired" => "31",
        "running" => "36",
        "cancelled" => "33",
        _ => "1",
    }
}

/// Text from elsewhere, fit for a terminal: control characters, which could move the cursor or recolour the screen,
/// are shown as escapes. Line breaks stay.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// As [`plain`], on one line.
pub(crate) fn plain_line(text: &str) -> String {
    plain(&text.replace('\n', " "))
}

/// A value for people: plain, and cut where it would flood the screen.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}… ({} bytes; --json prints all)", plain(&text[..end]), text.len()),
        None => plain(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\nc");
        assert_eq!(plain_line("a\nb\r"), "a b\\r");
    }

    #[test]
    fn long_values_are_cut() {
        let shown = clipped(&"é".repeat(VALUE_MAX + 1));
        assert!(shown.ends_with("… (2002 bytes; --json prints all)"), "{shown}");
        assert_eq!(clipped("short"), "short");
    }
}
