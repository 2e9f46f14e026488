//! Printing a list page by page.

use crate::{
    client::Answer,
    failure::Failure,
    output::{Cell, Output},
};

/// Entries of one page at most.
const PAGE: u32 = 100;

/// The rows of a page, and where the next one begins. A page may be empty while there is one.
pub(super) type Page<const N: usize> = (Vec<[Cell; N]>, Option<String>);

/// Prints all pages of a list, or its first `limit` entries: as rows under these columns, or with --json each page on a line.
pub(super) async fn print<const N: usize>(
    limit: Option<u32>,
    columns: [&str; N],
    output: &Output,
    ask: impl AsyncFn(u32, Option<String>) -> Result<Answer, Failure>,
    page: impl Fn(&Answer) -> Result<Page<N>, Failure>,
) -> Result<(), Failure> {
    let (mut left, mut cursor) = (limit, None);
    let (mut widths, mut heading) = ([0; N], output.heading(columns));
    loop {
        let answer = ask(left.unwrap_or(PAGE).min(PAGE), cursor.take()).await?;
        let (rows, next) = page(&answer)?;
        left = left.map(|left| left.saturating_sub(rows.len() as u32));
        if output.json() {
            output.raw_line(&answer.body)?;
        } else if !rows.is_empty() {
            output.columns(&mut widths, &heading.take().into_iter().chain(rows).collect::<Vec<_>>())?;
        }
        cursor = next;
        if cursor.is_none() {
            return Ok(());
        }
        if left == Some(0) {
            if !output.json() {
                output.note("there may be more: without --limit all are listed");
            }
            return Ok(());
        }
    }
}
