//! The write units of submits with real payloads, which the table holds packed, against what they would cost as they are.

use std::path::PathBuf;

use clap::Args;
use serde_json::value::RawValue;

use crate::{billed_units::World, options::Options, report::Report};

/// Of what to submit.
#[derive(Clone, Debug, Args)]
pub(crate) struct Payloads {
    /// A file with a payload a line
    #[arg(value_name = "NDJSON")]
    file: PathBuf,
}

/// The units of a submit whose payload fits in the record: the record and its entry in the index of all tasks.
const SMALL: f64 = 2.0;

/// The most bytes of payload that fit in a record as they are.
const FITS: usize = 170;

/// The bytes that the item of a larger payload has besides it: keys, names, the expiry, and the rest of the content.
const BESIDE: usize = 135;

pub(crate) async fn run(options: &Options, payloads: &Payloads) -> anyhow::Result<Report> {
    let mut report = Report::new("payload_units", options);
    let text = std::fs::read_to_string(&payloads.file)?;
    let payloads: Vec<Box<RawValue>> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    anyhow::ensure!(!payloads.is_empty(), "the file has no payload");
    let world = World::start().await?;
    world.submit(crate::api::NO_OP, 1).await?;
    world.meter.take();
    let (mut bytes, mut plain) = (0, 0.0);
    for payload in &payloads {
        let length = payload.get().len();
        bytes += length;
        plain += SMALL + if length > FITS { (length + BESIDE).div_ceil(1024) as f64 } else { 0.0 };
        world.submit(&format!(r#"{{"target":{{"handler":"echo"}},"payload":{payload}}}"#), 1).await?;
    }
    let (billed, count) = (world.meter.take().writes, payloads.len() as f64);
    report.found("payloads", count, "");
    report.found("bytes each", bytes as f64 / count, "");
    report.found("write units a submit, as they are", plain / count, "");
    report.found("write units a submit, packed", billed / count, "");
    report.limited("packed ÷ as they are", billed / plain, "", 1.0);
    Ok(report)
}
