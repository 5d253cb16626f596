-- Issues of an adaptive run in the order in which they were opened, and the draws that settled who plays on each.

CREATE TABLE opened_issues (
  ordinal INTEGER PRIMARY KEY CHECK (ordinal >= 0),
  instance_id TEXT NOT NULL UNIQUE,
  seen INTEGER NOT NULL CHECK (seen >= 0),
  left_out TEXT
) STRICT;

CREATE TABLE draws (
  issue INTEGER NOT NULL REFERENCES opened_issues (ordinal),
  place INTEGER NOT NULL CHECK (place >= 0),
  battle_id TEXT NOT NULL UNIQUE REFERENCES battles (battle_id),
  propensity REAL NOT NULL CHECK (propensity > 0 AND propensity <= 1),
  information_per_usd REAL NOT NULL,
  expected_usd REAL NOT NULL CHECK (expected_usd > 0),
  PRIMARY KEY (issue, place)
) STRICT;
