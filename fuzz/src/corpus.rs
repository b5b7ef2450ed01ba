//! Where a fuzzer begins: each target makes its own first inputs, so that none are kept in the repository.

use std::path::PathBuf;

/// Puts `seeds` into the corpus folder, if the fuzzer was given one and it is empty.
///
/// The corpus folder is the first argument that is a folder, as libFuzzer has it.
pub fn plant(seeds: impl FnOnce() -> Vec<Vec<u8>>) {
    let folder = std::env::args().skip(1).map(PathBuf::from).find(|path| path.is_dir());
    let Some(folder) = folder.filter(|path| path.read_dir().is_ok_and(|mut files| files.next().is_none())) else {
        return;
    };
    for (seed, number) in seeds().iter().zip(1..) {
        std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("the corpus folder can be written to");
    }
}

/// No first inputs: any bytes are choices.
pub fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

/// A file of the repository, as it was when the fuzzer was built.
#[macro_export]
macro_rules! repository {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../", $path)).to_vec()
    };
}

/// The same bytes under each selector that a target reads first.
pub fn selected(selectors: impl IntoIterator<Item = u8>, bytes: &[u8]) -> Vec<Vec<u8>> {
    selectors.into_iter().map(|selector| [&[selector], bytes].concat()).collect()
}
