//! One page of a query or a scan.

use super::{
    attr,
    record::{Item, Malformed, Reader},
};

/// How many entries a query asks for at a time.
pub(super) const PAGE: i32 = 500;

/// One page of a longer answer.
#[derive(Debug)]
pub struct Page<T> {
    /// The results on this page.
    pub items: Vec<T>,
    /// Where the next page begins. `None` on the last page.
    pub next: Option<Cursor>,
}

/// The beginning of a page: the key of the item before it.
#[derive(Clone, Debug)]
pub struct Cursor(pub(super) Item);

/// The items that can be read. An item that cannot, for example one of a newer release, is logged and does not stop the
/// others.
pub(super) fn readable<T>(items: Vec<Item>, read: impl Fn(&Item) -> Result<T, Malformed>) -> Vec<T> {
    let log = |item: &Item, error: &Malformed| {
        let key = Reader(item).text(attr::PK).unwrap_or_default();
        let error = taskway_runtime::log::causes(error);
        tracing::error!(item.key = key, %error, "cannot read an item of the table");
    };
    items.iter().filter_map(|item| read(item).map_err(|error| log(item, &error)).ok()).collect()
}
