//! The tree against published figures, RFC 6962's own examples and a naive tree.

use proptest::prelude::*;

use super::{at, naive_growth, naive_path, naive_root, sha, size};
use crate::event::Hash;
use crate::proof::{TreeBuilder, TreeHash, is_consistent, root_from_path};

/// The leaves, roots and paths that the tests of Certificate Transparency have used since 2012.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const PATH_OF_0_IN_8: [&str; 3] = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
];

fn hex(hash: TreeHash) -> String {
    Hash::from_bytes(*hash.as_bytes()).to_string()
}

fn leaves(count: u64) -> Vec<TreeHash> {
    (0..count)
        .map(|leaf| TreeHash::of_leaf(&leaf.to_be_bytes()))
        .collect()
}

/// What the builder makes of these leaves.
fn built(mut tree: TreeBuilder, leaves: &[TreeHash]) -> crate::proof::TreeProof {
    for leaf in leaves {
        tree.push_leaf(*leaf);
    }
    let root = tree.root().unwrap();
    let proof = tree.finish().unwrap();
    assert_eq!(proof.root, root);
    proof
}

#[test]
fn published_roots_and_paths_are_computed() {
    let leaves = LEAVES.map(TreeHash::of_leaf);
    let mut tree = TreeBuilder::new();
    assert_eq!(tree.root(), None);
    for (leaf, root) in leaves.iter().zip(ROOTS) {
        tree.push_leaf(*leaf);
        assert_eq!(tree.root().map(hex).as_deref(), Some(root));
    }
    let path = built(TreeBuilder::for_inclusion(0), &leaves).path;
    let path: Vec<String> = path.into_iter().map(hex).collect();
    assert_eq!(path, PATH_OF_0_IN_8);
}

#[test]
#[expect(clippy::many_single_char_names, reason = "the RFC's names")]
fn paths_have_the_nodes_that_the_rfc_names() {
    // RFC 6962, 2.1.3: seven leaves.
    let leaf = leaves(7);
    let node = TreeHash::of_node;
    let [a, b, c, d, e, f, j] = leaf[..] else {
        panic!("seven leaves");
    };
    let (g, h, i) = (node(a, b), node(c, d), node(e, f));
    let (k, l) = (node(g, h), node(i, j));
    let path = |index| built(TreeBuilder::for_inclusion(index), &leaf).path;
    assert_eq!(path(0), [b, h, l]);
    assert_eq!(path(3), [c, g, l]);
    assert_eq!(path(4), [f, j, k]);
    assert_eq!(path(6), [i, k]);
    let growth = |older| built(TreeBuilder::for_consistency(size(older)), &leaf).path;
    assert_eq!(growth(3), [c, d, g, l]);
    assert_eq!(growth(4), [l]);
    assert_eq!(growth(6), [i, j, k]);
    assert_eq!(growth(7), []);
}

#[test]
fn every_path_in_every_small_tree_is_the_naive_one_and_leads_to_the_root() {
    let all = leaves(40);
    for count in 1..=all.len() {
        let leaves = &all[..count];
        let (root, of) = (naive_root(leaves), size(count as u64));
        for index in 0..count {
            let proof = built(TreeBuilder::for_inclusion(index as u64), leaves);
            assert_eq!(proof.path, naive_path(index, leaves), "{index} of {count}");
            let led = |at, path| root_from_path(leaves[index], at, of, path);
            assert_eq!(led(index as u64, &proof.path), Some(root));
            assert_ne!(led(index as u64 ^ 1, &proof.path), Some(root));
            let longer = [proof.path.as_slice(), &[root]].concat();
            assert_eq!(led(index as u64, &longer), None);
            if let Some((_, shorter)) = proof.path.split_last() {
                assert_eq!(led(index as u64, shorter), None);
            }
        }
        for older in 1..=count {
            let proof = built(TreeBuilder::for_consistency(size(older as u64)), leaves);
            assert_eq!(
                proof.path,
                naive_growth(older, leaves, true),
                "{older} of {count}"
            );
            let before = (size(older as u64), naive_root(&leaves[..older]));
            assert!(is_consistent(before, (of, root), &proof.path));
            let longer = [proof.path.as_slice(), &[root]].concat();
            assert!(!is_consistent(before, (of, root), &longer));
            let other = TreeHash::of_leaf(b"other");
            assert!(!is_consistent((before.0, other), (of, root), &proof.path));
            assert!(!is_consistent(before, (of, other), &proof.path));
            for at in 0..proof.path.len() {
                let mut changed = proof.path.clone();
                changed[at] = other;
                assert!(!is_consistent(before, (of, root), &changed));
                changed.remove(at);
                assert!(!is_consistent(before, (of, root), &changed));
            }
        }
        assert_eq!(root_from_path(leaves[0], count as u64, of, &[]), None);
    }
}

#[test]
fn a_proof_beyond_the_tree_is_none() {
    for mut tree in [
        TreeBuilder::for_inclusion(2),
        TreeBuilder::for_consistency(size(3)),
    ] {
        for leaf in leaves(2) {
            tree.push_leaf(leaf);
        }
        assert_eq!(tree.finish(), None);
    }
    assert_eq!(TreeBuilder::new().finish(), None);
}

#[test]
fn a_leaf_is_the_text_of_a_hash() {
    let text = sha(b"");
    let leaf = TreeHash::of_line(&super::hash(&text));
    assert_eq!(hex(leaf), sha(format!("\0{text}").as_bytes()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn large_trees_agree_with_the_naive_one(count in 1_u64..1500, a in any::<u64>(), b in any::<u64>()) {
        let leaves = leaves(count);
        let root = naive_root(&leaves);
        let (index, older) = (a % count, b % count + 1);
        let proof = built(TreeBuilder::for_inclusion(index), &leaves);
        prop_assert_eq!(proof.root, root);
        prop_assert_eq!(&proof.path, &naive_path(at(index), &leaves));
        let led = root_from_path(leaves[at(index)], index, size(count), &proof.path);
        prop_assert_eq!(led, Some(root));
        let proof = built(TreeBuilder::for_consistency(size(older)), &leaves);
        prop_assert_eq!(&proof.path, &naive_growth(at(older), &leaves, true));
        let before = (size(older), naive_root(&leaves[..at(older)]));
        prop_assert!(is_consistent(before, (size(count), root), &proof.path));
    }

    #[test]
    fn hostile_sizes_and_paths_end(index in any::<u64>(), of in 1_u64.., older in 1_u64.., length in 0_usize..70) {
        let path = vec![TreeHash::of_leaf(b""); length];
        let root = path.first().copied().unwrap_or(TreeHash::of_leaf(b"x"));
        let _ = root_from_path(root, index, size(of), &path);
        let grown = is_consistent((size(older), root), (size(of), root), &path);
        prop_assert!(!grown || (older == of && length == 0));
    }
}
