//! Event source mappings.

use super::{
    document::Resource,
    error::TemplateError,
    kind::Kind,
    model::{Mapping, Template},
    resolve::Scope,
};

/// SQS's default visibility timeout.
const DEFAULT_VISIBILITY_SECONDS: u32 = 30;

pub(super) fn read(resource: &Resource, scope: &Scope<'_>) -> Result<Mapping, TemplateError> {
    let properties = resource.properties()?;
    properties.only(
        &[
            "BatchSize",
            "Enabled",
            "EventSourceArn",
            "FunctionName",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "ScalingConfig",
        ],
        &["Tags"],
    )?;
    let part = |name: &str| scope.resolve(&properties.at(name)?);

    let source = part("EventSourceArn")?;
    let queue = scope
        .find(Kind::Queue, &source.text("the arn of a queue")?)
        .ok_or_else(|| source.not("the arn of a queue of this template"))?;
    let target = part("FunctionName")?;
    let function = scope
        .find(Kind::Function, &target.text("a function")?)
        .ok_or_else(|| target.not("a function of this template"))?;
    if let Some(enabled) = part("Enabled")?.optional()
        && !enabled.boolean()?
    {
        return Err(enabled.unsupported("a mapping that is switched off"));
    }
    let window = part("MaximumBatchingWindowInSeconds")?.optional().map_or(Ok(0), |window| window.integer(0, 300))?;
    // Lambda collects more than ten messages only with a window.
    let most = if window == 0 { 10 } else { 10_000 };
    let batch_size = part("BatchSize")?.optional().map_or(Ok(10), |size| size.integer(1, most))?;
    let scaling = part("ScalingConfig")?;
    scaling.only(&["MaximumConcurrency"], &[])?;
    let maximum_concurrency =
        scaling.at("MaximumConcurrency")?.optional().map(|most| most.integer(2, 1000)).transpose()?;

    let mut report_batch_item_failures = false;
    if let Some(types) = part("FunctionResponseTypes")?.optional() {
        for item in types.list("a list of response types")? {
            item.one_of(&["ReportBatchItemFailures"])?;
            report_batch_item_failures = true;
        }
    }
    Ok(Mapping {
        queue: queue.to_owned(),
        function: function.to_owned(),
        batch_size,
        maximum_concurrency,
        report_batch_item_failures,
    })
}

/// Checks that the queue hides a message at least as long as the function may run. Otherwise a message would come back
/// while the function works on it. AWS refuses such a mapping too, but only at the deployment.
pub(super) fn holds_long_enough(
    resource: &Resource,
    mapping: &Mapping,
    template: &Template,
) -> Result<(), TemplateError> {
    let queue = template.queues.iter().find(|queue| queue.logical_id == mapping.queue);
    let function = template.functions.iter().find(|function| function.logical_id == mapping.function);
    let (Some(queue), Some(function)) = (queue, function) else { return Ok(()) };
    let visibility = queue.attributes.get("VisibilityTimeout").and_then(|seconds| seconds.parse().ok());
    let visibility: u32 = visibility.unwrap_or(DEFAULT_VISIBILITY_SECONDS);
    if visibility >= function.timeout_seconds {
        return Ok(());
    }
    Err(resource.body.at_name("EventSourceArn").unexpected(
        &format!(
            "a queue with a VisibilityTimeout of at least {}'s timeout, {} s",
            function.logical_id, function.timeout_seconds
        ),
        &format!("{} with {visibility} s", queue.logical_id),
    ))
}
