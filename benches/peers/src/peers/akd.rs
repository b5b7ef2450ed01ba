//! `akd`: a directory of labels and values under one root per epoch, with look-up proofs that a client verifies.
//!
//! Both identifiers of a work are labels, and the entry's digest is the value of both. All are published as one epoch,
//! into the storage that the crate has: memory. In the configuration of its documentation, without a cache.

use super::{ABSENT, base64, must};
use crate::Outcome;
use crate::entries::Entry;
use akd::append_only_zks::AzksParallelismConfig;
use akd::directory::Directory;
use akd::ecvrf::HardCodedAkdVRF;
use akd::storage::StorageManager;
use akd::storage::memory::AsyncInMemoryDatabase;
use akd::{AkdLabel, AkdValue, EpochHash, WhatsAppV1Configuration};
use sha2::{Digest, Sha256};

/// Publishes every work, looks the one asked up, verifies the proof, and asks for one that is absent.
pub fn run(entries: &[Entry<'_>], asked: usize) -> Outcome<String> {
    tokio::runtime::Runtime::new()?.block_on(publish(entries, asked))
}

async fn publish(entries: &[Entry<'_>], asked: usize) -> Outcome<String> {
    let storage = StorageManager::new_no_cache(AsyncInMemoryDatabase::new());
    let parallelism = AzksParallelismConfig::default();
    let directory = Directory::<WhatsAppV1Configuration, _, _>::new(storage, HardCodedAkdVRF {}, parallelism).await?;
    let mut updates = Vec::with_capacity(2 * entries.len());
    for entry in entries.iter().filter(|entry| entry.is_work()) {
        let digest = AkdValue(Sha256::digest(entry.bytes).to_vec());
        updates.push((AkdLabel::from(entry.first), digest.clone()));
        updates.push((AkdLabel::from(entry.second), digest));
    }
    let EpochHash(epoch, root) = directory.publish(updates).await?;

    let label = AkdLabel::from(entries[asked].first);
    let (proof, _) = directory.lookup(label.clone()).await?;
    let key = directory.get_public_key().await?;
    let found = akd::client::lookup_verify::<WhatsAppV1Configuration>(key.as_bytes(), root, epoch, label, proof)
        .map_err(|error| format!("akd: its proof does not verify: {error:?}"))?;
    must(found.value.0 == Sha256::digest(entries[asked].bytes).to_vec(), "akd: another value was proven")?;
    must(directory.lookup(AkdLabel::from(ABSENT)).await.is_err(), "akd: an absent label was found")?;
    Ok(base64(&root))
}
