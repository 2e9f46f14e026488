//! Payloads as JSON text.

mod finite;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::Misuse;

/// The JSON of a value. Refuses numbers that JSON does not have, for which serde_json would write `null`.
pub(crate) fn text<T: Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>, Misuse> {
    value.serialize(finite::Check).map_err(Misuse::json)?;
    serde_json::value::to_raw_value(value).map_err(Misuse::json)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Report {
        total: f64,
        parts: Vec<Option<f32>>,
        kind: Kind,
    }

    #[derive(Serialize)]
    enum Kind {
        Daily(f64),
        Weekly { share: f64 },
        None,
    }

    #[test]
    fn a_number_that_json_does_not_have_is_refused_wherever_it_is() {
        let report = |total, part, kind| text(&Report { total, parts: vec![None, Some(part)], kind });
        assert!(report(0.5, 1.5, Kind::None).is_ok());
        assert!(report(f64::NAN, 1.5, Kind::None).is_err());
        assert!(report(0.5, f32::INFINITY, Kind::None).is_err());
        assert!(report(0.5, 1.5, Kind::Daily(f64::NAN)).is_err());
        assert!(report(0.5, 1.5, Kind::Weekly { share: f64::NEG_INFINITY }).is_err());
        assert!(text(&BTreeMap::from([("a", (1, f64::NAN))])).is_err());
    }

    #[test]
    fn a_text_and_a_large_number_stay_as_they_are() {
        let exact = "{ \"n\": 123456789012345678901234567890.10, \"a\": 1e400 }";
        let raw: &RawValue = serde_json::from_str(exact).unwrap();
        assert_eq!(text(raw).unwrap().get(), exact);
        assert_eq!(text(&u128::MAX).unwrap().get(), u128::MAX.to_string());
        assert_eq!(text(&json!({"a": [null, true, "é"]})).unwrap().get(), r#"{"a":[null,true,"é"]}"#);
    }
}
