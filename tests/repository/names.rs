//! Names and sentences that this project no longer uses: one word per concept, and plain ones.

use std::collections::BTreeSet;
use std::path::Path;

use crate::source::Source;

/// Names of types, functions and modules that were replaced by a standard word.
const RETIRED: [&str; 74] = [
    "About",
    "Ailment",
    "Alone",
    "Around",
    "Ballot",
    "Baton",
    "Bookmark",
    "Books",
    "Chosen",
    "Conditions",
    "Contention",
    "Draft",
    "Draftbook",
    "Early",
    "Facts",
    "Follower",
    "Glance",
    "Habits",
    "Home",
    "Intent",
    "Joint",
    "Known",
    "LeadsInto",
    "Leg",
    "Look",
    "Looked",
    "Lookout",
    "Mark",
    "Onlooker",
    "Patience",
    "Place",
    "Reading",
    "Recount",
    "Relay",
    "Roll",
    "Room",
    "Shares",
    "Snapshot",
    "Stand",
    "Standing",
    "Stretch",
    "Teller",
    "Told",
    "Tone",
    "Unfit",
    "Wish",
    "ailment",
    "artifact",
    "ballot",
    "baton",
    "bookmark",
    "draftbook",
    "habits",
    "intent",
    "joint",
    "known",
    "later",
    "looking_back",
    "lookout",
    "mend",
    "onlooker",
    "patience",
    "recount",
    "relay",
    "reread",
    "roll",
    "spot",
    "standing",
    "stretch",
    "teller",
    "told",
    "tone",
    "unfit",
    "wish",
];

/// Sentences of help, messages and comments that had to be decoded.
const PHRASES: [&str; 32] = [
    "where that is not now",
    "Decide and show, write nothing",
    "however often it is asked",
    "as often as you like",
    "Set how low withdrawals may take an account",
    "what was there in the end",
    "nobody can rewrite what was",
    "before and behind it",
    "for questions in another language",
    "Which of the file's words is which of ours",
    "is nothing for a terminal",
    "not no currency",
    "nothing is shown of a log that ends",
    "the lock was not had in time",
    "nobody can know whether",
    "crosses the border of the accounts",
    "none stands at either end",
    "is passed over",
    "What parts units from fractions",
    "is no log of anybody's",
    "before it is understood: how to say",
    "goes wrong by chance",
    "how far a long read has come",
    "whose turn it is",
    "whoever",
    "Whoever",
    "taken on trust",
    "came to harm",
    "be it nothing in particular",
    "is told",
    "nobody is told",
    "gives up its turn",
];

fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join("src"), root.join("docs")];
    let mut found = Vec::new();
    for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md"] {
        found.push(root.join(name));
    }
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    let text = |path: &Path| std::fs::read_to_string(path).ok();
    found
        .iter()
        .filter_map(|path| {
            Some((
                path.strip_prefix(root).ok()?.display().to_string(),
                text(path)?,
            ))
        })
        .collect()
}

#[test]
fn retired_names_are_gone() {
    let source = Source::of_this_package();
    let found: BTreeSet<(&str, &str)> = source
        .items()
        .filter(|(name, _)| RETIRED.contains(name))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn retired_sentences_are_gone() {
    let mut found = Vec::new();
    for (name, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            for phrase in PHRASES.iter().filter(|phrase| line.contains(**phrase)) {
                found.push(format!("{name}:{}: {phrase}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
