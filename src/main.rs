//! The `stemma` command. All it does is in the library's `cli`.

use std::process::ExitCode;

/// A compile makes and drops many small strings on many threads, the store's own among them: with
/// the system's allocator a fifth of the time goes there.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    stemma::cli::run()
}
