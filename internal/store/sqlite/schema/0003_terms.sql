-- What messages are found by: hashes of their control id, patient ids and order
-- numbers. A block is a run of messages of one channel: new terms go to its newest
-- block alone, so that they cost the same however many there are, and the terms of
-- removed messages go a block at a time.
CREATE TABLE terms (
	block   INTEGER NOT NULL, -- key of the message without its lower bits
	term    INTEGER NOT NULL,
	message INTEGER NOT NULL, -- key
	PRIMARY KEY (block, term, message)
) WITHOUT ROWID;

-- What resets took out of the statistics: both together are the lifetime.
CREATE TABLE earlier (
	key      INTEGER PRIMARY KEY, -- channel and metadata id
	received INTEGER NOT NULL,
	filtered INTEGER NOT NULL,
	sent     INTEGER NOT NULL,
	error    INTEGER NOT NULL
);
