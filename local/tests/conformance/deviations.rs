//! Where the referee, MiniStack 1.5, is known to differ from what AWS documents. Each is asserted where it shows, by
//! [`Endpoint::but`](crate::endpoint::Endpoint::but): nothing is skipped.

/// An exception.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deviation {
    /// It takes a message's `DelaySeconds` over 900, alone and in a batch. AWS, SendMessage: "Valid values: 0 to 900".
    DelayOver900Seconds,
    /// It takes a `VisibilityTimeout` over 43,200, with a receive and with a change, alone and in a batch. AWS,
    /// ChangeMessageVisibility: "Values range: 0 to 43200".
    VisibilityOver12Hours,
    /// It takes a `WaitTimeSeconds` over 20. AWS, quotas: "The maximum long polling wait time is 20 seconds".
    WaitOver20Seconds,
    /// It refuses to delete by a receipt that is not the latest, or whose message is gone. AWS, DeleteMessage: "the
    /// request succeeds, but the message will not be deleted".
    UsedReceiptRefused,
    /// It says of a message that is gone that its receipt is invalid (`ReceiptHandleIsInvalid`), and not that the message
    /// cannot be hidden. AWS answers `InvalidParameterValue`: "Message does not exist or is not available for visibility
    /// timeout change".
    CodeOfHidingWhatIsGone,
}
