//! The rules of a rate that can be broken on purpose, to see that the model notices.

/// What a process does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// An executor claims without a slot.
    NoSlot,
    /// An executor starts an attempt before its slot.
    StartEarly,
    /// An attempt starts although its slot has passed since the claim was sent: the last check is missing.
    StartLate,
    /// An attempt starts although the settings have changed since they were read.
    StartUnread,
    /// A process writes the item without a condition on what it has read.
    Unconditional,
    /// A process that knows an older version takes the item back to it.
    OlderVersionAsks,
    /// An executor that is behind the item's version claims without a slot.
    BehindStarts,
    /// New tasks take slots while others are expected.
    NewTasksPass,
    /// An executor deletes a message before it sends the one that is expected.
    DeleteBeforeSend,
    /// A dispatch removes the entries before it sends the messages.
    RemoveBeforeSend,
    /// An executor writes the record before it puts the entry into the hold list.
    RecordBeforeEntry,
    /// A tick dispatches nothing.
    NoTickDispatch,
    /// A dispatch sends held tasks at once, and does not expect them.
    DispatchWithoutTimes,
    /// A dispatch sends each entry, whatever its record says.
    DispatchUnread,
    /// A dispatch removes an entry that is ahead of its record.
    DispatchRemovesAhead,
    /// No dispatch says that tasks wait.
    NoWaits,
    /// New tasks start and are expected while held tasks wait.
    NobodyWaits,
    /// Dispatches get no times either while tasks wait.
    DispatchWaits,
    /// Tasks that are expected get no slots either while tasks wait.
    ExpectedWait,
    /// A dispatch says that tasks wait for no longer than until the next tick begins.
    WaitsTooShort,
    /// An executor claims by a slot that has passed. It looks at the slot again before it starts the handler.
    ClaimLate,
    /// An executor asks for a slot without a look at the record.
    AskUnread,
    /// A dispatch after a change sends messages that arrive before all executors know of it.
    ArriveAtOnce,
    /// The message of a retry says that the task is expected.
    RetryKeepsMark,
    /// A task that was expected by an earlier version counts as expected.
    MarkOfOtherVersion,
    /// Tasks are expected at times before those by which others have started.
    ExpectBeforeStarted,
    /// New tasks wait on when the hold list is empty.
    WaitsStay,
}

impl Broken {
    /// All of them.
    pub const ALL: &'static [Broken] = &[
        Broken::NoSlot,
        Broken::StartEarly,
        Broken::StartLate,
        Broken::StartUnread,
        Broken::Unconditional,
        Broken::OlderVersionAsks,
        Broken::BehindStarts,
        Broken::NewTasksPass,
        Broken::DeleteBeforeSend,
        Broken::RemoveBeforeSend,
        Broken::RecordBeforeEntry,
        Broken::NoTickDispatch,
        Broken::DispatchWithoutTimes,
        Broken::DispatchUnread,
        Broken::DispatchRemovesAhead,
        Broken::NoWaits,
        Broken::NobodyWaits,
        Broken::DispatchWaits,
        Broken::ExpectedWait,
        Broken::WaitsTooShort,
    ];
    /// Rules that serve speed or order only: no harm is expected without them.
    pub const SPEED: &'static [Broken] = &[
        Broken::ClaimLate,
        Broken::AskUnread,
        Broken::ArriveAtOnce,
        Broken::RetryKeepsMark,
        Broken::MarkOfOtherVersion,
        Broken::ExpectBeforeStarted,
        Broken::WaitsStay,
    ];
}
