//! Signatures made byte by byte: what is refused, and why.

use crate::proof::SshSignature;

/// A field of SSH's binary encoding: a length and bytes.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length, bytes].concat()
}

/// A signature in which one field may be another than the right one.
fn blob(other: &str, bytes: &[u8]) -> Vec<u8> {
    let or = |name, right: &[u8]| {
        if name == other {
            bytes.to_vec()
        } else {
            right.to_vec()
        }
    };
    let key_type = or("key type", b"ssh-ed25519");
    let key = [field(&key_type), field(&[7; 32])].concat();
    let algorithm = or("algorithm", b"ssh-ed25519");
    let signature = [
        field(&algorithm),
        field(&or("signature", &[9; 64])),
        or("after signature", b""),
    ];
    [
        or("magic", b"SSHSIG"),
        or("version", &[0, 0, 0, 1]),
        field(&or("key", &key)),
        field(&or("namespace", b"ledger-head")),
        field(&or("reserved", b"")),
        field(&or("hash algorithm", b"sha512")),
        field(&signature.concat()),
        or("end", b""),
    ]
    .concat()
}

#[test]
fn every_field_of_a_signature_has_its_one_value() {
    let read = |other, bytes: &[u8]| {
        let read = SshSignature::from_blob("alice", blob(other, bytes));
        read.map(|signature| signature.is_some())
    };
    assert_eq!(read("nothing", b""), Ok(true));
    assert_eq!(read("hash algorithm", b"sha256"), Ok(true));
    for (other, bytes, reason) in [
        (
            "magic",
            b"SSHSIg".as_slice(),
            "that does not begin with SSHSIG",
        ),
        ("version", &[0, 0, 0, 2], "of an unknown version"),
        (
            "namespace",
            b"file",
            "for another namespace than ledger-head",
        ),
        ("reserved", b"x", "whose reserved field is not empty"),
        ("hash algorithm", b"sha1", "with an unknown hash algorithm"),
        ("key", b"", "that ends too early"),
        ("key type", b"", "whose algorithm is not its key's"),
        ("algorithm", b"ssh-rsa", "whose algorithm is not its key's"),
        ("signature", b"", "of the wrong length"),
        ("after signature", b"x", "of the wrong length"),
        ("end", b"x", "with bytes after its end"),
    ] {
        let expected = format!("an OpenSSH signature {reason}");
        assert_eq!(read(other, bytes).unwrap_err(), expected, "{other}");
    }
    let whole = blob("nothing", b"");
    for end in 0..whole.len() {
        let cut = SshSignature::from_blob("alice", whole[..end].to_vec());
        assert!(!matches!(cut, Ok(Some(_))), "cut at {end}");
    }
    assert_eq!(SshSignature::from_blob("alice", vec![0; 64]), Ok(None));
}

#[test]
fn security_keys_and_certificates_have_their_own_lengths_and_algorithms() {
    let read = |key_type: &[u8], algorithm: &[u8], after: &[u8]| {
        let key = [field(key_type), field(&[7; 32])].concat();
        let signature = [field(algorithm), field(&[9; 64]), after.to_vec()].concat();
        let fields = [&key, b"ledger-head".as_slice(), b"", b"sha512", &signature];
        let blob = [b"SSHSIG\0\0\0\x01".to_vec(), fields.map(field).concat()].concat();
        SshSignature::from_blob("alice", blob).is_ok()
    };
    let (sk, after): (&[u8], _) = (b"sk-ssh-ed25519@openssh.com", &[1, 0, 0, 0, 7]);
    assert!(read(sk, sk, after));
    assert!(!read(sk, sk, &after[..4]));
    assert!(!read(sk, sk, b""));
    assert!(read(b"ssh-rsa", b"rsa-sha2-512", b""));
    assert!(read(b"ssh-rsa", b"rsa-sha2-256", b""));
    assert!(!read(b"ssh-rsa", b"ssh-rsa", b""));
    assert!(read(
        b"ssh-ed25519-cert-v01@openssh.com",
        b"ssh-ed25519",
        b""
    ));
    assert!(read(b"ssh-rsa-cert-v01@openssh.com", b"rsa-sha2-512", b""));
    assert!(read(b"sk-ssh-ed25519-cert-v01@openssh.com", sk, after));
    assert!(!read(
        b"ssh-ed25519",
        b"ssh-ed25519-cert-v01@openssh.com",
        b""
    ));
}
