//! Words in bank files that decide over money: directions, balances, totals, rows that are not booked.
//!
//! Only the words. What follows from them is decided by the readers of a format.

/// Whether money leaves the account or enters it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// It leaves.
    Out,
    /// It enters.
    In,
}

const OUT: &[&str] = &[
    "s",
    "soll",
    "d",
    "dr",
    "db",
    "dt",
    "dbt",
    "dbit",
    "debit",
    "debits",
    "debet",
    "debe",
    "débit",
    "débito",
    "debito",
    "dare",
    "out",
    "-",
    "\u{2212}",
    "af",
    "afschrijving",
    "uit",
    "sortie",
    "sorties",
    "salida",
    "uscita",
    "uscite",
    "saída",
    "saida",
    "cargo",
    "money out",
    "paid out",
    "withdrawal",
    "withdraw",
    "retrait",
    "belastung",
    "lastschrift",
    "ausgang",
    "ausgabe",
    "outgoing",
    "outflow",
    "sent",
    "send",
    "expense",
    "expenses",
    "wn",
    "winien",
    "obciążenie",
    "uttag",
    "purchase",
    "spend",
    "spent",
    "zahlungsausgang",
    "auszahlung",
    "addebito",
    "transfer out",
    "sale",
    "uttak",
    "pano ulos",
    "výdaj",
    "kiadás",
    "terhelés",
    "borç",
    "расход",
    "списание",
    "支出",
    "出金",
    "dépense",
    "gasto",
    "egreso",
    "egresos",
    "despesa",
    "spesa",
    "ut",
    "ud",
    "decrease",
];
const IN: &[&str] = &[
    "h",
    "haben",
    "c",
    "cr",
    "ct",
    "crt",
    "crdt",
    "credit",
    "credits",
    "kredit",
    "k",
    "crédit",
    "crédito",
    "credito",
    "haber",
    "avere",
    "abono",
    "in",
    "+",
    "bij",
    "bijschrijving",
    "entrée",
    "entrées",
    "entree",
    "entrata",
    "entrate",
    "entrada",
    "ingreso",
    "ingresos",
    "money in",
    "paid in",
    "deposit",
    "dépôt",
    "gutschrift",
    "eingang",
    "einnahme",
    "incoming",
    "inflow",
    "received",
    "receive",
    "income",
    "ma",
    "uznanie",
    "insättning",
    "refund",
    "zahlungseingang",
    "einzahlung",
    "accredito",
    "transfer in",
    "innskudd",
    "příjem",
    "jóváírás",
    "alacak",
    "приход",
    "зачисление",
    "収入",
    "入金",
    "recette",
    "receita",
    "inn",
    "ind",
    "increase",
];

/// The direction that a word of a column names.
pub(super) fn direction_of(word: &str) -> Option<Direction> {
    let word = word.trim().to_lowercase();
    let bare = word.trim_end_matches('.');
    let bare = if bare.is_empty() { word.as_str() } else { bare };
    match (OUT.contains(&bare), IN.contains(&bare)) {
        (true, false) => Some(Direction::Out),
        (false, true) => Some(Direction::In),
        _ => None,
    }
}

/// Splits a direction such as `DR` off what stands beside a number.
pub(super) fn suffix_direction(beside: &str) -> (Option<Direction>, &str) {
    const OUT: &[&str] = &["d", "dr", "db", "dt", "s", "debit", "debet", "soll"];
    const IN: &[&str] = &["c", "cr", "ct", "h", "k", "credit", "kredit", "haben"];
    let direction = |word: &str| {
        let word = word.trim_matches(['.', '(', ')']).to_lowercase();
        match (OUT.contains(&word.as_str()), IN.contains(&word.as_str())) {
            (true, _) => Some(Direction::Out),
            (_, true) => Some(Direction::In),
            _ => None,
        }
    };
    let last = beside.rsplit_once(char::is_whitespace);
    let last = last.map(|(rest, word)| (word, rest));
    let first = beside.split_once(char::is_whitespace);
    for (word, rest) in [Some((beside, "")), last, first].into_iter().flatten() {
        if let Some(found) = direction(word) {
            return (Some(found), rest.trim());
        }
    }
    (None, beside)
}

/// What a row that is not a movement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BalanceWord {
    /// The balance before the first movement.
    Opening,
    /// The balance after the last movement.
    Closing,
    /// The balance at this place of the file.
    Here,
    /// The sum of the movements.
    Total,
}

/// Beginnings of texts that say which balance it is.
const STARTS: [(BalanceWord, &[&str]); 2] = [
    (
        BalanceWord::Opening,
        &[
            "opening balance",
            "beginning balance",
            "starting balance",
            "start balance",
            "previous balance",
            "anfangssaldo",
            "startsaldo",
            "saldovortrag",
            "kontostand am anfang",
            "alter kontostand",
            "alter saldo",
            "balance brought forward",
            "balance b/f",
            "brought forward",
            "beginsaldo",
            "solde initial",
            "ancien solde",
            "solde précédent",
            "saldo inicial",
            "saldo anterior",
            "saldo iniziale",
            "ingående saldo",
            "inngående saldo",
            "alkusaldo",
            "saldo początkowe",
            "počáteční zůstatek",
            "algsaldo",
            "nyitó egyenleg",
            "açılış bakiyesi",
            "входящий остаток",
            "b/f",
        ],
    ),
    (
        BalanceWord::Closing,
        &[
            "closing balance",
            "ending balance",
            "end balance",
            "final balance",
            "endsaldo",
            "schlusssaldo",
            "abschlusssaldo",
            "neuer kontostand",
            "neuer saldo",
            "kontostand am ende",
            "balance carried forward",
            "balance c/f",
            "carried forward",
            "eindsaldo",
            "slotsaldo",
            "solde final",
            "nouveau solde",
            "saldo final",
            "saldo actual",
            "saldo finale",
            "utgående saldo",
            "loppusaldo",
            "saldo końcowe",
            "konečný zůstatek",
            "lõppsaldo",
            "záró egyenleg",
            "kapanış bakiyesi",
            "исходящий остаток",
            "c/f",
        ],
    ),
];
/// Whole texts.
const WHOLE: [(BalanceWord, &[&str]); 2] = [
    (
        BalanceWord::Here,
        &[
            "balance",
            "saldo",
            "kontostand",
            "solde",
            "zwischensaldo",
            "tagessaldo",
            "saldo do dia",
            "saldo dia",
            "saldo del día",
            "daily balance",
            "running balance",
            "current balance",
            "stan konta",
            "zůstatek",
            "egyenleg",
            "bakiye",
            "остаток",
            "salden",
        ],
    ),
    (
        BalanceWord::Total,
        &[
            "total",
            "totals",
            "sum",
            "summe",
            "gesamt",
            "gesamtsumme",
            "gesamtbetrag",
            "totaal",
            "totale",
            "total general",
            "total général",
            "summa",
            "suma",
            "razem",
            "celkem",
            "toplam",
            "итого",
            "grand total",
            "subtotal",
            "zwischensumme",
            "total amount",
            "total transactions",
            "soma",
        ],
    ),
];

/// The balance or total that a text of a row names.
pub(super) fn balance_word(text: &str) -> Option<BalanceWord> {
    // Most texts are not near any of these.
    if text.len() > 120 || text.is_empty() {
        return None;
    }
    let folded = text.trim().trim_end_matches([':', '.']).to_lowercase();
    let starts = STARTS.iter().find(|(_, words)| {
        words.iter().any(|word| {
            folded
                .strip_prefix(word)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', '(', ',', '-']))
        })
    });
    let whole = || {
        WHOLE
            .iter()
            .find(|(_, words)| words.contains(&folded.as_str()))
    };
    starts.or_else(whole).map(|(kind, _)| *kind)
}

/// What banks write of rows that are not booked, in lower case.
pub(super) const NOT_BOOKED: &[&str] = &[
    "pending",
    "vorgemerkt",
    "umsatz vorgemerkt",
    "authorised",
    "authorized",
    "authorisation",
    "authorization",
    "reserved",
    "reserviert",
    "declined",
    "offen",
    "reverted",
    "failed",
    "cancelled",
    "canceled",
    "voided",
    "processing",
    "en attente",
    "pendiente",
    "in attesa",
    "in behandeling",
    "reservation",
    "reservering",
    "abgelehnt",
    "storniert",
    "rejected",
    "hold",
    "pendente",
    "w toku",
    "reserverad",
    "expired",
    "denied",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_known_in_any_case_and_no_word_has_both() {
        for (word, expected) in [
            ("DR", Some(Direction::Out)),
            ("Cr.", Some(Direction::In)),
            ("Af", Some(Direction::Out)),
            ("Bij", Some(Direction::In)),
            ("-", Some(Direction::Out)),
            ("sortie", Some(Direction::Out)),
            ("Card", None),
            ("payment", None),
        ] {
            assert_eq!(direction_of(word), expected, "{word}");
        }
        for word in OUT {
            assert_eq!(direction_of(word), Some(Direction::Out), "{word}");
        }
        for word in IN {
            assert_eq!(direction_of(word), Some(Direction::In), "{word}");
        }
    }

    #[test]
    fn a_suffix_is_split_from_a_currency() {
        assert_eq!(suffix_direction("CR"), (Some(Direction::In), ""));
        assert_eq!(suffix_direction("INR Dr"), (Some(Direction::Out), "INR"));
        assert_eq!(suffix_direction("S EUR"), (Some(Direction::Out), "EUR"));
        assert_eq!(suffix_direction("EUR"), (None, "EUR"));
    }

    #[test]
    fn balances_and_totals_are_known_by_their_texts() {
        for (text, expected) in [
            ("Anfangssaldo", Some(BalanceWord::Opening)),
            (
                "Beginning balance as of 06/01/2026",
                Some(BalanceWord::Opening),
            ),
            ("Endsaldo", Some(BalanceWord::Closing)),
            ("Summe:", Some(BalanceWord::Total)),
            ("SALDO DO DIA", Some(BalanceWord::Here)),
            ("Total petrol", None),
            ("Opening balances quiz", None),
        ] {
            assert_eq!(balance_word(text), expected, "{text}");
        }
    }
}
