-- What happened to a run, line after line, each with the hash of the one before; and what its evidence files must hold.

CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY CHECK (seq >= 0),
  line TEXT NOT NULL
) STRICT;

-- A guard against our own mistakes; whoever can write the file can take it away, and is found by the hashes.
CREATE TRIGGER ledger_keeps_its_lines BEFORE UPDATE ON ledger BEGIN
  SELECT RAISE(ABORT, 'a ledger is appended to, its lines never change');
END;

CREATE TRIGGER ledger_loses_no_line BEFORE DELETE ON ledger BEGIN
  SELECT RAISE(ABORT, 'a ledger is appended to, its lines stay');
END;

-- Files of the run folder that no row's evidence hash covers. `written` is 0 from before a file is put in its place until
-- after: in between it holds what it held before (`earlier`; null: it was not there) or what it will hold.
CREATE TABLE run_files (
  path TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  earlier TEXT,
  written INTEGER NOT NULL CHECK (written IN (0, 1))
) STRICT;
