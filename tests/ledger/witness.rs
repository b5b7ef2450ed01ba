//! Time that witnesses prove: cosignatures kept with checkpoints, and the bracket of each admission in a proof.

use crate::lab::{Lab, books, contract, id, isbn, now, release};
use deedbook::ledger::LedgerError;
use deedbook::ledger::cosign::{Cosigned, MAX_AHEAD_SECONDS, add};
use deedbook::ledger::fsck::{Audit, audit};
use deedbook::ledger::prove::prove;
use deedbook::statement::{Code, Time};
use deedbook::tlog::{
    Checkpoint, KeyKind, Note, Policy, SigningKey, VerifiedCheckpoint, VerifierKey, consistency, cosignature,
};
use deedbook::verify::{Licensors, Question, Trust, Verified, VerifyError, verify};

/// A witness: it cosigns a checkpoint of a log that it knows, if that contains the last one that it cosigned.
struct Witness {
    key: SigningKey,
    log: VerifierKey,
    seen: Option<Checkpoint>,
}

impl Witness {
    fn new(name: &str, seed: u8, log: &VerifierKey) -> Witness {
        let key = SigningKey::from_seed(name, KeyKind::CosignatureV1, &[seed; 32]).unwrap();
        Witness { key, log: log.clone(), seen: None }
    }

    /// Answers with a signature line, as C2SP tlog-witness has it.
    fn cosign(&mut self, lab: &Lab, at: &str) -> Result<String, String> {
        let view = lab.view();
        let note = view.log().checkpoint().note().to_string();
        let checkpoint = VerifiedCheckpoint::open(&note, &self.log).map_err(|e| e.to_string())?;
        if let Some(seen) = &self.seen {
            let path = view.log().consistency(seen.size, checkpoint.size()).map_err(|e| e.to_string())?;
            consistency::verify(seen.size, &seen.root, checkpoint.size(), checkpoint.root(), &path)
                .map_err(|e| e.to_string())?;
        }
        self.seen = Some(Checkpoint::parse(checkpoint.note().text()).unwrap());
        Ok(cosignature::cosign(&self.key, unix(at), checkpoint.note().text()).unwrap().to_string())
    }
}

fn unix(at: &str) -> u64 {
    Time::parse(at).unwrap().unix() as u64
}

fn policy(log: &VerifierKey, witnesses: &[&Witness], quorum: &str) -> Policy {
    let mut text = format!("log {log}\n");
    let mut names = String::new();
    for (witness, n) in witnesses.iter().zip(1..) {
        text += &format!("witness w{n} {}\n", witness.key.verifier());
        names += &format!(" w{n}");
    }
    Policy::parse(&format!("{text}group all {quorum}{names}\nquorum all\n")).unwrap()
}

fn cosigned(lab: &Lab, text: &str, size: Option<u64>, policy: &Policy) -> Result<Cosigned, LedgerError> {
    add(lab.path(), text, size, policy, Time::parse("2026-06-01T00:00:00Z").unwrap(), false)
}

fn verified(lab: &Lab, policy: &Policy, work: &str) -> Result<Verified, VerifyError> {
    let proven = prove(&lab.view(), &release("books@v1"), &[vec![id(work)]]).unwrap();
    let trust = Trust { policy: policy.clone(), licensors: Licensors::default() };
    verify(&proven.bytes, &trust, &Question::default())
}

/// Two witnesses see the log before the works, after them, and after the release.
#[test]
fn an_admission_is_bracketed_by_what_witnesses_saw() {
    let lab = Lab::new();
    lab.books();
    let log = lab.view().key().clone();
    let (mut a, mut b) = (Witness::new("a.example/w", 1, &log), Witness::new("b.example/w", 2, &log));
    let both = policy(&log, &[&a, &b], "all");
    let see = |a: &mut Witness, b: &mut Witness, at: [&str; 2]| {
        let first = cosigned(&lab, &a.cosign(&lab, at[0]).unwrap(), None, &both).unwrap();
        assert_eq!((first.added, first.witnessed_at), (1, None), "one of two is no quorum");
        let second = cosigned(&lab, &b.cosign(&lab, at[1]).unwrap(), None, &both).unwrap();
        assert_eq!(second.witnessed_at.map(|t| t.to_string()).as_deref(), Some(at[1].max(at[0])));
    };
    see(&mut a, &mut b, ["2026-02-01T08:01:30Z", "2026-02-01T08:01:40Z"]);
    lab.admit("books", &books(1..5));
    see(&mut a, &mut b, ["2026-02-01T08:59:00Z", "2026-02-01T09:00:00Z"]);
    lab.admit("books", &books(5..9));
    lab.seal("books@v1");
    see(&mut a, &mut b, ["2026-02-02T10:00:00Z", "2026-02-02T11:00:00Z"]);

    let facts = verified(&lab, &both, &isbn(2)).unwrap();
    assert!(facts.witnessed);
    let [entry] = &facts.works[0].admissions[..] else { panic!("{:?}", facts.works) };
    let bracket = |of: &Verified| {
        let bracket = &of.works[0].admissions[0].bracket;
        (bracket.start.map(|t| t.to_string()), bracket.end.map(|t| t.to_string()))
    };
    let both_sides = (Some("2026-02-01T08:01:40Z".to_owned()), Some("2026-02-01T09:00:00Z".to_owned()));
    assert_eq!(bracket(&facts), both_sides, "{entry:?}");
    // The later works joined later.
    let later = verified(&lab, &both, &isbn(6)).unwrap();
    assert_eq!(bracket(&later).0.as_deref(), Some("2026-02-01T09:00:00Z"));
    assert_eq!(bracket(&later).1.as_deref(), Some("2026-02-02T11:00:00Z"));
    // To whom one witness is enough, each saw it earlier; to whom nobody is known, nothing is proven.
    let any = verified(&lab, &policy(&log, &[&a, &b], "any"), &isbn(2)).unwrap();
    assert_eq!(bracket(&any).1.as_deref(), Some("2026-02-01T08:59:00Z"));
    let nobody = verified(&lab, &Policy::from_log(log.clone()).unwrap(), &isbn(2)).unwrap();
    assert!(!nobody.witnessed && bracket(&nobody) == (None, None));
    // To whom other witnesses must have seen it, it is no proof at all.
    let stranger = policy(&log, &[&Witness::new("c.example/w", 3, &log)], "any");
    assert!(verified(&lab, &stranger, &isbn(2)).is_err());
    assert_eq!(lab.fsck(), Vec::<String>::new());
    // A whole copy tells the same.
    let copy = audited(&lab, &both);
    let seen = copy.witnessed_at.map(|t| t.to_string());
    assert_eq!((copy.is_sound(), seen.as_deref(), copy.judged.bracketed), (true, Some("2026-02-02T11:00:00Z"), 8));
    assert_eq!(copy.witnesses.len(), 2);
    let refused = audited(&lab, &stranger);
    assert!(!refused.is_sound() && refused.witnessed_at.is_none() && refused.judged.bracketed == 0);
}

fn audited(lab: &Lab, policy: &Policy) -> Audit {
    let trust = Trust { policy: policy.clone(), licensors: Licensors::default() };
    audit(lab.path(), &trust, now(100)).unwrap()
}

/// A grant that had ended when witnesses first saw the work, and a work dated after they had: both stand out in a copy.
#[test]
fn a_copy_is_judged_by_what_witnesses_saw() {
    let lab = Lab::new();
    lab.books();
    lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(1)), &[("valid_to", "\"2026-03-01\"")]));
    let log = lab.view().key().clone();
    let mut witness = Witness::new("a.example/w", 1, &log);
    let one = policy(&log, &[&witness], "all");
    let see = |witness: &mut Witness, at: &str| cosigned(&lab, &witness.cosign(&lab, at).unwrap(), None, &one).unwrap();
    see(&mut witness, "2026-04-01T00:00:00Z");
    lab.admit("books", &format!("title,isbn\nBackdated,{}\n", &isbn(1)[5..]));
    assert!(audited(&lab, &Policy::from_log(log.clone()).unwrap()).is_sound(), "without witnesses nobody can tell");
    see(&mut witness, "2026-04-02T00:00:00Z");
    let found = audited(&lab, &one);
    assert_eq!(found.judged.codes, [(Code::Expired, 1)].into());
    assert_eq!((found.report.damage.len(), found.judged.bracketed), (0, 1));

    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..2));
    let mut witness = Witness::new("a.example/w", 1, &log);
    let line = witness.cosign(&lab, "2026-01-01T00:00:00Z").unwrap();
    cosigned(&lab, &line, None, &one).unwrap();
    let damage = audited(&lab, &one).report.damage.join("\n");
    assert!(damage.contains("after witnesses had seen it"), "{damage}");
}

#[test]
fn anchors_are_few_and_serve_the_works_that_were_asked() {
    let lab = Lab::new();
    lab.books();
    let log = lab.view().key().clone();
    let mut witness = Witness::new("a.example/w", 1, &log);
    let any = policy(&log, &[&witness], "any");
    for n in 0..12 {
        lab.admit("books", &books([n]));
        let at = format!("2026-02-01T08:{:02}:30Z", n + 10);
        cosigned(&lab, &witness.cosign(&lab, &at).unwrap(), None, &any).unwrap();
    }
    lab.seal("books@v1");
    cosigned(&lab, &witness.cosign(&lab, "2026-03-01T00:00:00Z").unwrap(), None, &any).unwrap();
    let works: Vec<_> = (0..12).map(|n| vec![id(&isbn(n))]).collect();
    for asked in [&works[..], &works[5..6], &works[..1], &works[11..]] {
        let proven = prove(&lab.view(), &release("books@v1"), asked).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&proven.bytes).unwrap();
        assert!(file["anchors"].as_array().unwrap().len() <= 4);
        let trust = Trust { policy: any.clone(), licensors: Licensors::default() };
        let facts = verify(&proven.bytes, &trust, &Question::default()).unwrap();
        assert!(facts.works.iter().all(|work| work.admissions[0].bracket.end.is_some()));
        if let [work] = &facts.works[..] {
            let bracket = &work.admissions[0].bracket;
            let minutes = |t: Option<Time>| t.map(|t| t.unix() - unix("2026-02-01T08:10:30Z") as i64).map(|s| s / 60);
            assert_eq!(minutes(bracket.end).unwrap() - minutes(bracket.start).unwrap_or(-1), 1, "{bracket:?}");
        }
    }
}

#[test]
fn only_what_a_known_witness_signed_for_this_checkpoint_is_added() {
    let lab = Lab::new();
    let log = lab.view().key().clone();
    let mut witness = Witness::new("a.example/w", 1, &log);
    let mut stranger = Witness::new("s.example/w", 9, &log);
    let known = policy(&log, &[&witness], "any");
    let old = witness.cosign(&lab, "2026-02-01T09:00:00Z").unwrap();
    let old_size = lab.view().log().size();
    lab.books();
    let good = witness.cosign(&lab, "2026-02-01T09:10:00Z").unwrap();
    let by_stranger = stranger.cosign(&lab, "2026-02-01T09:10:00Z").unwrap();
    let before = crate::lab::files(lab.path());
    let future = unix("2026-06-01T00:00:00Z") + MAX_AHEAD_SECONDS + 1;
    let view = lab.view();
    let text = view.log().checkpoint().note().text();
    let future = cosignature::cosign(&witness.key, future, text).unwrap().to_string();
    let other_log = SigningKey::from_seed("other.example/log", KeyKind::Ed25519, &[4; 32]).unwrap();
    let other = policy(other_log.verifier(), &[&witness], "any");
    let forged = Checkpoint { root: deedbook::tlog::leaf_hash(b"x"), ..Checkpoint::parse(text).unwrap() };
    let forged = format!("{forged}\n{good}");
    for (refused, words) in [
        (cosigned(&lab, &old, None, &known), "the note: "),
        (
            cosigned(&lab, &by_stranger, None, &known),
            "no cosignature by a witness of the policy; there are those of s.example/w",
        ),
        (cosigned(&lab, "nothing", None, &known), "signature line 1"),
        (cosigned(&lab, "", None, &known), "no cosignature"),
        (cosigned(&lab, &future, None, &known), "is from the future"),
        (cosigned(&lab, &good, Some(old_size + 1), &known), "no checkpoint of size 3 was published"),
        (cosigned(&lab, &good, None, &other), "the policy is not about this log alone"),
        (cosigned(&lab, &forged, None, &known), "is not the checkpoint of size 4 that this log published"),
    ] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(crate::lab::files(lab.path()), before, "nothing was written");
    // As bare lines and as a whole note, the latter with a stranger's line; twice is once.
    let mut note = view.log().checkpoint().note().to_string() + &good;
    assert_eq!(cosigned(&lab, &good, None, &known).unwrap().added, 1);
    note += &by_stranger;
    let again = cosigned(&lab, &note, None, &known).unwrap();
    assert_eq!((again.added, again.unknown), (0, vec!["s.example/w".to_owned()]));
    // An older checkpoint by its size.
    assert_eq!(cosigned(&lab, &old, Some(old_size), &known).unwrap().size, old_size);
    // The published file is still the log's note, with one line more.
    let published = lab.disk.read(&format!("log/history/{}", view.log().size()), 1 << 20).unwrap();
    let published = Note::parse(std::str::from_utf8(&published).unwrap()).unwrap();
    assert_eq!((published.text(), published.signatures().len()), (text, 2));
    assert_eq!(lab.fsck(), Vec::<String>::new());
}
