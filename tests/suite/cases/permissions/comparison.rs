//! What was seen against what is permitted.

use std::collections::BTreeSet;

use taskway_local::{calls::Call, template::Grant};

/// The tests' own access key, and that of nobody else.
const TESTS: &str = "local";

/// Everything in which what is permitted is not what was done, in words; nothing when they are the same. `unseen` is
/// what is done besides, where the endpoints do not see it.
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

/// The call that is permitted.
pub(super) fn call(Grant { who, action, resource, .. }: &Grant) -> Call {
    Call { access_key: who.clone(), action: action.clone(), resource: resource.clone() }
}
