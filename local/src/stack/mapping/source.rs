//! A mapping, as the template and its queue define it.

use std::time::Duration;

use anyhow::{Context, ensure};
use aws_sdk_sqs::types::QueueAttributeName;
use taskway_protocol::Priority;

use crate::{
    emulator::template,
    stack::{caller::Caller, running::Stack},
};

/// The most batches of a lane in parallel. The template allows more, but one machine cannot run as many as the cloud.
const BATCHES_AT_ONCE: u32 = 4;

/// A lane, and the function that gets its messages.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) lane: Priority,
    /// The name of the lane's queue.
    pub(super) queue: String,
    /// The binary of the function.
    pub(super) function: String,
    pub(super) batch_size: usize,
    /// How long the queue hides a received message.
    pub(super) visibility: Duration,
    /// Whether the function's answer names the failed messages. If not, any answer means that all messages are done.
    pub(super) reports_failures: bool,
    /// How many batches may run in parallel.
    pub(in crate::stack) at_once: u32,
}

impl Mapping {
    /// Reads the stack's mappings, and asks each queue how long it hides a message. Like Lambda, this refuses a queue that
    /// hides messages for less than the function's timeout: a message could come back while the function works on it.
    ///
    /// # Errors
    /// If a mapping does not connect a lane and a function, a queue does not answer, or a queue hides messages too briefly.
    pub async fn all(stack: &Stack) -> anyhow::Result<Vec<Self>> {
        let mut mappings = Vec::new();
        for mapping in &stack.template.mappings {
            mappings.push(Self::of(stack, mapping).await?);
        }
        Ok(mappings)
    }

    async fn of(stack: &Stack, mapping: &template::Mapping) -> anyhow::Result<Self> {
        let functions = &stack.template.functions;
        let function = functions.iter().find(|function| function.logical_id == mapping.function);
        let function =
            function.with_context(|| format!("the template maps a missing function, {}", mapping.function))?;
        let queue = stack.template.queues.iter().find(|queue| queue.logical_id == mapping.queue);
        let queue = queue.with_context(|| format!("the template maps a missing queue, {}", mapping.queue))?;
        let lane = stack.lanes().lane_named(&queue.name);
        let lane = lane.with_context(|| format!("the template maps {}, which is not a lane", mapping.queue))?;

        let url = stack.sqs.queue_url(&queue.name);
        let asked = stack.queues_for(Caller::Executor).get_queue_attributes().queue_url(url);
        let answer = asked.attribute_names(QueueAttributeName::VisibilityTimeout).send().await?;
        let hidden =
            answer.attributes.and_then(|mut attributes| attributes.remove(&QueueAttributeName::VisibilityTimeout));
        let hidden: u64 = hidden.with_context(|| format!("{} has no visibility timeout", queue.logical_id))?.parse()?;
        ensure!(
            hidden >= u64::from(function.timeout_seconds),
            "{} hides messages for {hidden} s, and {} may work on them for {} s",
            queue.logical_id,
            function.logical_id,
            function.timeout_seconds
        );
        Ok(Mapping {
            lane,
            queue: queue.name.clone(),
            function: function.binary.clone(),
            // A poll returns ten messages at most. Only Lambda collects more with a window.
            batch_size: mapping.batch_size.min(10) as usize,
            visibility: Duration::from_secs(hidden),
            reports_failures: mapping.report_batch_item_failures,
            at_once: mapping.maximum_concurrency.unwrap_or(BATCHES_AT_ONCE).min(BATCHES_AT_ONCE),
        })
    }
}
