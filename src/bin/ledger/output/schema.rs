//! JSON Schemas of the JSON answers, generated from their types.
//!
//! A word has the same meaning in every answer, so its form depends on the word alone: `hash` is
//! always 64 hex digits, and a new answer needs no code here.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

const TIME: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z";
const DECIMAL: &str = "(0|[1-9][0-9]*)([.][0-9]{1,9})?";
const HASH: &str = "[0-9a-f]{64}";

/// The keys of an event of each type: required and optional.
const EVENTS: [(&str, &[&str], &[&str]); 13] = [
    ("ledger", &["id", "zone"], &["currency", "strict"]),
    ("open", &["account"], &["currency", "floor"]),
    ("limit", &["account", "floor"], &[]),
    ("deposit", &["account", "amount", "currency"], &[]),
    ("withdraw", &["account", "amount", "currency"], &[]),
    ("transfer", &["from", "to", "amount", "currency"], &[]),
    ("close", &["account"], &[]),
    ("hold", &["amount", "currency"], &["from", "to", "expires"]),
    ("release", &["hold", "amount", "currency"], &[]),
    (
        "exchange",
        &[
            "from",
            "to",
            "amount",
            "currency",
            "to_amount",
            "to_currency",
        ],
        &[],
    ),
    ("seal", &["through"], &["final"]),
    ("unseal", &[], &["through"]),
    ("redact", &["event"], &[]),
];

pub(crate) fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    tighten(&mut schema);
    schema
}

/// Gives the values of an object's keys their forms, and lets in no other keys.
fn tighten(schema: &mut Schema) {
    // Inner schemas first: the rules added here are not objects themselves.
    transform_subschemas(&mut tighten, schema);
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let Some(Value::Object(mut properties)) = object.remove("properties") else {
        return;
    };
    let required = object.get("required").and_then(Value::as_array).cloned();
    let required = required.unwrap_or_default();
    let names: Vec<String> = properties.keys().cloned().collect();
    let has = |name: &str| names.iter().any(|own| own == name);
    for (name, value) in &mut properties {
        if let Value::Object(value) = value {
            // An optional key is absent and never null, except for the currency beside an amount.
            if name != "currency" && !required.iter().any(|own| own == name) {
                without_null(value);
            }
            give_form(name, value, &has);
        }
    }
    object.insert("properties".to_owned(), Value::Object(properties));
    object
        .entry("additionalProperties")
        .or_insert(Value::Bool(false));
    if has("v") && has("type") {
        object.insert("allOf".to_owned(), by_type(&has));
    }
}

fn without_null(value: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = value.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [one] = kinds.as_slice() {
            let one = one.clone();
            value.insert("type".to_owned(), one);
        }
    }
}

fn give_form(name: &str, value: &mut Map<String, Value>, has: &dyn Fn(&str) -> bool) {
    let is = |kind: &str| match value.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    };
    let pattern = |pattern: &str| json!({ "pattern": format!("^({pattern})$") });
    let form = if is("string") {
        match name {
            // A state before the first line has none.
            "hash" if has("torn_bytes") => pattern(&format!("{HASH}|")),
            "hash" | "note" => pattern(HASH),
            "head" => pattern(&format!("[0-9]+:{HASH}")),
            "id" | "ledger" => pattern("[0-9a-f]{32}"),
            "root" => pattern("[A-Za-z0-9+/]{43}="),
            "kind" => pattern("receipt|growth|head"),
            // The opening of a figure may be a position.
            "at" if has("balance") && !has("seq") => pattern(&format!("{TIME}|seq:[0-9]+")),
            "always" => pattern("recorded|effective"),
            "assertion" => pattern("\\S|\\S.*\\S"),
            "at" | "effective" | "start" | "end" | "expires" | "through" | "sealed_through"
            | "as_of" => pattern(TIME),
            "since" | "until" | "known_at" => pattern(&format!("{TIME}|seq:[0-9]+")),
            "amount" | "to_amount" | "rest" | "pending_in" | "pending_out" => pattern(DECIMAL),
            "available" => pattern(&format!("-?{DECIMAL}")),
            "operator" => json!({ "enum": ["==", "!=", "<", "<=", ">", ">="] }),
            // In an assertion and as a question it can be a glob.
            "account" if has("operator") || has("opening") => pattern("\\S|\\S.*\\S"),
            "balance" | "before" | "change" | "expected" | "actual" | "opening" | "in" | "out"
            | "net" => pattern(&format!("-?{DECIMAL}")),
            "by" => pattern("day|week|month|quarter|year|account|type|tag:\\S|tag:\\S.*\\S"),
            "period" => pattern("[0-9]{4}(-([0-9]{2}(-[0-9]{2})?|W[0-9]{2}|Q[1-4]))?"),
            "from" | "to" if has("change") => pattern(&format!("-?{DECIMAL}")),
            "floor" => pattern(&format!("-?{DECIMAL}|none")),
            "currency" | "to_currency" => pattern("[A-Z][A-Z0-9]{2,7}"),
            "account" | "from" | "to" => {
                json!({ "minLength": 1, "maxLength": 64, "pattern": "^[^\\s]+$" })
            }
            "key" => json!({ "minLength": 1, "maxLength": 128 }),
            "zone" => pattern("[A-Za-z0-9_+/-]+"),
            "type" if has("seq") => json!({ "enum": EVENTS.map(|(name, ..)| name) }),
            "code" | "format" => pattern("[a-z_]+"),
            _ => return,
        }
    } else if is("integer") {
        match name {
            "v" => json!({ "enum": [1, 2] }),
            "exit_code" => json!({ "enum": [1, 2, 3, 4, 5, 6, 10, 11, 12, 13] }),
            _ => return,
        }
    } else {
        return;
    };
    if let Value::Object(form) = form {
        value.extend(form);
    }
}

/// Which keys go with which type of event.
fn by_type(has: &dyn Fn(&str) -> bool) -> Value {
    let mut rules: Vec<Value> = EVENTS
        .iter()
        .map(|(kind, needed, allowed)| {
            let foreign: Map<String, Value> = EVENTS
                .iter()
                .flat_map(|(_, needed, allowed)| needed.iter().chain(*allowed))
                .filter(|name| !needed.contains(*name) && !allowed.contains(*name))
                .map(|name| ((*name).to_owned(), Value::Bool(false)))
                .collect();
            json!({
                "if": { "properties": { "type": { "const": kind } } },
                "then": { "required": needed, "properties": foreign },
            })
        })
        .collect();
    if has("dry_run") {
        // Only events that were not recorded have no hash.
        rules.push(json!({
            "if": { "properties": { "dry_run": { "const": false } } },
            "then": { "required": ["hash"] },
        }));
    }
    Value::Array(rules)
}
