//! Pairs of values as a small SVG: what is, beside what it would be otherwise. It has no script, and its colours are visible on light
//! and dark pages.

use std::fmt::Write;

/// The width of the picture, and of its longest bar.
const WIDTHS: (f64, f64) = (640.0, 380.0);

/// Where the bars begin. Their names stand to the left.
const LEFT: f64 = 170.0;

/// The height of a bar with the gap below, and of a group's title.
const HEIGHTS: (f64, f64) = (22.0, 30.0);

/// A group of values with one unit.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) title: String,
    /// Names and values. The last one stands out.
    pub(crate) bars: Vec<(&'static str, f64)>,
    /// How a value is written.
    pub(crate) told: fn(f64) -> String,
}

/// The groups, one below the other. In each the longest bar has the full width.
pub(crate) fn svg(title: &str, groups: &[Group]) -> String {
    let (width, longest) = WIDTHS;
    let (bar_height, title_height) = HEIGHTS;
    let bars: usize = groups.iter().map(|group| group.bars.len()).sum();
    let height = bar_height * bars as f64 + title_height * groups.len() as f64 + 8.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#777\">\n<title>{title}</title>\n"
    );
    let mut y = 0.0;
    for group in groups {
        // Writing to a string cannot fail.
        let _ = writeln!(svg, "<text x=\"0\" y=\"{}\" font-weight=\"bold\">{}</text>", y + 20.0, group.title);
        y += title_height;
        let most = group.bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
        for (n, (name, value)) in group.bars.iter().enumerate() {
            let (wide, text) = ((longest * value / most).max(1.0), y + 14.0);
            let colour = if n + 1 == group.bars.len() { "#4a90d9" } else { "#b0b0b0" };
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{name}</text>\
                 <rect x=\"{LEFT}\" y=\"{y}\" width=\"{wide:.1}\" height=\"18\" fill=\"{colour}\"/>\
                 <text x=\"{:.1}\" y=\"{text}\">{}</text>",
                LEFT - 8.0,
                LEFT + wide + 6.0,
                (group.told)(*value),
            );
            y += bar_height;
        }
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_a_bar_and_the_longest_fills_the_width() {
        let bars = vec![("before", 4.0), ("now", 1.0)];
        let picture = svg("t", &[Group { title: "g".into(), bars, told: |value| format!("{value} s") }]);
        assert_eq!(picture.matches("<rect").count(), 2);
        assert!(picture.contains("width=\"380.0\"") && picture.contains("width=\"95.0\""), "{picture}");
        assert!(picture.contains(">4 s</text>"));
    }
}
