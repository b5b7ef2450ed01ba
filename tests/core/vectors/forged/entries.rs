//! Steps 5 and 6: entries, statements, what they name, and their times.

use super::*;

pub fn entries() -> Vec<Vector> {
    let mut vectors = vec![
        edited("path-with-a-hash-too-few", "", "entries", |_, file| file.path.truncate(file.path.len() - 1)),
        edited("path-with-a-hash-too-many", "", "entries", |_, file| file.path.push(Hash([0; 32]))),
        edited("path-with-two-hashes-swapped", "", "entries", |_, file| file.path.swap(0, 1)),
        edited("path-with-a-bit-flipped", "", "entries", |_, file| file.path[0].0[31] ^= 1),
        edited("entries-swapped", "", "entries", |_, file| file.entries.swap(1, 2)),
        edited("entry-twice", "Duplicate indices let a leaf pass that is in no tree.", "entries", |_, file| {
            file.entries.insert(1, file.entries[1].clone());
        }),
        edited("entry-twice-with-another-text", "", "entries", |_, file| {
            let mut other = file.entries[2].clone();
            other.text = Some(other.text.unwrap().replace("2028", "2029"));
            file.entries.insert(2, other);
        }),
        edited("no-entries", "", "entries", |_, file| file.entries.clear()),
        edited("entry-with-its-index-more", "", "entries", |_, file| file.entries[2].index += 1),
        edited("entry-with-its-index-less", "", "entries", |_, file| file.entries[3].index -= 1),
        edited("entry-beyond-the-checkpoint", "Its index is the size.", "entries", |s, file| {
            file.entries.last_mut().unwrap().index = s.lab.size();
        }),
        edited("entry-far-beyond-the-checkpoint", "", "entries", |_, file| {
            file.entries.last_mut().unwrap().index = (1 << 53) - 1;
        }),
        edited("entry-with-a-letter-changed", "", "entries", |_, file| {
            file.entries[2].text = file.entries[2].text.take().map(|t| t.replace("North Press", "South Press"));
        }),
        edited("entry-with-text-and-leaf", "", "entries", |s, file| file.entries[2].leaf = Some(s.lab.entries[2].leaf)),
        edited("entry-without-text-and-leaf", "", "entries", |_, file| file.entries[2].text = None),
        edited("root-as-a-leaf", "The whole tree as if it were its first leaf.", "entries", |s, file| {
            let note =
                Checkpoint::parse(file.checkpoint.split_inclusive("\n\n").next().unwrap().strip_suffix('\n').unwrap());
            (file.entries[0].text, file.entries[0].leaf) = (None, Some(note.unwrap().root));
            file.path.clear();
            assert!(s.lab.size() > 1);
        }),
        edited("inner-node-as-a-leaf", "A node over entries 6 and 7 as if it were entry 6.", "entries", |s, file| {
            let node = node_hash(&s.lab.entries[6].leaf, &s.lab.entries[7].leaf);
            let entry = file.entries.iter_mut().find(|e| e.index == 7).unwrap();
            (entry.index, entry.leaf, entry.text) = (6, Some(node), None);
            file.path.pop();
        }),
        edited(
            "checkpoint-one-entry-older",
            "Signed by the log, and the path is that of the newest.",
            "entries",
            |s, file| {
                file.checkpoint = s.lab.checkpoint(s.lab.size() - 1);
            },
        ),
        edited("checkpoint-one-entry-newer", "", "entries", |s, file| {
            let mut lab = s.lab.clone();
            lab.screen(s.dataset, 1);
            file.checkpoint = lab.checkpoint(lab.size());
        }),
        edited(
            "checkpoint-with-the-root-of-other-entries",
            "Signed by the log: two histories.",
            "entries",
            |s, file| {
                let checkpoint =
                    Checkpoint { origin: s.lab.origin.clone(), size: s.lab.size(), root: leaf_hash(b"other") };
                file.checkpoint = checkpoint.sign(&s.lab.key()).unwrap().to_string();
            },
        ),
    ];
    vectors.extend(statements());
    vectors.extend(references());
    vectors
}

/// Texts that are in the log and disclosed, and are no statements.
fn statements() -> Vec<Vector> {
    let correction = {
        let mut s = story();
        let index = s.lab.correct(s.dataset);
        s.lab.entries[index as usize].text.clone()
    };
    let cases = [
        ("entry-of-an-unknown-kind", r#"{"kind":"pardon","v":1}"#.to_owned()),
        ("entry-of-a-later-version", correction.replace("\"v\":1", "\"v\":2")),
        ("entry-that-is-no-json", "nonsense".to_owned()),
        ("entry-with-spaces", correction.replace(",", ", ")),
        ("entry-with-an-empty-text", correction.replace("misspelt", "")),
        ("entry-with-an-unknown-member", correction.replace("\"entry\"", "\"entries\":1,\"entry\"")),
        ("entry-with-a-day-that-is-none", correction.replace("2026-02-01T", "2026-02-30T")),
        ("entry-with-a-leap-second", correction.replace(":00Z", ":60Z")),
        ("entry-with-a-short-salt", correction.replace("==\"", "\"")),
    ];
    let foreign = |(id, text): (&str, String)| {
        assert_ne!(text, correction, "{id}");
        let mut s = story();
        let about = format!("entry:{}", s.dataset);
        let index = s.lab.push_text(text);
        s.lab.state_with(|rows| add(rows, registered(&about, index)), |_| {});
        let comment = "It is in the log and the register leads to it.";
        by_lab(id, comment, "entries", &s.lab, s.release, &[ABSENT])
    };
    cases.into_iter().map(foreign).collect()
}

fn references() -> Vec<Vector> {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    lab.admit(dataset, &ids(&[FIRST]), 3);
    lab.grant(terms("north"));
    let release = lab.release(dataset, "1");
    lab.state();
    let comment = "The admission names a grant that was logged after it.";
    let mut vectors = vec![by_lab("forward-reference", comment, "entries", &lab, release, &[FIRST])];
    for (id, ahead) in [("reference-to-itself", 0), ("reference-to-what-is-yet-to-come", 1)] {
        let mut s = story();
        let correction = s.lab.correct(s.lab.size() + ahead);
        let about = format!("entry:{}", s.admissions[0]);
        s.lab.state_with(|rows| add(rows, registered(&about, correction)), |_| {});
        vectors.push(by_lab(id, "", "entries", &s.lab, s.release, &[FIRST]));
    }
    let s = story_with(|lab, dataset, admissions| {
        lab.admit(dataset, &ids(&[ABSENT, SECOND]), admissions[1]);
    });
    vectors.push(by_lab("grant-that-is-an-admission", "", "entries", &s.lab, s.release, &[ABSENT, SECOND]));
    let mut s = story();
    s.lab.erase(s.grant);
    s.lab.entries[s.grant as usize].is_erased = false;
    s.lab.state();
    vectors.push(by_lab(
        "erasure-of-a-grant",
        "Only admissions and disputes are erased.",
        "entries",
        &s.lab,
        s.release,
        &[FIRST],
    ));
    let mut s = story();
    let release = s.lab.release_with(s.dataset, "2", |_| {}, |r| r.dataset = s.grant);
    let state = s.lab.state();
    let mut plan = s.lab.plan(s.release, &works(&[&[ABSENT]]));
    plan.entries = BTreeSet::from([0, s.grant, release, state]);
    let keys = plan.keys.remove(&s.release).unwrap();
    plan.keys.insert(release, keys);
    let bytes = plan.file(&s.lab).print();
    vectors.push(forged("release-of-a-grant", "Its dataset is a grant.", "entries", &open(&s.lab), &bytes).flag("lab"));
    vectors
}

pub fn times() -> Vec<Vector> {
    let mut s = story();
    s.lab.set_time("2026-01-31T23:59:59Z");
    s.lab.state();
    let mut vectors =
        vec![by_lab("decreasing-at", "The state is dated before the release.", "times", &s.lab, s.release, &[FIRST])];
    let s = story();
    let w = witness("w.example", 21);
    let late = |id: &str, comment: &str, anchors: &[(u64, &str)], seen: &str| {
        let asked = Asked { policy: Some(policy(&s.lab, "all", &[&w])), ..first(&s.lab) };
        let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
        plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, seen)]);
        plan.anchors = anchors.iter().map(|(size, at)| s.lab.anchor(*size, plan.size, &[(&w, at)])).collect();
        forged(id, comment, "times", &asked, &plan.file(&s.lab).print()).flag("lab")
    };
    vectors.push(late("dated-after-the-checkpoint-was-seen", "", &[], "2026-01-01T00:00:00Z"));
    let seen = s.lab.statement(s.admissions[0] - 1).unwrap().head().1.to_string();
    let anchor = [(s.admissions[0] + 1, seen.as_str())];
    vectors.push(late("dated-after-an-anchor-was-seen", "The admission is in it.", &anchor, "2026-03-01T00:00:00Z"));
    vectors
}
