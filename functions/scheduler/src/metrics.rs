//! A tick's metrics: one line in the [Embedded Metric Format][format], from which CloudWatch Logs makes metrics. It takes no
//! call and no permission, and it cannot make a tick fail.
//!
//! [format]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use taskway_protocol::Time;

use crate::report::Report;

/// The metrics' namespace.
pub const NAMESPACE: &str = "Taskway";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata,
    #[serde(rename = "Stack")]
    stack: &'a str,
    #[serde(flatten)]
    values: BTreeMap<&'static str, f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    /// Milliseconds since 1970.
    timestamp: u64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

/// The metrics of a tick that ended at `at` and took `took`: one JSON object without a line end.
///
/// Lag and backlog are missing when the tick could not read the agenda: a zero would say that all is well.
pub fn line(stack: &str, report: &Report, at: Time, took: Duration) -> String {
    let count = |number: usize| Some(number as f64);
    // CloudWatch charges for each hour in which a metric has a value. So rare metrics are left out when they are 0.
    let some = |number: usize| count(number).filter(|_| number > 0);
    let seconds = |ms: u64| ms as f64 / 1000.0;
    let metrics = [
        ("SchedulerLag", "Seconds", report.lag_ms.map(seconds)),
        ("DueBacklog", "Count", report.lag_ms.and(count(report.due_backlog))),
        ("PromotionLag", "Seconds", report.promotion_lag_ms.map(seconds)),
        ("TickDuration", "Milliseconds", Some(took.as_millis() as f64)),
        ("Promoted", "Count", count(report.promoted)),
        ("Dispatched", "Count", some(report.dispatched)),
        ("Freed", "Count", some(report.freed)),
        ("Held", "Count", some(report.held)),
        ("HeldAge", "Seconds", report.held_age_ms.map(seconds)),
        ("Rescued", "Count", count(report.rescued)),
        ("Ended", "Count", count(report.ended)),
        ("CalledBack", "Count", some(report.called_back)),
        ("DeadLetters", "Count", count(report.dead_letters)),
        ("KeptAside", "Count", count(report.kept_aside)),
        ("Audited", "Count", some(report.audited)),
        ("AuditFindings", "Count", some(report.audit_findings)),
        ("ObjectsRemoved", "Count", some(report.objects_removed)),
        ("Fired", "Count", some(report.fired)),
        ("Missed", "Count", some(report.missed)),
        ("Failed", "Count", count(report.failed)),
    ];
    let present = metrics.into_iter().filter_map(|(name, unit, value)| Some((Metric { name, unit }, value?)));
    let (metrics, values): (Vec<Metric>, Vec<f64>) = present.unzip();
    let values = metrics.iter().map(|metric| metric.name).zip(values).collect();
    let directive = Directive { namespace: NAMESPACE, dimensions: [["Stack"]], metrics };
    let metadata = Metadata { timestamp: at.as_millis(), directives: [directive] };
    // Strings and numbers only, so this cannot fail.
    serde_json::to_string(&Document { metadata, stack, values }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    const AT: Time = Time::from_millis(1_795_420_800_123);

    fn report() -> Report {
        Report {
            promoted: 5,
            dispatched: 4,
            freed: 10,
            held: 11,
            held_age_ms: Some(90_500),
            rescued: 2,
            called_back: 12,
            ended: 1,
            dead_letters: 4,
            kept_aside: 3,
            objects_removed: 13,
            lag_ms: Some(3_600_250),
            due_backlog: 6,
            promotion_lag_ms: Some(3_600_500),
            audited: 4_711,
            audit_findings: 7,
            fired: 8,
            missed: 9,
            handed_over: 0,
            failed: 0,
        }
    }

    fn parsed(stack: &str, report: &Report) -> Value {
        let line = line(stack, report, AT, Duration::from_millis(842));
        assert!(!line.contains('\n'), "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn a_tick_is_written_in_the_embedded_metric_format() {
        assert_eq!(
            parsed("prod", &report()),
            json!({
                "_aws": {
                    "Timestamp": 1_795_420_800_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Taskway",
                        "Dimensions": [["Stack"]],
                        "Metrics": [
                            {"Name": "SchedulerLag", "Unit": "Seconds"},
                            {"Name": "DueBacklog", "Unit": "Count"},
                            {"Name": "PromotionLag", "Unit": "Seconds"},
                            {"Name": "TickDuration", "Unit": "Milliseconds"},
                            {"Name": "Promoted", "Unit": "Count"},
                            {"Name": "Dispatched", "Unit": "Count"},
                            {"Name": "Freed", "Unit": "Count"},
                            {"Name": "Held", "Unit": "Count"},
                            {"Name": "HeldAge", "Unit": "Seconds"},
                            {"Name": "Rescued", "Unit": "Count"},
                            {"Name": "Ended", "Unit": "Count"},
                            {"Name": "CalledBack", "Unit": "Count"},
                            {"Name": "DeadLetters", "Unit": "Count"},
                            {"Name": "KeptAside", "Unit": "Count"},
                            {"Name": "Audited", "Unit": "Count"},
                            {"Name": "AuditFindings", "Unit": "Count"},
                            {"Name": "ObjectsRemoved", "Unit": "Count"},
                            {"Name": "Fired", "Unit": "Count"},
                            {"Name": "Missed", "Unit": "Count"},
                            {"Name": "Failed", "Unit": "Count"},
                        ],
                    }],
                },
                "Stack": "prod",
                "SchedulerLag": 3600.25,
                "DueBacklog": 6.0,
                "PromotionLag": 3600.5,
                "TickDuration": 842.0,
                "Promoted": 5.0,
                "Dispatched": 4.0,
                "Freed": 10.0,
                "Held": 11.0,
                "HeldAge": 90.5,
                "Rescued": 2.0,
                "Ended": 1.0,
                "CalledBack": 12.0,
                "DeadLetters": 4.0,
                "KeptAside": 3.0,
                "Audited": 4711.0,
                "AuditFindings": 7.0,
                "ObjectsRemoved": 13.0,
                "Fired": 8.0,
                "Missed": 9.0,
                "Failed": 0.0,
            })
        );
    }

    #[test]
    fn an_unknown_lag_is_left_out_and_a_lag_of_zero_is_not() {
        let line = parsed("prod", &Report { lag_ms: None, failed: 1, ..report() });
        assert_eq!((line.get("SchedulerLag"), &line["Failed"]), (None, &json!(1.0)));
        let names = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert!(names.len() == 18 && names.iter().all(|metric| metric["Name"] != "SchedulerLag"), "{line}");
        assert_eq!(line.get("DueBacklog"), None, "the tick could not count it");
        assert_eq!(parsed("prod", &Report { lag_ms: Some(0), ..report() })["SchedulerLag"], json!(0.0));
    }

    #[test]
    fn an_idle_tick_leaves_out_the_rare_metrics() {
        let line = parsed("prod", &Report { lag_ms: Some(0), ..Report::default() });
        let names = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        let names: Vec<_> = names.iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
        let always = ["SchedulerLag", "DueBacklog", "TickDuration", "Promoted", "Rescued", "Ended", "DeadLetters"];
        assert_eq!(names, [&always[..], &["KeptAside", "Failed"]].concat());
    }

    /// Every dimension in the directive names a string in the root, and every metric names a number.
    #[test]
    fn every_name_in_the_directive_has_its_value() {
        let line = parsed("a \"stack\"\n", &report());
        assert_eq!(line["Stack"], "a \"stack\"\n");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let dimensions = directive["Dimensions"][0].as_array().unwrap();
        assert!(dimensions.iter().all(|name| line[name.as_str().unwrap()].is_string()));
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!(metrics.iter().all(|metric| line[metric["Name"].as_str().unwrap()].is_number()));
        // Beside the metadata, the dimensions and the metrics, the root has no members.
        assert_eq!(line.as_object().unwrap().len(), 1 + dimensions.len() + metrics.len());
    }
}
