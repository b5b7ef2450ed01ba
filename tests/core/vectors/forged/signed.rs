//! Steps 2 and 3: checkpoints, cosignatures and anchors.

use super::*;

pub fn checkpoint() -> Vec<Vector> {
    let mut vectors = vec![
        edited_about(
            ABSENT,
            "checkpoint-of-another-key-of-the-name",
            "The same text, signed by a key with the log's name.",
            "checkpoint",
            |s, file| {
                let mut namesake = s.lab.clone();
                namesake.seed ^= 1;
                file.checkpoint = namesake.checkpoint(s.lab.size());
            },
        ),
        edited_about(ABSENT, "checkpoint-of-another-origin", "", "checkpoint", |s, file| {
            let mut other = Lab::new("other.example/deeds");
            other.entries = s.lab.entries.clone();
            file.checkpoint = other.checkpoint(s.lab.size());
        }),
        edited_about(
            ABSENT,
            "checkpoint-of-another-origin-signed-by-the-key",
            "The origin is the key's name.",
            "checkpoint",
            |s, file| {
                let text = file.checkpoint.split_once("\n\n").unwrap().0.replace("lab.example", "other.example") + "\n";
                file.checkpoint = s.lab.key().sign_note(&text).unwrap().to_string();
            },
        ),
    ];
    let note = |id: &str, comment: &str, edit: &dyn Fn(&str) -> String| {
        edited_about(ABSENT, id, comment, "checkpoint", |_, file| {
            let changed = edit(&file.checkpoint);
            assert_ne!(changed, file.checkpoint, "{id}");
            file.checkpoint = changed;
        })
    };
    vectors.push(note("checkpoint-with-a-bit-of-the-signature-flipped", "", &|n| resign(n, |bytes| bytes[40] ^= 1)));
    vectors.push(note("checkpoint-with-s-plus-l", "A malleable signature: S is not below the group order.", &|n| {
        resign(n, |bytes| plus_l(bytes))
    }));
    vectors.push(note("checkpoint-with-a-small-order-r", "Strict verification refuses R of small order.", &|n| {
        resign(n, |bytes| bytes[4..36].copy_from_slice(&[&[1][..], &[0; 31]].concat()))
    }));
    vectors.push(note("checkpoint-with-a-signature-cut-short", "", &|n| resign(n, |bytes| bytes.truncate(67))));
    vectors.push(note("checkpoint-with-another-key-id", "A line of an unknown key, and no other.", &|n| {
        resign(n, |bytes| bytes[0] ^= 1)
    }));
    vectors.push(note("checkpoint-with-its-size-more", "The signature is that of the honest text.", &|n| {
        n.replacen("\n9\n", "\n10\n", 1)
    }));
    vectors.push(note("checkpoint-with-its-size-less", "", &|n| n.replacen("\n9\n", "\n8\n", 1)));
    vectors.push(note("checkpoint-with-a-hyphen-for-the-dash", "", &|n| n.replace('\u{2014}', "-")));
    vectors.push(note("checkpoint-without-signatures", "", &|n| n.split_once("\n\n").unwrap().0.to_owned() + "\n\n"));
    vectors.push(note("checkpoint-without-the-empty-line", "", &|n| n.replacen("\n\n", "\n", 1)));
    vectors.push(note("checkpoint-with-a-bad-line-of-the-key", "Every line of a known key must verify.", &|n| {
        let bad = resign(n, |bytes| bytes[40] ^= 1);
        n.to_owned() + bad.split_once("\n\n").unwrap().1
    }));
    for (id, edit) in [
        ("checkpoint-with-an-extension-line", (|text: &str| text.to_owned() + "extension\n") as fn(&str) -> String),
        ("checkpoint-with-a-leading-zero", |text| text.replacen("\n9\n", "\n09\n", 1)),
        ("checkpoint-with-a-root-cut-short", |text| text.replacen("=\n", "\n", 1)),
    ] {
        vectors.push(edited_about(ABSENT, id, "Signed by the log's key.", "checkpoint", |s, file| {
            let text = edit(&(file.checkpoint.split_once("\n\n").unwrap().0.to_owned() + "\n"));
            file.checkpoint = s.lab.key().sign_note(&text).unwrap().to_string();
        }));
    }
    vectors.extend(quorums());
    vectors
}

/// A note whose one signature line holds other bytes: key id and signature.
fn resign(note: &str, edit: impl FnOnce(&mut Vec<u8>)) -> String {
    use base64::Engine;
    let (before, encoded) = note.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = base64::prelude::BASE64_STANDARD.decode(encoded).unwrap();
    edit(&mut bytes);
    format!("{before} {}\n", base64::prelude::BASE64_STANDARD.encode(bytes))
}

/// Adds the group order to S.
fn plus_l(bytes: &mut [u8]) {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, l) in bytes[36..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(l) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
}

fn quorums() -> Vec<Vector> {
    let s = story();
    let (w, v) = (witness("w.example", 21), witness("v.example", 22));
    let both = policy(&s.lab, "all", &[&w, &v]);
    let case = |id: &str, comment: &str, policy: &str, note: String| {
        let (mut file, asked) = shortest(&s);
        let asked = Asked { policy: Some(policy.to_owned()), ..asked };
        file.checkpoint = note;
        forged(id, comment, "checkpoint", &asked, &file.print()).flag("prover")
    };
    let (size, march) = (s.lab.size(), "2026-03-01T00:00:00Z");
    let one = policy(&s.lab, "all", &[&w]);
    let other_text = s.lab.cosigned(size - 1, &[(&w, march)]);
    let other_line = other_text.lines().last().unwrap();
    let honest = s.lab.cosigned(size, &[(&w, march)]);
    let retimed = resign(&honest, |bytes| bytes[11] ^= 1);
    vec![
        case("checkpoint-that-one-of-two-witnesses-cosigned", "", &both, honest),
        case("checkpoint-that-nobody-cosigned", "", &one, s.lab.checkpoint(size)),
        case(
            "checkpoint-with-the-cosignature-of-another-size",
            "",
            &one,
            format!("{}{other_line}\n", s.lab.checkpoint(size)),
        ),
        case("checkpoint-with-the-time-of-a-cosignature-changed", "The time is signed.", &one, retimed),
        case(
            "cosignature-after-the-year-9999",
            "Its signature is right.",
            &one,
            cosigned_at(&s.lab, &w, 253_402_300_800),
        ),
        case("cosignature-at-the-end-of-64-bits", "", &one, cosigned_at(&s.lab, &w, u64::MAX)),
    ]
}

fn cosigned_at(lab: &Lab, witness: &SigningKey, time: u64) -> String {
    let note = deedbook::tlog::Note::parse(&lab.checkpoint(lab.size())).unwrap();
    let line = deedbook::tlog::cosignature::cosign(witness, time, note.text()).unwrap();
    format!("{note}{line}\n")
}

pub fn anchors() -> Vec<Vector> {
    let anchored = |id: &str, comment: &str, sizes: &[u64], edit: &dyn Fn(&Story, &mut ProofFile)| {
        edited_about(ABSENT, id, comment, "anchors", |s, file| {
            file.anchors = sizes.iter().map(|size| s.lab.anchor(*size, s.lab.size(), &[])).collect();
            edit(s, file);
        })
    };
    let nothing = |_: &Story, _: &mut ProofFile| {};
    let mut vectors = vec![
        anchored("anchors-descending", "", &[3, 2], &nothing),
        anchored("anchor-twice", "", &[3, 3], &nothing),
        anchored("anchor-of-the-checkpoints-size", "", &[9], &nothing),
        edited_about(ABSENT, "anchor-of-size-zero", "", "anchors", |s, file| {
            file.anchors = vec![Anchor { note: s.lab.checkpoint(0), path: Vec::new() }];
        }),
        anchored("anchor-with-two-hashes-swapped", "", &[3], &|_, file| file.anchors[0].path.swap(0, 1)),
        anchored("anchor-with-a-hash-too-few", "", &[3], &|_, file| {
            file.anchors[0].path.pop();
        }),
        anchored("anchor-with-a-hash-too-many", "", &[3], &|_, file| file.anchors[0].path.push(Hash([7; 32]))),
        anchored("anchor-with-the-path-of-another-size", "", &[3], &|s, file| {
            file.anchors[0].path = s.lab.anchor(5, s.lab.size(), &[]).path;
        }),
        anchored("anchor-of-another-history", "A fork, signed by the log's own key.", &[4], &|s, file| {
            let mut fork = s.lab.clone();
            fork.entries[3].leaf = Hash([7; 32]);
            file.anchors[0].note = fork.checkpoint(4);
        }),
        anchored("anchor-of-another-key-of-the-name", "", &[4], &|s, file| {
            let mut namesake = s.lab.clone();
            namesake.seed ^= 1;
            file.anchors[0].note = namesake.checkpoint(4);
        }),
    ];
    let s = story();
    let w = witness("w.example", 21);
    let asked = Asked { policy: Some(policy(&s.lab, "all", &[&w])), ..first(&s.lab) };
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
    plan.anchors = vec![s.lab.anchor(2, plan.size, &[])];
    let line = s.lab.cosigned(3, &[(&w, "2026-02-01T06:00:00Z")]).lines().last().unwrap().to_owned();
    plan.anchors[0].note += &format!("{line}\n");
    let comment = "A witness's line of another size, which would give the anchor a time.";
    vectors.push(
        forged("anchor-with-the-cosignature-of-another-size", comment, "anchors", &asked, &plan.file(&s.lab).print())
            .flag("prover"),
    );
    vectors
}
