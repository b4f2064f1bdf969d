//! Requests as JSON: the words of each type, the same in `batch` and `import --from jsonl`, and how
//! their values are read.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

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

/// The words of a JSON object with their values as they were written.
pub type RawWords<'a> = JsonWords<&'a RawValue>;

/// The words of a JSON object with their values, in the order in which they were written, so that a
/// doubled word is found.
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

/// Why a value is not what a word takes.
#[derive(Debug)]
pub enum ValueError {
    /// It is of another type.
    Type {
        /// What the word takes.
        expected: &'static str,
    },
    /// It is not JSON.
    Json(serde_json::Error),
}

/// The text in a value.
///
/// # Errors
/// [`ValueError`] if it is none.
pub fn text_of(raw: &str) -> Result<String, ValueError> {
    let expected = "a text";
    if kind_of(raw) != expected {
        return Err(ValueError::Type { expected });
    }
    serde_json::from_str(raw).map_err(ValueError::Json)
}

/// The figure in a value: a text, or the digits of a number, without a float in between.
///
/// # Errors
/// [`ValueError`] if it is neither.
pub fn figure_of(raw: &str) -> Result<String, ValueError> {
    match kind_of(raw) {
        "a number" => Ok(raw.to_owned()),
        "a text" => text_of(raw),
        _ => Err(ValueError::Type {
            expected: "a text or a number",
        }),
    }
}

/// The known word that was probably meant by an unknown one.
pub fn similar_word<'k>(
    word: &str,
    known: impl IntoIterator<Item = &'k &'static str>,
) -> Option<&'static str> {
    // One typing mistake in three characters.
    let is_few = |count: usize, known: &str| count.saturating_mul(3) <= known.len();
    let known = known.into_iter().copied();
    // A word can be very long, and the lengths alone show that it is none of these.
    let (distance, closest) = known
        .filter(|known| is_few(known.len().abs_diff(word.len()), known))
        .map(|known| (strsim::osa_distance(known, word), known))
        .min()?;
    is_few(distance, closest).then_some(closest)
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
