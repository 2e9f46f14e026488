//! `GET /v1/stats`.

use axum::{extract::State, response::Response};
use futures::try_join;
use http::StatusCode;
use taskway_api::{EndedMinute, Instant, Lanes, Messages, MonthOfUsage, Program, Stats};
use taskway_cloud::sqs::{Backlog, Source};
use taskway_protocol::{ENDED_SHOWN, Ended, Priority, Time, Usage, minute_of};

use crate::{
    Submit,
    accept::{queue_unavailable, unavailable},
    problem::Problem,
    queues::count,
    tasks::json,
};

/// How much is in the stack. It reads SQS's own counters and the beginnings of three lists, all at once, and scans nothing.
pub(crate) async fn stats(State(submit): State<Submit>) -> Result<Response, Problem> {
    let (high, normal, low, dead_letters, overdue, unreadable, programs, counts) = try_join!(
        submit.messages(Source::Lane(Priority::High)),
        submit.messages(Source::Lane(Priority::Normal)),
        submit.messages(Source::Lane(Priority::Low)),
        submit.messages(Source::DeadLetters),
        async {
            let store = &submit.services.store;
            let shards = store.shards_in_use().await.map_err(|error| unavailable(&error))?;
            let now = submit.services.clock.now();
            let overdue = store.overdue(shards.agenda, now).await.map_err(|error| unavailable(&error))?;
            let lag = overdue.oldest.map_or(0, |oldest| now.since(oldest).as_millis());
            Ok((overdue.count, lag as f64 / 1000.0))
        },
        async { submit.services.store.count_unreadable().await.map_err(|error| unavailable(&error)) },
        async { submit.services.store.programs().await.map_err(|error| unavailable(&error)) },
        async {
            let since = minute_of(submit.services.clock.now().before(ENDED_SHOWN));
            submit.services.store.counts(since).await.map_err(|error| unavailable(&error))
        },
    )?;
    let now = submit.services.clock.now();
    let (due_backlog, promotion_lag_seconds) = overdue;
    let stats = Stats {
        lanes: Lanes { high, normal, low },
        dead_letters,
        due_backlog: count(due_backlog),
        promotion_lag_seconds,
        unreadable: count(unreadable),
        programs: programs.into_iter().map(|program| shown(program, now)).collect(),
        ended: counts.ended.into_iter().map(|(minute, ended)| of_minute(minute, ended)).collect(),
        usage: counts.usage.into_iter().rev().map(|(month, usage)| of_month(month, usage)).collect(),
    };
    Ok(json(StatusCode::OK, &stats))
}

fn of_minute(minute: Time, ended: Ended) -> EndedMinute {
    let Ended { succeeded, failed, cancelled, expired } = ended;
    EndedMinute { at: Instant(minute), succeeded, failed, cancelled, expired }
}

fn of_month(month: String, usage: Usage) -> MonthOfUsage {
    let Usage { write_units, half_read_units, sqs_requests } = usage;
    MonthOfUsage { month, write_units, read_units: half_read_units as f64 / 2.0, sqs_requests }
}

fn shown(program: taskway_protocol::Program, now: Time) -> Program {
    Program {
        running: program.is_running(now),
        first_seen_at: Instant(program.first_seen),
        last_seen_at: Instant(program.last_seen),
        handlers: program.handlers,
    }
}

impl Submit {
    async fn messages(&self, source: Source) -> Result<Messages, Problem> {
        let backlog = self.services.lanes.backlog(source).await.map_err(|error| queue_unavailable(&error))?;
        let Backlog { waiting, in_flight, delayed } = backlog;
        Ok(Messages { waiting, in_flight, delayed })
    }
}
