//! The command line of An Sinh.

use std::process::ExitCode;

/// Many small values are made and dropped on many threads; the allocator of the system is slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ansinh::cli::main()
}
