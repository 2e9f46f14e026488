//! What is printed: lines for people, and the API's JSON or only ids for programs.

use std::{
    cmp::Reverse,
    env,
    io::{self, IsTerminal, Write},
};

/// What form the output has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Lines and tables.
    Table,
    /// The API's own answers.
    Json,
    /// An id or a name a line.
    Ids,
}

/// How to print, decided once at the start.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    terminal: bool,
    colour: bool,
    /// How many characters a line of the terminal has, if there is one.
    width: Option<usize>,
}

/// One value of a row, and the colour that it has on a terminal.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    colour: Option<&'static str>,
}

/// The least width to which a column is cut, in characters.
const NARROW_COLUMN: usize = 8;

/// The width of a terminal that does not tell its own.
const NARROW: usize = 80;

/// How many characters a bar has between its brackets.
const BAR: u64 = 20;

/// The longest value that is printed in full for people, in characters: about a dozen lines of a terminal.
const VALUE_MAX: usize = 1000;

impl Output {
    /// Colour needs a terminal and neither `NO_COLOR` (no-color.org: set, and not empty) nor a dumb one.
    pub(crate) fn new(format: Format) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
        let terminal = io::stdout().is_terminal();
        let width = terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
        Self { format, terminal, colour: !refused && !dumb && terminal, width }
    }

    pub(crate) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether only ids and names are wanted.
    pub(crate) fn ids(&self) -> bool {
        self.format == Format::Ids
    }

    /// An id or a name by itself if only that is wanted, and else the line that begins with it.
    pub(crate) fn about(&self, id: &str, line: &str) -> io::Result<()> {
        self.line(if self.ids() { id } else { line })
    }

    /// One line for people. Fails when it cannot be written, a closed pipe included.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{line}")?;
        stdout.flush()
    }

    /// A line in place of the one before, on a terminal on which neither wraps.
    pub(crate) fn line_again(&self, line: &str) -> io::Result<()> {
        match self.width {
            Some(width) if self.colour && shown_width(line) <= width => self.line(&format!("\x1b[1A\r\x1b[2K{line}")),
            Some(_) | None => self.line(line),
        }
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

    /// Keys and values, the values in one column; the lines of a value stay below one another. The first value is the id or the
    /// name.
    pub(crate) fn table(&self, rows: &[(&str, String)]) -> io::Result<()> {
        if let Some((_, id)) = rows.first().filter(|_| self.ids()) {
            return self.line(id);
        }
        let width = rows.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        for (key, value) in rows {
            let value = value.replace('\n', &format!("\n{:width$}  ", ""));
            self.line(&format!("{}{:pad$}  {value}", self.paint("2", key), "", pad = width - key.len()))?;
        }
        Ok(())
    }

    /// The names of columns as a row, where somebody looks at them: programs that cut columns out want the others alone.
    pub(crate) fn heading<const N: usize>(&self, names: [&str; N]) -> Option<[Cell; N]> {
        (self.terminal && !self.ids()).then(|| names.map(|name| Cell { text: name.to_owned(), colour: Some("2") }))
    }

    /// Rows, each value below the one before; `widths` are those of all rows so far. On a terminal a row fits its width. The first
    /// value is the id or the name, and is never cut.
    pub(crate) fn columns<const N: usize>(&self, widths: &mut [usize; N], rows: &[[Cell; N]]) -> io::Result<()> {
        if self.ids() {
            return rows.iter().filter_map(|row| row.first()).try_for_each(|id| self.line(&id.text));
        }
        for (column, width) in widths.iter_mut().enumerate() {
            let longest = rows.iter().map(|row| row[column].text.chars().count()).max();
            *width = longest.unwrap_or(0).max(*width);
        }
        let fitted = self.width.map_or(*widths, |width| fitted(*widths, width));
        for row in rows {
            let cells = row.iter().zip(fitted).map(|(cell, width)| {
                let text = cut(&cell.text, width);
                let pad = width - text.chars().count();
                let shown = cell.colour.map_or_else(|| text.clone(), |colour| self.paint(colour, &text));
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

    /// How far something is, on one line of standard error that the next call replaces. Only where somebody looks at it.
    pub(crate) fn progress(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        if stderr.is_terminal() {
            let _ = write!(stderr, "\r\x1b[2K{}", cut(text, self.width.unwrap_or(NARROW)));
            let _ = stderr.flush();
        }
    }

    /// Removes the line of [`progress`](Output::progress).
    pub(crate) fn progress_ends(&self) {
        self.progress("");
    }

    /// `[#####     ] 3 of 6` where somebody looks at it, and `3 of 6` elsewhere.
    pub(crate) fn bar(&self, done: u64, total: u64) -> String {
        let numbers = format!("{done} of {total}");
        if self.terminal { format!("{} {numbers}", bar(done, total)) } else { numbers }
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

/// The widths of columns in a row of this width. The widest is cut first, then the next; the first column never.
fn fitted<const N: usize>(mut widths: [usize; N], width: usize) -> [usize; N] {
    let all = |widths: &[usize; N]| widths.iter().sum::<usize>() + 2 * N.saturating_sub(1);
    let mut columns: Vec<usize> = (1..N).filter(|&column| widths[column] > NARROW_COLUMN).collect();
    columns.sort_by_key(|&column| Reverse(widths[column]));
    for column in columns {
        let over = all(&widths).saturating_sub(width);
        widths[column] = widths[column].saturating_sub(over).max(NARROW_COLUMN);
    }
    widths
}

/// The text in as many characters at most.
fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// How many characters of a line are seen, without its colours.
fn shown_width(line: &str) -> usize {
    let mut coloured = false;
    let seen = line.chars().filter(|c| {
        let starts = *c == '\x1b';
        let is_code = coloured || starts;
        coloured = starts || coloured && *c != 'm';
        !is_code
    });
    seen.count()
}

fn bar(done: u64, total: u64) -> String {
    let full = (u128::from(done.min(total)) * u128::from(BAR) / u128::from(total.max(1))) as usize;
    format!("[{}{}]", "#".repeat(full), " ".repeat(BAR as usize - full))
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
    fn the_widest_columns_are_cut_to_fit_and_the_first_never() {
        assert_eq!(fitted([31, 9, 40], 200), [31, 9, 40]);
        assert_eq!(fitted([31, 9, 40], 64), [31, 9, 20]);
        assert_eq!(fitted([31, 30, 40], 60), [31, 17, 8]);
        assert_eq!(fitted([31, 9, 40], 20), [31, 8, 8], "a narrow terminal wraps");
        assert_eq!(cut("grüße", 5), "grüße");
        assert_eq!(cut("grüße an", 5), "grüß…");
    }

    #[test]
    fn a_bar_is_as_full_as_what_is_done() {
        assert_eq!(bar(0, 10), "[                    ]");
        assert_eq!(bar(5, 10), "[##########          ]");
        assert_eq!(bar(u64::MAX, u64::MAX), "[####################]");
        assert_eq!(bar(7, 0), "[                    ]", "nothing is to be done");
    }

    #[test]
    fn long_values_are_cut() {
        let shown = clipped(&"é".repeat(VALUE_MAX + 1));
        assert!(shown.ends_with("… (2002 bytes; --json prints all)"), "{shown}");
        assert_eq!(clipped("short"), "short");
    }
}
