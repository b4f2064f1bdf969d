//! The fields of MT940: a tag such as `:61:` and the lines up to the next.

use super::super::keys::comparable;
use super::super::statement::given;
use super::super::text::on_one_line;

/// A field.
pub(super) struct Field {
    pub(super) line: u64,
    pub(super) tag: String,
    pub(super) text: String,
}

/// All fields of a text; blocks of SWIFT around them are left away.
pub(super) fn fields(text: &str) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for (number, line) in (1_u64..).zip(text.lines()) {
        let line = line.trim_end();
        // `{1:…}{2:…}{4:` may be followed by the first field.
        let line = line.rsplit_once("{4:").map_or(line, |(_, rest)| rest);
        let tag = line
            .strip_prefix(':')
            .and_then(|rest| rest.split_once(':'))
            .filter(|(tag, _)| {
                matches!(tag.len(), 2 | 3) && tag.bytes().take(2).all(|byte| byte.is_ascii_digit())
            });
        match (tag, fields.last_mut()) {
            (Some((tag, rest)), _) => fields.push(Field {
                line: number,
                tag: tag.to_owned(),
                text: rest.to_owned(),
            }),
            (None, Some(last))
                if line != "-" && !line.starts_with("-}") && !line.starts_with('{') =>
            {
                last.text.push('\n');
                last.text.push_str(line);
            }
            _ => {}
        }
    }
    fields
}

/// The text and the tags of a `:86:` field: with subfields `?20` as German banks write it, or free.
pub(super) fn details(text: &str) -> (String, Vec<(String, String)>) {
    let clean = |text: &str| comparable(&on_one_line(text));
    let joined: String = text.lines().collect();
    let has_subfields = joined.matches('?').count() > 1
        && joined
            .split('?')
            .skip(1)
            .all(|piece| piece.bytes().take(2).all(|byte| byte.is_ascii_digit()));
    if !has_subfields {
        return (clean(text), Vec::new());
    }
    let mut memo = String::new();
    let (mut name, mut account, mut kind) = (String::new(), String::new(), String::new());
    for piece in joined.split('?').skip(1) {
        let Some((code, value)) = piece.split_at_checked(2) else {
            continue;
        };
        match code {
            "00" => kind.push_str(value),
            "31" => account.push_str(value),
            "32" | "33" => name.push_str(value),
            "20" | "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "29" | "60" | "61"
            | "62" | "63" => {
                memo.push_str(value);
            }
            _ => {}
        }
    }
    let filled = |text: &str| Some(clean(text)).filter(|text| !text.is_empty());
    let tags = [
        ("counterparty", filled(&name)),
        ("iban", filled(&account)),
        ("text", filled(&kind)),
    ];
    (clean(&memo), given(tags))
}
