//! What is done in a world, step by step, as data: it can be drawn from a seed, replayed, and cut down.

use std::time::Duration;

use taskway_protocol::Priority;

use crate::work::Work;

/// One thing that is done, and how long nothing else is done before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The pause before it.
    pub after: Duration,
    /// What is done.
    pub deed: Deed,
    /// What it draws from: so that leaving out another step does not change it.
    pub seed: u64,
}

/// What can be done.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A client submits a task.
    Submit(Box<Submission>),
    /// A client submits several at once.
    Batch(Vec<Submission>),
    /// A person asks for something, of one of the tasks that they know.
    Ask {
        /// Which, counted round.
        which: usize,
        /// What.
        what: Question,
    },
    /// A script of somebody's watches a task for a while, and has it run again whenever it has ended.
    Watch {
        /// Which, counted round.
        which: usize,
        /// How often it looks.
        looks: usize,
        /// Whether it also stops the task now and then.
        meddles: bool,
    },
    /// A client puts a schedule.
    Put(Box<Schedule>),
    /// A person asks something of a schedule.
    OfSchedule(&'static str, ScheduleQuestion),
    /// The event source mapping hands messages of a lane to an executor.
    Deliver {
        /// Which lane.
        lane: Priority,
        /// How many at most.
        most: usize,
    },
    /// A worker runs for a while.
    Work(Duration),
    /// EventBridge ticks.
    Tick,
    /// A queue does something to a message that it may do.
    Message {
        /// Which, counted round.
        which: usize,
        /// What.
        fault: MessageFault,
    },
    /// Somebody else's message.
    Foreign {
        /// Which lane; none is the dead-letter queue.
        lane: Option<Priority>,
        /// Whether a newer release sent it.
        newer: bool,
    },
    /// A process is killed.
    Kill(usize),
    /// A process is held up.
    Freeze(usize, Duration),
    /// SQS is down for a while.
    SqsDown(Duration),
    /// SQS takes no messages for a while, and gives what it has.
    SendsDown(Duration),
    /// DynamoDB is down for a while.
    DynamoDown(Duration),
    /// From now on so many requests in a thousand meet with something.
    Mishaps(u32),
    /// From now on the index lags so far behind.
    Lag(Duration),
    /// DynamoDB deletes what was kept long enough.
    Sweep,
}

/// What a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How it is.
    Get,
    /// To stop it.
    Cancel,
    /// To run it now.
    Run,
    /// To run an ended one again.
    Retry,
    /// To run it so many milliseconds from now.
    Move(u64),
    /// To give it so many milliseconds.
    Deadline(u64),
}

/// What a person can ask of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleQuestion {
    /// How it is, and which was its last firing.
    Get,
    /// To delete it.
    Delete,
    /// To submit its task now.
    Run,
}

/// What a queue may do to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFault {
    /// Deliver it twice.
    Duplicate,
    /// Show it late.
    Delay(Duration),
    /// Show it early, or to a second receiver.
    Show,
    /// Count it as received until it is a dead letter.
    WearOut,
    /// Lose it.
    Lose,
}

/// What a client submits. Durations are in milliseconds where they do not say seconds.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The payload; its number tells the submissions of a world apart.
    pub work: Work,
    /// The idempotency key.
    pub key: Option<String>,
    /// Seconds until it is due.
    pub delay_seconds: u64,
    /// After its submit.
    pub deadline: Option<u64>,
    /// Of an attempt.
    pub timeout_seconds: u64,
    /// At most.
    pub max_attempts: u64,
    /// In seconds.
    pub backoff: (u64, u64),
    /// After its end.
    pub retain_seconds: u64,
    /// Lane.
    pub priority: Priority,
    /// Fairness key.
    pub tenant: Option<&'static str>,
}

/// What a client puts as a schedule. Times are in milliseconds from when it is asked for.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name, of which there are few.
    pub name: &'static str,
    /// When it fires.
    pub timing: Timing,
    /// Whether a firing is let pass while another one is open.
    pub skips: bool,
    /// What becomes of times that passed while nothing ticked.
    pub misfire: &'static str,
    /// Each firing starts up to so many seconds later.
    pub jitter_seconds: u64,
    /// Nothing fires.
    pub paused: bool,
    /// No firing is earlier.
    pub starts: Option<u64>,
    /// No firing is later than so long after the start.
    pub lasts: Option<u64>,
    /// What each firing is, but for its key and its times.
    pub task: Submission,
}

/// When a schedule fires.
#[derive(Clone, Copy, Debug)]
pub enum Timing {
    /// By the clock.
    Cron(&'static str),
    /// Every so many seconds.
    Every(u64),
}

/// What kind of world it is.
#[derive(Clone, Debug)]
pub struct Script {
    /// What happens.
    pub steps: Vec<Step>,
    /// What the world itself draws from.
    pub seed: u64,
    /// By how many milliseconds at most clocks are off.
    pub skew: i64,
    /// How often a message is received before it is a dead letter.
    pub receives: u32,
    /// Processes in a thousand that something happens to, of each kind.
    pub fates: u32,
    /// From one pass of the audit to the next.
    pub audited: Duration,
}

impl Script {
    /// Whether clocks differ by more than the protocol promises anything for but that nothing is lost or recorded twice.
    pub fn is_wild(&self) -> bool {
        self.skew >= 5_000
    }
}
