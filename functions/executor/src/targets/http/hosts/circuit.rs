//! Whether a host gets requests. One that serves none is left alone, for longer each time.

use std::time::Duration;

use taskway_protocol::Time;

/// After this many failures in a row the circuit opens.
pub(super) const IN_A_ROW: u32 = 5;

/// How long a circuit is open the first time. Each opening without an answer between is twice as long.
pub(super) const SHORTEST: Duration = Duration::from_secs(1);

/// The longest time for which a circuit is open, and after which a trial that has not ended is not waited for any more.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// Whether requests are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Circuit {
    /// They are. So many in a row were not served.
    Closed { failures: u32 },
    /// No request is made before `until`. Then one tries the host, since `tried_at`.
    Open { until: Time, openings: u32, tried_at: Option<Time> },
}

/// Whether a host served a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Served {
    /// It answered.
    Yes,
    /// It did not, and asked for this wait.
    No(Duration),
}

/// Why a request is not made now.
#[derive(Debug, PartialEq)]
pub(super) struct TurnedAway {
    pub(super) message: String,
    pub(super) at_least: Duration,
}

impl Default for Circuit {
    fn default() -> Self {
        Circuit::Closed { failures: 0 }
    }
}

impl Circuit {
    /// Whether there is nothing to remember.
    pub(super) fn is_new(self) -> bool {
        self == Circuit::default()
    }

    pub(super) fn is_open(self) -> bool {
        matches!(self, Circuit::Open { .. })
    }

    /// Whether a request may be made now.
    pub(super) fn check(self, name: &str, now: Time) -> Result<(), TurnedAway> {
        let Circuit::Open { until, tried_at, .. } = self else { return Ok(()) };
        let trial = tried_at.map_or(Duration::ZERO, |tried_at| tried_at.after(LONGEST).since(now));
        if until <= now && trial.is_zero() {
            return Ok(());
        }
        let message =
            format!("{name} did not serve {IN_A_ROW} or more requests in a row, and gets one at a time for now");
        Err(TurnedAway { message, at_least: until.since(now).max(SHORTEST) })
    }

    /// Begins a request. Says whether it is the trial.
    pub(super) fn admit(&mut self, name: &str, now: Time) -> Result<bool, TurnedAway> {
        self.check(name, now)?;
        match self {
            Circuit::Open { tried_at, .. } => {
                *tried_at = Some(now);
                Ok(true)
            }
            Circuit::Closed { .. } => Ok(false),
        }
    }

    /// Notes what came of a request. `None` says nothing of the host.
    pub(super) fn judge(&mut self, name: &str, served: Option<Served>, is_trial: bool, now: Time) {
        *self = match (*self, served) {
            (circuit, Some(Served::Yes)) => {
                if circuit.is_open() {
                    tracing::info!(http.host = name, "{name} answers again");
                }
                Circuit::default()
            }
            (Circuit::Closed { failures }, Some(Served::No(asked))) if failures + 1 >= IN_A_ROW => {
                Circuit::opened(name, 1, asked, now)
            }
            (Circuit::Closed { failures }, Some(Served::No(_))) => Circuit::Closed { failures: failures + 1 },
            (Circuit::Open { openings, .. }, Some(Served::No(asked))) if is_trial => {
                Circuit::opened(name, openings.saturating_add(1), asked, now)
            }
            (Circuit::Open { until, openings, .. }, None) if is_trial => {
                Circuit::Open { until, openings, tried_at: None }
            }
            // A request that began before the circuit opened.
            (circuit @ Circuit::Open { .. }, _) | (circuit @ Circuit::Closed { .. }, None) => circuit,
        };
    }

    fn opened(name: &str, openings: u32, asked: Duration, now: Time) -> Self {
        let doubled = SHORTEST.saturating_mul(2_u32.saturating_pow(openings - 1));
        let wait = doubled.max(asked).min(LONGEST);
        let seconds = wait.as_secs();
        tracing::warn!(http.host = name, "{name} does not serve requests: no task is delivered to it for {seconds} s");
        Circuit::Open { until: now.after(wait), openings, tried_at: None }
    }
}
