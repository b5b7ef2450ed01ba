//! docs/changes.md, run: the lab's commands in its ledger, the rightsholder's in a folder that has what she was sent.

use crate::rightsholder::{Folder, SHELL, assert_printed, blocks};

/// The ledger that the page begins with.
fn lab() -> Folder {
    let lab = Folder::new();
    lab.write(
        "works.csv",
        "title,author,isbn,licence\nThe Covered Book,A. Author,978-0-306-40615-7,\n\
         An Open Book,B. Writer,978-3-16-148410-0,CC-BY-4.0\nA Third Book,C. Scholar,978-1-4028-9462-6,CC-BY-4.0\n",
    );
    lab.write(
        "north-press.toml",
        "id = \"north-press-2026\"\nbasis = \"contract\"\nlicence = \"LicenseRef-north-press-2026\"\n\
         layers = [\"text\"]\nuses = [\"generative-training\"]\npurposes = [\"commercial\"]\n\
         territories = [\"worldwide\"]\nvalid_from = \"2026-01-01\"\n\
         licensor = { name = \"North Press\", role = \"publisher\" }\nlicensee = { name = \"Example Lab\" }\n\
         subject = { works = [\"isbn:9780306406157\"] }\n",
    );
    lab.run(
        &SHELL,
        "deedbook init ledger --origin lab.example/deeds
         mv ledger/* .
         rmdir ledger
         deedbook dataset new books --use generative-training --purpose commercial --layer text
         deedbook grant add north-press.toml
         deedbook admit books works.csv
         deedbook seal books 2026-11
         deedbook prove books@2026-11 --work isbn:9780306406157 -o works.proof
         deedbook log status | sed -n 's/^verifier key *//p' > lab.pub",
    );
    lab
}

#[test]
fn the_page_of_changes_runs_as_written() {
    let (lab, hers) = (lab(), Folder::new());
    let blocks = blocks("docs/changes.md");
    assert_eq!(blocks.len(), 7, "the commands of the page were not found");
    for (commands, said) in &blocks {
        for handed_over in ["works.proof", "disputed.proof", "lab.pub"] {
            let _ = std::fs::copy(lab.path(handed_over), hers.path(handed_over));
        }
        let _ = std::fs::copy(hers.path("dispute-6.json"), lab.path("dispute-6.json"));
        let printed = match commands.strip_prefix("# the rightsholder\n") {
            Some(commands) => hers.run(&SHELL, commands),
            None => lab.run(&SHELL, commands),
        };
        assert_printed(said, &printed, commands);
    }
    assert!(!hers.path("ledger.toml").exists(), "she needs no ledger");
}
