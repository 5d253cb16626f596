-- How long a run was played, all its sessions together: what a budget of hours is measured by. No row: not on record.

CREATE TABLE play_time (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  seconds REAL NOT NULL CHECK (seconds >= 0)
) STRICT;
