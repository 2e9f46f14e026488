//! Runs a Rust program of the pages: `taskway-pages PAGE:LINE`. Without an argument it lists them, with the files that
//! their blocks name. `scripts/test-pages` starts each and gives it a task.

use std::env;

type Start = fn() -> anyhow::Result<()>;

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

fn main() -> anyhow::Result<()> {
    let Some(wanted) = env::args().nth(1) else {
        PROGRAMS.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let program = PROGRAMS.iter().find(|(name, _)| name.split(' ').next() == Some(&wanted));
    let (_, start) = program.ok_or_else(|| anyhow::anyhow!("no page has a Rust program at {wanted}"))?;
    start()
}
