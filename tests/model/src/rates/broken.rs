//! The rules of a rate that can be broken on purpose, to see that the model notices.

/// What a process does wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// An executor claims without a slot.
    NoSlot,
    /// An executor claims by the slot of a message and does not expect the fence.
    NoFence,
    /// An executor starts an attempt by a slot of a message that is long past.
    SlotWithoutEnd,
    /// An executor starts an attempt before its slot.
    SlotEarly,
    /// An executor uses a slot of an earlier version.
    SlotOfOtherVersion,
    /// An attempt starts although its slot has passed since the claim was sent.
    StartLate,
    /// An attempt starts although the settings have changed since they were read.
    StartUnread,
    /// The message of a retry carries the slot of the attempt before.
    RetryKeepsSlot,
    /// A process writes the item without a condition on what it has read.
    Unconditional,
    /// A process that knows an older version takes the item back to it.
    OlderVersionReserves,
    /// An executor that is behind the item's version claims without a slot.
    BehindStarts,
    /// An executor deletes a message before it sends the one with the slot.
    DeleteBeforeSend,
    /// A dispatch removes the entries before it sends the messages.
    RemoveBeforeSend,
    /// An executor writes the record before it puts the entry into the hold list.
    RecordBeforeEntry,
    /// A tick dispatches nothing.
    NoTickDispatch,
    /// A dispatch sends held tasks without slots.
    DispatchWithoutSlots,
    /// A dispatch sends each entry, whatever its record says.
    DispatchUnread,
    /// A dispatch removes an entry that is ahead of its record.
    DispatchRemovesAhead,
    /// No dispatch says that tasks wait.
    NoWaits,
    /// Newcomers take slots while tasks wait.
    NobodyWaits,
    /// Dispatches get no slots either while tasks wait.
    DispatchWaits,
    /// A dispatch says that tasks wait for no longer than until the next tick begins.
    WaitsTooShort,
    /// An executor claims by a slot that has passed. It looks at the slot again before it starts the handler.
    ClaimLate,
    /// An executor asks for a slot without a look at the record.
    ReserveUnread,
    /// A dispatch after a change sends messages that arrive before all executors know of it.
    ArriveAtOnce,
}

impl Broken {
    /// All of them.
    pub const ALL: &'static [Broken] = &[
        Broken::NoSlot,
        Broken::NoFence,
        Broken::SlotWithoutEnd,
        Broken::SlotEarly,
        Broken::SlotOfOtherVersion,
        Broken::StartLate,
        Broken::StartUnread,
        Broken::RetryKeepsSlot,
        Broken::Unconditional,
        Broken::OlderVersionReserves,
        Broken::BehindStarts,
        Broken::DeleteBeforeSend,
        Broken::RemoveBeforeSend,
        Broken::RecordBeforeEntry,
        Broken::NoTickDispatch,
        Broken::DispatchWithoutSlots,
        Broken::DispatchUnread,
        Broken::DispatchRemovesAhead,
        Broken::NoWaits,
        Broken::NobodyWaits,
        Broken::DispatchWaits,
        Broken::WaitsTooShort,
    ];
    /// Rules that serve speed only: no harm is expected without them.
    pub const SPEED: &'static [Broken] = &[Broken::ClaimLate, Broken::ReserveUnread, Broken::ArriveAtOnce];
}
