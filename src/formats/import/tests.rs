use crate::accounts::Operation;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::money::TypedAmount;

const SAMPLES: [(&str, ImportFormat); 6] = [
    ("giro-2026.csv", ImportFormat::Csv),
    ("current-2026.csv", ImportFormat::Csv),
    ("checking-q1.ofx", ImportFormat::Ofx),
    ("card-may.ofx", ImportFormat::Ofx),
    ("household.journal", ImportFormat::Hledger),
    ("textbook.jsonl", ImportFormat::Jsonl),
];

/// A row as text: the day, what moved, the memo and the tags.
pub(super) fn shown(row: &ImportedRow) -> String {
    let money = |typed: &TypedAmount| {
        let code = typed.currency.map(|code| code.to_string());
        format!("{} {}", typed.amount, code.as_deref().unwrap_or("-"))
    };
    let moved = match &row.request.operation {
        Operation::Deposit { account, amount } => format!("+{} {account}", amount.amount),
        Operation::Withdraw { account, amount } => format!("-{} {account}", amount.amount),
        Operation::Transfer { from, to, amount } => format!("{} {from}>{to}", money(amount)),
        Operation::Exchange {
            from,
            to,
            amount,
            arrives,
        } => format!("{} {from}>{to} {}", money(amount), money(arrives)),
        other => panic!("{other:?}"),
    };
    let tags = row.request.tags.iter();
    let tags: Vec<String> = tags.map(|(key, value)| format!("{key}={value}")).collect();
    format!(
        "{} {moved} {} [{}]",
        row.request.effective.as_ref().unwrap().text(),
        row.request.memo.as_deref().unwrap_or("-"),
        tags.join(" ")
    )
}

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data/import");
    std::fs::read(folder.join(name)).unwrap()
}

fn lenient() -> Options {
    Options {
        skip: Skip::ToHeader,
        encoding: None,
        ..Options::default()
    }
}

proptest! {
    /// Bytes of every sample changed, taken out and put in: no input makes it panic.
    #[test]
    fn every_mangled_sample_is_read_or_refused(
        which in 0..SAMPLES.len(),
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        put in proptest::collection::vec(any::<u8>(), 0..8),
        latin in any::<bool>(),
    ) {
        let (name, format) = SAMPLES[which];
        let mut bytes = sample(name);
        let at = at.index(bytes.len());
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, put);
        let options = Options {
            encoding: latin.then(|| Encoding::named("latin1").unwrap()),
            ..lenient()
        };
        let _ = read(format, &mut Cursor::new(bytes), &options);
    }

    /// What goes into each account by a journal's postings, by a model that only adds them up, is
    /// what goes into it by the events.
    #[test]
    fn a_journal_moves_what_its_postings_say(
        transactions in proptest::collection::vec(
            (0_usize..4, proptest::collection::vec((0_usize..4, 1_i64..100_000), 1..4), any::<bool>()),
            1..12,
        ),
    ) {
        let names = ["assets:giro", "assets:cash", "expenses:food", "equity:external"];
        let figure = |cents: i64| {
            let sign = if cents < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
        };
        let mut text = String::new();
        let mut model: BTreeMap<&str, i64> = BTreeMap::new();
        for (one, others, gives) in &transactions {
            let others: Vec<_> = others.iter().filter(|(other, _)| other != one).collect();
            if others.is_empty() {
                continue;
            }
            let sign = if *gives { 1 } else { -1 };
            text += "2026-01-02 x\n";
            for (other, cents) in others {
                text += &["  ", names[*other], "  ", &figure(sign * cents), " EUR\n"].concat();
                *model.entry(names[*other]).or_default() += sign * cents;
                *model.entry(names[*one]).or_default() -= sign * cents;
            }
            text += &["  ", names[*one], "\n\n"].concat();
        }
        prop_assume!(!text.is_empty());
        let imported = read(ImportFormat::Hledger, &mut Cursor::new(text.as_bytes()), &Options::default()).unwrap();
        let mut moved: BTreeMap<String, i128> = BTreeMap::new();
        for row in &imported.rows {
            let command = &row.request.operation;
            let mut add = |name: &str, billionths: i128| {
                *moved.entry(name.to_owned()).or_default() += billionths;
            };
            match command {
                Operation::Deposit { account, amount } => add(account.as_str(), amount.amount.billionths()),
                Operation::Withdraw { account, amount } => add(account.as_str(), -amount.amount.billionths()),
                Operation::Transfer { from, to, amount } => {
                    add(from.as_str(), -amount.amount.billionths());
                    add(to.as_str(), amount.amount.billionths());
                }
                other => panic!("{other:?}"),
            }
        }
        model.remove("equity:external");
        for (name, cents) in model {
            prop_assert_eq!(moved.get(name).copied().unwrap_or(0), i128::from(cents) * 10_000_000, "{}", text);
        }
    }
}

#[test]
fn every_sample_is_read() {
    for (name, format) in SAMPLES {
        let latin = Encoding::named("windows-1252").unwrap();
        let options = Options {
            encoding: (name == "giro-2026.csv").then_some(latin),
            ..lenient()
        };
        let imported = read(format, &mut Cursor::new(sample(name)), &options).unwrap();
        assert!(!imported.rows.is_empty(), "{name}");
        let keys: hashbrown::HashSet<&str> = imported
            .rows
            .iter()
            .filter_map(|row| row.request.key.as_ref().map(crate::event::Key::as_str))
            .collect();
        assert_eq!(keys.len(), imported.rows.len(), "{name}");
    }
}
