//! Points in time as clients write and read them: RFC 3339.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::json;
use taskway_protocol::Time;
use taskway_strict::Schema;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The last millisecond that four digits of year can say.
const LATEST: u64 = 253_402_300_799_999;

/// A time in an answer or a request: RFC 3339. It is written in UTC to the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Instant(pub Time);

impl Instant {
    /// The JSON Schema of a time.
    pub fn schema() -> Schema {
        json!({ "type": "string", "format": "date-time" })
    }
}

impl TryFrom<OffsetDateTime> for Instant {
    type Error = Malformed;

    /// The same moment. It is rounded up to the millisecond: what is due at a time is never early.
    fn try_from(at: OffsetDateTime) -> Result<Self, Malformed> {
        let nanoseconds = u128::try_from(at.unix_timestamp_nanos()).map_err(|_| Malformed::Years)?;
        let ms = u64::try_from(nanoseconds.div_ceil(1_000_000)).map_err(|_| Malformed::Years)?;
        if ms > LATEST { Err(Malformed::Years) } else { Ok(Instant(Time::from_millis(ms))) }
    }
}

impl From<Instant> for OffsetDateTime {
    /// The same moment in UTC.
    fn from(Instant(at): Instant) -> Self {
        let nanoseconds = i128::from(at.as_millis().min(LATEST)) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Instant {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::Schema::try_from(Instant::schema()).unwrap_or_default()
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(self.0))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Instant).map_err(D::Error::custom)
    }
}

/// Why a text is not a point in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// It does not have the form.
    #[error("must be a time such as 2026-11-23T08:00:00Z, with its offset")]
    Form,
    /// It has the form, but no such day, hour or second is.
    #[error("must be a time that exists")]
    Nonexistent,
    /// It is before the epoch, or takes five digits.
    #[error("must be in the years 1970 to 9999")]
    Years,
}

/// Reads a time with any offset and any fraction.
///
/// It is rounded up to the millisecond: what is due at a time is never early. The leap second 23:59:60 UTC is the second
/// after it, as in Unix time.
///
/// # Errors
/// If the text is not such a time, or not in the years 1970 to 9999 in UTC.
pub fn parse(text: &str) -> Result<Time, Malformed> {
    let mut rest = Rest(text);
    let (year, _) = (rest.digits::<i32>(4)?, rest.one_of(b"-")?);
    let (month, _) = (rest.digits::<u8>(2)?, rest.one_of(b"-")?);
    let (day, _) = (rest.digits::<u8>(2)?, rest.one_of(b"Tt")?);
    let (hour, _) = (rest.digits::<u8>(2)?, rest.one_of(b":")?);
    let (minute, _) = (rest.digits::<u8>(2)?, rest.one_of(b":")?);
    let second = rest.digits::<u8>(2)?;
    let fraction_ms = rest.fraction_ms()?;
    let offset = rest.offset()?;
    if !rest.0.is_empty() {
        return Err(Malformed::Form);
    }

    let no_such = |_| Malformed::Nonexistent;
    let leap = second == 60;
    let date = Date::from_calendar_date(year, Month::try_from(month).map_err(no_such)?, day).map_err(no_such)?;
    let time = time::Time::from_hms(hour, minute, if leap { 59 } else { second }).map_err(no_such)?;
    let unix = PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp() - i64::from(offset.whole_seconds());
    if leap && unix.rem_euclid(86_400) != 86_399 {
        return Err(Malformed::Nonexistent);
    }
    let seconds = u64::try_from(unix + i64::from(leap)).map_err(|_| Malformed::Years)?;
    match seconds * 1000 + fraction_ms {
        ms if ms > LATEST => Err(Malformed::Years),
        ms => Ok(Time::from_millis(ms)),
    }
}

/// `at` in UTC with milliseconds, such as `2026-11-23T08:00:00.000Z`; a time beyond the year 9999 as the last one in it.
pub fn text(at: Time) -> String {
    let ms = at.as_millis().min(LATEST);
    let seconds = i64::try_from(ms / 1000).unwrap_or_default();
    let utc = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = utc.to_calendar_date();
    let (hour, minute, second) = utc.to_hms();
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", u8::from(month), ms % 1000)
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn digits<T: FromStr>(&mut self, count: usize) -> Result<T, Malformed> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(Malformed::Form)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Malformed::Form);
        }
        self.0 = rest;
        digits.parse().map_err(|_| Malformed::Form)
    }

    fn one_of(&mut self, bytes: &[u8]) -> Result<u8, Malformed> {
        let byte = *self.0.as_bytes().first().filter(|byte| bytes.contains(byte)).ok_or(Malformed::Form)?;
        self.0 = &self.0[1..];
        Ok(byte)
    }

    /// However many digits there are: any but a zero after the third adds a millisecond.
    fn fraction_ms(&mut self) -> Result<u64, Malformed> {
        let Some(rest) = self.0.strip_prefix('.') else { return Ok(0) };
        let (digits, rest) = rest.split_at(rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len()));
        if digits.is_empty() {
            return Err(Malformed::Form);
        }
        self.0 = rest;
        let ms = digits.bytes().chain(*b"00").take(3).fold(0, |ms, digit| ms * 10 + u64::from(digit - b'0'));
        Ok(ms + u64::from(digits.bytes().skip(3).any(|digit| digit != b'0')))
    }

    fn offset(&mut self) -> Result<UtcOffset, Malformed> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(UtcOffset::UTC),
        };
        let (hours, _) = (self.digits::<i8>(2)?, self.one_of(b":")?);
        let minutes = self.digits::<i8>(2)?;
        if hours > 23 || minutes > 59 {
            return Err(Malformed::Nonexistent);
        }
        UtcOffset::from_hms(sign * hours, sign * minutes, 0).map_err(|_| Malformed::Nonexistent)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_read_in_any_spelling() {
        for (from, to) in [
            ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00.000Z"),
            ("2026-11-23t08:00:00z", "2026-11-23T08:00:00.000Z"),
            ("2026-11-23T08:00:00.5+01:30", "2026-11-23T06:30:00.500Z"),
            ("2026-11-22T23:00:00.12-09:00", "2026-11-23T08:00:00.120Z"),
            ("2026-11-23T08:00:00-00:00", "2026-11-23T08:00:00.000Z"),
            ("2026-11-23T08:00:00.0001Z", "2026-11-23T08:00:00.001Z"),
            ("2026-11-23T08:00:00.001000000000Z", "2026-11-23T08:00:00.001Z"),
            ("2026-11-23T08:00:00.0010000000000000001Z", "2026-11-23T08:00:00.002Z"),
            ("2026-12-31T23:59:59.9991Z", "2027-01-01T00:00:00.000Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
            ("2016-12-31T15:59:60.25-08:00", "2017-01-01T00:00:00.250Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("1970-01-01T05:00:00+05:00", "1970-01-01T00:00:00.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(parse(from).map(text).as_deref(), Ok(to), "{from}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_its_reason() {
        for (from, why) in [
            ("", Malformed::Form),
            ("tomorrow", Malformed::Form),
            ("2026-11-23", Malformed::Form),
            ("2026-11-23T08:00:00", Malformed::Form),
            ("2026-11-23 08:00:00Z", Malformed::Form),
            ("2026-11-23T08:00Z", Malformed::Form),
            ("2026-11-23T08:00:00.Z", Malformed::Form),
            ("2026-11-23T08:00:00Z ", Malformed::Form),
            ("2026-11-23T08:00:00+0100", Malformed::Form),
            ("+026-11-23T08:00:00Z", Malformed::Form),
            ("12026-11-23T08:00:00Z", Malformed::Form),
            ("٢٠٢٦-11-23T08:00:00Z", Malformed::Form),
            ("2026-11-23T08:00:00\u{0}Z", Malformed::Form),
            ("2026-13-01T00:00:00Z", Malformed::Nonexistent),
            ("2026-02-29T00:00:00Z", Malformed::Nonexistent),
            ("2026-11-23T24:00:00Z", Malformed::Nonexistent),
            ("2026-11-23T08:00:60Z", Malformed::Nonexistent),
            ("2026-11-23T08:00:61Z", Malformed::Nonexistent),
            ("2026-11-23T08:00:00+24:00", Malformed::Nonexistent),
            ("1969-12-31T23:59:59.9Z", Malformed::Years),
            ("1970-01-01T00:00:00+00:01", Malformed::Years),
            ("0000-01-01T00:00:00Z", Malformed::Years),
            ("9999-12-31T23:59:59.9991Z", Malformed::Years),
            ("9999-12-31T23:59:59-01:00", Malformed::Years),
        ] {
            assert_eq!(parse(from), Err(why), "{from}");
        }
    }

    #[test]
    fn a_time_beyond_four_digits_is_printed_as_the_last() {
        assert_eq!(text(Time::from_millis(u64::MAX)), "9999-12-31T23:59:59.999Z");
    }

    proptest! {
        #[test]
        fn a_time_is_read_back_as_it_was_printed(ms in 0..=LATEST) {
            prop_assert_eq!(parse(&text(Time::from_millis(ms))), Ok(Time::from_millis(ms)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", near in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-9:.+Zz-]{0,20}") {
            let _ = (parse(&text), parse(&near));
        }
    }
}
