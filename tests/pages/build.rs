//! Makes a module of each Rust program in the pages, so that the compiler sees the pages' own text.

use std::{env, fs, io, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn main() -> io::Result<()> {
    let mut pages = vec!["README.md".to_owned()];
    for entry in fs::read_dir(Path::new(ROOT).join("docs"))? {
        let name = entry?.file_name();
        pages.extend(name.to_str().filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}")));
    }
    pages.sort();
    println!("cargo::rerun-if-changed={ROOT}/docs");

    let (mut modules, mut programs) = (String::new(), String::new());
    for page in &pages {
        println!("cargo::rerun-if-changed={ROOT}/{page}");
        for Program { line, file, text } in programs_of(&fs::read_to_string(Path::new(ROOT).join(page))?) {
            let module = format!("of_{}_{line}", page.to_lowercase().replace(['/', '.', '-'], "_"));
            modules += &format!(
                "#[allow(clippy::all, unused)]\n\
                 mod {module} {{\n{text}\npub(crate) fn start() -> anyhow::Result<()> {{ main() }}\n}}\n"
            );
            programs += &format!("({:?}, {module}::start),\n", format!("{page}:{line} {file}").trim_end());
        }
    }
    let made = format!("{modules}\nconst PROGRAMS: &[(&str, Start)] = &[\n{programs}];\n");
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("programs.rs"), made)
}

struct Program {
    line: usize,
    /// The file that the reader is to save it in, if the page says so.
    file: String,
    text: String,
}

/// The Rust programs of a page. The receivers in `docs/receivers.md` need packages that the workspace does not have, and
/// `tests/foreign/test_receivers.py` runs them.
fn programs_of(page: &str) -> Vec<Program> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(file) = line.strip_prefix("```rust").map(str::trim) else { continue };
        let text: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        if file.is_empty() || file.starts_with("examples/") {
            found.push(Program { line: at + 1, file: file.to_owned(), text: text.join("\n") });
        }
    }
    found
}
