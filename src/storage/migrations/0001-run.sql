-- One run: its settings, its battles, their rounds, every paid call, judged predictions and reusable sandbox runs.

CREATE TABLE run (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;

-- What canaries and twins are drawn from, secret while the run may go on: trusted runs excuse twins of this seed only.
CREATE TABLE judging_seed (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seed TEXT NOT NULL
) STRICT;

-- Who may write. At most one row: the process that has the run open.
CREATE TABLE owner (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_at TEXT NOT NULL
) STRICT;

CREATE TABLE battles (
  battle_id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL UNIQUE,
  instance_id TEXT NOT NULL,
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  rounds INTEGER NOT NULL CHECK (rounds > 0),
  finished INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
  UNIQUE (battle_id, instance_id)
) STRICT;

-- `record` is what was judged and may be judged again; `measures` is what was counted and stays.
CREATE TABLE rounds (
  battle_id TEXT NOT NULL,
  round INTEGER NOT NULL CHECK (round >= 0),
  instance_id TEXT NOT NULL,
  language TEXT NOT NULL,
  submitter TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  trust TEXT NOT NULL CHECK (trust IN ('canaried', 'weak')),
  evidence_hash TEXT NOT NULL,
  judging_seconds REAL NOT NULL,
  record TEXT NOT NULL CHECK (json_valid(record)),
  measures TEXT NOT NULL CHECK (json_valid(measures)),
  PRIMARY KEY (battle_id, round),
  FOREIGN KEY (battle_id, instance_id) REFERENCES battles (battle_id, instance_id)
) STRICT;

-- `status` and `finish` are absent while a call is in flight, and for good when its process died. `lost_*` is what its
-- requests that ended without an answer were charged.
CREATE TABLE calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  battle_id TEXT NOT NULL REFERENCES battles (battle_id),
  round INTEGER NOT NULL CHECK (round >= 0),
  role TEXT NOT NULL CHECK (role IN ('submitter', 'reviewer')),
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  contestant TEXT NOT NULL,
  prompt_hash TEXT NOT NULL,
  worst_case_usd REAL,
  worst_case_tokens INTEGER NOT NULL,
  lost_usd REAL NOT NULL DEFAULT 0,
  lost_tokens INTEGER NOT NULL DEFAULT 0,
  status TEXT,
  finish TEXT CHECK (finish IS NULL OR json_valid(finish)),
  CHECK ((status IS NULL) = (finish IS NULL))
) STRICT;

CREATE INDEX calls_by_key ON calls (battle_id, round, role, attempt);

-- A received answer exists once per key, whatever the code above does; a call that met a fault may be made again.
CREATE UNIQUE INDEX calls_received_once ON calls (battle_id, round, role, attempt)
  WHERE status IS NOT NULL AND status <> 'fault';

CREATE TABLE judgements (
  instance_id TEXT NOT NULL,
  contestant TEXT NOT NULL,
  patch_hash TEXT NOT NULL,
  seconds REAL NOT NULL,
  evidence_hash TEXT NOT NULL,
  record TEXT NOT NULL CHECK (json_valid(record)),
  PRIMARY KEY (instance_id, contestant, patch_hash)
) STRICT;

CREATE TABLE cached_runs (
  key TEXT PRIMARY KEY,
  report TEXT NOT NULL,
  evidence TEXT NOT NULL
) STRICT;
