#!/bin/sh
# Makes the import samples in this directory, the same on every machine. People, banks and numbers
# in them are invented.
set -eu
cd "$(dirname "$0")"

# A year of a giro account as exported by a German savings bank: Windows-1252, lines before the
# header, newest first, decimal commas, a balance in each row.
LC_ALL=C.UTF-8 awk '
function put(day, month, what, who, iban, cents) {
    balance += cents
    n += 1
    row[n] = sprintf("\"%02d.%02d.2026\";\"%02d.%02d.2026\";\"%s\";\"%s\";\"%s\";\"%s\";\"%s\";\"EUR\"", \
        day, month, day, month, who, what, iban, money(cents), money(balance))
}
function money(cents,   sign, whole, text) {
    sign = cents < 0 ? "-" : ""
    if (cents < 0) cents = -cents
    whole = int(cents / 100)
    text = whole >= 1000 ? sprintf("%d.%03d", int(whole / 1000), whole % 1000) : whole
    return sprintf("%s%s,%02d", sign, text, cents % 100)
}
BEGIN {
    balance = 184217
    for (month = 1; month <= 12; month++) {
        put(1, month, "Miete " sprintf("%02d", month) "/2026", "Wohnbau Süd GmbH", "DE02120300000000202051", -89000)
        put(2, month, "Kartenzahlung Bäckerei Müller", "Bäckerei Müller", "", -350)
        # Two equal rows on one day are two events.
        put(2, month, "Kartenzahlung Bäckerei Müller", "Bäckerei Müller", "", -350)
        put(5, month, "Strom Abschlag", "Stadtwerke Köln", "DE89370400440532013000", -8900)
        for (week = 0; week < 4; week++) {
            if (week == 2) put(15, month, "Gehalt", "Maschinenbau Weiß AG", "DE75512108001245126199", 245000 + (month == 6 || month == 11 ? 180000 : 0))
            put(7 + week * 7, month, "Einkauf Größe " (week + 1) "; Bon " (month * 100 + week), "Käsehof & Söhne", "", -(3217 + month * 131 + week * 977))
        }
        if (month % 3 == 0) put(30, month, "Abschluss", "Stadtsparkasse", "", -870)
    }
    print "\"Umsätze Girokonto\";\"DE12500105170648489890\""
    print "\"Zeitraum:\";\"01.01.2026 - 31.12.2026\""
    print ""
    print "\"Buchungstag\";\"Wertstellung\";\"Auftraggeber/Empfänger\";\"Verwendungszweck\";\"IBAN\";\"Betrag\";\"Saldo\";\"Währung\""
    for (i = n; i > 0; i--) print row[i]
}' | iconv -f UTF-8 -t WINDOWS-1252 | sed 's/$/\r/' >giro-2026.csv

# A current account as exported by an English bank: money in and money out, months by name.
awk '
BEGIN {
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", name, " ")
    print "Date,Type,Description,Money Out,Money In,Balance"
    balance = 512100
    for (month = 1; month <= 12; month++) {
        put(1, "STO", "RENT 14 ACACIA AVE", -72500)
        put(6, "CARD", "TESCO STORES 3217, LEEDS", -(2310 + month * 57))
        put(6, "CARD", "PRET A MANGER", -420)
        put(6, "CARD", "PRET A MANGER", -420)
        put(19, "DD", "\"YORKSHIRE WATER \"\"ONLINE\"\"\"", -3105)
        put(28, "BGC", "ACME LTD SALARY", 189000)
    }
}
function put(day, type, text, cents) {
    balance += cents
    if (text ~ /,/ && text !~ /"/) text = "\"" text "\""
    printf "%02d %s 2026,%s,%s,%s,%s,%s\n", day, name[month], type, text, \
        (cents < 0 ? money(-cents) : ""), (cents < 0 ? "" : money(cents)), money(balance)
}
function money(cents,   whole) {
    whole = int(cents / 100)
    if (whole >= 1000) return sprintf("\"%d,%03d.%02d\"", int(whole / 1000), whole % 1000, cents % 100)
    return sprintf("%d.%02d", whole, cents % 100)
}' >current-2026.csv

# OFX 1, as most American banks write it: SGML, unclosed leaves, an unescaped ampersand.
{
    printf 'OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\nCHARSET:1252\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n'
    cat <<'OFX'
<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260331120000[0:GMT]<LANGUAGE>ENG<FI><ORG>FIRST EXAMPLE<FID>1001</FI></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>021000021<ACCTID>000123456789<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101<DTEND>20260331
OFX
    awk 'BEGIN {
        for (month = 1; month <= 3; month++) {
            put(3, "DIRECTDEP", 3210.55, "ACME CORP PAYROLL", "")
            put(5, "CHECK", -1450, "CHECK PAID", sprintf("<CHECKNUM>%d\n", 400 + month))
            put(9, "POS", -6.25, "AT&T STORE & CAFE", "")
            put(9, "POS", -6.25, "AT&T STORE & CAFE", "")
            put(21, "DEBIT", -88.1 - month, "CITY POWER", "<MEMO>ACCT 77&amp;78\n")
        }
    }
    function put(day, type, amount, name, more) {
        n += 1
        printf "<STMTTRN>\n<TRNTYPE>%s\n<DTPOSTED>2026%02d%02d120000[-5:EST]\n<TRNAMT>%.2f\n<FITID>2026%02d%02d%03d\n<NAME>%s\n%s</STMTTRN>\n", \
            type, month, day, amount, month, day, n, name, more
    }'
    cat <<'OFX'
</BANKTRANLIST><LEDGERBAL><BALAMT>5000.30<DTASOF>20260331120000[-5:EST]</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
OFX
} >checking-q1.ofx

# OFX 2: XML, a credit card.
{
    cat <<'OFX'
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
<OFX>
  <CREDITCARDMSGSRSV1>
    <CCSTMTTRNRS>
      <TRNUID>0</TRNUID>
      <STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>
      <CCSTMTRS>
        <CURDEF>EUR</CURDEF>
        <CCACCTFROM><ACCTID>5500000000000004</ACCTID></CCACCTFROM>
        <BANKTRANLIST>
          <DTSTART>20260501</DTSTART>
          <DTEND>20260531</DTEND>
OFX
    awk 'BEGIN {
        put("04", -12.9, "Café Hawelka", "")
        put("11", -249, "ÖBB Tickets", "Wien &gt; Zürich")
        put("18", -3.5, "Trafik", "")
        put("27", 265.4, "Zahlung", "Danke")
    }
    function put(day, amount, name, memo) {
        n += 1
        printf "          <STMTTRN>\n            <TRNTYPE>%s</TRNTYPE>\n            <DTPOSTED>202605%s</DTPOSTED>\n            <TRNAMT>%.2f</TRNAMT>\n            <FITID>cc-%04d</FITID>\n            <NAME>%s</NAME>\n            <MEMO>%s</MEMO>\n          </STMTTRN>\n", \
            (amount < 0 ? "DEBIT" : "CREDIT"), day, amount, n, name, memo
    }'
    cat <<'OFX'
        </BANKTRANLIST>
        <LEDGERBAL><BALAMT>0.00</BALAMT><DTASOF>20260531</DTASOF></LEDGERBAL>
      </CCSTMTRS>
    </CCSTMTTRNRS>
  </CREDITCARDMSGSRSV1>
</OFX>
OFX
} >card-may.ofx

# A journal for hledger.
cat >household.journal <<'JOURNAL'
; The first quarter of a household.
decimal-mark .
commodity 1,000.00 EUR
account assets:giro       ; type:A
account assets:cash
account expenses:food
account expenses:rent
account income:salary
account equity:opening

2026-01-01 * Opening balance
    assets:giro           1,842.17 EUR
    equity:opening

2026-01-02 * Rent | January  ; landlord:Wohnbau
    expenses:rent           890.00 EUR
    assets:giro            -890.00 EUR

2026-01-10 ! (4711) Cash and groceries
    ; shop:Spar, on the way home
    assets:cash              50.00 EUR
    expenses:food            23.40 EUR
    assets:giro             -73.40 EUR  = 878.77 EUR

2026-01-15 * Salary
    assets:giro           2,450.00 EUR
    income:salary

2026-02-14 Dinner
    expenses:food            64.80 EUR
    assets:cash             -30.00 EUR
    assets:giro
JOURNAL

# The usual example of textbooks on event sourcing.
cat >textbook.jsonl <<'JSONL'
{"type":"deposit","amount":50}
{"type":"withdraw","amount":20}
{"type":"deposit","amount":12.5}
JSONL
