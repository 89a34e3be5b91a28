//! The `stemma` command. All it does is in the library's `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    stemma::cli::run()
}
