//! The JSON answers of `prove` and `check`.

use event_ledger::event::Entry;
use event_ledger::formats::event_json::EventJson;
use event_ledger::proof::{HeadFile, InclusionReceipt, SshSignature, TreeHead};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// A signer of a head.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "signer")]
pub(crate) struct SignerAnswer {
    name: String,
    /// The key's fingerprint, as `ssh-keygen -l` prints it.
    key: String,
}

impl SignerAnswer {
    fn of(signature: &SshSignature) -> SignerAnswer {
        SignerAnswer {
            name: signature.name().to_owned(),
            key: signature.fingerprint(),
        }
    }

    /// Those who signed a head.
    pub(crate) fn all(head: &HeadFile) -> Vec<SignerAnswer> {
        head.signatures().map(SignerAnswer::of).collect()
    }
}

/// A head file: what `head --tree` adds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "tree_head")]
pub(crate) struct TreeAnswer {
    size: u64,
    root: String,
    signers: Vec<SignerAnswer>,
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// The head file itself, if no file was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_file: Option<String>,
}

impl TreeAnswer {
    pub(crate) fn of(head: &HeadFile, output: Option<String>) -> TreeAnswer {
        TreeAnswer {
            size: head.head.size.get(),
            root: head.head.root.to_string(),
            signers: SignerAnswer::all(head),
            head_file: output.is_none().then(|| head.to_string()),
            output,
        }
    }
}

/// What `check` answers. What could not be read is `null`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "check")]
pub(crate) struct CheckAnswer {
    pub(crate) ok: bool,
    /// `receipt`, `growth` or `head`.
    pub(crate) kind: Option<String>,
    ledger: Option<String>,
    size: Option<u64>,
    root: Option<String>,
    /// Of a receipt, the number of the event.
    pub(crate) index: Option<u64>,
    #[serde(serialize_with = "event_json")]
    #[schemars(with = "Option<EventJson<'static>>")]
    pub(crate) event: Option<Entry<'static>>,
    /// The known ones; empty if `--signers` was not given.
    signers: Vec<SignerAnswer>,
    pub(crate) code: Option<String>,
    pub(crate) detail: Option<String>,
}

#[expect(clippy::ref_option, reason = "serde asks for this form")]
fn event_json<S: Serializer>(
    event: &Option<Entry<'static>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    event.as_ref().map(EventJson::of).serialize(serializer)
}

impl CheckAnswer {
    pub(crate) fn of_head(&mut self, head: &TreeHead) {
        self.ledger = Some(head.ledger.to_string());
        self.size = Some(head.size.get());
        self.root = Some(head.root.to_string());
    }

    pub(crate) fn of_signers(&mut self, known: &[&SshSignature]) {
        self.signers = known.iter().map(|one| SignerAnswer::of(one)).collect();
    }
}

/// What `prove` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "prove")]
pub(crate) struct ProveAnswer {
    /// `receipt` or `growth`.
    kind: String,
    ledger: String,
    size: u64,
    root: String,
    /// Of a receipt, the number of the event.
    index: Option<u64>,
    /// Of a proof of growth, the size of the older head.
    older_size: Option<u64>,
    signers: Vec<SignerAnswer>,
    /// The file that was written.
    pub(crate) output: Option<String>,
    /// The proof itself, if no file was written.
    pub(crate) proof: Option<String>,
}

impl ProveAnswer {
    fn new(kind: &str, head: &HeadFile) -> ProveAnswer {
        let TreeHead { ledger, size, root } = head.head;
        ProveAnswer {
            kind: kind.to_owned(),
            ledger: ledger.to_string(),
            size: size.get(),
            root: root.to_string(),
            index: None,
            older_size: None,
            signers: SignerAnswer::all(head),
            output: None,
            proof: None,
        }
    }

    pub(crate) fn receipt(receipt: &InclusionReceipt) -> ProveAnswer {
        ProveAnswer {
            index: Some(receipt.index()),
            ..ProveAnswer::new("receipt", receipt.head())
        }
    }

    pub(crate) fn growth(older_size: u64, newer: &HeadFile) -> ProveAnswer {
        ProveAnswer {
            older_size: Some(older_size),
            ..ProveAnswer::new("growth", newer)
        }
    }
}
