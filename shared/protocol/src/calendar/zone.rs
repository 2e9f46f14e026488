//! A time zone: how much its clock differs from UTC, and when that changes.

use jiff::{Timestamp, tz::TimeZone};

use super::{Fault, stretch::Stretch};

/// Before any change of any clock.
const EVER: i64 = i64::MIN / 4;

/// A time zone of the IANA database, which is part of this program: the machine's own is not asked, so that every
/// function fires at the same times. New rules come with a new version of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time, the zone of who names none.
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// The zone of that name, such as `Europe/Berlin`, in any case. A link such as `Asia/Calcutta` keeps its own name.
    ///
    /// # Errors
    /// [`Fault::Zone`] when the database has no such name. Offsets such as `+02:00` and POSIX rules are no names.
    pub fn parse(name: &str) -> Result<Zone, Fault> {
        let zone = TimeZone::get(name).map_err(|_| Fault::Zone)?;
        // `Etc/Unknown` can be got, and has no name.
        zone.iana_name().is_some().then(|| Zone(zone.clone())).ok_or(Fault::Zone)
    }

    /// Its name as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The stretch that `second`, since the epoch, is in; none outside of the years that can be reckoned with.
    pub(super) fn stretch(&self, second: i64) -> Option<Stretch> {
        let at = Timestamp::from_second(second).ok()?;
        let next = Timestamp::from_second(second + 1).unwrap_or(Timestamp::MAX);
        let change = self.0.preceding(next).next().map(|change| change.timestamp().as_second());
        Some(Stretch {
            from: change.unwrap_or(EVER),
            until: self.0.following(at).next().map_or(i64::MAX, |change| change.timestamp().as_second()),
            offset: i64::from(self.0.to_offset(at).seconds()),
            // The stretch before says all: in no zone do changes follow each other within days, as a test makes sure of.
            shown: change.and_then(|change| self.clock(change - 1)).unwrap_or(EVER),
        })
    }

    fn clock(&self, second: i64) -> Option<i64> {
        let at = Timestamp::from_second(second).ok()?;
        Some(second + i64::from(self.0.to_offset(at).seconds()))
    }
}
