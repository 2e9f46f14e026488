//! Many partitions, each in its order, as one list: the latest first, and at the same moment in the order of the
//! partitions. That order is total and never changes, so a place in it is where a list goes on, whatever is written
//! meanwhile.

use std::{
    cmp::{Ordering, Reverse},
    collections::VecDeque,
    future::Future,
};

use futures::{StreamExt, TryStreamExt, stream};
use taskway_cloud::dynamo::{Listed, Page, Partition, Place, Start};
use taskway_protocol::{TaskKey, Time};

use super::cursor::Position;

/// How many partitions are read at a time.
const READS: usize = 64;

/// The entries that one read asks for, at least and at most: fewer cost no less, and an answer of more takes long.
const CHUNK: (usize, usize) = (10, 250);

/// How tasks of the same millisecond stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ties {
    /// By their partitions alone, and within one in the table's own order.
    Table,
    /// By their keys, the greatest first.
    Keys,
}

/// What a list is ordered by, the greatest first.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Debug)]
struct Rank(Time, Option<String>);

impl Ties {
    fn rank(self, at: Time, key: &TaskKey) -> Rank {
        match self {
            Ties::Table => Rank(at, None),
            // As text, since that is how the index has them.
            Ties::Keys => Rank(at, Some(key.to_string())),
        }
    }
}

/// A partition that is being read.
struct Run {
    partition: Partition,
    read: VecDeque<(Rank, Listed)>,
    /// Where it goes on; none when there is nothing more.
    next: Option<Start>,
}

/// The list.
pub(super) struct Merge<R> {
    runs: Vec<Run>,
    ties: Ties,
    chunk: i32,
    page: R,
}

impl<R, F, E> Merge<R>
where
    R: Fn(Partition, Start, i32) -> F,
    F: Future<Output = Result<Page<Listed>, E>>,
{
    /// The list of these partitions, from behind the position on, of which about so many are `wanted`. `page` reads one
    /// partition.
    pub(super) fn new(
        partitions: Vec<Partition>,
        ties: Ties,
        behind: Option<&Position>,
        wanted: usize,
        page: R,
    ) -> Self {
        // Twice an even share, so that most pages read no partition twice.
        let chunk = (2 * wanted).div_ceil(partitions.len().max(1)).clamp(CHUNK.0, CHUNK.1) as i32;
        let start = |partition: &Partition| behind.map_or(Start::Latest, |behind| start(partition, behind));
        let run = |partition| Run { next: Some(start(&partition)), partition, read: VecDeque::new() };
        Merge { runs: partitions.into_iter().map(run).collect(), ties, chunk, page }
    }

    /// The next task, and its place; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<(Listed, Position)>, E> {
        self.read().await?;
        let ranked = self.runs.iter().enumerate();
        let ranked = ranked.filter_map(|(index, run)| Some((&run.read.front()?.0, Reverse(&run.partition), index)));
        let Some((.., index)) = ranked.max() else { return Ok(None) };
        let run = &mut self.runs[index];
        let Some((_, listed)) = run.read.pop_front() else { return Ok(None) };
        let place = Place { at: listed.at, key: listed.id.key };
        Ok(Some((listed, Position { partition: run.partition.clone(), place })))
    }

    /// Whether it is known that nothing follows.
    pub(super) fn is_over(&self) -> bool {
        self.runs.iter().all(|run| run.read.is_empty() && run.next.is_none())
    }

    /// Reads on where nothing is left of what was read: only then it is known which is next of all.
    async fn read(&mut self) -> Result<(), E> {
        let (page, chunk, ties) = (&self.page, self.chunk, self.ties);
        let empty = self.runs.iter_mut().filter(|run| run.read.is_empty() && run.next.is_some());
        let reads = empty.map(|run| async move {
            while run.read.is_empty()
                && let Some(start) = run.next.take()
            {
                let found = page(run.partition.clone(), start, chunk).await?;
                let ranked = |listed: Listed| (ties.rank(listed.at, &listed.id.key), listed);
                run.read.extend(found.items.into_iter().map(ranked));
                run.next = found.next.map(Start::Next);
            }
            Ok(())
        });
        let reads: Vec<_> = reads.collect();
        stream::iter(reads).buffer_unordered(READS).try_collect::<()>().await
    }
}

/// Where a partition goes on behind a position: it may be of another partition.
fn start(partition: &Partition, behind: &Position) -> Start {
    match partition.cmp(&behind.partition) {
        Ordering::Less => Start::Below(behind.place),
        Ordering::Equal => Start::After(behind.place),
        Ordering::Greater => Start::At(behind.place),
    }
}

#[cfg(test)]
mod tests;
