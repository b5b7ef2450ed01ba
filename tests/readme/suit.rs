//! docs/suit.md, run: every command as it stands there, and each line that it is said to print.

use crate::read;
use std::path::Path;
use std::process::Command;

#[test]
fn the_story_of_the_suit_goes_as_it_is_told() {
    let page = read("docs/suit.md");
    // What the blocks of one section print is shown below the last of them.
    let (mut script, mut wanted) = ("set -eu\n".to_owned(), Vec::new());
    for part in page.split("\n```").skip(1) {
        if let Some(commands) = part.strip_prefix("sh\n") {
            script += commands;
            script += "\n";
        } else if let Some(said) = part.strip_prefix("text\n") {
            wanted.extend(said.lines());
        }
    }
    let shm = Path::new("/dev/shm");
    let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.expect("a folder");
    let bin = Path::new(env!("CARGO_BIN_EXE_deedbook")).parent().expect("a folder").display().to_string();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(dir.path()).env_clear().env("PATH", path);
    let output = command.output().expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let mut rest = &out[..];
    assert!(wanted.len() > 30, "{wanted:?}");
    for line in wanted {
        let found = rest.find(line).unwrap_or_else(|| panic!("{line:?} is not, in this order, in\n{out}"));
        rest = &rest[found + line.len()..];
    }
}
