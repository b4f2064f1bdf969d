CREATE TABLE meta (
  -- How far this read model has come. One row; it changes in the same transaction as all other rows.
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  ledger   TEXT NOT NULL,    -- the id of the ledger
  currency TEXT,             -- its default currency
  zone     TEXT NOT NULL,    -- the IANA zone that its days are in
  strict   INTEGER NOT NULL, -- 1 if accounts must be opened before money moves
  seq      INTEGER NOT NULL, -- the last event that is included
  hash     TEXT NOT NULL     -- its hash: SEQ:HASH is the head, as ledger head prints it
) STRICT;

CREATE TABLE currencies (
  -- Every currency, and the scale of its whole numbers: 12.34 with scale 2 is 1234. All whole numbers of
  -- one currency have the same scale, so that they can be summed. A currency that is not in ISO 4217 has
  -- as many decimals as its most precise figure; a more precise one converts all whole numbers.
  currency TEXT UNIQUE,      -- the code; NULL for money without a currency
  scale    INTEGER NOT NULL, -- number of decimals
  factor   INTEGER NOT NULL  -- 10 to the power of scale
) STRICT;

CREATE TABLE accounts (
  -- Every account.
  account    TEXT PRIMARY KEY, -- its name
  currency   TEXT,             -- its currency; NULL for money without a currency
  scale      INTEGER NOT NULL, -- decimals of its figures as text
  floor      TEXT,             -- the lowest balance it may reach; NULL for no limit
  floor_minor INTEGER,         -- the same as a whole number; NULL for no limit, or beyond 64 bits
  open       INTEGER NOT NULL, -- 0 once closed
  first      INTEGER NOT NULL, -- the first event that touched it
  last       INTEGER NOT NULL  -- the last event that touched it
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  -- Every event, as in the log.
  seq       INTEGER PRIMARY KEY, -- its number
  at        TEXT NOT NULL,    -- when it was recorded: UTC, RFC 3339 with microseconds
  effective TEXT NOT NULL,    -- when it took effect; the same as at if the log names no other time
  day       TEXT NOT NULL,    -- the day it took effect, YYYY-MM-DD in the ledger's zone
  type      TEXT NOT NULL,    -- ledger, open, limit, deposit, withdraw, transfer, close, hold, release,
                              -- exchange, seal, unseal, redact
  account   TEXT,             -- of open, limit, deposit, withdraw, close
  from_account TEXT,          -- of transfer, exchange, hold: the account that the money leaves
  to_account   TEXT,          -- of transfer, exchange, hold: the account that it arrives on
  amount    TEXT,             -- exact, as in the log
  minor     INTEGER,          -- the same as a whole number, see currencies; NULL beyond 64 bits
  currency  TEXT,             -- the amount's currency
  to_amount TEXT,             -- of exchange: the amount that arrived
  to_currency TEXT,           -- of exchange: its currency
  floor     TEXT,             -- of open and limit
  expires   TEXT,             -- of hold: when it ends by itself; NULL for never
  through   TEXT,             -- of seal and unseal: the last moment that is sealed; NULL for none
  final     INTEGER NOT NULL, -- 1 for a seal that cannot be removed
  reverses  INTEGER,          -- the event that this one reverses
  captures  INTEGER,          -- the hold that this one takes money from
  keep      INTEGER NOT NULL, -- 1 if the rest of that hold stays on hold
  releases  INTEGER,          -- of release: the hold
  corrects  INTEGER,          -- the event that this one replaces
  refunds   INTEGER,          -- the event that this one pays back, in part or whole
  redacts   INTEGER,          -- of redact: the event whose memo and tags were erased
  key       TEXT,             -- the idempotency key it was recorded under
  memo      TEXT,             -- the memo; NULL if there is none or it was erased
  redacted  INTEGER NOT NULL, -- 1 if memo and tags were erased
  more      INTEGER NOT NULL, -- 1 if the next event belongs to the same batch
  hash      TEXT NOT NULL     -- the chain's hash
) STRICT;

CREATE TABLE changes (
  -- How each event changed each account. A transfer has two rows; an event that moves no money has none.
  account       TEXT NOT NULL REFERENCES accounts,
  seq           INTEGER NOT NULL REFERENCES events,
  change        TEXT NOT NULL, -- the change of the balance, exact
  change_minor  INTEGER,       -- the same as a whole number; NULL beyond 64 bits
  balance       TEXT NOT NULL, -- the balance after it, in the order of recording
  balance_minor INTEGER,       -- the same as a whole number; NULL beyond 64 bits
  PRIMARY KEY (account, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
  -- The balance of each account, with everything that is recorded.
  account       TEXT PRIMARY KEY REFERENCES accounts,
  currency      TEXT,
  balance       TEXT NOT NULL, -- exact, as ledger balance prints it
  balance_minor INTEGER        -- the same as a whole number; NULL beyond 64 bits
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
  -- Every hold and what was captured and released of it, with everything that is recorded. From expires
  -- on, nothing is left of it:
  -- SELECT * FROM holds WHERE rest <> '0' AND (expires IS NULL OR expires > '2026-11-23T10:15:02Z');
  seq            INTEGER PRIMARY KEY REFERENCES events,
  effective      TEXT NOT NULL, -- when it took effect
  from_account   TEXT,          -- the account on which the money is on hold; NULL if it is only announced
  to_account     TEXT,          -- the account to which it is announced; NULL if that is open
  amount         TEXT NOT NULL, -- exact
  amount_minor   INTEGER,       -- the same as a whole number; NULL beyond 64 bits
  captured       TEXT NOT NULL, -- the sum of its captures
  captured_minor INTEGER,
  released       TEXT NOT NULL, -- the sum of its releases
  released_minor INTEGER,
  rest           TEXT NOT NULL, -- what is left, until it expires
  rest_minor     INTEGER,
  currency       TEXT,
  expires        TEXT,          -- when it ends by itself; NULL for never
  key            TEXT           -- the idempotency key it was recorded under
) STRICT;

CREATE TABLE daily_balances (
  -- The balance of each account at the end of each day on which an event took effect on it. The balance
  -- of any other day is that of the last row before it.
  account       TEXT NOT NULL REFERENCES accounts,
  day           TEXT NOT NULL, -- YYYY-MM-DD in the ledger's zone
  change        TEXT NOT NULL, -- the sum of the day's changes
  change_minor  INTEGER,
  balance       TEXT NOT NULL, -- the balance at the end of the day
  balance_minor INTEGER,
  PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  -- The tags of events.
  seq   INTEGER NOT NULL REFERENCES events,
  key   TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (seq, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_day ON events (day);
CREATE INDEX events_by_key ON events (key) WHERE key IS NOT NULL;
CREATE INDEX events_by_target ON events (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX events_by_hold ON events (captures) WHERE captures IS NOT NULL;
CREATE INDEX holds_by_rest ON holds (rest_minor);
CREATE INDEX tags_by_key ON tags (key, value);

CREATE VIEW statement AS
  -- Each account's movements in the order in which they took effect, with the balance after each:
  -- SELECT * FROM statement WHERE account = 'main' ORDER BY effective, seq;
  -- balance_minor is NULL if one of the account's figures is beyond 64 bits.
  SELECT c.account, c.seq, e.effective, e.day, e.at, e.type, c.change, c.change_minor,
    CASE WHEN count(*) OVER so_far = count(c.change_minor) OVER so_far
      THEN sum(c.change_minor) OVER so_far END AS balance_minor,
    a.currency,
    CASE c.account WHEN e.from_account THEN e.to_account WHEN e.to_account THEN e.from_account END
      AS other_account,
    e.memo, e.reverses, e.key
  FROM changes AS c JOIN events AS e USING (seq) JOIN accounts AS a USING (account)
  WINDOW so_far AS (PARTITION BY c.account ORDER BY e.effective, c.seq
    ROWS UNBOUNDED PRECEDING);

CREATE VIEW totals AS
  -- The sum of all balances in a currency. NULL if one of them is beyond 64 bits.
  SELECT b.currency, count(*) AS accounts,
    CASE WHEN count(*) = count(b.balance_minor) THEN sum(b.balance_minor) END AS balance_minor,
    c.scale
  FROM balances AS b JOIN currencies AS c ON coalesce(c.currency, '') = coalesce(b.currency, '')
  GROUP BY b.currency, c.scale;

CREATE VIEW available AS
  -- The balance of each account, what is on hold on it or announced to it, and what is available: now, by
  -- the clock of this machine. NULL if a figure is beyond 64 bits.
  WITH now AS (
    SELECT max(strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'), max(at)) AS moment FROM events
  ), pending AS (
    SELECT h.from_account, h.to_account, h.rest_minor FROM holds AS h, now
    WHERE h.rest_minor IS NOT 0 AND (h.expires IS NULL OR h.expires > now.moment)
  ), outgoing AS (
    SELECT from_account AS account,
      CASE WHEN count(*) = count(rest_minor) THEN sum(rest_minor) END AS minor
    FROM pending WHERE from_account IS NOT NULL GROUP BY from_account
  ), incoming AS (
    SELECT to_account AS account,
      CASE WHEN count(*) = count(rest_minor) THEN sum(rest_minor) END AS minor
    FROM pending WHERE to_account IS NOT NULL GROUP BY to_account
  )
  SELECT b.account, b.currency, b.balance_minor,
    CASE WHEN i.account IS NULL THEN 0 ELSE i.minor END AS pending_in_minor,
    CASE WHEN o.account IS NULL THEN 0 ELSE o.minor END AS pending_out_minor,
    b.balance_minor - CASE WHEN o.account IS NULL THEN 0 ELSE o.minor END AS available_minor,
    c.scale
  FROM balances AS b JOIN currencies AS c ON coalesce(c.currency, '') = coalesce(b.currency, '')
  LEFT JOIN incoming AS i ON i.account = b.account
  LEFT JOIN outgoing AS o ON o.account = b.account;

CREATE VIEW reversed_events AS
  -- Every event that was reversed, and its reversal.
  SELECT e.seq, r.seq AS reversed_by, e.type, e.amount, e.currency, e.effective, r.at AS reversed_at,
    e.memo, r.memo AS reason
  FROM events AS r JOIN events AS e ON e.seq = r.reverses;

CREATE VIEW months AS
  -- Money in, money out and closing balance of each account for each month in which an event took effect
  -- on it. Money out is negative, so that the change is in_minor + out_minor. NULL if a figure is beyond
  -- 64 bits.
  SELECT m.account, m.month, a.currency, m.in_minor, m.out_minor, d.balance_minor
  FROM (
    SELECT c.account, substr(e.day, 1, 7) AS month, max(e.day) AS last_day,
      CASE WHEN count(*) = count(c.change_minor)
        THEN sum(CASE WHEN c.change_minor > 0 THEN c.change_minor ELSE 0 END) END AS in_minor,
      CASE WHEN count(*) = count(c.change_minor)
        THEN sum(CASE WHEN c.change_minor < 0 THEN c.change_minor ELSE 0 END) END AS out_minor
    FROM changes AS c JOIN events AS e USING (seq) GROUP BY c.account, substr(e.day, 1, 7)
  ) AS m
  JOIN daily_balances AS d ON d.account = m.account AND d.day = m.last_day
  JOIN accounts AS a ON a.account = m.account;

CREATE VIEW tag_totals AS
  -- The sum of the changes with each tag, for each account.
  SELECT t.key, t.value, c.account, a.currency, count(*) AS changes,
    CASE WHEN count(*) = count(c.change_minor) THEN sum(c.change_minor) END AS change_minor
  FROM tags AS t JOIN changes AS c USING (seq) JOIN accounts AS a USING (account)
  GROUP BY t.key, t.value, c.account, a.currency;
