//! The `deedbook` command. Everything is in `deedbook::cli`.

fn main() -> std::process::ExitCode {
    deedbook::cli::main()
}
