//! The steps of a world as data: a script can be drawn from a seed, replayed and shrunk.

use std::time::Duration;

use taskway_protocol::Priority;

use crate::work::Work;

/// One deed and the pause before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The pause before it.
    pub after: Duration,
    /// The deed.
    pub deed: Deed,
    /// The seed of its own draws, so that removing another step does not change them.
    pub seed: u64,
}

/// Something that happens in a world.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A client submits a task.
    Submit(Box<Submission>),
    /// A client submits several tasks in one request.
    Batch(Vec<Submission>),
    /// A person sends a request about a task whose id a client got.
    Ask {
        /// Which, counted round.
        which: usize,
        /// What.
        what: Question,
    },
    /// A client reads a task again and again for a while, and retries it whenever it has ended.
    Watch {
        /// Which, counted round.
        which: usize,
        /// How many times it reads the task.
        looks: usize,
        /// Whether it also cancels or changes the task now and then.
        meddles: bool,
    },
    /// A client puts a schedule.
    Put(Box<Schedule>),
    /// A person sends a request about a schedule.
    OfSchedule(&'static str, ScheduleQuestion),
    /// A person pauses the queue or lets it go on.
    Steer(bool),
    /// A person sets the queue's limit, or removes it.
    Limit(Option<u32>),
    /// A person sets the limit of each fairness key of the queue.
    KeyLimit(Option<u32>),
    /// A person sets the rate of each fairness key of the queue: tasks, seconds and burst.
    KeyRate(Option<[u32; 3]>),
    /// A person sets the queue's rate, as tasks, seconds and burst, or removes it.
    Rate(Option<[u32; 3]>),
    /// The event source mapping hands messages of a lane to an executor.
    Deliver {
        /// Which lane.
        lane: Priority,
        /// The largest number of messages.
        most: usize,
    },
    /// A worker runs for a while.
    Work(Duration),
    /// EventBridge ticks.
    Tick,
    /// SQS does to a message something that it may do.
    Message {
        /// Which, counted round.
        which: usize,
        /// What.
        fault: MessageFault,
    },
    /// A message arrives that Taskway did not send.
    Foreign {
        /// The lane, or `None` for the dead-letter queue.
        lane: Option<Priority>,
        /// Whether a newer release of Taskway sent it.
        newer: bool,
    },
    /// A process is killed.
    Kill(usize),
    /// A process freezes for a while.
    Freeze(usize, Duration),
    /// SQS is down for a while.
    SqsDown(Duration),
    /// SQS accepts no messages for a while, but still delivers those that it has.
    SendsDown(Duration),
    /// DynamoDB is down for a while.
    DynamoDown(Duration),
    /// From now on this many requests in a thousand have a mishap.
    Mishaps(u32),
    /// From now on the index lags by this much.
    Lag(Duration),
    /// DynamoDB deletes expired items.
    Sweep,
}

/// A person's request about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Read it.
    Get,
    /// Cancel it.
    Cancel,
    /// Run it now.
    Run,
    /// Retry it after its end.
    Retry,
    /// Run it this many milliseconds from now.
    Move(u64),
    /// Set its deadline this many milliseconds from now.
    Deadline(u64),
}

/// A person's request about a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleQuestion {
    /// Read it, with its last firing.
    Get,
    /// Delete it.
    Delete,
    /// Submit its task now.
    Run,
}

/// What SQS may do to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFault {
    /// Deliver it twice.
    Duplicate,
    /// Show it later than asked.
    Delay(Duration),
    /// Show it earlier than asked, perhaps while another receiver holds it.
    Show,
    /// Deliver it until it moves to the dead-letter queue.
    WearOut,
    /// Lose it.
    Lose,
    /// Send a copy in which one field is wrong. It names the same task and no later generation.
    Forge,
    /// The same, and lose the message itself.
    Damage,
}

/// A client's submission. Durations are in milliseconds unless a field says seconds.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The payload. Its number identifies the submission.
    pub work: Work,
    /// The name of the handler.
    pub handler: &'static str,
    /// The idempotency key.
    pub key: Option<String>,
    /// Whether it replaces the task of its key.
    pub replaces: bool,
    /// The delay until the task is due, in seconds.
    pub delay_seconds: u64,
    /// The deadline, as milliseconds after the submit.
    pub deadline: Option<u64>,
    /// The timeout of an attempt, in seconds.
    pub timeout_seconds: u64,
    /// The largest number of attempts.
    pub max_attempts: u64,
    /// The shortest and the longest backoff, in seconds.
    pub backoff: (u64, u64),
    /// How long the record is retained after the end, in seconds.
    pub retain_seconds: u64,
    /// The priority, which selects the lane.
    pub priority: Priority,
    /// The fairness key.
    pub tenant: Option<&'static str>,
    /// Whether a callback follows a success, and whether one follows a failure.
    pub followed: (bool, bool),
}

/// A client's schedule. Times are in milliseconds after the request.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The name. There are few, so that requests meet at the same schedule.
    pub name: &'static str,
    /// When it fires.
    pub timing: Timing,
    /// Whether the schedule has `overlap: skip`: a time passes without a firing while an earlier firing is open.
    pub skips: bool,
    /// The misfire policy: what happens to times that passed without a tick.
    pub misfire: &'static str,
    /// The jitter: each firing starts up to this many seconds late.
    pub jitter_seconds: u64,
    /// Whether it is paused.
    pub paused: bool,
    /// The start, before which it does not fire.
    pub starts: Option<u64>,
    /// The time from the start to the end, after which it does not fire.
    pub lasts: Option<u64>,
    /// The task of each firing. A firing has its own key and times.
    pub task: Submission,
}

/// When a schedule fires.
#[derive(Clone, Copy, Debug)]
pub enum Timing {
    /// By a cron expression.
    Cron(&'static str),
    /// Every this many seconds.
    Every(u64),
}

/// The script of a world, with the settings of that world.
#[derive(Clone, Debug)]
pub struct Script {
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// The seed of the world's own draws.
    pub seed: u64,
    /// The largest offset of a clock, in milliseconds.
    pub skew: i64,
    /// How many times a message is received before it moves to the dead-letter queue.
    pub receives: u32,
    /// How many processes in a thousand get a fault, for each kind of fault.
    pub fates: u32,
    /// The time between two passes of the audit.
    pub audited: Duration,
    /// Whether executors know different handlers.
    pub programs: bool,
}

impl Script {
    /// Whether clocks may differ by more than the 10 s for which attempts do not overlap. Beyond that, the protocol
    /// still promises that no task is lost or recorded twice.
    pub fn is_wild(&self) -> bool {
        self.skew >= 5_000
    }
}
