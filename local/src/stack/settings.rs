//! The environment of the functions.

use anyhow::{Context, bail};
use taskway_cloud::{
    config::{self, Writing},
    dynamo::Shards,
    sqs::Urls,
};
use taskway_protocol::AllowedFunctions;
use taskway_runtime::env::Env;

use crate::emulator::template::Template;

/// The variable with the Lambda functions that tasks may call.
const ALLOWED: &str = "TASKWAY_ALLOWED_FUNCTIONS";

/// The variable with the bucket of large payloads and results.
const BUCKET: &str = "TASKWAY_BUCKET";

/// What the functions read from their environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TASKWAY_TABLE`.
    pub table: String,
    /// `TASKWAY_QUEUE_*` and `TASKWAY_DEAD_LETTERS`.
    pub queues: Urls,
    /// `TASKWAY_AGENDA_SHARDS` and `TASKWAY_CATALOG_SHARDS` of the template, and `TASKWAY_BATCH_WRITES` of this process.
    pub writing: Writing,
    /// `TASKWAY_BUCKET` of the template. `None` if it has none.
    pub bucket: Option<String>,
    /// `TASKWAY_ALLOWED_FUNCTIONS` of the template.
    pub functions: AllowedFunctions,
}

impl Settings {
    /// Reads the environment that the template gives the functions. If several functions have a variable, its values must
    /// be equal.
    pub(super) fn of(template: &Template) -> anyhow::Result<Self> {
        let variable = |name: &str| -> anyhow::Result<String> {
            let mut values: Vec<&String> =
                template.functions.iter().filter_map(|function| function.environment.get(name)).collect();
            values.dedup();
            match values.as_slice() {
                [value] => Ok((*value).clone()),
                [] => bail!("no function of the template has the environment variable {name}"),
                _ => bail!("the template's functions have different values of the environment variable {name}"),
            }
        };
        // A template of an older release does not have it.
        let has = |name: &str| template.functions.iter().any(|function| function.environment.contains_key(name));
        let functions = match has(ALLOWED) {
            true => AllowedFunctions::parse(&variable(ALLOWED)?).context(ALLOWED)?,
            false => AllowedFunctions::NONE,
        };
        let bucket = if has(BUCKET) { Some(variable(BUCKET)?) } else { None };
        let mut env = Env::new();
        let batches = config::batches(&mut env);
        env.finish()?;
        Ok(Settings {
            table: variable("TASKWAY_TABLE")?,
            queues: Urls {
                high: variable("TASKWAY_QUEUE_HIGH")?,
                normal: variable("TASKWAY_QUEUE_NORMAL")?,
                low: variable("TASKWAY_QUEUE_LOW")?,
                dead_letters: Some(variable("TASKWAY_DEAD_LETTERS")?),
            },
            writing: Writing {
                batches,
                shards: Shards {
                    agenda: Shards::parse_agenda(&variable("TASKWAY_AGENDA_SHARDS")?)
                        .context("TASKWAY_AGENDA_SHARDS")?,
                    catalog: Shards::parse_catalog(&variable("TASKWAY_CATALOG_SHARDS")?)
                        .context("TASKWAY_CATALOG_SHARDS")?,
                },
            },
            bucket,
            functions,
        })
    }
}
