-- What the requests of an agent's run have cost so far: an agent asks many times before it has an answer.

ALTER TABLE calls ADD COLUMN charged_usd REAL NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN charged_tokens INTEGER NOT NULL DEFAULT 0;
