//! The syntax of an assertion: `ACCOUNT OP AMOUNT`, with or without spaces around the operator.

use anyhow::{Context as _, bail};
use event_ledger::money::{Balance, Figure};

use crate::commands::subject::Subject;
use crate::failure::{Failure, quoted};

/// An assertion as it was typed and as it was understood.
pub(super) struct Assertion {
    /// Without spaces around it, otherwise as typed.
    pub(super) text: String,
    pub(super) subject: Subject,
    pub(super) operator: Operator,
    pub(super) expected: Figure,
}

/// How the balance relates to the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    const ALL: [Operator; 6] = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
        }
    }

    pub(super) fn holds(self, actual: Balance, expected: Balance) -> bool {
        match self {
            Operator::Equal => actual == expected,
            Operator::NotEqual => actual != expected,
            Operator::Less => actual < expected,
            Operator::LessOrEqual => actual <= expected,
            Operator::Greater => actual > expected,
            Operator::GreaterOrEqual => actual >= expected,
        }
    }
}

impl Assertion {
    pub(super) fn parse(typed: &str) -> anyhow::Result<Assertion> {
        let text = typed.trim();
        // No account name and no amount holds one of these.
        let is_sign = |c: char| matches!(c, '=' | '!' | '<' | '>' | '~' | '≤' | '≥' | '≠');
        let (left, rest) = text
            .find(is_sign)
            .and_then(|start| text.split_at_checked(start))
            .ok_or_else(|| no_operator(text))?;
        let right = rest.trim_start_matches(is_sign);
        let sign = rest.strip_suffix(right).unwrap_or_default();
        let (left, right) = (left.trim(), right.trim());
        let Some(operator) = Operator::ALL.into_iter().find(|op| op.as_str() == sign) else {
            let meant = meant(sign)
                .map(|op| format!("ledger assert {}", quoted(&format!("{left} {op} {right}"))));
            bail!(
                Failure::usage(format!(
                    "`{sign}` is not one of == != < <= > >= in `{text}`"
                ))
                .with_hint(meant)
            );
        };
        if left.is_empty() || right.is_empty() {
            bail!(incomplete(text));
        }
        let subject = Subject::parse(left)?;
        let expected = Figure::parse(right).with_context(|| text.to_owned())?;
        Ok(Assertion {
            text: text.to_owned(),
            subject,
            operator,
            expected,
        })
    }

    /// Whose balance, as text.
    pub(super) fn subject_text(&self) -> &str {
        self.subject.text()
    }
}

/// What other languages write.
fn meant(sign: &str) -> Option<&'static str> {
    match sign {
        "=" | "===" => Some("=="),
        "=<" | "≤" => Some("<="),
        "=>" | "≥" => Some(">="),
        "<>" | "!" | "!==" | "~=" | "≠" => Some("!="),
        _ => None,
    }
}

fn no_operator(text: &str) -> Failure {
    Failure::usage(format!("`{text}` has no operator: == != < <= > or >="))
        .with_hint(Some("ledger assert 'main >= 0'".to_owned()))
}

fn incomplete(text: &str) -> Failure {
    Failure::usage(format!(
        "`{text}` is not an assertion: an account, an operator and an amount"
    ))
    .with_hint(Some("ledger assert 'main >= 0'".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_the_operator_are_optional_and_all_six_are_known() {
        for operator in Operator::ALL {
            let sign = operator.as_str();
            for text in [
                format!("a:b {sign} -5 EUR"),
                format!("a:b{sign}-5 EUR"),
                format!("  a:b  {sign}  -5EUR "),
            ] {
                let assertion = Assertion::parse(&text).unwrap();
                assert_eq!(assertion.operator, operator, "{text}");
                assert_eq!(assertion.subject_text(), "a:b");
                assert_eq!(
                    assertion.expected.balance.to_text(assertion.expected.scale),
                    "-5"
                );
            }
        }
    }
}
