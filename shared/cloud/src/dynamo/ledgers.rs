//! The ledgers: which tasks have a permit to run. Each is one item with a map, and every write of it is conditional.
//!
//! What a process asks of one ledger while a write is under way goes together in the next write. So ten tasks of a batch
//! cost one write. Writes of different ledgers share requests as those of records do.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::{Client, error::SdkError, types::ReturnValue};
use futures::FutureExt;
use taskway_protocol::{Change, Fence, Ledger, Permit, Scope, Take, TaskId, Time};

use super::{
    attr,
    batches::{Statements, Write},
    error::StoreError,
    keys,
    ledger_item::{Seen, key, seen},
    ledger_write::{LedgerWrite, Written},
    page::readable,
    record::{Malformed, Reader, ms, s},
    store::Store,
};
use crate::gather::{Asked, Carrier, Gather};

/// The most ledgers whose writes a process gathers apart. Beyond that it forgets all of them.
const MOST_GATHERED: usize = 10_000;

/// The ledger of a fairness key is kept for so long after its last permit was made: longer than the longest attempt. The keys
/// of a queue come and go, and nobody counts them.
const KEY_LEDGER_KEPT: Duration = Duration::from_secs(3 * 24 * 3_600);

/// How often a write is made again upon what a refusal has shown.
const TRIES: usize = 10;

/// What is asked of a ledger for one task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// A permit, or a new one in place of the task's own.
    Take {
        /// The permit.
        permit: Permit,
        /// Whether it may replace the permit of an earlier attempt, which is over.
        replaces: bool,
    },
    /// A permit, if the task has none.
    Add(Permit),
    /// To remove the permit of this attempt, or of an earlier one.
    Release(Fence),
    /// To remove exactly this permit.
    Free(Permit),
}

impl Wish {
    /// Whether it may add a permit.
    fn adds(self) -> bool {
        match self {
            Wish::Take { .. } | Wish::Add(_) => true,
            Wish::Release(_) | Wish::Free(_) => false,
        }
    }
}

/// What a ledger answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Granted {
    /// The task has this permit now.
    Permit {
        /// The permit.
        permit: Permit,
        /// Whether this write has made it. Otherwise it replaces another.
        is_new: bool,
    },
    /// The task has another permit. Nothing has changed.
    HasAnother,
    /// There is no room.
    Full,
    /// The task does not have this permit, or not any more.
    Gone(Out),
}

/// How a ledger stands.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Out {
    /// How many permits are out.
    pub permits: usize,
    /// Until when the share's hold list may have entries that wait for a permit, or the beginning of time.
    pub waits_until: Time,
}

/// Gathers the writes of ledgers. Clones gather together.
#[derive(Clone, Debug)]
pub(super) struct Ledgers {
    table: Table,
    gathers: Arc<Mutex<HashMap<Scope, Gather<Writes>>>>,
}

/// The table, and how its ledgers are written.
#[derive(Clone, Debug)]
struct Table {
    client: Client,
    name: String,
    /// Gathers the writes of different ledgers into requests. `None` if each write is a request of its own.
    batches: Option<Gather<Statements<LedgerWrite>>>,
}

impl Table {
    async fn make(&self, write: LedgerWrite) -> Result<Written, StoreError> {
        match &self.batches {
            Some(batches) => batches.make(write).await,
            None => write.alone(&self.client, &self.name).await,
        }
    }
}

impl Ledgers {
    /// Each write is a request of its own.
    pub(super) fn new(client: &Client, table: &str) -> Self {
        let table = Table { client: client.clone(), name: table.to_owned(), batches: None };
        Ledgers { table, gathers: Arc::default() }
    }

    /// Writes of different ledgers that are under way at the same time share requests.
    pub(super) fn with_batches(client: &Client, table: &str) -> Self {
        let batches = Some(Gather::new(Statements::new(client, table)));
        let table = Table { client: client.clone(), name: table.to_owned(), batches };
        Ledgers { table, gathers: Arc::default() }
    }

    fn gather(&self, scope: &Scope) -> Gather<Writes> {
        let mut gathers = self.gathers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gather) = gathers.get(scope) {
            return gather.clone();
        }
        if gathers.len() >= MOST_GATHERED {
            gathers.clear();
        }
        let gather = Gather::new(Writes { table: self.table.clone(), scope: scope.clone() });
        gathers.insert(scope.clone(), gather.clone());
        gather
    }
}

impl Store {
    /// Asks something of a ledger, whose share has `most` permits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the ledger may or may not have changed.
    pub async fn ask_ledger(&self, scope: &Scope, most: u32, id: TaskId, wish: Wish) -> Result<Granted, StoreError> {
        let answer = self.ledgers.gather(scope).write(Entry { id, most, wish, replaces: false }).await;
        answer.unwrap_or_else(|| Err(lost("the request ended without an answer")))
    }

    /// How the ledger of a share stands. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ledger_out(&self, scope: &Scope) -> Result<Out, StoreError> {
        Ok(self.read_ledger(scope).await?.out())
    }

    /// The ledger of a fairness key, and how it stands. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ledger(&self, scope: &Scope) -> Result<(Ledger, Out), StoreError> {
        let seen = self.read_ledger(scope).await?;
        let out = seen.out();
        Ok((seen.ledger, out))
    }

    async fn read_ledger(&self, scope: &Scope) -> Result<Seen, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(scope))).consistent_read(true);
        let got = get.send().boxed().await.map_err(StoreError::unavailable)?;
        Ok(got.item.map(|item| seen(&item)).transpose()?.unwrap_or_default())
    }

    /// Notes that tasks wait for permits of a ledger, and returns how it stands then.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_waits(&self, scope: &Scope, until: Time) -> Result<Out, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(scope)))
            .update_expression("SET #w = :until")
            .condition_expression("attribute_exists(#p)")
            .expression_attribute_names("#w", attr::WAITS)
            .expression_attribute_names("#p", attr::PERMITS)
            .expression_attribute_values(":until", ms(until))
            .return_values(ReturnValue::AllNew);
        match update.send().boxed().await {
            Ok(updated) => Ok(seen(&updated.attributes.unwrap_or_default())?.out()),
            // Without a ledger no permit is out.
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                Ok(Seen::default().out())
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// The ledgers of all shares that a queue has ever had, by number, and how each stands. A ledger that cannot be read is left
    /// out. The read is strongly consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn queue_ledgers(&self, queue: &str) -> Result<BTreeMap<u16, (Ledger, Out)>, StoreError> {
        let mut ledgers = BTreeMap::new();
        let mut from = None;
        loop {
            let found = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("#pk = :limit")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_values(":limit", s(keys::share_ledgers_partition(queue)))
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .boxed()
                .await
                .map_err(StoreError::unavailable)?;
            ledgers.extend(readable(found.items.unwrap_or_default(), |item| {
                let share = keys::parse_ledger_sort(Reader(item).text(attr::SK)?);
                let seen = seen(item)?;
                let out = seen.out();
                Ok((share.ok_or(Malformed { attribute: attr::SK })?, (seen.ledger, out)))
            }));
            from = found.last_evaluated_key;
            if from.is_none() {
                return Ok(ledgers);
            }
        }
    }
}

/// What is asked of one ledger for one task.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: TaskId,
    /// How many permits the share has.
    most: u32,
    wish: Wish,
    /// Whether a write has tried to replace the task's permit.
    replaces: bool,
}

/// Writes one ledger.
#[derive(Debug)]
struct Writes {
    table: Table,
    scope: Scope,
}

type Answer = Result<Granted, StoreError>;

impl Carrier for Writes {
    type Write = Entry;
    type Answer = Answer;
    /// An update's expressions may have 4 KB.
    const MOST: usize = 25;
    /// Each write of a ledger is billed by itself, and ten tasks of a batch ask within a millisecond.
    const LINGER: Duration = Duration::from_millis(1);

    fn clash(one: &Entry, other: &Entry) -> bool {
        one.id == other.id
    }

    async fn carry(&self, mut asked: Vec<Asked<Entry, Answer>>) {
        // The removals first, so that what they leave can be taken in the same write.
        asked.sort_by_key(|one| one.write.wish.adds());
        // At first a process expects what is most likely: the permits that it removes, and room for those that it takes.
        let (mut known, mut is_absent) = (None, false);
        for _ in 0..TRIES {
            let changes = self.plan(&mut asked, known.as_ref());
            if asked.is_empty() {
                return;
            }
            let write = self.ledger_write(&changes, &asked);
            let written = if is_absent {
                write.create(&self.table.client, &self.table.name).await
            } else {
                self.table.make(write).await
            };
            is_absent = matches!(written, Ok(Written::Absent));
            match written {
                Ok(Written::Done(after)) => {
                    for (one, change) in asked.into_iter().zip(changes) {
                        one.answer(Ok(granted(change, &after)));
                    }
                    return;
                }
                Ok(Written::Refused(before)) => known = Some(before),
                Ok(Written::Absent) => known = Some(Seen::default()),
                Err(error) => return fail(asked, &error),
            }
        }
        fail(asked, &lost("the ledger is being changed by others"));
    }
}

impl Writes {
    /// The changes to make, one for each of `asked` that stays there. Answers those that need none, given what was seen.
    fn plan(&self, asked: &mut Vec<Asked<Entry, Answer>>, known: Option<&Seen>) -> Vec<Change> {
        let Some(known) = known else {
            return asked.iter().map(|one| hoped(one.write.wish)).collect();
        };
        let mut after = known.clone();
        let (mut changes, mut left) = (Vec::new(), Vec::new());
        for mut one in std::mem::take(asked) {
            match decided(&one.write, &after) {
                Ok(change) => {
                    one.write.replaces |= matches!(change, Change::Replace { .. });
                    after.ledger.apply(one.write.id, change);
                    changes.push(change);
                    left.push(one);
                }
                Err(granted) => one.answer(Ok(granted)),
            }
        }
        *asked = left;
        changes
    }

    /// The write that makes these changes, one for each of `asked`.
    fn ledger_write(&self, changes: &[Change], asked: &[Asked<Entry, Answer>]) -> LedgerWrite {
        let (mut added, mut removed, mut latest) = (0, 0, None);
        for change in changes {
            match change {
                Change::Add(permit) => {
                    added += 1;
                    latest = latest.max(Some(permit.until));
                }
                Change::Replace { after, .. } => latest = latest.max(Some(after.until)),
                Change::Release(_) | Change::Free(_) => removed += 1,
            }
        }
        let adds = asked.iter().filter(|one| one.write.wish.adds());
        let most = adds.map(|one| one.write.most).min().unwrap_or_default();
        LedgerWrite {
            scope: self.scope.clone(),
            changes: asked.iter().map(|one| one.write.id).zip(changes.iter().copied()).collect(),
            // Before the write. What it removes makes room for what it adds.
            room: (added > 0).then(|| i64::from(most) + removed - added),
            expires: latest.filter(|_| self.scope.is_key()).map(|latest| latest.after(KEY_LEDGER_KEPT).as_secs()),
        }
    }
}

/// The change that a wish needs if nothing is known of the ledger.
fn hoped(wish: Wish) -> Change {
    match wish {
        Wish::Take { permit, .. } | Wish::Add(permit) => Change::Add(permit),
        Wish::Release(fence) => Change::Release(fence),
        Wish::Free(permit) => Change::Free(permit),
    }
}

/// The change that a wish needs, or the answer if it needs none.
fn decided(entry: &Entry, known: &Seen) -> Result<Change, Granted> {
    let ledger = &known.ledger;
    let own = ledger.0.get(&entry.id);
    match entry.wish {
        // The SDK may have repeated the write after its answer was lost.
        Wish::Take { permit, .. } | Wish::Add(permit) if own == Some(&permit) => {
            Err(Granted::Permit { permit, is_new: !entry.replaces })
        }
        Wish::Add(_) if own.is_some() => Err(Granted::HasAnother),
        Wish::Take { permit, replaces: false } if own.is_some_and(|own| own.fence < permit.fence) => {
            Err(Granted::HasAnother)
        }
        Wish::Take { permit, .. } | Wish::Add(permit) => match ledger.take(&entry.id, permit, entry.most) {
            Take::New => Ok(Change::Add(permit)),
            Take::Renew(before) => Ok(Change::Replace { before, after: permit.after(before) }),
            Take::Behind => Err(Granted::HasAnother),
            Take::Full => Err(Granted::Full),
        },
        Wish::Release(_) | Wish::Free(_) => {
            let change = hoped(entry.wish);
            if ledger.fits(&entry.id, change) { Ok(change) } else { Err(Granted::Gone(known.out())) }
        }
    }
}

/// What a wish has come to, once its change is made.
fn granted(change: Change, after: &Seen) -> Granted {
    match change {
        Change::Add(permit) => Granted::Permit { permit, is_new: true },
        Change::Replace { after: permit, .. } => Granted::Permit { permit, is_new: false },
        Change::Release(_) | Change::Free(_) => Granted::Gone(after.out()),
    }
}

fn fail(asked: Vec<Asked<Entry, Answer>>, error: &StoreError) {
    for one in asked {
        one.answer(Err(error.for_another()));
    }
}

fn lost(why: &str) -> StoreError {
    StoreError::Unavailable { throttled: false, source: why.into() }
}
