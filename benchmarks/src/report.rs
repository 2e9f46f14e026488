//! The result of a benchmark: a table for people, JSON for programs, and whether it meets its goals.

use anyhow::Context;
use serde::Serialize;

use crate::{options::Options, page::Page};

/// The result of a benchmark.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The benchmark's name.
    pub(crate) name: &'static str,
    /// Whether it ran too briefly to measure times.
    quick: bool,
    rows: Vec<Row>,
    /// A table for a document, and the name of its place there.
    #[serde(skip)]
    page: Option<(&'static str, Page)>,
    /// A picture beside the document: the name of its file, and its text.
    #[serde(skip)]
    picture: Option<(&'static str, String)>,
}

#[derive(Debug, Serialize)]
struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aim: Option<f64>,
}

/// A value may exceed its goal by this much, because sums of floating point numbers are not exact.
const ROUNDING: f64 = 1e-6;

impl Report {
    pub(crate) fn new(name: &'static str, options: &Options) -> Self {
        Report { name, quick: options.quick, rows: Vec::new(), page: None, picture: None }
    }

    /// Prints progress to standard error.
    pub(crate) fn progress(&self, what: impl AsRef<str>) {
        eprintln!("{}: {}", self.name, what.as_ref());
    }

    /// Adds a value without a goal.
    pub(crate) fn found(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push(Row { what: what.into(), value, unit, at_most: None, aim: None });
    }

    /// Adds a value with a goal. If it is larger than `at_most`, the benchmark fails.
    pub(crate) fn limited(&mut self, what: impl Into<String>, value: f64, unit: &'static str, at_most: f64) {
        self.rows.push(Row { what: what.into(), value, unit, at_most: Some(at_most), aim: None });
    }

    /// Adds a value with an aim. If it is larger than `aim`, the table shows that, and the benchmark does not fail.
    pub(crate) fn aimed(&mut self, what: impl Into<String>, value: f64, unit: &'static str, aim: f64) {
        self.rows.push(Row { what: what.into(), value, unit, at_most: None, aim: Some(aim) });
    }

    /// Sets the table that `--write` puts between the document's markers of this name.
    pub(crate) fn page(&mut self, name: &'static str, page: Page) {
        self.page = Some((name, page));
    }

    /// Sets the picture that `--write` puts beside the document.
    pub(crate) fn picture(&mut self, file: &'static str, svg: String) {
        self.picture = Some((file, svg));
    }

    /// Prints the table and writes the JSON. With `--write`, writes the document's table too.
    ///
    /// # Errors
    /// If a goal is missed. In a quick run only the goals of `billed_units` count.
    pub(crate) fn finish(self, options: &Options) -> anyhow::Result<()> {
        let width = self.rows.iter().map(|row| row.what.chars().count()).max().unwrap_or_default();
        println!("\n{}{}", self.name, if self.quick { " (quick: not a measurement)" } else { "" });
        for row in &self.rows {
            let goal = match (row.at_most, row.aim) {
                (Some(most), _) if row.is_over() => format!("   OVER {most}"),
                (Some(most), _) => format!("   ≤ {most}"),
                (None, Some(aim)) => format!("   (aim: {aim})"),
                (None, None) => String::new(),
            };
            println!("  {:width$}  {:>11} {}{goal}", row.what, shown(row.value), row.unit);
        }
        std::fs::create_dir_all(&options.results).context("cannot create the directory for results")?;
        let path = options.results.join(format!("{}.json", self.name));
        std::fs::write(&path, serde_json::to_vec_pretty(&self)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        if let (Some(document), Some((name, page)), false) = (&options.write, &self.page, self.quick) {
            page.write(document, name)?;
        }
        if let (Some(document), Some((file, svg)), false) = (&options.write, &self.picture, self.quick) {
            let path = document.with_file_name(file);
            std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let over: Vec<&str> = self.rows.iter().filter(|row| row.is_over()).map(|row| row.what.as_str()).collect();
        // Counts are exact even in a short run. Times are not.
        anyhow::ensure!(
            over.is_empty() || (self.quick && self.name != "billed_units"),
            "goals missed: {}",
            over.join(", ")
        );
        Ok(())
    }
}

impl Row {
    fn is_over(&self) -> bool {
        self.at_most.is_some_and(|most| self.value > most + ROUNDING)
    }
}

fn shown(value: f64) -> String {
    let digits = if value.abs() >= 100.0 { 0 } else { 3 };
    format!("{value:.digits$}")
}

/// The median. 0 if there are no values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

/// The smallest value that is not below `share` of all values. 0 if there are no values.
pub(crate) fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile((0..101).map(f64::from), 0.99), 99.0);
        assert_eq!(median([]), 0.0);
    }
}
