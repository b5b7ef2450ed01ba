//! Statements signed by others: a DSSE envelope over an in-toto Statement v1.
//!
//! One signature, payload type `application/vnd.in-toto+json`, payload in JCS, predicate `urn:deedbook:grant:v1` or
//! `urn:deedbook:dispute:v1`. The one subject carries the SHA-256 of the predicate's JCS bytes, so that in-toto tools
//! see what was signed. DSSE's key id is a hint, never an authority: the caller brings the key.
//! Sources: DSSE protocol v1.0.2, in-toto attestation framework v1.

use super::identifier::Identifier;
use super::json::{self, JsonError};
use super::terms::Terms;
use super::text::Set;
use crate::tlog::{self, VerifierKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// The payload type of in-toto.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The predicate type of a grant.
pub const GRANT_TYPE: &str = "urn:deedbook:grant:v1";
/// The predicate type of a dispute.
pub const DISPUTE_TYPE: &str = "urn:deedbook:dispute:v1";
/// The longest envelope, in bytes: it must fit an entry.
pub const MAX_ENVELOPE_LEN: usize = 60_000;
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// Why an envelope is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DsseError {
    /// Longer than [`MAX_ENVELOPE_LEN`].
    #[error("the envelope is longer than 60,000 bytes")]
    TooLong,
    /// The envelope is not JSON of DSSE's shape.
    #[error("the envelope is not DSSE: {0}")]
    Envelope(JsonError),
    /// The payload is not canonical JSON of in-toto's shape.
    #[error("the payload is not a canonical in-toto statement: {0}")]
    Payload(JsonError),
    /// Payload or signature is not base64.
    #[error("{0} is not standard base64")]
    Base64(&'static str),
    /// A type that is not ours.
    #[error("{member} is {found:?}, not {wanted:?}")]
    Type {
        /// The member.
        member: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// Not exactly one signature.
    #[error("there are {0} signatures, not one")]
    Signatures(usize),
    /// The subject does not carry the predicate's digest.
    #[error("the subject is not one digest, the predicate's SHA-256")]
    Subject,
    /// The signature is not one by this key over this payload.
    #[error("the signature does not verify")]
    Signature,
}

/// An envelope, taken apart. Its signature is unverified.
#[derive(Debug, Clone)]
pub struct Envelope {
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// What a rightsholder disputes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DisputeClaim {
    /// What the rightsholder says.
    pub claim: String,
    /// Log index of the entry.
    pub entry: u64,
    /// Party identifiers of the rightsholder.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub ids: Set<Identifier>,
    /// Leaf hash of the entry.
    pub leaf: tlog::Hash,
    /// The rightsholder's name.
    pub name: String,
    /// The log's origin.
    pub origin: String,
}

#[derive(Serialize, Deserialize)]
struct RawEnvelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Object<RawSignature>>,
}

#[derive(Serialize, Deserialize)]
struct RawSignature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InToto<P> {
    #[serde(rename = "_type")]
    statement_type: String,
    predicate: P,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    digest: Digests,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digests {
    sha256: String,
}

/// What is read from a JSON object only: serde's own structs are read from lists of their values, too.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }
        from.deserialize_map(Members(PhantomData)).map(Object)
    }
}

impl<T: Serialize> Serialize for Object<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl Envelope {
    /// Takes an envelope apart. White space and unknown members, which DSSE allows, are let by.
    ///
    /// # Errors
    /// [`DsseError`].
    pub fn parse(text: &str) -> Result<Envelope, DsseError> {
        if text.len() > MAX_ENVELOPE_LEN {
            return Err(DsseError::TooLong);
        }
        let Object(raw): Object<RawEnvelope> = json::parse_loose(text.as_bytes()).map_err(DsseError::Envelope)?;
        wanted("payloadType", &raw.payload_type, PAYLOAD_TYPE)?;
        let [Object(signature)] = raw.signatures.as_slice() else {
            return Err(DsseError::Signatures(raw.signatures.len()));
        };
        let bytes = |what, text: &str| BASE64_STANDARD.decode(text).map_err(|_| DsseError::Base64(what));
        Ok(Envelope { payload: bytes("payload", &raw.payload)?, signature: bytes("sig", &signature.sig)? })
    }

    /// Checks the signature with a key that the caller has a reason to trust.
    ///
    /// # Errors
    /// [`DsseError::Signature`].
    pub fn verify(&self, key: &VerifierKey) -> Result<(), DsseError> {
        key.verify_raw(&pae(&self.payload), &self.signature).map_err(|_| DsseError::Signature)
    }

    /// The terms of a grant.
    ///
    /// # Errors
    /// The payload is something else.
    pub fn grant(&self) -> Result<Terms, DsseError> {
        self.predicate(GRANT_TYPE)
    }

    /// A dispute's claim.
    ///
    /// # Errors
    /// The payload is something else.
    pub fn dispute(&self) -> Result<DisputeClaim, DsseError> {
        self.predicate(DISPUTE_TYPE)
    }

    fn predicate<P: Serialize + DeserializeOwned>(&self, predicate_type: &'static str) -> Result<P, DsseError> {
        let statement: InToto<P> = json::parse(&self.payload).map_err(DsseError::Payload)?;
        wanted("_type", &statement.statement_type, STATEMENT_TYPE)?;
        wanted("predicateType", &statement.predicate_type, predicate_type)?;
        let digest = sha256_hex(json::print(&statement.predicate).as_bytes());
        match statement.subject.as_slice() {
            [subject] if subject.digest.sha256 == digest => Ok(statement.predicate),
            _ => Err(DsseError::Subject),
        }
    }
}

/// The bytes that a signer of `predicate` signs, and the payload inside them: (payload, pre-authentication encoding).
/// `name` names the subject for people.
pub fn to_sign<P: Serialize>(predicate: P, predicate_type: &str, name: &str) -> (Vec<u8>, Vec<u8>) {
    let sha256 = sha256_hex(json::print(&predicate).as_bytes());
    let statement = InToto {
        statement_type: STATEMENT_TYPE.to_owned(),
        predicate,
        predicate_type: predicate_type.to_owned(),
        subject: vec![Subject { digest: Digests { sha256 }, name: name.to_owned() }],
    };
    let payload = json::print(&statement).into_bytes();
    let encoding = pae(&payload);
    (payload, encoding)
}

/// The envelope's text, from the payload and the signature over its encoding.
pub fn seal(payload: &[u8], key_id: &str, signature: &[u8; 64]) -> String {
    json::print(&RawEnvelope {
        payload: BASE64_STANDARD.encode(payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![Object(RawSignature {
            keyid: Some(key_id.to_owned()),
            sig: BASE64_STANDARD.encode(signature),
        })],
    })
}

/// DSSE's pre-authentication encoding: lengths bind type and payload, so that neither can run into the other.
fn pae(payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

fn wanted(member: &'static str, found: &str, wanted: &'static str) -> Result<(), DsseError> {
    if found == wanted { Ok(()) } else { Err(DsseError::Type { member, found: found.to_owned(), wanted }) }
}

fn sha256_hex(bytes: &[u8]) -> String {
    crate::rows::Key(tlog::sha256(bytes)).to_string()
}
