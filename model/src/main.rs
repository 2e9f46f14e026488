//! Checks the protocol exhaustively within the bounds that it prints.

fn main() {
    for bounds in taskway_model::FULL {
        if std::env::args().nth(1).is_some_and(|a| !a.contains(&bounds.name[..1])) { continue }

        let checked = taskway_model::check(*bounds, 2);
        println!("{} steps {} sit {} fates {:?} rests {} depth {} {:?} {}", bounds.name, checked.steps, checked.situations, checked.fates, checked.rests, checked.depth, checked.took, checked.violation.unwrap_or_default());
    }
}
