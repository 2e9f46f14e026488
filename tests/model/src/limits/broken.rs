//! The rules of a limit that can be broken on purpose, to see that the model notices.

/// What a process does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// An executor claims without a permit.
    NoTake,
    /// An executor that finds no room does not dispatch after it has held the task.
    NoDispatchAfterHold,
    /// An executor does not dispatch after it has released a permit.
    NoDispatchAfterRelease,
    /// An executor writes the record before it puts the entry into the hold list.
    RecordBeforeEntry,
    /// A dispatch removes the entry before it sends the message.
    RemoveBeforeSend,
    /// An executor releases the permit before it writes the outcome.
    ReleaseBeforeOutcome,
    /// A release removes the permit of any attempt.
    ReleaseAnyAttempt,
    /// An attempt starts although its permit may have been taken away.
    StartLate,
    /// An executor leaves the permit that it finds as it is, and counts on a new one.
    NoNewUntil,
    /// A tick frees an old permit without a look at the record.
    FreeUnread,
    /// A tick leaves the permit of a lost attempt.
    NoSettle,
    /// A tick frees the old permit of a message that was sent, and does not put the task into the hold list again.
    NoList,
    /// A tick dispatches nothing.
    NoTickDispatch,
    /// A dispatch sends each entry, whatever its record says.
    DispatchUnread,
    /// A dispatch stops at an entry of no use.
    DispatchStops,
    /// A dispatch removes an entry that is ahead of its record.
    DispatchRemovesAhead,
    /// A tick frees an old permit of an ended task at once.
    FreeAtEnd,
    /// An executor frees its permit for an ended task though that attempt may be running on.
    FreeOfAttempt,
    /// An executor frees its permit for a task whose record has another generation, so that another message carries it.
    FreeBehind,
    /// An executor takes the queue's permit before the key's.
    QueueFirst,
    /// An executor gives the key's permit back when it holds a task for the queue.
    DropKeyWhenHeld,
    /// An executor keeps the queue's permit that came with a message when it holds the task for its key.
    KeepQueueWhenHeld,
    /// An executor whose hold is refused gives back only the permits that it has made itself.
    KeepRenewed,
    /// An executor does not release the key's permit.
    NoKeyRelease,
    /// An executor does not dispatch the key's list after it has released a permit of the key.
    NoKeyDispatch,
    /// An attempt starts although its key's permit may have been taken away.
    StartKeyLate,
    /// A tick does not look after the permits of keys.
    NoVisit,
    /// A tick frees the old permit of a key although its task waits in the queue's list.
    FreeKeyOfListed,
    /// A tick frees the old permit of a key although its task was sent with the queue's permit.
    FreeKeyOfSent,
    /// A tick does not dispatch the lists of keys.
    NoKeyTickDispatch,
}

impl Broken {
    /// Those of a queue's limit.
    pub const ALL: &'static [Broken] = &[
        Broken::NoTake,
        Broken::NoDispatchAfterHold,
        Broken::NoDispatchAfterRelease,
        Broken::RecordBeforeEntry,
        Broken::RemoveBeforeSend,
        Broken::ReleaseBeforeOutcome,
        Broken::ReleaseAnyAttempt,
        Broken::StartLate,
        Broken::NoNewUntil,
        Broken::FreeUnread,
        Broken::NoSettle,
        Broken::NoList,
        Broken::NoTickDispatch,
        Broken::DispatchUnread,
        Broken::DispatchStops,
        Broken::DispatchRemovesAhead,
        Broken::FreeAtEnd,
        Broken::FreeOfAttempt,
        Broken::FreeBehind,
    ];

    /// Those of the limits of keys.
    pub const KEYS: &'static [Broken] = &[
        Broken::KeepQueueWhenHeld,
        Broken::NoKeyRelease,
        Broken::NoKeyDispatch,
        Broken::StartKeyLate,
        Broken::NoVisit,
        Broken::NoKeyTickDispatch,
    ];

    /// Rules of the limits of keys that serve speed or order only. No space notices when they are broken.
    pub const KEYS_SPEED: &'static [Broken] = &[
        Broken::QueueFirst,
        Broken::DropKeyWhenHeld,
        Broken::KeepRenewed,
        Broken::FreeKeyOfListed,
        Broken::FreeKeyOfSent,
    ];
}
