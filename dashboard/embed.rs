//! Lists the files of `built`, and names their edition by what they hold.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=built");
    let mut files = Vec::new();
    collect(Path::new("built"), &mut files)?;
    files.sort();
    let entries: String = files
        .iter()
        .map(|file| {
            let path = file.trim_start_matches("built");
            format!("    ({path:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{file}\"))),\n")
        })
        .collect();
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let mut zipped = String::new();
    for file in files.iter().filter(|file| file.ends_with(".js") || file.ends_with(".css")) {
        let path = file.trim_start_matches("built");
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(file)?)?;
        fs::write(Path::new(&out).join(format!("{}.gz", &path[1..])), encoder.finish()?)?;
        zipped += &format!("    ({path:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"{path}.gz\"))),\n");
    }
    fs::write(Path::new(&out).join("zipped.rs"), format!("&[\n{zipped}]\n"))?;
    let mut hasher = DefaultHasher::new();
    for file in &files {
        (file, fs::read(file)?).hash(&mut hasher);
    }
    let edition = format!("{:016x}", hasher.finish());
    fs::write(Path::new(&out).join("files.rs"), format!("&[\n{entries}]\n"))?;
    println!("cargo:rustc-env=TASKWAY_DASHBOARD_EDITION={edition}");
    Ok(())
}

/// The paths of all files below a directory, with `/` between their parts.
fn collect(directory: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            files.push(parts.join("/"));
        }
    }
    Ok(())
}
