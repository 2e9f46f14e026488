//! Which page of a list of names is asked for: of schedules, or of queues.

use taskway_api::{MOST_NAMES, PAGE};
use taskway_protocol::Time;
use taskway_strict::{Errors, FieldError};

use super::{MOST_ERRORS, NO_CURSOR, parameters};
use crate::name_cursor::{self, Of};

/// A name, and when it came into its list.
type Named = (Box<str>, Time);

/// Behind which name the list goes on, and how many are asked for.
///
/// # Errors
/// Everything that is wrong with the parameters.
pub fn names(query: &str, of: Of) -> Result<(Option<Named>, usize), Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let (mut after, mut limit) = (None, PAGE);
    parameters::each(query, &mut errors, |name, value| {
        match name {
            "limit" => limit = parameters::limit(value, MOST_NAMES)?,
            "cursor" => after = Some(name_cursor::parse(of, value).ok_or(NO_CURSOR)?),
            _ => return parameters::unknown(),
        }
        Ok(())
    });
    errors.settle(Some((after, limit as usize)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use taskway_strict::Place;

    #[test]
    fn each_parameter_is_judged() {
        let schedules = |query: &str| names(query, Of::Schedules);
        let good = name_cursor::text(Of::Schedules, "a", Time::from_millis(5));
        let other = name_cursor::text(Of::Queues, "a", Time::from_millis(5));
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
            (&format!("cursor={other}"), "cursor"),
            ("state=queued", "state"),
        ] {
            let errors = schedules(query).unwrap_err();
            assert_eq!(errors[0].place, Place::Parameter(parameter.into()), "{query}");
        }
        assert_eq!(schedules("limit=0&cursor=x&y=1").unwrap_err().len(), 3, "all at once");
    }
}
