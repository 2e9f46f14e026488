//! A histogram as a small SVG. It has no script, and its colours are visible on light and dark pages.

use std::fmt::Write;

/// The possible widths of a bar, in the unit of the values.
const STEPS: [f64; 13] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// The most bars that a reader can tell apart.
const MOST_BARS: f64 = 32.0;

/// Width and height of the picture. Below, its margins: left and right, top, bottom.
const SIZE: (f64, f64) = (640.0, 240.0);
const MARGINS: (f64, f64, f64) = (20.0, 34.0, 24.0);

/// Counts of values in bars of equal width, starting at 0.
#[derive(Debug)]
pub(crate) struct Histogram {
    step: f64,
    counts: Vec<usize>,
}

impl Histogram {
    /// Takes the narrowest width that does not give too many bars.
    pub(crate) fn of(values: &[f64]) -> Self {
        let most = values.iter().copied().fold(0.0, f64::max);
        let step = STEPS.into_iter().find(|step| most / step < MOST_BARS).unwrap_or(most / MOST_BARS);
        let mut counts = vec![0; (most / step) as usize + 1];
        for value in values {
            if let Some(count) = counts.get_mut((value / step) as usize) {
                *count += 1;
            }
        }
        Histogram { step, counts }
    }

    pub(crate) fn svg(&self, title: &str) -> String {
        let ((width, height), (side, above, below)) = (SIZE, MARGINS);
        let (wide, high) = (width - 2.0 * side, height - above - below);
        let each = wide / self.counts.len() as f64;
        let most = self.counts.iter().copied().max().unwrap_or_default().max(1) as f64;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#777\">\n<title>{title}</title>\n\
             <text x=\"{side}\" y=\"16\">{title}</text>\n"
        );
        for (number, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (x, bar) = (side + each * number as f64, high * *count as f64 / most);
            // Writing to a string cannot fail.
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{bar:.1}\" fill=\"#4a90d9\"><title>{count}</title></rect>",
                above + high - bar,
                (each - 1.0).max(0.5),
            );
        }
        let labels = self.counts.len().div_ceil(8).max(1);
        for number in (0..=self.counts.len()).step_by(labels) {
            let (x, value) = (side + each * number as f64, self.step * number as f64);
            let digits = if self.step < 1.0 { 1 } else { 0 };
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{value:.digits$}</text>",
                height - below + 16.0
            );
        }
        let _ = writeln!(svg, "<path d=\"M{side} {0} H{1}\" stroke=\"#777\"/>\n</svg>", above + high, width - side);
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_counted_in_one_bar() {
        let histogram = Histogram::of(&[0.0, 0.4, 1.0, 1.5, 29.9]);
        assert_eq!((histogram.step, histogram.counts.len()), (1.0, 30));
        assert_eq!((histogram.counts[0], histogram.counts[1], histogram.counts[29]), (2, 2, 1));
        assert_eq!(histogram.svg("t").matches("<rect").count(), 3);
        assert_eq!(Histogram::of(&[]).svg("nothing").matches("<rect").count(), 0);
    }
}
