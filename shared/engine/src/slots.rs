//! Slots of a queue's rate: times at which its attempts may start.

use futures::future::join_all;
use taskway_cloud::dynamo::{Reserved, SlotsWanted, StoreError, Wish};
use taskway_protocol::{Pace, QueueSettings, SLOT_TAKEN_AHEAD, SLOTS_SENT_AHEAD, Scope, Slot, Time};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{Services, holding::Chosen};

/// While held tasks wait for slots, new tasks get none for so long. Each tick says so again.
const WAITS: std::time::Duration = std::time::Duration::from_secs(60);

/// What a task needs a slot of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paced {
    /// The queue.
    pub queue: Box<str>,
    /// Its rate.
    pub pace: Pace,
}

/// What a wish for a slot has come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// The attempt may start then.
    At(Slot),
    /// All slots of the next minute are given out, or held tasks wait for them.
    Full,
    /// The queue has another rate, of which this process does not know yet.
    Behind,
}

impl Paced {
    /// The rate of a queue, if it has one.
    pub fn of(queue: &str, settings: QueueSettings) -> Option<Self> {
        settings.pace.map(|pace| Paced { queue: queue.into(), pace })
    }
}

impl Services {
    /// Takes a slot for the next attempt of a task that is not held: now, or within a minute.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a slot may be lost.
    pub async fn take_slot(&self, paced: &Paced) -> Result<Turn, StoreError> {
        let now = self.clock.now();
        let taken = self.store.take_slot(&paced.queue, paced.pace, now, now.after(SLOT_TAKEN_AHEAD)).await?;
        Ok(match taken {
            Reserved::Behind => Turn::Behind,
            Reserved::Slots(slots) => match slots.first() {
                Some(slot) => {
                    self.faults.reach(CrashPoint::SlotTaken).await;
                    Turn::At(*slot)
                }
                None => Turn::Full,
            },
        })
    }

    /// How many slots of its queue a dispatch of this hold list can take.
    pub(crate) async fn free_slots(&self, scope: &Scope, pace: Pace, from: Time) -> Result<usize, StoreError> {
        let free = self.store.free_slots(&scope.queue, pace, from, from.after(SLOTS_SENT_AHEAD)).await?;
        Ok(free as usize)
    }

    /// If the hold list has entries, notes that they go before new tasks.
    pub(crate) async fn note_slot_waits(&self, scope: &Scope) -> Result<(), StoreError> {
        if self.store.held(scope, None, 1).await?.items.is_empty() {
            return Ok(());
        }
        self.store.note_slot_waits(&scope.queue, self.clock.now().after(WAITS)).await
    }

    /// Those of the tasks that need no slot or got one, the earliest slots first, and whether others got none. None lies before
    /// `from`.
    pub(crate) async fn with_slots(
        &self,
        scope: &Scope,
        chosen: Vec<Chosen>,
        pace: Option<Pace>,
        from: Time,
    ) -> (Vec<Chosen>, bool) {
        let Some(pace) = pace.filter(|_| !chosen.is_empty()) else { return (chosen, false) };
        let by = from.after(SLOTS_SENT_AHEAD);
        let wanted = SlotsWanted { count: chosen.len() as u32, from, by, for_new_tasks: false };
        let slots = match self.store.take_slots(&scope.queue, pace, wanted).await {
            Ok(Reserved::Slots(slots)) => slots,
            Ok(Reserved::Behind) => Vec::new(),
            Err(error) => {
                let (queue, error) = (&scope.queue, causes(&error));
                tracing::warn!(queue.name = %queue, %error, "cannot take slots for held tasks");
                Vec::new()
            }
        };
        self.faults.reach(CrashPoint::SlotsTaken).await;
        let mut chosen = chosen;
        let without = chosen.split_off(slots.len().min(chosen.len()));
        for (one, slot) in chosen.iter_mut().zip(slots) {
            one.outgoing = one.outgoing.clone().with_slot(Some(slot));
        }
        // Their permits are of use to others. If one cannot be given back, a tick frees it.
        let permits = without.iter().filter_map(|one| one.needs.as_ref().map(|needs| (one, needs)));
        let _ =
            join_all(permits.map(|(one, (limit, permit))| {
                self.store.ask_ledger(&limit.scope, 0, one.entry.id, Wish::Free(*permit))
            }))
            .await;
        (chosen, !without.is_empty())
    }
}
