//! The core on its own: tlog, rows, statement, verify. Runs with `--no-default-features` too.

mod identifier;
mod lab;
mod rows;
mod size;
mod terms;
mod tlog;
mod values;
mod vectors;
mod verify;
