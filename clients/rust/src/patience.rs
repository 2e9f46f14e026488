//! When a call that failed is made again.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::{
    answer::Answer,
    call::{Call, Repeat},
    error::{Error, NotAnswered},
};

/// How long a call is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// For this long with all tries. A call is made again after a broken connection and after the statuses 408, 429 and 5xx, if
    /// repeating it does no harm. The pauses grow, and are drawn at random. The API's `Retry-After` is added.
    For(Duration),
    /// Only if the API says when, by a status 429 or 503 with a `Retry-After` of at most `longest`, and so many times. A person who
    /// waits for the command line sees every other failure at once.
    WhenAsked {
        /// How often the call is made again.
        times: u32,
        /// The longest pause that is waited for.
        longest: Duration,
    },
}

/// The first pause is drawn from 0 to this, and the range doubles with each try.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// One call, with what its tries so far have left.
#[derive(Debug)]
pub(crate) struct Tries<'a> {
    call: &'a Call,
    patience: Patience,
    made: u32,
    /// Whether an earlier try may have been carried out.
    doubtful: bool,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(call: &'a Call, patience: Patience) -> Self {
        Tries { call, patience, made: 0, doubtful: false }
    }

    /// Whether this answer says that a try before, whose answer was lost, has deleted what the call deletes.
    pub(crate) fn has_deleted(&self, answer: &Answer) -> bool {
        self.doubtful && self.call.method == Method::DELETE && answer.status == StatusCode::NOT_FOUND
    }

    /// The pause before the next try, or `None` if there is none. `left` is the rest of the time, and `draw` a random number from
    /// 0 to 1.
    pub(crate) fn pause(&mut self, failure: &Error, left: Duration, draw: f64) -> Option<Duration> {
        let untouched = is_untouched(failure);
        let harmless = self.call.repeat != Repeat::Unknown;
        let asked = failure.refusal().and_then(|refusal| refusal.retry_after());
        let pause = match self.patience {
            Patience::For(_) => {
                let range = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(self.made)).min(LONGEST_PAUSE);
                let pause = asked.unwrap_or_default().saturating_add(range.mul_f64(draw));
                (may_help(failure) && (harmless || untouched) && pause < left).then_some(pause)
            }
            Patience::WhenAsked { times, longest } => {
                let is_told = failure.refusal().is_some_and(|refusal| matches!(refusal.status.as_u16(), 429 | 503));
                asked.filter(|pause| is_told && harmless && self.made < times && *pause <= longest)
            }
        };
        self.made += 1;
        self.doubtful |= !untouched;
        pause
    }
}

/// Whether the same call may well succeed a moment later.
fn may_help(failure: &Error) -> bool {
    match failure {
        Error::Refused(refusal) => refusal.is_passing(),
        Error::NotAnswered(_) => true,
        Error::Misuse(_) | Error::WaitTimeout(_) | Error::Unsigned(_) => false,
    }
}

/// Whether the failure shows that nothing was done.
fn is_untouched(failure: &Error) -> bool {
    match failure {
        Error::Refused(refusal) => refusal.status == StatusCode::TOO_MANY_REQUESTS,
        Error::NotAnswered(NotAnswered { sent, .. }) => !sent,
        Error::Misuse(_) | Error::WaitTimeout(_) | Error::Unsigned(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::RETRY_AFTER};

    use super::*;
    use crate::{auth::Sender, refusal::Refusal};

    const MINUTE: Patience = Patience::For(Duration::from_secs(60));
    const ASKED: Patience = Patience::WhenAsked { times: 2, longest: Duration::from_secs(10) };

    fn refused(status: u16, retry_after: Option<&'static str>) -> Error {
        let mut headers = HeaderMap::new();
        headers.extend(retry_after.map(|value| (RETRY_AFTER, HeaderValue::from_static(value))));
        let status = StatusCode::from_u16(status).unwrap();
        Refusal { status, problem: None, headers, body: String::new(), sender: Sender::Nobody }.into()
    }

    fn broken(call: &Call, sent: bool) -> Error {
        NotAnswered { sent, ..NotAnswered::of(call, std::fmt::Error) }.into()
    }

    fn first(call: &Call, patience: Patience, failure: &Error) -> Option<Duration> {
        Tries::new(call, patience).pause(failure, Duration::from_secs(60), 0.5)
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let call = Call::stats();
        let half = Some(FIRST_PAUSE / 2);
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(first(&call, MINUTE, &refused(status, None)), half, "{status}");
        }
        for status in [302, 400, 401, 403, 404, 409, 413, 422] {
            assert_eq!(first(&call, MINUTE, &refused(status, Some("1"))), None, "{status}");
        }
        assert_eq!([true, false].map(|sent| first(&call, MINUTE, &broken(&call, sent))), [half, half]);
    }

    #[test]
    fn what_could_be_done_twice_is_repeated_only_if_nothing_was_done() {
        let call = Call::retry("t").unwrap();
        assert_eq!(first(&call, MINUTE, &broken(&call, true)), None);
        assert_eq!(first(&call, MINUTE, &refused(503, Some("0"))), None);
        assert!(first(&call, MINUTE, &broken(&call, false)).is_some());
        assert!(first(&call, MINUTE, &refused(429, None)).is_some());
        assert_eq!(first(&call, ASKED, &refused(429, Some("0"))), None);
    }

    #[test]
    fn pauses_grow_to_their_longest_and_end_with_the_time() {
        let call = Call::stats();
        let mut tries = Tries::new(&call, MINUTE);
        let mut pauses = (0..40).map(|_| tries.pause(&refused(503, None), Duration::from_secs(60), 1.0).unwrap());
        assert_eq!(pauses.next(), Some(FIRST_PAUSE));
        assert_eq!(pauses.next(), Some(FIRST_PAUSE * 2));
        assert_eq!(pauses.last(), Some(LONGEST_PAUSE));
        let asked = |left| Tries::new(&call, MINUTE).pause(&refused(429, Some("7")), Duration::from_secs(left), 0.0);
        assert_eq!((asked(8), asked(7)), (Some(Duration::from_secs(7)), None));
    }

    #[test]
    fn the_command_line_waits_only_if_it_is_asked_to() {
        let call = Call::stats();
        assert_eq!(first(&call, ASKED, &refused(503, Some("10"))), Some(Duration::from_secs(10)));
        for failure in [refused(503, Some("11")), refused(503, None), refused(500, Some("1")), broken(&call, false)] {
            assert_eq!(first(&call, ASKED, &failure), None, "{failure}");
        }
        let mut tries = Tries::new(&call, ASKED);
        let times = std::iter::repeat_with(|| tries.pause(&refused(429, Some("0")), Duration::MAX, 0.5));
        assert_eq!(times.take_while(Option::is_some).count(), 2);
    }
}
