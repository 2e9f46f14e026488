//! Draws a script from a seed.

use std::time::Duration;

use taskway_protocol::Priority;

use crate::{
    dice::Dice,
    script::{Deed, MessageFault, Question, Schedule, ScheduleQuestion, Script, Step, Submission, Timing},
    work::{Attempt, HANDLERS, Work},
};

impl Script {
    /// Draws the script of a seed, with `steps` steps.
    pub fn draw(seed: u64, steps: usize) -> Self {
        let dice = Dice::new(seed);
        let skew = dice.pick(&[0, 40, 2_000, 4_900, 4_900, 30_000]);
        let (lossy, receives, fates) = (dice.chance(120), dice.pick(&[2, 4, 20]), dice.pick(&[10, 60, 150]));
        let themes = [Theme::Crowd, Theme::Crowd, Theme::Encounter, Theme::Encounter, Theme::Duel];
        let theme = if dice.chance(120) { Theme::Calendar } else { dice.pick(&themes) };
        let mut drawing = Drawing { dice: &dice, lossy, theme, contested: None, submissions: 0, seed };
        let steps = (0..steps).map(|step| drawing.step(step)).collect();
        let (seed, audited) = (dice.seed(), dice.pick(&[60, 600]));
        let programs = dice.chance(250);
        Script { steps, seed, skew, receives, fates, audited: Duration::from_secs(audited), programs }
    }
}

/// The kind of a world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Theme {
    /// Many tasks, and every kind of step.
    Crowd,
    /// A few tasks. Clients, ticks and executors work on them in quick succession.
    Encounter,
    /// One or two tasks with few, long attempts. Processes die during them, and clients cancel and retry them.
    Duel,
    /// Schedules that persons change, pause and delete while they fire.
    Calendar,
}

/// The lengths of contents that the record holds packed, and that have an item of their own.
const PADDINGS: [usize; 2] = [1_500, 5_000];

/// The names of schedules.
const NAMES: [&str; 2] = ["nightly", "often"];

struct Drawing<'a> {
    dice: &'a Dice,
    lossy: bool,
    theme: Theme,
    contested: Option<Submission>,
    submissions: u32,
    seed: u64,
}

impl Drawing<'_> {
    fn step(&mut self, step: usize) -> Step {
        let (after, deed) = match self.theme {
            Theme::Crowd => (self.dice.span(), self.deed()),
            Theme::Encounter if self.dice.chance(600) => (self.dice.millis(0, 40), self.encounter(step)),
            Theme::Encounter => (self.dice.span(), self.encounter(step)),
            Theme::Duel => (self.dice.millis(20, 1_500), self.duel(step)),
            Theme::Calendar if self.dice.chance(300) => (self.dice.millis(0, 40), self.by_calendar(step)),
            Theme::Calendar => (self.dice.span(), self.by_calendar(step)),
        };
        Step { after, deed, seed: self.dice.seed() }
    }

    /// A person pauses the queue, lets it go on, or sets its limits or its rate.
    fn steering(&mut self) -> Deed {
        let dice = self.dice;
        if dice.chance(400) {
            return Deed::Steer(dice.chance(500));
        }
        if dice.chance(400) {
            let rates =
                [None, Some([6, 60, 1]), Some([20, 60, 5]), Some([1, 1, 1]), Some([30, 10, 30]), Some([5, 300, 2])];
            let rate = dice.pick(&rates);
            return if dice.chance(400) { Deed::KeyRate(rate) } else { Deed::Rate(rate) };
        }
        if dice.chance(500) {
            return Deed::KeyLimit(dice.pick(&[None, Some(1), Some(1), Some(2)]));
        }
        Deed::Limit(dice.pick(&[None, Some(1), Some(1), Some(1), Some(2), Some(5)]))
    }

    /// A step of a world with a few tasks.
    fn encounter(&mut self, step: usize) -> Deed {
        let dice = self.dice;
        let which = dice.below(64);
        match dice.below(1000) {
            _ if step % 40 == 39 => self.deed(),
            _ if step % 40 < 3 => Deed::Submit(Box::new(self.submission())),
            0..20 => Deed::Submit(Box::new(self.submission())),
            20..240 => Deed::Ask { which, what: self.question() },
            240..285 => Deed::Watch { which, looks: 3 + dice.below(40), meddles: dice.chance(600) },
            285..295 => Deed::Freeze(which, dice.millis(55_000, 110_000)),
            295..310 => self.steering(),
            310..600 => Deed::Deliver { lane: self.lane(), most: dice.pick(&[1, 10]) },
            600..760 => Deed::Tick,
            _ => self.deed(),
        }
    }

    /// A step of a world with one or two tasks.
    fn duel(&mut self, step: usize) -> Deed {
        let dice = self.dice;
        let which = dice.below(64);
        let lane = Priority::Normal;
        match dice.below(1000) {
            _ if step == 0 => Deed::Mishaps(dice.pick(&[30, 150, 300])),
            _ if step % 60 == 1 => Deed::Submit(Box::new(self.contested())),
            0..60 => self.once_more().map_or(Deed::Tick, |again| Deed::Submit(Box::new(again))),
            60..130 => Deed::Watch { which, looks: 10 + dice.below(60), meddles: dice.chance(700) },
            130..180 => Deed::Ask { which, what: self.question() },
            180..550 => Deed::Deliver { lane, most: dice.pick(&[1, 10]) },
            550..640 => Deed::Tick,
            640..660 => self.steering(),
            660..700 => Deed::Kill(which),
            700..760 => Deed::Freeze(which, dice.millis(300, 100_000)),
            760..850 => Deed::Message { which, fault: MessageFault::Show },
            850..900 => Deed::Message { which, fault: MessageFault::Duplicate },
            900..930 => Deed::Message { which, fault: MessageFault::Delay(dice.millis(30_000, 200_000)) },
            930..970 => Deed::Lag(dice.millis(0, 30_000)),
            _ => Deed::Sweep,
        }
    }

    /// A step of a world of schedules.
    fn by_calendar(&mut self, step: usize) -> Deed {
        let dice = self.dice;
        let (which, name) = (dice.below(64), dice.pick(&NAMES));
        match dice.below(1000) {
            _ if step < 2 => Deed::Put(Box::new(self.schedule(NAMES[step % NAMES.len()]))),
            0..80 => Deed::Put(Box::new(self.schedule(name))),
            80..120 => Deed::OfSchedule(name, ScheduleQuestion::Delete),
            120..150 => Deed::OfSchedule(name, ScheduleQuestion::Get),
            150..165 => Deed::OfSchedule(name, ScheduleQuestion::Run),
            165..200 => Deed::Ask { which, what: self.question() },
            200..220 => Deed::Freeze(which * 4, dice.millis(500, 90_000)),
            220..480 => Deed::Deliver { lane: Priority::Normal, most: 10 },
            480..800 => Deed::Tick,
            _ => self.deed(),
        }
    }

    /// Draws a schedule. It has many firings, so most of them are quick.
    fn schedule(&mut self, name: &'static str) -> Schedule {
        let drawn = self.submission();
        let dice = self.dice;
        self.submissions += 1;
        let attempts = (0..dice.pick(&[0, 0, 0, 1, 2])).map(|_| Attempt::draw(dice)).collect();
        let padding = if dice.chance(100) { "p".repeat(dice.pick(&PADDINGS)) } else { String::new() };
        let work = Work { submission: 20_000 + self.submissions, not_before: 0, attempts, padding };
        let cron = ["* * * * *", "* * * * *", "*/2 * * * *", "*/5 * * * *", "30 * * * * *", "*/7 * * * * *"];
        let seconds = [7, 20, 45, 60, 90, 120, 300, 600];
        Schedule {
            name,
            timing: if dice.chance(500) {
                Timing::Cron(dice.pick(&cron))
            } else {
                Timing::Every(dice.pick(&seconds) + dice.below(5) as u64)
            },
            skips: dice.chance(400),
            misfire: dice.pick(&["skip", "once", "all", "all"]),
            jitter_seconds: dice.pick(&[0, 0, 0, 5, 60, 120, 1_500]),
            paused: dice.chance(100),
            starts: dice.chance(120).then(|| dice.pick(&[1_500, 60_000, 400_000])),
            lasts: dice.chance(150).then(|| dice.pick(&[100_000, 700_000])),
            task: Submission {
                work,
                key: None,
                replaces: false,
                delay_seconds: 0,
                deadline: None,
                priority: Priority::Normal,
                timeout_seconds: dice.pick(&[20, 60, 120]),
                ..drawn
            },
        }
    }

    /// Draws a task for a duel: it has long attempts, and few of them.
    fn contested(&mut self) -> Submission {
        let dice = self.dice;
        let keyed = dice.chance(600).then_some("key");
        let attempts = (0..8).map(|_| Attempt::long(dice)).collect();
        let drawn = self.submission();
        let work =
            Work { attempts, submission: drawn.work.submission + 5_000, not_before: 0, padding: drawn.work.padding };
        let contested = Submission {
            handler: dice.pick(&HANDLERS),
            work,
            key: keyed.map(|key| format!("{key}-{}", drawn.work.submission)),
            replaces: false,
            delay_seconds: 0,
            // With a key, a deadline counts from the beginning of the world and would pass before the submit.
            deadline: (keyed.is_none() && dice.chance(400)).then(|| dice.pick(&[3_000, 15_000, 60_000])),
            timeout_seconds: dice.pick(&[20, 60, 120]),
            max_attempts: dice.pick(&[1, 1, 1, 2]),
            backoff: (0, 2),
            retain_seconds: if keyed.is_some() { 0 } else { dice.pick(&[0, 60, 604_800]) },
            priority: Priority::Normal,
            tenant: drawn.tenant,
            followed: drawn.followed,
        };
        self.contested = keyed.map(|_| contested.clone()).or(self.contested.take());
        contested
    }

    /// Submits the last contested task with a key again, with the same or another body. A keyed task is not retained
    /// after its end, so this can start another life of the key.
    fn once_more(&mut self) -> Option<Submission> {
        let mut again = self.contested.clone()?;
        again.replaces = self.dice.chance(500);
        if again.replaces {
            again.work.submission += 2 + self.dice.below(5) as u32;
        } else if self.dice.chance(300) {
            again.work.submission += 1;
            again.retain_seconds = 30;
        }
        Some(again)
    }

    fn deed(&mut self) -> Deed {
        let dice = self.dice;
        let which = dice.below(64);
        match dice.below(1000) {
            0..95 => Deed::Submit(Box::new(self.submission())),
            95..110 => Deed::Batch((0..2 + dice.below(12)).map(|_| self.submission()).collect()),
            110..225 => Deed::Ask { which, what: self.question() },
            225..600 => Deed::Deliver { lane: self.lane(), most: dice.pick(&[1, 3, 10]) },
            600..604 => Deed::Put(Box::new(self.schedule(dice.pick(&NAMES)))),
            604..606 => Deed::OfSchedule(dice.pick(&NAMES), ScheduleQuestion::Delete),
            606..614 => self.steering(),
            614..630 => Deed::Work(dice.millis(500, 60_000)),
            630..760 => Deed::Tick,
            760..900 => {
                let faults = [
                    MessageFault::Duplicate,
                    MessageFault::Duplicate,
                    MessageFault::Delay(dice.millis(100, 200_000)),
                    MessageFault::Show,
                    MessageFault::Show,
                    MessageFault::WearOut,
                    MessageFault::Forge,
                    MessageFault::Damage,
                    if self.lossy { MessageFault::Lose } else { MessageFault::Duplicate },
                ];
                Deed::Message { which, fault: dice.pick(&faults) }
            }
            900..910 => {
                let lane = dice.chance(800).then(|| self.lane());
                Deed::Foreign { lane, newer: dice.chance(300) }
            }
            910..925 => Deed::Kill(which),
            925..940 => Deed::Freeze(which, dice.millis(500, 120_000)),
            940..946 => Deed::SqsDown(dice.millis(200, 90_000)),
            946..952 => Deed::SendsDown(dice.millis(1_000, 120_000)),
            952..962 => Deed::DynamoDown(dice.millis(200, 60_000)),
            962..975 => Deed::Mishaps(dice.pick(&[0, 20, 100, 300])),
            975..988 => Deed::Lag(dice.millis(0, 90_000)),
            _ => Deed::Sweep,
        }
    }

    fn lane(&self) -> Priority {
        self.dice.pick(&[Priority::High, Priority::Normal, Priority::Normal, Priority::Normal, Priority::Low])
    }

    fn question(&self) -> Question {
        let dice = self.dice;
        match dice.below(100) {
            0..15 => Question::Get,
            15..30 => Question::Cancel,
            30..50 => Question::Run,
            50..75 => Question::Retry,
            75..90 => Question::Move(dice.pick(&[0, 2_500, 30_000, 400_000, 1_900_000])),
            _ => Question::Deadline(dice.pick(&[1_000, 20_000, 400_000])),
        }
    }

    fn submission(&mut self) -> Submission {
        // A task with a key is drawn from the key, so that a client can repeat it. Sometimes the same key gets another
        // body, and sometimes it is to replace the task that is there.
        let keyed = self.dice.chance(450).then(|| (self.dice.below(4), self.dice.chance(120)));
        let replaces = keyed.is_some() && self.dice.chance(250);
        let number = match keyed {
            Some((key, _)) if replaces => 1_002 + 10 * key as u32 + self.dice.below(5) as u32,
            Some((key, other)) => 1_000 + 10 * key as u32 + u32::from(other),
            None => {
                self.submissions += 1;
                self.submissions
            }
        };
        let of_key = Dice::new(self.seed ^ u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let dice = if keyed.is_some() { &of_key } else { self.dice };
        let delay_seconds = dice.pick(&[0, 0, 0, 0, 0, 1, 3, 60, 400, 900, 901, 1_500, 4_000]);
        let padding = if dice.chance(200) { "p".repeat(dice.pick(&PADDINGS)) } else { String::new() };
        let attempts = (0..dice.below(5)).map(|_| Attempt::draw(dice)).collect();
        let work = Work { submission: number, not_before: delay_seconds * 1000, attempts, padding };
        Submission {
            work,
            handler: dice.pick(&HANDLERS),
            key: keyed.map(|(key, _)| format!("key-{key}")),
            replaces,
            delay_seconds,
            deadline: dice.chance(150).then(|| delay_seconds * 1000 + dice.pick(&[1_500, 30_000, 200_000, 2_000_000])),
            timeout_seconds: dice.pick(&[1, 5, 20, 60, 60, 120, 600, 600]),
            max_attempts: dice.pick(&[1, 2, 3, 5]),
            backoff: dice.pick(&[(0, 0), (0, 2), (1, 600), (30, 60), (880, 1_200)]),
            retain_seconds: dice.pick(&[0, 5, 60, 600, 604_800]),
            priority: dice.pick(&[Priority::High, Priority::Normal, Priority::Normal, Priority::Low]),
            tenant: dice.pick(&[None, None, Some("red"), Some("blue")]),
            followed: (dice.chance(250), dice.chance(350)),
        }
    }
}
