//! Requests as JSON: the words of each type, the same in `batch` and `import --from jsonl`, and
//! objects whose words keep their order, so that a doubled one is found.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The words that every type takes.
pub const COMMON_WORDS: [&str; 5] = ["type", "memo", "tags", "effective", "key"];

/// The types of requests, each with its own words.
pub const REQUEST_TYPES: [(&str, &[&str]); 14] = [
    ("deposit", &["account", "amount", "currency"]),
    ("withdraw", &["account", "amount", "currency"]),
    ("transfer", &["from", "to", "amount", "currency"]),
    ("open", &["account", "currency", "floor"]),
    ("limit", &["account", "floor"]),
    ("close", &["account"]),
    ("exchange", &["from", "to", "amount", "currency", "for"]),
    ("hold", &["from", "to", "amount", "currency", "expires"]),
    ("capture", &["seq", "amount", "currency", "to", "keep"]),
    ("release", &["seq", "amount", "currency"]),
    ("refund", &["seq", "amount", "currency"]),
    (
        "correct",
        &[
            "seq", "amount", "currency", "for", "account", "from", "to", "untag",
        ],
    ),
    ("reverse", &["seq"]),
    ("undo", &[]),
];

/// The words of a JSON object with their values, in the order in which they were written.
#[derive(Clone, Debug)]
pub struct JsonWords<V>(pub Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for JsonWords<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonWords<V>, D::Error> {
        struct InOrder<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Vec<(String, V)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = map.next_entry()? {
                    words.push(word);
                }
                Ok(words)
            }
        }
        deserializer
            .deserialize_map(InOrder(PhantomData))
            .map(JsonWords)
    }
}

impl<V> JsonWords<V> {
    /// The first word that occurs a second time.
    pub fn doubled(&self) -> Option<&str> {
        let mut seen = hashbrown::HashSet::new();
        let mut words = self.0.iter().map(|(word, _)| word.as_str());
        words.find(|word| !seen.insert(*word))
    }

    /// The value of a word.
    pub fn get(&self, word: &str) -> Option<&V> {
        let found = self.0.iter().find(|(own, _)| own == word);
        found.map(|(_, value)| value)
    }
}

/// What a JSON text is, by its first character.
pub fn kind_of(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => match raw {
            "true" | "false" => "true or false",
            "null" => "null",
            _ => "something else",
        },
    }
}

/// What serde says of a text that is not JSON, without its own line number.
pub fn reason_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" at line ").next();
    reason.unwrap_or_default().to_owned()
}
