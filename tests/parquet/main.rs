//! Catalogues in Parquet: they say what the same table says as CSV, and hostile ones cost an error. Built with the
//! feature `parquet` only.

mod command;
mod embedded;
mod hostile;
#[path = "../log/random.rs"]
mod random;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;
mod tables;
mod written;
