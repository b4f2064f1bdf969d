//! What the crates `signed_note` and `tlog_tiles` say of the same files and trees.

use signed_note::{Note, Signature};
use tlog_tiles::{Checkpoint, Hash as TileHash, HashReader, check_record, check_tree};

use super::changes::for_each_change;
use super::{SIGNER, at, growth, log, proof_over, receipt, signed_head, size, tree_head};
use crate::proof::{HeadFile, TreeBuilder, TreeHash};

fn tile_hash(hash: TreeHash) -> TileHash {
    TileHash(*hash.as_bytes())
}

fn tile_path(path: &[TreeHash]) -> Vec<TileHash> {
    path.iter().map(|hash| tile_hash(*hash)).collect()
}

/// The hashes that `tlog_tiles` keeps of a tree.
#[derive(Default)]
struct Stored(Vec<TileHash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<TileHash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[at(*index)]).collect())
    }
}

#[test]
fn tlog_tiles_computes_the_same_roots_and_paths() {
    let mut stored = Stored::default();
    let log = log(60);
    for (count, line) in (1..).zip(&log) {
        let content = line.hash.as_bytes();
        let new = tlog_tiles::stored_hashes(count - 1, content, &stored).unwrap();
        stored.0.extend(new);
        let lines = &log[..at(count)];
        let root = tlog_tiles::tree_hash(count, &stored).unwrap();
        for seq in 0..count {
            let proof = proof_over(lines, TreeBuilder::for_inclusion(seq));
            assert!(tile_hash(proof.root) == root);
            let path = tlog_tiles::prove_record(count, seq, &stored).unwrap();
            assert!(tile_path(&proof.path) == path, "{seq} of {count}");
            let leaf = tile_hash(TreeHash::of_line(&log[at(seq)].hash));
            assert!(check_record(&path, count, root, seq, leaf).is_ok());

            let older = size(seq + 1);
            let proof = proof_over(lines, TreeBuilder::for_consistency(older));
            let path = tlog_tiles::prove_tree(count, seq + 1, &stored).unwrap();
            assert!(tile_path(&proof.path) == path, "{older} of {count}");
        }
    }
}

#[test]
fn the_paths_in_files_are_right_for_tlog_tiles() {
    let newer = signed_head(11).head;
    let (count, root) = (newer.size.get(), tile_hash(newer.root));
    let log = log(count);
    for seq in 0..count {
        let receipt = receipt(seq, signed_head(11)).to_string();
        let path = receipt.lines().skip(3).take_while(|line| !line.is_empty());
        let path: Vec<TileHash> = path
            .map(|hash| TileHash::parse_hash(hash).unwrap())
            .collect();
        let leaf = tile_hash(TreeHash::of_line(&log[at(seq)].hash));
        assert!(check_record(&path, count, root, seq, leaf).is_ok());
        let older = tree_head(seq + 1);
        let growth = growth(&older, signed_head(11)).to_string();
        let path = growth.lines().skip(1).take_while(|line| !line.is_empty());
        let path: Vec<TileHash> = path
            .map(|hash| TileHash::parse_hash(hash).unwrap())
            .collect();
        assert!(check_tree(&path, count, root, seq + 1, tile_hash(older.root)).is_ok());
    }
}

/// Holds a head file that was accepted against the two crates.
fn assert_agreed(file: &HeadFile) {
    let text = file.to_string();
    let note = Note::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(note.to_bytes(), text.as_bytes());
    assert_eq!(note.text(), file.head.to_string().as_bytes());
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(checkpoint.origin(), format!("ledger/{}", file.head.ledger));
    assert_eq!(checkpoint.size(), file.head.size.get());
    assert!(*checkpoint.hash() == tile_hash(file.head.root));
    assert_eq!(checkpoint.extension(), "");
}

#[test]
fn signed_note_and_tlog_tiles_read_the_same_in_a_head_file() {
    let file = signed_head(11);
    assert_agreed(&file);
    let text = file.to_string();
    let line = text.lines().last().unwrap();
    let theirs = Signature::from_bytes(line.as_bytes()).unwrap();
    let ours = file.signatures().next().unwrap();
    assert_eq!(theirs.name(), SIGNER);
    assert_eq!(theirs.signature(), ours.blob());
    let key = [b"\xffopenssh.com/sshsig", ours.public_key()].concat();
    assert_eq!(theirs.id(), signed_note::key_id(SIGNER, &key));
    assert_eq!(theirs.id().to_be_bytes(), ours.key_id());
}

#[test]
fn they_accept_every_changed_head_file_that_is_accepted_here() {
    let mut accepted = 0;
    for_each_change(signed_head(11).to_string().as_bytes(), |changed| {
        if let Ok(file) = HeadFile::read(changed) {
            assert_eq!(file.to_string().as_bytes(), changed);
            assert_agreed(&file);
            accepted += 1;
        }
    });
    // Changes of the signature proper: `ssh-keygen` refuses them.
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn signatures_of_other_kinds_are_kept_and_ignored() {
    use signed_note::{StandardSigner, StandardVerifier, VerifierList};
    // Key and verifier of the examples of Go's `sumdb/note`.
    let key = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let ours = signed_head(11);
    let mut note = Note::from_bytes(ours.to_string().as_bytes()).unwrap();
    note.add_sigs(&[&StandardSigner::new(key).unwrap()])
        .unwrap();
    let file = HeadFile::read(&note.to_bytes()).unwrap();
    assert_eq!(file.to_string().as_bytes(), note.to_bytes());
    assert_eq!(file.signatures().count(), 1);
    assert_eq!(file.head, ours.head);
    assert_ne!(file, ours);
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(verifier).unwrap())]);
    let again = Note::from_bytes(file.to_string().as_bytes()).unwrap();
    let (by_known, _) = again.verify(&known).unwrap();
    assert_eq!(by_known.len(), 1);
}
