//! Which schedules a list is asked for.

use taskway_cloud::dynamo::ScheduleCursor;

use taskway_strict::{Errors, FieldError};

use super::{MOST_ERRORS, NO_CURSOR, parameters};
use crate::schedules::cursor;

/// Schedules that are told of at a time, unless that is said.
const PAGE: u32 = 50;

/// And at most.
const MOST: u32 = 100;

/// Behind what the list goes on, and how many are asked for.
///
/// # Errors
/// Everything that is wrong with the parameters.
pub fn schedules(query: &str) -> Result<(Option<ScheduleCursor>, usize), Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let (mut after, mut limit) = (None, PAGE);
    parameters::each(query, &mut errors, |name, value| {
        match name {
            "limit" => limit = parameters::limit(value, MOST)?,
            "cursor" => after = Some(cursor::parse(value).ok_or(NO_CURSOR)?),
            _ => return parameters::unknown(),
        }
        Ok(())
    });
    errors.settle(Some((after, limit as usize)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use taskway_protocol::Time;

    use super::*;
    use taskway_strict::Place;

    #[test]
    fn each_parameter_is_judged() {
        let good = cursor::text(&ScheduleCursor { born: Time::from_millis(5), name: "a".into() });
        assert_eq!(schedules("").unwrap(), (None, 50));
        assert!(schedules(&format!("limit=100&cursor={good}")).unwrap().0.is_some());
        for (query, parameter) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("limit=%2B5", "limit"),
            ("limit=1&limit=1", "limit"),
            ("cursor=", "cursor"),
            ("cursor=%FF", "cursor"),
            (&format!("cursor={good}A"), "cursor"),
            ("state=queued", "state"),
        ] {
            let errors = schedules(query).unwrap_err();
            assert_eq!(errors[0].place, Place::Parameter(parameter.into()), "{query}");
        }
        assert_eq!(schedules("limit=0&cursor=x&y=1").unwrap_err().len(), 3, "all at once");
    }
}
