//! The `deedbook` command. Everything is in `deedbook::cli`.

/// Works go from thread to thread, and are freed in another than made them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    deedbook::cli::main()
}
