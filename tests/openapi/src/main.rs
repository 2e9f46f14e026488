//! Writes the API's document: to a file, or to the standard output.

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let text = taskway_openapi::text();
    match std::env::args_os().nth(1) {
        Some(file) => std::fs::write(&file, text)
            .with_context(|| format!("cannot write {}", std::path::Path::new(&file).display())),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}
