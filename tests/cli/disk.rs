//! Disks that are full or read-only: an error that says so, and the ledger as it was.

use crate::support::{Scene, copy};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system in memory, where this user may mount one.
struct Mount(PathBuf);

impl Mount {
    fn tmpfs(at: PathBuf, options: &str) -> Option<Mount> {
        std::fs::create_dir_all(&at).unwrap();
        run("mount", &["-t", "tmpfs", "-o", options, "tmpfs", at.to_str()?]).then_some(Mount(at))
    }

    fn remount(&self, options: &str) -> bool {
        self.0.to_str().is_some_and(|at| run("mount", &["-o", &format!("remount,{options}"), at]))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Some(at) = self.0.to_str() {
            run("umount", &[at]);
        }
    }
}

fn run(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

/// A ledger on a file system of its own, which is unmounted before its folder goes.
fn mounted() -> Option<(Scene, Mount)> {
    let scene = Scene::books();
    let mount = Mount::tmpfs(scene.path("small"), "size=8m");
    if mount.is_none() {
        println!("skipped: this user cannot mount a file system");
    }
    copy(&scene.path("deeds"), &scene.path("small/deeds"));
    for file in ["key", "signed"] {
        crate::support::set_mode(&scene.path(&format!("small/deeds/private/{file}")), 0o600);
    }
    mount.map(|mount| (scene, mount))
}

fn fill(folder: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(folder.join("ballast")).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        let piece = vec![0; size];
        while file.write_all(&piece).is_ok() {}
    }
}

#[test]
fn full() {
    let Some((scene, _mount)) = mounted() else { return };
    scene.ok("--ledger small/deeds log status");
    fill(&scene.path("small"));
    let before = scene.ok("--ledger small/deeds log checkpoint").stdout;
    let ran = scene.run("--ledger small/deeds admit books books.csv");
    scene.golden("disk-full", &ran);
    assert_eq!(ran.code, Some(2));
    std::fs::remove_file(scene.path("small/ballast")).unwrap();
    assert_eq!(scene.ok("--ledger small/deeds log checkpoint").stdout, before);
    scene.ok("--ledger small/deeds log fsck");
}

/// The index may have been cut off in the middle of a write. It is derived: the next writer rebuilds it by itself.
#[test]
fn writing_goes_on_when_there_is_space_again() {
    let Some((scene, _mount)) = mounted() else { return };
    fill(&scene.path("small"));
    assert_eq!(scene.run("--ledger small/deeds admit books books.csv").code, Some(2));
    std::fs::remove_file(scene.path("small/ballast")).unwrap();
    scene.ok("--ledger small/deeds admit books books.csv");
    scene.ok("--ledger small/deeds log fsck");
}

/// The same for an index that anything else has damaged.
#[test]
fn damaged_index_is_rebuilt() {
    let scene = Scene::books();
    scene.write("deeds/index/register/db", "not a database");
    scene.ok("admit books books.csv");
    scene.sound();
}

#[test]
fn read_only() {
    let Some((scene, mount)) = mounted() else { return };
    assert!(mount.remount("ro"));
    let ran = scene.run("--ledger small/deeds admit books books.csv");
    scene.golden("disk-read-only", &ran);
    assert_eq!(ran.code, Some(2));
    // Readers write nothing.
    scene.ok("--ledger small/deeds log fsck");
    scene.ok("--ledger small/deeds grant list");
}

/// For users who cannot mount: a file where a folder is needed stops the writing just the same.
#[test]
fn a_file_where_a_folder_is_needed() {
    let scene = Scene::books();
    std::fs::write(scene.path("deeds/release"), "").unwrap();
    scene.ok("admit books books.csv");
    let before = scene.ok("log checkpoint").stdout;
    let ran = scene.run("seal books 1");
    scene.golden("file-where-a-folder-is-needed", &ran);
    assert_eq!(ran.code, Some(2));
    assert_eq!(scene.ok("log checkpoint").stdout, before);
    std::fs::remove_file(scene.path("deeds/release")).unwrap();
    scene.ok("seal books 1");
    scene.sound();
}

#[test]
fn output_on_a_full_device() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full");
        return;
    }
    let scene = Scene::sealed();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let line = "log checkpoint";
    let child = scene.command(line.split(' ')).stdout(full).spawn().unwrap();
    let ran = crate::support::finish(line, child, b"");
    scene.golden("stdout-full", &ran);
    assert_eq!(ran.code, Some(2));
}
