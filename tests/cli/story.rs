//! Whole stories: one per user of this stage, and a process that is killed in the middle of its work.

use crate::support::{NORTH_PRESS, Scene, finish, vkey};
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

/// *May these works enter this run, and which lines fail?* An export comes down a pipe; the pipeline goes by the exit code.
#[test]
fn data_engineer() {
    let scene = Scene::ledger();
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    scene.write("north-press.toml", NORTH_PRESS);
    scene.ok("grant add north-press.toml");
    let export = "\
{\"isbn\":\"978-0-306-40615-7\",\"title\":\"One\",\"author\":[\"A. Author\",\"B. Author\"]}
{\"isbn\":\"9781861972712\",\"title\":\"Two\"}
{\"isbn\":\"9781861972713\",\"title\":\"A mistyped number\"}
{\"isbn\":\"9791090636071\",\"title\":\"Another house's\"}
{\"title\":\"No number at all\"}
";
    let line = "--json admit books - --format jsonl --report failed.jsonl --require all-admitted";
    let ran = scene.run_with(line, export);
    assert_eq!(ran.code, Some(1), "some lines fail: the pipeline stops");
    let counts = ran.json();
    assert_eq!((counts["considered"].as_u64(), counts["admitted"].as_u64()), (Some(5), Some(2)));
    let failed = scene.read("failed.jsonl");
    let lines: Vec<serde_json::Value> = failed.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let told: Vec<(u64, &str)> =
        lines.iter().map(|l| (l["line"].as_u64().unwrap(), l["codes"][0].as_str().unwrap())).collect();
    assert_eq!(told, [(3, "bad-identifier"), (4, "not-in-subject"), (5, "no-identifier")]);

    // The lines are mended, and sent again as a whole: what is there already is not recorded twice.
    let mended: String = export.lines().take(2).map(|l| format!("{l}\n")).collect();
    let ran = scene.run_with(line, mended + "{\"isbn\":\"9783161484100\",\"title\":\"Three\"}\n");
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!((ran.json()["admitted"].as_u64(), ran.json()["duplicates"].as_u64()), (Some(1), Some(2)));
    assert_eq!(scene.ok("--json seal books 2026-11").json()["works"], 3);
    scene.sound();
}

/// *Is any of my catalogue in there? All of it, not one file.* She hands in her list, and gets one answer per line of it.
#[test]
fn rightsholder() {
    let lab = Scene::sealed();
    let hers = "isbn,title\n9783161484100,Three\n9791090636071,Never licensed\n9780306406157,One\n";
    lab.write("hers.csv", hers);
    let check = lab.ok("--json check books@1 hers.csv --report answers.jsonl").json();
    assert_eq!(
        (check["rows"].as_u64(), check["present"].as_u64(), check["absent"].as_u64()),
        (Some(3), Some(2), Some(1))
    );
    let answers = lab.read("answers.jsonl");
    let in_order: Vec<String> = answers
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["answer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(in_order, ["present", "absent", "present"]);

    lab.ok("prove books@1 hers.csv -o hers.proof");
    let line = format!("verify hers.proof --key {} --release books@1 --works hers.csv", vkey());
    let ran = lab.run(&line);
    lab.golden("rightsholders-catalogue", &ran);
    assert_eq!(ran.code, Some(0));
    // The answers stand in the order of her list.
    let places: Vec<usize> = ["9783161484100", "9791090636071", "9780306406157"]
        .iter()
        .map(|isbn| ran.stdout.find(&format!("isbn:{isbn}")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{}", ran.stdout);
    // A proof that leaves one of hers out is no answer.
    lab.ok("prove books@1 --work isbn:9783161484100 -o part.proof");
    assert_eq!(lab.run(&line.replace("hers.proof", "part.proof")).code, Some(1));
}

/// *Can I verify on an air-gapped laptop with the file and a public key?* Nothing else is there: no ledger, no home.
#[test]
fn auditor() {
    let lab = Scene::sealed();
    let laptop = Scene::empty();
    laptop.write("two.proof", lab.read("two.proof"));
    laptop.write("lab.pub", vkey());
    drop(lab);
    let line = "verify two.proof --key lab.pub --release books@1 --work isbn:9780306406157";
    let mut command = Command::new(env!("CARGO_BIN_EXE_deedbook"));
    command.args(line.split(' ')).env_clear().current_dir(laptop.path(""));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let before = laptop.snapshot();
    let ran = finish(line, child, b"");
    laptop.golden("auditors-answer", &ran);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("Never proven by such a file:"));
    laptop.unchanged("verify", &before);
}

const WORKS: usize = 200_000;

fn works() -> String {
    let mut csv = String::from("id,title,licence\n");
    for n in 0..WORKS {
        let _ = writeln!(csv, "t/{n:06},Title {n},CC0-1.0");
    }
    csv
}

/// `admit` is killed at several moments: the ledger is as before or as after, the next one works, and fsck finds nothing.
#[test]
fn killed_while_admitting() {
    let scene = Scene::ledger();
    scene.ok("dataset new tracks --use generative-training --purpose commercial --layer master");
    let old = scene.log_size();
    scene.write("tracks.csv", works());

    // How long it takes when nobody kills it, on a copy.
    crate::support::copy(&scene.path("deeds"), &scene.path("copy"));
    let started = Instant::now();
    let whole = scene.ok("--ledger copy --json admit tracks tracks.csv").json();
    let took = started.elapsed();
    std::fs::remove_dir_all(scene.path("copy")).unwrap();
    let new = whole["log_size"].as_u64().unwrap();
    assert_eq!(whole["admitted"], WORKS);

    let mut killed = 0;
    for part in [10, 40, 70, 92] {
        let line = "admit tracks tracks.csv";
        let mut child = scene.command(line.split(' ')).stdin(Stdio::null()).spawn().unwrap();
        std::thread::sleep(took * part / 100);
        // SIGKILL: nothing of the program runs after it.
        child.kill().unwrap();
        killed += u32::from(finish(line, child, b"").code.is_none());
        let size = scene.log_size();
        assert!(size == old || size == new, "killed after {part} %: {size} is neither {old} nor {new}");
        if size == new {
            break;
        }
        // Whatever lies about, it is no damage.
        let fsck = scene.run("--json log fsck");
        assert_eq!(fsck.json()["sound"], true, "killed after {part} %: {}", fsck.stdout);
    }
    assert!(killed > 0, "no process was killed in time: {took:?}");
    let again = scene.ok("--json admit tracks tracks.csv").json();
    let count = |name: &str| again[name].as_u64().unwrap();
    assert_eq!(count("admitted") + count("duplicates"), WORKS as u64);
    scene.sound();
}
