//! Prepares the scope of a template in three steps: parameters, conditions, names.

use std::collections::BTreeMap;

use super::{
    conditions, document::Document, error::TemplateError, kind::Kind, local_endpoints::LocalEndpoints,
    parameters::Parameters, resolve::Scope,
};

/// Evaluates the conditions, and removes the resources whose condition does not hold from `document`. Then names the other
/// resources: by the template, or as CloudFormation would name them.
pub(super) fn of<'a>(document: &mut Document, local: &'a LocalEndpoints) -> Result<Scope<'a>, TemplateError> {
    let parameters = Parameters::of(&document.parameters, &local.parameters)?;
    // At first the scope has no resources, because conditions and names cannot refer to them.
    let mut scope = Scope::new(parameters, local);
    scope.decide(conditions::evaluate(&document.conditions, &scope)?);
    document.keep(|condition| scope.condition(&condition.text("the name of a condition")?, condition))?;
    let mut named = BTreeMap::new();
    for resource in &document.resources {
        let Some(kind) = Kind::of(&resource.kind) else { continue };
        let name = match scope.resolve(&resource.properties()?.at(kind.name_property())?)?.optional() {
            Some(name) => name.text("a name")?,
            None => kind.given_name(&local.stack, &resource.id),
        };
        named.insert(resource.id.clone(), (kind, name));
    }
    scope.add(named);
    Ok(scope)
}
