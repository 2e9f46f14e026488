//! Functions and their schedules.

use std::collections::BTreeMap;

use super::{
    document::{Document, Resource},
    error::TemplateError,
    kind::Kind,
    model::{Function, Schedule},
    node::Node,
    resolve::Scope,
};

/// Properties that say how a function is built, sized and logged. Locally a function is a part of the process, so they make
/// no difference. `EventInvokeConfig` is about retries and stale events, and the local ticker has neither.
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
    "ReservedConcurrentExecutions",
    "Runtime",
    "Tags",
    "Tracing",
];

/// Lambda's default timeout.
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
    let every_seconds = seconds(&text).ok_or_else(|| rate.not("a rate such as rate(1 minute) or rate(5 minutes)"))?;
    Ok(Schedule { function: function.to_owned(), every_seconds })
}

/// Reads a rate. EventBridge accepts the singular only for one, and the plural only for more.
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
