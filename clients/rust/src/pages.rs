//! Lists, page by page.

use std::collections::VecDeque;

use serde::de::DeserializeOwned;
use taskway_api::{Queue, QueueList, Schedule, ScheduleList, Task, TaskList};

use crate::{call::Call, client::Client, error::Error};

/// A list. It reads a page when its entries are needed.
#[derive(Debug)]
#[must_use = "a list reads nothing before it is asked"]
pub struct Pages<'a, T> {
    client: &'a Client,
    call: Call,
    page_size: Option<u32>,
    next: Next,
    read: VecDeque<T>,
}

/// Where the next page begins.
#[derive(Debug)]
enum Next {
    First,
    At(String),
    None,
}

/// What stands in a list.
pub trait Listed: Sized {
    /// A page of them, as the API answers it.
    #[doc(hidden)]
    type Page: DeserializeOwned;

    /// The entries of a page, and where the next one begins.
    #[doc(hidden)]
    fn entries(page: Self::Page) -> (Vec<Self>, Option<String>);
}

macro_rules! listed {
    ($($entry:ty: $page:ty, $entries:ident;)*) => {
        $(
            impl Listed for $entry {
                type Page = $page;

                fn entries(page: $page) -> (Vec<Self>, Option<String>) {
                    (page.$entries, page.next_cursor)
                }
            }
        )*
    };
}

listed! {
    Task: TaskList, tasks;
    Queue: QueueList, queues;
    Schedule: ScheduleList, schedules;
}

impl<'a, T: Listed> Pages<'a, T> {
    pub(crate) fn new(client: &'a Client, call: Call) -> Self {
        Pages { client, call, page_size: None, next: Next::First, read: VecDeque::new() }
    }

    /// Reads at most so many entries at a time: 1 to 500 of tasks, 1 to 100 of queues and schedules. The API's default is 50.
    pub fn page_size(self, entries: u32) -> Self {
        Pages { page_size: Some(entries), ..self }
    }

    /// The next entry, or `None` at the end of the list.
    ///
    /// # Errors
    /// If the page that begins with it cannot be read. The next call tries again.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        // A page may be empty while there are more.
        while self.read.is_empty() {
            match self.next_page().await? {
                Some(page) => self.read.extend(page),
                None => return Ok(None),
            }
        }
        Ok(self.read.pop_front())
    }

    /// The next page, or `None` after the last one. A page may be empty while there are more.
    ///
    /// # Errors
    /// If the page cannot be read. The next call tries again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<T>>, Error> {
        if !self.read.is_empty() {
            return Ok(Some(self.read.drain(..).collect()));
        }
        let cursor = match &self.next {
            Next::First => None,
            Next::At(cursor) => Some(cursor.clone()),
            Next::None => return Ok(None),
        };
        let (entries, next) = T::entries(self.client.ask(self.call.clone().page(self.page_size, cursor)).await?);
        self.next = next.map_or(Next::None, Next::At);
        Ok(Some(entries))
    }

    /// All entries that are left.
    ///
    /// # Errors
    /// If a page cannot be read.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }
}
