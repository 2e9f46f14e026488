//! Known differences between the referee, MiniStack 1.5, and AWS's documentation. Tests assert each difference with
//! [`Endpoint::but`](crate::endpoint::Endpoint::but), and skip nothing.

/// A difference of the referee.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deviation {
    /// The referee accepts a `DelaySeconds` over 900, in a single call and in a batch. AWS, SendMessage: "Valid values: 0 to 900".
    DelayOver900Seconds,
    /// The referee accepts a `VisibilityTimeout` over 43,200, with a receive and with a change, in a single call and in a
    /// batch. AWS, ChangeMessageVisibility: "Values range: 0 to 43200".
    VisibilityOver12Hours,
    /// The referee accepts a `WaitTimeSeconds` over 20. AWS, quotas: "The maximum long polling wait time is 20 seconds".
    WaitOver20Seconds,
    /// The referee refuses to delete with a receipt that is not the latest, or whose message is gone. AWS, DeleteMessage:
    /// "the request succeeds, but the message will not be deleted".
    UsedReceiptRefused,
    /// If the message is gone, the referee answers that the receipt is invalid (`ReceiptHandleIsInvalid`). AWS answers `InvalidParameterValue`: "Message does not exist or is not available for visibility
    /// timeout change".
    CodeOfHidingWhatIsGone,
}
