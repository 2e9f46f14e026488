//! A table that a benchmark writes into a document, between two markers. So the document always has the latest results.

use std::{fmt::Write, path::Path};

use anyhow::Context;

/// A table in Markdown.
#[derive(Debug)]
pub(crate) struct Page {
    lines: String,
}

impl Page {
    pub(crate) fn new<const COLUMNS: usize>(head: [&str; COLUMNS]) -> Self {
        let mut page = Page { lines: String::new() };
        page.line(&head);
        page.line(&["---"; COLUMNS]);
        page
    }

    pub(crate) fn row<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        self.line(&cells);
    }

    fn line(&mut self, cells: &[impl AsRef<str>]) {
        for cell in cells {
            // Writing to a string cannot fail.
            let _ = write!(self.lines, "| {} ", cell.as_ref());
        }
        self.lines.push_str("|\n");
    }

    /// Replaces the table between the document's markers of this name.
    ///
    /// # Errors
    /// If the document cannot be read or written, or has no such markers.
    pub(crate) fn write(&self, document: &Path, name: &str) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(document).with_context(|| format!("cannot read {}", document.display()))?;
        let text =
            self.placed(&text, name).with_context(|| format!("{} has no <!-- {name} -->", document.display()))?;
        std::fs::write(document, text).with_context(|| format!("cannot write {}", document.display()))
    }

    fn placed(&self, text: &str, name: &str) -> Option<String> {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = text.split_once(&begin)?;
        let (_, after) = rest.split_once(&end)?;
        Some(format!("{before}{begin}{}{end}{after}", self.lines))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_table_replaces_the_earlier_one() {
        let mut page = Page::new(["what", "ms"]);
        page.row(["start".to_owned(), "3".to_owned()]);
        let text = "# Text\n<!-- t -->\nold\n<!-- /t -->\nmore\n";
        let written = page.placed(text, "t").unwrap();
        assert_eq!(written, "# Text\n<!-- t -->\n| what | ms |\n| --- | --- |\n| start | 3 |\n<!-- /t -->\nmore\n");
        assert_eq!(page.placed(&written, "t").unwrap(), written);
        assert_eq!(page.placed(text, "other"), None);
    }
}
