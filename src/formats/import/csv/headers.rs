//! The headers of banks in many languages, folded: small letters, no accents, no unit at the end.

/// Headers of dates, in the order in which they are preferred: the day of booking before the day of
/// value.
#[rustfmt::skip]
pub(super) const DATES: [&[&str]; 3] = [
    &[
        "date", "booking date", "posting date", "posted date", "post date", "transaction date", "date posted",
        "txn date", "tran date", "buchungstag", "buchungsdatum", "datum", "buchung", "buchungsdatum / valuta",
        "boekdatum", "fecha", "fecha operacion", "fecha de operacion", "data", "data operazione", "data lancamento",
        "data da operacao", "data operacji", "data ksiegowania", "date operation", "date de comptabilisation",
        "date comptable", "dateop", "bokforingsdag", "bokfoeringsdag", "bokføringsdato", "bokforingsdatum", "bokfoeringsdatum", "kuupaev", "kuupaeev", "dato", "bokfort dato", "bokført dato", "kirjauspaiva", "kirjauspaeivae",
        "datum zauctovani", "konyveles datuma", "tarih", "islem tarihi",
    ],
    &[
        "completed date", "value date", "valuta", "valutadatum", "wertstellung", "wertstellungsdatum", "valuta datum",
        "value dt", "fecha valor", "data valuta", "data waluty", "date valeur", "date de valeur", "valutadag",
        "finished on", "created (utc)", "created", "created at", "created on", "settlement date", "processed date", "date processed",
    ],
    &["time", "datetime", "timestamp", "date/time"],
];
#[rustfmt::skip]
pub(super) const AMOUNTS: &[&str] = &[
    "amount", "betrag", "umsatz", "transaction amount", "value", "wert", "amount in account currency",
    "bedrag", "importe", "importo", "montant", "montant de l'operation", "valor", "belopp", "belob", "beløb", "belop", "kwota",
    "kwota operacji", "kwota transakcji", "summa", "maara", "maeaerae", "castka", "osszeg", "tutar", "monto", "quantia",
    "booking amount", "buchungsbetrag", "betrag in kontowaehrung",
];
/// Amounts that are the money only if no other column is.
#[rustfmt::skip]
pub(super) const OTHER_AMOUNTS: &[&str] = &[
    "gross", "brutto", "net", "netto", "total", "total amount", "net amount", "gross amount", "gesamtbetrag",
    "gesamt", "bruttobetrag", "nettobetrag", "billing amount", "settlement amount", "amount total", "importe total",
    "source amount (after fees)", "target amount (after fees)", "booked amount",
];
#[rustfmt::skip]
pub(super) const DEBITS: &[&str] = &[
    "debit", "debits", "debit amount", "debit amt", "soll", "money out", "paid out", "withdrawal", "withdrawals",
    "withdrawal amount", "withdrawal amt", "withdrawal amt.", "withdrawal amount (inr )", "lastschrift", "belastung",
    "ausgang", "ausgabe", "ausgaben", "cargo", "cargos", "debe", "debito", "debitos", "dare", "uscite", "addebiti",
    "saidas", "retraits", "out", "spent", "payments", "payments out", "af", "uttag", "ut fra konto", "ut", "obciazenia",
    "soll/belastung", "zahlungsausgang", "egresos", "gastos", "spending",
];
#[rustfmt::skip]
pub(super) const CREDITS: &[&str] = &[
    "credit", "credits", "credit amount", "credit amt", "haben", "money in", "paid in", "deposit", "deposits",
    "deposit amount", "deposit amt", "deposit amt.", "deposit amount (inr )", "gutschrift", "eingang", "einnahme",
    "einnahmen", "abono", "abonos", "haber", "credito", "creditos", "avere", "entrate", "accrediti", "entradas",
    "depots", "in", "received", "receipts", "payments in", "bij", "insattning", "insaettning", "inn pa konto", "inn", "uznania",
    "zahlungseingang", "ingresos", "income",
];
/// Debit columns whose bank writes debits with a minus.
#[rustfmt::skip]
pub(super) const SIGNED_DEBITS: &[&str] = &["lastschrift in chf", "lastschrift in eur", "debit in chf", "debit in eur", "addebito in chf", "debit en chf"];
#[rustfmt::skip]
pub(super) const DIRECTIONS: &[&str] = &[
    "s/h", "soll/haben", "soll / haben", "sh", "d/c", "dr/cr", "dr / cr", "debit/credit", "credit/debit", "debit / credit",
    "credit debit indicator", "debit credit indicator", "s/h-kennzeichen", "soll/haben-kennzeichen", "af bij", "af/bij",
    "d/k", "direction", "cd", "cr/dr", "credit / debit", "richtung", "in/out", "+/-", "debit or credit", "sens",
    "deebet/kreedit", "deebet/kreedit (d/c)", "sh-kennzeichen",
];
#[rustfmt::skip]
pub(super) const CURRENCIES: &[&str] = &[
    "currency", "currency code", "ccy", "waehrung", "wahrung", "whg", "whrg", "kontowaehrung", "munt", "devise", "divisa",
    "moneda", "moeda", "valuta kod", "valuuta", "waluta", "mena", "devizanem", "account currency", "valuta code",
];
#[rustfmt::skip]
pub(super) const STATES: &[&str] = &["state", "status", "buchungsstatus", "umsatzstatus", "statut", "estado", "stato"];
/// Fees beside an amount.
#[rustfmt::skip]
pub(super) const FEES: &[&str] = &[
    "fee", "fees", "fee amount", "gebuehr", "gebuehren", "entgelt", "commission", "kosten", "charges", "charge", "frais",
    "comision", "comisiones", "commissie", "commissione", "commissioni", "provision", "prowizja", "avgift", "taxa",
    "total fees", "exchange fee", "source fee amount", "fees & comm", "stripe fee", "processing fee", "transaction fee",
];
/// Balances after a row.
#[rustfmt::skip]
pub(super) const BALANCES: &[&str] = &[
    "balance", "saldo", "saldos", "running balance", "running bal.", "running bal", "closing balance", "kontostand", "balance amount",
    "saldo nach buchung", "saldo na transactie", "saldo na mutatie", "solde", "saldo actual", "saldo disponible",
    "saldo po operacji", "bokfort saldo", "bokført saldo", "bokfoert saldo", "bokford saldo", "balance after", "balance (inr )", "new balance", "account balance",
    "balance after transaction", "saldo contabile", "saldo final", "zustatek", "egyenleg", "bakiye", "guthaben", "jaak",
    "saldo po transakcji", "running total", "ledger balance", "eod balance", "saldo in chf", "saldo in eur", "neuer saldo",
];
/// Numbers that a bank gives to transactions.
#[rustfmt::skip]
pub(super) const IDS: &[&str] = &[
    "transaction id", "transaktions-id", "transaktionsnummer", "transaction number", "transaction reference", "id", "fitid",
    "buchungsreferenz", "bankreferenz", "bank reference", "umsatz-id", "transaktionscode", "transaction hash", "tx id",
    "txid", "entry reference", "arkivreferens", "operation id", "uuid", "transactionid", "transferwise id", "reference number",
    "arhiveerimistunnus", "numero operazione", "balance_transaction_id", "transaction uuid",
];
/// Texts that users or banks change after a transaction is booked.
#[rustfmt::skip]
pub(super) const EDITED: &[&str] = &[
    "category", "categories", "kategorie", "categorie", "categoria", "unterkategorie", "subcategory", "sub-category",
    "parent category", "hauptkategorie", "label", "labels", "tag", "tags", "#tags", "notes", "note", "notes and #tags",
    "notiz", "notizen", "comment", "comments", "kommentar", "bemerkung", "my notes", "budget", "emoji", "star", "flag",
    "receipt", "attachment", "custom name", "spending category", "etikett", "etiketten", "exported", "reviewed", "splits",
    "category split", "state", "status", "buchungsstatus", "umsatzstatus", "statut", "estado", "stato", "catégorie",
    "analyse-hauptkategorie", "analyse-unterkategorie", "info", "excluded", "reconciled",
];
/// Parts of headers of columns that say what kind of movement a row is.
#[rustfmt::skip]
pub(super) const KINDS: &[&str] = &[
    "type", "typ", "kind", "art", "tipo", "soort", "direction", "richtung", "sens", "operation", "operacion", "transaction",
    "vorgang", "indicator", "kennzeichen", "flow",
];
/// Columns that may name the account of a row.
#[rustfmt::skip]
pub(super) const ACCOUNTS: &[&str] = &[
    "account", "account number", "account name", "account no", "account no.", "auftragskonto", "iban auftragskonto",
    "bezeichnung auftragskonto", "product", "rekening", "rekeningnummer", "compte", "cuenta", "conto", "konto", "source account",
];
/// Columns of decimal numbers that are no money of the account.
#[rustfmt::skip]
pub(super) const NO_MONEY: &[&str] = &[
    "exchange rate", "rate", "kurs", "wechselkurs", "koers", "tipo de cambio", "taux", "cambio", "quantity", "menge", "anzahl",
    "qty", "latitude", "longitude", "lat", "lng", "points", "cashback %", "percent", "price", "cheque", "check number",
    "available balance", "verfuegbarer saldo",
];
#[rustfmt::skip]
pub(super) const MEMOS: [&[&str]; 3] = [
    &[
        "memo", "verwendungszweck", "description", "transaction description", "details", "narrative", "narration",
        "particulars", "transaction remarks", "vwz", "zweck", "zahlungszweck", "betreff", "purpose", "subject", "buchungsdetails", "payment reference", "beschreibung",
        "name / description", "avisierungstext", "mededelingen", "naam / omschrijving", "omschrijving", "concepto",
        "descripcion", "descrizione", "libelle", "descricao", "historico", "opis", "opis operacji", "forklaring", "text",
        "tekst", "transaction details", "selgitus", "description 1",
    ],
    &[
        "buchungstext", "reference", "notes", "note", "comment",
    ],
    &["vorgang/verwendungszweck", "umsatztext", "vorgang"],
];
/// Others that matter, each with the tag it becomes.
#[rustfmt::skip]
pub(super) const TAGS: [(&str, &[&str]); 8] = [
    (
        "counterparty",
        &[
            "payee", "counterparty", "counterparty name", "partner name", "counter party", "name", "merchant",
            "beguenstigter/zahlungspflichtiger", "auftraggeber/empfaenger", "auftraggeber / beguenstigter",
            "auftraggeber/beguenstigter", "empfaenger", "name zahlungsbeteiligter", "zahlungsempfaenger*in",
            "zahlungsempfaenger", "zahlungsbeteiligter", "partnername", "payer/payee",
            "empfaenger/zahlungspflichtiger", "auftraggeber/zahlungsempfaenger",
        ],
    ),
    (
        "payer",
        &["zahlungspflichtige*r", "zahlungspflichtiger", "payer"],
    ),
    (
        "iban",
        &[
            "iban", "iban zahlungsbeteiligter", "kontonummer/iban", "counterparty iban", "partner iban", "kontonummer",
            "tegenrekening",
        ],
    ),
    (
        "reference",
        &[
            "kundenreferenz", "end-to-end", "end to end reference", "transaction id", "reference number", "reference",
            "referenz", "referenznummer", "ref", "kundenreferenz (end-to-end)", "chq./ref.no.",
        ],
    ),
    ("mandate", &["mandatsreferenz", "mandate reference"]),
    (
        "creditor",
        &["glaeubiger id", "glaeubiger-id", "creditor id"],
    ),
    (
        "kind",
        &[
            "umsatztyp", "transaction type", "type", "umsatzart", "buchungsart", "typ",
        ],
    ),
    ("category", &["category", "kategorie"]),
];
