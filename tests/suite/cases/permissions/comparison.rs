//! Compares the calls that were seen with the calls that are permitted.

use std::collections::BTreeSet;

use taskway_local::{calls::Call, template::Grant};

/// The access key of the tests themselves.
const TESTS: &str = "local";

/// Every difference between the permitted calls and the calls that were made, in words. `unseen` are calls that are
/// made and that the endpoints do not see.
pub(super) fn faults(grants: &[Grant], seen: &BTreeSet<Call>, unseen: &BTreeSet<Call>) -> Vec<String> {
    let permitted: BTreeSet<Call> = grants.iter().map(call).collect();
    let missing = seen.difference(&permitted).filter(|call| call.access_key != TESTS).map(|call| {
        format!("{} is not permitted {} on {}, which it does", call.access_key, call.action, call.resource)
    });
    let needed = unseen.difference(&permitted).map(|call| {
        format!("{} is not permitted {} on {}, which it needs unseen", call.access_key, call.action, call.resource)
    });
    let is_done = |grant: &Grant| seen.contains(&call(grant)) || unseen.contains(&call(grant));
    let spare = grants.iter().filter(|grant| !is_done(grant)).map(|grant| {
        let Grant { who, action, resource, sid } = grant;
        format!("{who} is permitted {action} on {resource} ({sid}), which it never does")
    });
    let mut once = BTreeSet::new();
    let again = grants.iter().filter(move |grant| !once.insert(call(grant))).map(|grant| {
        let Grant { who, action, resource, sid } = grant;
        format!("{who} is permitted {action} on {resource} ({sid}) more than once")
    });
    missing.chain(needed).chain(spare).chain(again).collect()
}

/// The call that a grant permits.
pub(super) fn call(Grant { who, action, resource, .. }: &Grant) -> Call {
    Call { access_key: who.clone(), action: action.clone(), resource: resource.clone() }
}
