//! The shipped executor. Your own handlers go in `handlers.rs`.

use taskway_executor::{handlers, main as serve};

fn main() -> anyhow::Result<()> {
    serve(handlers::shipped())
}
