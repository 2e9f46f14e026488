//! Functions, what sets them going by the clock, and the mappings that feed them from queues.

use std::collections::BTreeMap;

use super::{
    Function, Mapping, Schedule, TemplateError,
    document::{Document, Resource},
    intrinsics::Scope,
    kind::Kind,
    node::Node,
};

/// How a function is built, sized and logged; locally it is a part of the process. What it may do is in its role, which
/// is read by itself. `EventInvokeConfig` is about retries and stale events, neither of which the local ticker makes.
const IGNORED: &[&str] = &[
    "Architectures",
    "CodeUri",
    "Description",
    "EphemeralStorage",
    "EventInvokeConfig",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "RecursiveLoop",
    "Runtime",
    "Tags",
    "Tracing",
];

/// Lambda's own when a template says nothing.
const DEFAULT_TIMEOUT_SECONDS: u32 = 3;

pub(super) fn read(
    resource: &Resource,
    document: &Document,
    scope: &Scope<'_>,
) -> Result<(Function, Vec<Schedule>), TemplateError> {
    let properties = resource.properties()?;
    let globals = document.globals.at("Function")?;
    properties.only(&["Environment", "Events", "FunctionName", "Role", "Timeout"], IGNORED)?;
    globals.only(&["Environment", "Timeout"], IGNORED)?;

    let role = scope.resolve(&properties.at("Role")?)?.optional();
    let role = role
        .map(|role| {
            scope
                .find(Kind::Role, &role.text("the arn of a role")?)
                .map(str::to_owned)
                .ok_or_else(|| role.not("the arn of a role of this template"))
        })
        .transpose()?;
    let timeout = match properties.at("Timeout")?.optional().or(globals.at("Timeout")?.optional()) {
        Some(timeout) => scope.resolve(&timeout)?.integer(1, 900)?,
        None => DEFAULT_TIMEOUT_SECONDS,
    };
    let mut environment = variables(&globals, scope)?;
    environment.extend(variables(&properties, scope)?);

    let binary = resource.body.at("Metadata")?.at("BuildProperties")?.at("Binary")?.text("the name of a binary")?;
    let function = Function {
        logical_id: resource.id.clone(),
        name: scope.name(&resource.id),
        binary,
        timeout_seconds: timeout,
        environment,
        role,
    };
    let events = properties.at("Events")?;
    let schedules = events
        .names()?
        .iter()
        .map(|name| schedule(&resource.id, &events.at(name)?, scope))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((function, schedules))
}

fn variables(of: &Node, scope: &Scope<'_>) -> Result<BTreeMap<String, String>, TemplateError> {
    let environment = of.at("Environment")?;
    environment.only(&["Variables"], &[])?;
    let variables = environment.at("Variables")?;
    let mut resolved = BTreeMap::new();
    for name in variables.names()? {
        if let Some(value) = scope.resolve(&variables.at(&name)?)?.optional() {
            resolved.insert(name, value.scalar()?);
        }
    }
    Ok(resolved)
}

fn schedule(function: &str, event: &Node, scope: &Scope<'_>) -> Result<Schedule, TemplateError> {
    event.only(&["Properties", "Type"], &[])?;
    let kind = event.at("Type")?;
    let name = kind.text("the type of an event")?;
    if name != "Schedule" {
        return Err(kind.unsupported(&format!("an event of type {name}")));
    }
    let properties = event.at("Properties")?;
    properties.only(&["Schedule"], &["Description", "Name", "RetryPolicy"])?;
    let rate = scope.resolve(&properties.at("Schedule")?)?;
    let text = rate.text("rate(N UNIT)")?;
    let every_seconds = seconds(&text).ok_or_else(|| rate.not("rate(1 minute), rate(5 minutes) or alike"))?;
    Ok(Schedule { function: function.to_owned(), every_seconds })
}

/// EventBridge takes the singular for one and the plural for more, and nothing else.
fn seconds(rate: &str) -> Option<u64> {
    let (count, unit) = rate.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let count: u64 = count.parse().ok()?;
    let unit = match (count, unit) {
        (1, "minute") | (2.., "minutes") => 60,
        (1, "hour") | (2.., "hours") => 60 * 60,
        (1, "day") | (2.., "days") => 24 * 60 * 60,
        _ => return None,
    };
    count.checked_mul(unit)
}

pub(super) fn mapping(resource: &Resource, scope: &Scope<'_>) -> Result<Mapping, TemplateError> {
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
    // AWS gathers more than ten messages only over a window.
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
