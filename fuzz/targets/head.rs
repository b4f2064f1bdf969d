//! Head files: what is accepted is written again byte for byte, an error is short, and a signature that
//! was read survives the form that `ssh-keygen` takes.
#![no_main]

use event_ledger::proof::{HeadFile, SshSignature, is_signer_name};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = match HeadFile::read(data) {
        Ok(file) => file,
        Err(error) => {
            assert!(error.to_string().len() < 200, "{error}");
            return;
        }
    };
    assert_eq!(file.to_string().as_bytes(), data);
    for signature in file.signatures() {
        assert!(is_signer_name(signature.name()));
        assert_eq!(signature.fingerprint().len(), "SHA256:".len() + 43);
        let again = SshSignature::from_armored(signature.name(), &signature.armored());
        assert_eq!(again.as_ref(), Ok(signature));
    }
});
