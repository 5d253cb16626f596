-- Controls run on this host beside a run's battles, and contestants who have left it: what of the plan is left unplayed.

-- An instance whose last canary has failed is in quarantine until somebody asks for another try.
CREATE TABLE canaries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  controls TEXT NOT NULL CHECK (json_valid(controls)),
  reason TEXT,
  evidence TEXT NOT NULL,
  evidence_hash TEXT NOT NULL,
  retried INTEGER NOT NULL DEFAULT 0 CHECK (retried IN (0, 1)),
  CHECK (retried = 0 OR reason IS NOT NULL)
) STRICT;

-- The last good canary of its instance when a round was recorded. No row: there was none before it.
CREATE TABLE round_canaries (
  battle_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  canary_id INTEGER NOT NULL REFERENCES canaries (id),
  PRIMARY KEY (battle_id, round),
  FOREIGN KEY (battle_id, round) REFERENCES rounds (battle_id, round) ON DELETE CASCADE
) STRICT;

-- A contestant is out until the run goes on in another session: budgets and keys may be others then.
CREATE TABLE dropouts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  contestant TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  returned INTEGER NOT NULL DEFAULT 0 CHECK (returned IN (0, 1))
) STRICT;
