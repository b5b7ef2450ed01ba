//! Keys, notes, checkpoints, cosignatures and policies.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use deedbook::tlog::note::MAX_NOTE_LEN;
use deedbook::tlog::policy::{MAX_ITEMS, MAX_LINES};
use deedbook::tlog::{
    self, Checkpoint, Cosigner, Hash, KeyError, KeyKind, Note, NoteError, NoteSignature, Policy, PolicyError,
    PolicyFault, SigningKey, VerifiedCheckpoint, VerifierKey, cosignature,
};

fn log_key(name: &str) -> SigningKey {
    SigningKey::from_seed(name, KeyKind::Ed25519, &tlog::sha256(name.as_bytes())).unwrap()
}

fn witness_key(name: &str) -> SigningKey {
    SigningKey::from_seed(name, KeyKind::CosignatureV1, &tlog::sha256(name.as_bytes())).unwrap()
}

const ORIGIN: &str = "example.com/log";

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 42, root: tlog::leaf_hash(b"root") }
}

/// The checkpoint above, signed by its log and cosigned by these witnesses at these times.
fn cosigned(witnesses: &[(&str, u64)]) -> Note {
    let mut note = checkpoint().sign(&log_key(ORIGIN)).unwrap();
    for &(name, time) in witnesses {
        let line = cosignature::cosign(&witness_key(name), time, note.text()).unwrap();
        note.add(line).unwrap();
    }
    note
}

mod keys {
    use super::*;

    const FOO: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    /// The key pair in the documentation of Go's note package.
    const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NEUMANN_PRIVATE: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    #[test]
    fn the_published_keys_load_and_print() {
        let key = VerifierKey::parse(FOO).unwrap();
        assert_eq!(
            (key.name(), key.kind(), key.id().to_string().as_str()),
            ("example.com/foo", KeyKind::Ed25519, "530d903a")
        );
        assert_eq!(key.to_string(), FOO);
        let key = SigningKey::parse(NEUMANN_PRIVATE).unwrap();
        assert_eq!(key.verifier().to_string(), NEUMANN);
        assert_eq!(key.print_private(), NEUMANN_PRIVATE);
    }

    #[test]
    fn the_published_notes_verify() {
        let foo = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
        assert_eq!(Note::parse(foo).unwrap().verify(&VerifierKey::parse(FOO).unwrap()), Ok(()));

        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let line = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let note = SigningKey::parse(NEUMANN_PRIVATE).unwrap().sign_note(text).unwrap();
        assert_eq!(note.to_string(), format!("{text}\n{line}"));
    }

    #[test]
    fn a_witness_key_has_its_own_id_and_prints_back() {
        let key = witness_key("witness.example.com/w1");
        let verifier = key.verifier();
        assert_eq!(VerifierKey::parse(&verifier.to_string()).as_ref(), Ok(verifier));
        assert_eq!(SigningKey::parse(&key.print_private()).unwrap().verifier(), verifier);
        let as_log = VerifierKey::new(verifier.name(), KeyKind::Ed25519, &verifier.public_key()).unwrap();
        assert_ne!(as_log.id(), verifier.id());
    }

    #[test]
    fn keys_that_are_not_what_they_say_are_refused() {
        let cases = [
            ("", KeyError::Malformed),
            ("example.com/foo", KeyError::Malformed),
            ("example.com/foo+530d903a", KeyError::Malformed),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", KeyError::Malformed),
            ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Malformed),
            ("example.com/foo++30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Malformed),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n", KeyError::Malformed),
            ("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::UnknownKind(2)),
            ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::BadName),
            ("a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::BadName),
            ("a\u{2003}b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::BadName),
            ("a\u{1}b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::BadName),
        ];
        for (text, refused) in cases {
            assert_eq!(VerifierKey::parse(text), Err(refused), "{text:?}");
        }
        let other = VerifierKey::parse("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
        assert!(matches!(other, Err(KeyError::WrongId { .. })));
        let renamed = NEUMANN_PRIVATE.replace("Neumann", "Newmann");
        assert!(matches!(SigningKey::parse(&renamed), Err(KeyError::WrongId { .. })));
        assert!(matches!(SigningKey::parse(NEUMANN), Err(KeyError::Malformed)));
    }

    #[test]
    fn points_that_anyone_could_sign_for_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        // y = p + 3 is a second encoding of the point with y = 3, which is not of small order.
        let mut twice = [0xFF; 32];
        (twice[0], twice[31]) = (0xF0, 0x7F);
        let mut once = [0; 32];
        once[0] = 3;
        let load = |point| VerifierKey::new("example.com/foo", KeyKind::Ed25519, &point);
        assert_eq!(load(identity), Err(KeyError::Weak));
        assert_eq!(load([0; 32]), Err(KeyError::Weak));
        assert_eq!(load([2; 32]), Err(KeyError::NotAPoint));
        assert!(load(once).is_ok());
        assert_eq!(load(twice), Err(KeyError::NotAPoint));
    }

    #[test]
    fn debug_shows_the_public_key_and_not_the_seed() {
        let key = SigningKey::parse(NEUMANN_PRIVATE).unwrap();
        assert_eq!(format!("{:?}", key.verifier()), NEUMANN);
        assert_eq!(format!("{key:?}"), format!("SigningKey({NEUMANN})"));
    }
}

mod notes {
    use super::*;

    #[test]
    fn a_note_prints_as_it_was_parsed() {
        let key = log_key("Καλλίμαχος/λόγος");
        for text in ["one line\n", "\n", "a\n\nb\n", "a\n\n", "\u{2014} looks like a line AAAA\n\n\n"] {
            let note = key.sign_note(text).unwrap();
            let printed = note.to_string();
            let parsed = Note::parse(&printed).unwrap();
            assert_eq!((parsed.text(), &parsed), (text, &note));
            assert_eq!(parsed.to_string(), printed);
            assert_eq!(parsed.verify(key.verifier()), Ok(()));
        }
    }

    #[test]
    fn what_would_not_be_printed_is_not_parsed() {
        let line = "\u{2014} example.com/foo AAAAAAE=";
        let cases = [
            (String::new(), NoteError::NoSignatures),
            (format!("text\n{line}\n"), NoteError::NoSignatures),
            (format!("text\n\n{line}"), NoteError::NoSignatures),
            ("text\n\n".to_owned(), NoteError::NoSignatures),
            (format!("te\txt\n\n{line}\n"), NoteError::BadText),
            (format!("text\r\n\n{line}\n"), NoteError::BadText),
            (format!("text\n\n{line}\n{line} \n"), NoteError::BadSignatureLine { position: 2 }),
            (format!("text\n\n{line}\r\n"), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n- foo AAAAAAE=\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014} foo\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014}  AAAAAAE=\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014} f+o AAAAAAE=\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014} f\u{a0}o AAAAAAE=\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014} f\u{1}o AAAAAAE=\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014} foo AAAAAA==\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
            ("text\n\n\u{2014} foo AAAAAAF=\n".to_owned(), NoteError::BadSignatureLine { position: 1 }),
        ];
        for (note, refused) in cases {
            assert_eq!(Note::parse(&note), Err(refused), "{note:?}");
        }
        let key = log_key("example.com/foo");
        for text in ["", "no newline", "tab\t\n"] {
            assert_eq!(key.sign_note(text), Err(NoteError::BadText), "{text:?}");
        }
    }

    #[test]
    fn a_signature_line_names_its_key() {
        let key = log_key("example.com/foo");
        let note = key.sign_note("text\n").unwrap();
        let line = &note.signatures()[0];
        assert_eq!((line.name(), line.id()), (key.verifier().name(), key.verifier().id()));
        assert_eq!(key.verifier().verify_raw(b"text\n", line.bytes()), Ok(()));
        assert_eq!(NoteSignature::parse(line.to_string().trim_end()).as_ref(), Some(line));
    }

    #[test]
    fn a_note_has_at_most_a_hundred_signatures() {
        let line = "\u{2014} example.com/foo AAAAAAE=\n";
        let note = |count| Note::parse(&format!("text\n\n{}", line.repeat(count)));
        assert_eq!(note(100).unwrap().signatures().len(), 100);
        assert_eq!(note(101), Err(NoteError::TooManySignatures));
        let mut full = note(100).unwrap();
        let signed = log_key("example.com/foo").sign_note("text\n").unwrap();
        assert_eq!(full.add(signed.signatures()[0].clone()), Err(NoteError::TooManySignatures));
    }

    #[test]
    fn a_note_has_at_most_a_mebibyte() {
        let key = log_key("example.com/foo");
        let signed = |len| key.sign_note(&format!("{}\n", "x".repeat(len)));
        let around = signed(0).unwrap().to_string().len();
        let longest = signed(MAX_NOTE_LEN - around).unwrap();
        assert_eq!(longest.to_string().len(), MAX_NOTE_LEN);
        assert!(Note::parse(&longest.to_string()).is_ok_and(|note| note == longest));
        let too_long = Err(NoteError::TooLong { len: MAX_NOTE_LEN + 1 });
        assert_eq!(signed(MAX_NOTE_LEN - around + 1), too_long);
        assert_eq!(Note::parse(&format!("x{longest}")), too_long);
        let mut note = longest.clone();
        let another = log_key("example.com/bar").sign_note("text\n").unwrap().signatures()[0].clone();
        assert!(matches!(note.add(another), Err(NoteError::TooLong { .. })));
        assert!(note == longest, "a refused line leaves the note as it was");
    }

    #[test]
    fn unknown_signatures_are_ignored_and_false_ones_are_not() {
        let (foo, bar) = (log_key("example.com/foo"), log_key("example.com/bar"));
        let mut note = foo.sign_note("text\n").unwrap();
        assert_eq!(
            note.verify(bar.verifier()),
            Err(NoteError::NotSigned { name: "example.com/bar".to_owned(), id: bar.verifier().id() })
        );
        note.add(bar.sign_note("other text\n").unwrap().signatures()[0].clone()).unwrap();
        assert_eq!(note.verify(foo.verifier()), Ok(()), "bar is unknown to who asks for foo");
        let refused = note.verify(bar.verifier());
        assert!(matches!(refused, Err(NoteError::Key(KeyError::BadSignature { .. }))));

        note.add(foo.sign_note("other text\n").unwrap().signatures()[0].clone()).unwrap();
        let refused = note.verify(foo.verifier());
        assert!(matches!(refused, Err(NoteError::Key(KeyError::BadSignature { .. }))), "one of foo's two is false");
    }

    #[test]
    fn adding_a_line_again_changes_nothing() {
        let mut note = log_key("example.com/foo").sign_note("text\n").unwrap();
        let before = note.clone();
        note.add(before.signatures()[0].clone()).unwrap();
        assert_eq!(note, before);
    }
}

mod checkpoints {
    use super::*;

    #[test]
    fn a_checkpoint_has_one_text() {
        let text = "example.com/log\n42\n1N6dVhJMgkTpdFfjmaGDGVoaCJHGgYuvBWTiLdwAXoY=\n";
        let parsed = Checkpoint::parse(text).unwrap();
        assert_eq!((parsed.origin.as_str(), parsed.size, parsed.to_string().as_str()), (ORIGIN, 42, text));
        let largest = text.replace("42", "9007199254740991");
        assert_eq!(Checkpoint::parse(&largest).unwrap().size, tlog::MAX_SIZE);
        let refused = [
            text.replace("42", "042"),
            text.replace("42", "+42"),
            text.replace("42", ""),
            text.replace("42", "-0"),
            text.replace("42", "9007199254740992"),
            text.replace("42", "99999999999999999999"),
            text.replace(ORIGIN, ""),
            text.replace("oY=", "oY"),
            text.replace("oY=", "oZ="),
            text.trim_end().to_owned(),
            format!("{text}extension\n"),
            format!("{text}\n"),
            format!("\n{text}"),
            String::new(),
        ];
        for text in refused {
            assert_eq!(Checkpoint::parse(&text), Err(NoteError::NotACheckpoint), "{text:?}");
        }
    }

    #[test]
    fn an_empty_log_has_the_empty_root() {
        let empty = Checkpoint { origin: ORIGIN.to_owned(), size: 0, root: tlog::empty_root() };
        assert_eq!(Checkpoint::parse(&empty.to_string()).as_ref(), Ok(&empty));
        let root = tlog::leaf_hash(b"");
        let lie = Checkpoint { root, ..empty };
        assert_eq!(Checkpoint::parse(&lie.to_string()), Err(NoteError::WrongEmptyRoot { root }));
        assert_eq!(lie.sign(&log_key(ORIGIN)), Err(NoteError::WrongEmptyRoot { root }));
    }

    #[test]
    fn only_the_key_named_for_the_origin_opens_it() {
        let key = log_key(ORIGIN);
        let note = checkpoint().sign(&key).unwrap();
        let opened = VerifiedCheckpoint::open(&note.to_string(), key.verifier()).unwrap();
        assert_eq!((opened.origin(), opened.size(), opened.root()), (ORIGIN, 42, &checkpoint().root));
        assert_eq!(opened.note(), &note);

        let other = log_key("example.com/other");
        let foreign = other.sign_note(note.text()).unwrap().to_string();
        let wrong_origin = NoteError::WrongOrigin { origin: ORIGIN.to_owned() };
        assert_eq!(VerifiedCheckpoint::open(&foreign, other.verifier()), Err(wrong_origin.clone()));
        assert_eq!(checkpoint().sign(&other), Err(wrong_origin));
        let unsigned = VerifiedCheckpoint::open(&foreign, key.verifier());
        assert!(matches!(unsigned, Err(NoteError::NotSigned { .. })));
        let witness = witness_key(ORIGIN);
        let wrong_kind = NoteError::WrongKind { name: ORIGIN.to_owned(), wanted: KeyKind::Ed25519 };
        assert_eq!(VerifiedCheckpoint::open(&foreign, witness.verifier()), Err(wrong_kind.clone()));
        assert_eq!(checkpoint().sign(&witness), Err(wrong_kind));
        let text = "not a checkpoint\n";
        let signed = key.sign_note(text).unwrap().to_string();
        assert_eq!(VerifiedCheckpoint::open(&signed, key.verifier()), Err(NoteError::NotACheckpoint));
    }

    /// Each bit of the file flipped, each byte left out, and each doubled: the note is refused, or what was
    /// altered is a line that nobody vouches for and the facts are the same.
    #[test]
    fn no_altered_byte_changes_what_is_signed() {
        let key = log_key(ORIGIN);
        let note = cosigned(&[("witness.example.com/w1", 1_700_000_000)]).to_string();
        let original = VerifiedCheckpoint::open(&note, key.verifier()).unwrap();
        let unknown_line = note.rfind("\u{2014} witness").unwrap();
        let bytes = note.as_bytes();
        let mut altered = Vec::new();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.to_vec();
                flipped[at] ^= 1 << bit;
                altered.push((at, flipped));
            }
            let mut shorter = bytes.to_vec();
            shorter.remove(at);
            let mut longer = bytes.to_vec();
            longer.insert(at, bytes[at]);
            altered.extend([(at, shorter), (at, longer)]);
        }
        for (at, bytes) in altered {
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if let Ok(opened) = VerifiedCheckpoint::open(&text, key.verifier()) {
                assert!(at >= unknown_line || text == note, "byte {at} of the signed part may not change");
                assert_eq!(opened.note().text(), original.note().text());
                assert_eq!((opened.size(), opened.root()), (original.size(), original.root()));
            }
        }
    }
}

mod witnesses {
    use super::*;

    const W1: &str = "witness.example.com/w1";

    #[test]
    fn a_cosignature_says_when() {
        let note = cosigned(&[(W1, 1_700_000_000)]);
        let (w1, w2) = (witness_key(W1), witness_key("witness.example.com/w2"));
        assert_eq!(cosignature::verify(&note, w1.verifier()), Ok(Some(1_700_000_000)));
        assert_eq!(cosignature::verify(&note, w2.verifier()), Ok(None));
        let line = &note.signatures()[1];
        assert_eq!(line.bytes()[..8], 1_700_000_000u64.to_be_bytes());
        let message = format!("cosignature/v1\ntime 1700000000\n{}", note.text());
        assert_eq!(w1.verifier().verify_raw(message.as_bytes(), &line.bytes()[8..]), Ok(()));
    }

    #[test]
    fn the_earliest_of_two_cosignatures_counts() {
        for times in [[(W1, 20), (W1, 10)], [(W1, 10), (W1, 20)]] {
            assert_eq!(cosignature::verify(&cosigned(&times), witness_key(W1).verifier()), Ok(Some(10)));
        }
    }

    #[test]
    fn a_cosignature_of_another_time_text_or_length_is_refused() {
        let witness = witness_key(W1);
        let note = cosigned(&[(W1, 10)]);
        // The note with other bytes in place of time and signature.
        let with = |bytes: &[u8]| {
            let bytes = [&witness.verifier().id().0, bytes].concat();
            format!("{}\n\u{2014} {W1} {}\n", note.text(), BASE64_STANDARD.encode(bytes))
        };
        let genuine = note.signatures()[1].bytes();
        assert_eq!(cosignature::verify(&Note::parse(&with(genuine)).unwrap(), witness.verifier()), Ok(Some(10)));
        let another_time = [&11u64.to_be_bytes(), &genuine[8..]].concat();
        let altered = [
            with(genuine).replacen("42", "43", 1),
            with(&another_time),
            with(&genuine[..71]),
            with(&genuine[..8]),
            with(&genuine[..7]),
            with(&[genuine, &[0]].concat()),
            with(&genuine[8..]),
        ];
        for altered in altered {
            let refused = cosignature::verify(&Note::parse(&altered).unwrap(), witness.verifier());
            assert!(matches!(refused, Err(NoteError::Key(KeyError::BadSignature { .. }))), "{altered}: {refused:?}");
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_is_refused() {
        for (time, accepted) in [(cosignature::MAX_TIME, true), (cosignature::MAX_TIME + 1, false), (u64::MAX, false)] {
            let verified = cosignature::verify(&cosigned(&[(W1, time)]), witness_key(W1).verifier());
            assert_eq!(verified.is_ok(), accepted, "{time}");
        }
    }

    #[test]
    fn a_log_key_does_not_cosign() {
        let key = log_key(ORIGIN);
        let wrong = Err(NoteError::WrongKind { name: ORIGIN.to_owned(), wanted: KeyKind::CosignatureV1 });
        assert_eq!(cosignature::verify(&cosigned(&[]), key.verifier()), wrong);
        assert!(cosignature::cosign(&key, 10, &checkpoint().to_string()).is_err());
        let refused = cosignature::cosign(&witness_key(W1), 10, "text\n");
        assert_eq!(refused, Err(NoteError::NotACheckpoint));
    }
}

mod policies {
    use super::*;

    fn log_line(name: &str) -> String {
        format!("log {}\n", log_key(name).verifier())
    }

    fn witness_line(name: &str) -> String {
        format!("witness {name} {}\n", witness_key(name).verifier())
    }

    /// The log, witnesses X1 to X3 and Y1 to Y3, and what a test adds.
    fn policy(rest: &str) -> String {
        let witnesses: String = ["X1", "X2", "X3", "Y1", "Y2", "Y3"].map(witness_line).concat();
        format!("{}{witnesses}{rest}", log_line(ORIGIN))
    }

    /// The proven time of a checkpoint with these cosignatures, under a policy.
    fn time(rest: &str, witnesses: &[(&str, u64)]) -> Result<Option<u64>, NoteError> {
        let policy = Policy::parse(&policy(rest)).unwrap();
        policy.open(&cosigned(witnesses).to_string()).map(|opened| opened.time())
    }

    /// The example of the specification: two of three X, one of three Y, and both.
    const NESTED: &str = "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n\
        group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

    #[test]
    fn the_proven_time_is_when_the_quorum_was_first_met() {
        assert_eq!(time(NESTED, &[("X1", 10), ("X3", 30), ("Y2", 20)]), Ok(Some(30)));
        assert_eq!(time(NESTED, &[("X1", 10), ("X2", 15), ("Y2", 20)]), Ok(Some(20)));
        assert_eq!(time(NESTED, &[("X1", 10), ("X2", 15), ("X3", 90), ("Y2", 99), ("Y3", 20)]), Ok(Some(20)));
        assert_eq!(time("quorum X1\n", &[("X1", 10), ("X2", 5)]), Ok(Some(10)));
        let all = "group g all X1 X2 X3\nquorum g\n";
        assert_eq!(time(all, &[("X1", 30), ("X2", 10), ("X3", 20)]), Ok(Some(30)));
    }

    #[test]
    fn too_few_witnesses_do_not_meet_the_quorum() {
        let cases = [
            (NESTED, vec![], 0),
            (NESTED, vec![("X1", 10), ("X2", 10), ("X3", 10)], 3),
            (NESTED, vec![("X1", 10), ("X1", 20), ("Y1", 10)], 2),
            (NESTED, vec![("X1", 10), ("stranger", 10), ("Y1", 10)], 2),
            ("quorum X1\n", vec![("X2", 10)], 1),
        ];
        for (rest, cosignatures, witnesses) in cases {
            assert_eq!(time(rest, &cosignatures), Err(NoteError::QuorumNotMet { witnesses }), "{cosignatures:?}");
        }
    }

    #[test]
    fn without_a_quorum_no_time_is_proven() {
        let policy = Policy::parse(&policy("quorum none\n")).unwrap();
        let opened = policy.open(&cosigned(&[("Y1", 20), ("X1", 10)]).to_string()).unwrap();
        assert_eq!(opened.time(), None);
        let cosigner = |name: &str, time| Cosigner { name: name.to_owned(), time };
        assert_eq!(opened.witnesses(), [cosigner("X1", 10), cosigner("Y1", 20)]);
        let single = Policy::from_log(log_key(ORIGIN).verifier().clone()).unwrap();
        let opened = single.open(&cosigned(&[("X1", 10)]).to_string()).unwrap();
        assert_eq!((opened.time(), opened.witnesses(), opened.checkpoint().size()), (None, &[][..], 42));
        assert!(Policy::from_log(witness_key(ORIGIN).verifier().clone()).is_err());
    }

    #[test]
    fn a_false_cosignature_rejects_the_note_though_the_quorum_is_met() {
        let other = Checkpoint { size: 43, ..checkpoint() };
        let mut note = cosigned(&[("X1", 10)]);
        note.add(cosignature::cosign(&witness_key("X2"), 10, &other.to_string()).unwrap()).unwrap();
        let policy = Policy::parse(&policy("quorum X1\n")).unwrap();
        let refused = policy.open(&note.to_string());
        assert!(matches!(refused, Err(NoteError::Key(KeyError::BadSignature { name, .. })) if name == "X2"));
    }

    #[test]
    fn of_several_logs_the_one_named_by_the_origin_must_have_signed() {
        let text = format!("{}{}quorum none\n", log_line("example.com/other"), log_line(ORIGIN));
        let policy = Policy::parse(&text).unwrap();
        assert_eq!(policy.logs().len(), 2);
        let note = cosigned(&[]);
        assert_eq!(policy.open(&note.to_string()).unwrap().checkpoint().origin(), ORIGIN);

        let by_other = log_key("example.com/other").sign_note(note.text()).unwrap();
        let refused = policy.open(&by_other.to_string());
        assert!(matches!(refused, Err(NoteError::NotSigned { name, .. }) if name == ORIGIN));
        let mut falsely_by_other = note.clone();
        let line = log_key("example.com/other").sign_note("another text\n").unwrap().signatures()[0].clone();
        falsely_by_other.add(line).unwrap();
        let refused = policy.open(&falsely_by_other.to_string());
        assert!(matches!(refused, Err(NoteError::Key(KeyError::BadSignature { .. }))));
        let stranger = Checkpoint { origin: "example.com/x".to_owned(), ..checkpoint() };
        let refused = policy.open(&stranger.sign(&log_key("example.com/x")).unwrap().to_string());
        assert_eq!(refused, Err(NoteError::WrongOrigin { origin: "example.com/x".to_owned() }));
    }

    #[test]
    fn a_log_may_have_two_keys_while_it_changes_them() {
        let new = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[7; 32]).unwrap();
        let policy = format!("{}log {}\nquorum none\n", log_line(ORIGIN), new.verifier());
        let policy = Policy::parse(&policy).unwrap();
        for key in [log_key(ORIGIN), new] {
            assert!(policy.open(&checkpoint().sign(&key).unwrap().to_string()).is_ok());
        }
    }

    #[test]
    fn comments_urls_and_white_space_are_read_over() {
        let log = log_key(ORIGIN);
        let text = format!(
            "# a comment\n\n \t# another, \u{e9}\n\tlog \t{}  https://example.com/log \n{} \nquorum\tX1",
            log.verifier(),
            witness_line("X1").trim_end(),
        );
        let policy = Policy::parse(&text).unwrap();
        assert_eq!(policy.open(&cosigned(&[("X1", 10)]).to_string()).unwrap().time(), Some(10));
    }

    #[test]
    fn a_policy_that_could_be_misread_is_refused() {
        let twice = format!("witness Z {}\n", witness_key("X1").verifier());
        let renamed = VerifierKey::new("Z", KeyKind::CosignatureV1, &witness_key("X1").verifier().public_key());
        let renamed = format!("witness Z {}\n", renamed.unwrap());
        let two_roles =
            VerifierKey::new("Z", KeyKind::CosignatureV1, &log_key(ORIGIN).verifier().public_key()).unwrap();
        let two_roles = format!("witness Z {two_roles}\n");
        let name = |name: &str| name.to_owned();
        let cases = [
            ("quorum unknown\n", PolicyFault::UnknownName(name("unknown"))),
            ("group g any h\ngroup h any X1\n", PolicyFault::UnknownName(name("h"))),
            ("group g any g\n", PolicyFault::UnknownName(name("g"))),
            ("group g any none\n", PolicyFault::UnknownName(name("none"))),
            ("group none any X1\n", PolicyFault::NameTaken(name("none"))),
            ("group X1 any X2\n", PolicyFault::NameTaken(name("X1"))),
            ("group g any X1 X1\n", PolicyFault::MemberTwice(name("X1"))),
            ("group g any X1\ngroup h any X1\n", PolicyFault::MemberTwice(name("X1"))),
            ("group g 0 X1\n", PolicyFault::BadThreshold(name("0"))),
            ("group g 2 X1\n", PolicyFault::BadThreshold(name("2"))),
            ("group g 01 X1\n", PolicyFault::BadThreshold(name("01"))),
            ("group g +1 X1\n", PolicyFault::BadThreshold(name("+1"))),
            ("group g some X1\n", PolicyFault::BadThreshold(name("some"))),
            ("group g any\n", PolicyFault::BadThreshold(name("any"))),
            ("group g all\n", PolicyFault::BadThreshold(name("all"))),
            ("quorum X1\nquorum X1\n", PolicyFault::SecondQuorum),
            ("quorum none\nquorum X1\n", PolicyFault::SecondQuorum),
            ("quorum X1 X2\n", PolicyFault::Malformed),
            ("quorum\n", PolicyFault::Malformed),
            ("group g\n", PolicyFault::Malformed),
            ("Quorum X1\n", PolicyFault::Malformed),
            ("quorum\u{a0}X1\n", PolicyFault::Malformed),
            ("quorum X1\r\n", PolicyFault::ControlCharacter),
            ("# \u{7f}\n", PolicyFault::ControlCharacter),
            (&log_line(ORIGIN), PolicyFault::DuplicateKey),
            (&twice, PolicyFault::DuplicateKey),
            (&renamed, PolicyFault::DuplicateKey),
            (&two_roles, PolicyFault::DuplicateKey),
            (&witness_line("Z").replace("witness Z", "log"), PolicyFault::WrongKind(KeyKind::Ed25519)),
            (&log_line("Z").replace("log", "witness Z"), PolicyFault::WrongKind(KeyKind::CosignatureV1)),
            ("log nonsense\n", PolicyFault::Key(KeyError::Malformed)),
        ];
        for (rest, expected) in cases {
            let refused = Policy::parse(&policy(rest));
            let Err(PolicyError { line, fault }) = refused else { panic!("{rest:?} gives {refused:?}") };
            assert_eq!(fault, expected, "{rest:?}");
            assert!(line > 7, "{rest:?}: the lines before are not at fault");
        }
        assert_eq!(Policy::parse(&policy("")).err(), Some(PolicyError { line: 8, fault: PolicyFault::NoQuorum }));
    }

    #[test]
    fn a_policy_has_limits_above_those_of_the_specification() {
        let many = |count: u64| {
            let lines = (0..count).map(|i| log_line(&i.to_string()) + &witness_line(&format!("w{i}")));
            let groups = (0..count).map(|i| format!("group g{i} all w{i}\n"));
            lines.chain(groups).chain(["quorum g0\n".to_owned()]).collect::<String>()
        };
        assert!(Policy::parse(&many(32)).is_ok());
        let lines = |count: usize| format!("quorum none{}", "\n".repeat(count - 1));
        assert!(Policy::parse(&lines(MAX_LINES)).is_ok());
        let items = |count: u64| (0..count).map(|i| log_line(&i.to_string())).collect::<String>() + "quorum none\n";
        assert!(Policy::parse(&items(MAX_ITEMS as u64)).is_ok());
        for text in [many(51), items(MAX_ITEMS as u64 + 1), lines(MAX_LINES + 1)] {
            let refused = Policy::parse(&text);
            assert!(matches!(refused, Err(PolicyError { fault: PolicyFault::TooMany, .. })));
        }
    }

    #[test]
    fn a_hash_of_another_log_is_another_checkpoint() {
        let note = cosigned(&[("X1", 10)]);
        let swapped = note.to_string().replace(&checkpoint().root.to_string(), &Hash([9; 32]).to_string());
        let refused = Policy::parse(&policy("quorum X1\n")).unwrap().open(&swapped);
        assert!(matches!(refused, Err(NoteError::Key(KeyError::BadSignature { name, .. })) if name == ORIGIN));
    }
}
