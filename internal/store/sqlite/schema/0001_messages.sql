-- Keys are packed: channel | message | metadata id | slot. See keys.go.

CREATE TABLE channels (
	number       INTEGER PRIMARY KEY, -- what keys begin with
	id           TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	last_message INTEGER NOT NULL     -- highest message id ever, removed ones included
);

-- One row for each connector message. The row with metadata id 0, the source's,
-- also carries the message itself; its connector columns are NULL (status tells)
-- while the message has no source.
CREATE TABLE messages (
	key              INTEGER PRIMARY KEY,
	message_received INTEGER, -- the message's columns; NULL in destinations' rows
	processed        INTEGER,
	original         INTEGER,
	status           INTEGER, -- letter
	queue            INTEGER, -- key of the destination while queued, else NULL
	name             TEXT,
	received         INTEGER, -- times in microseconds since 1970; NULL is none
	chain            INTEGER,
	position         INTEGER,
	attempts         INTEGER,
	sent             INTEGER,
	answered         INTEGER,
	flags            INTEGER, -- 1, 2, 4 the errors it has; 8 doubtful
	metadata         TEXT     -- JSON; NULL is none
);

CREATE INDEX messages_unprocessed ON messages (key) WHERE processed = 0;
CREATE INDEX messages_queued ON messages (queue) WHERE queue IS NOT NULL;
CREATE INDEX messages_failed ON messages (key) WHERE status = 69;
CREATE INDEX messages_pending ON messages (key) WHERE status = 80; -- what a start has to finish

CREATE TABLE contents (
	key  INTEGER PRIMARY KEY,
	body BLOB NOT NULL
);

-- An attachment is a row here and its bytes in chunks, of which the key is number
-- and position. They go with their message, whoever removes that.
CREATE TABLE attachments (
	number  INTEGER PRIMARY KEY, -- what keys of chunks begin with
	message INTEGER NOT NULL,    -- key of the message
	id      TEXT NOT NULL,
	type    TEXT NOT NULL,
	size    INTEGER NOT NULL,    -- bytes
	sealed  INTEGER NOT NULL,    -- 1 when the chunks are encrypted
	UNIQUE (message, id)
);

CREATE TABLE chunks (
	key  INTEGER PRIMARY KEY,
	body BLOB NOT NULL
);

CREATE TRIGGER attachment_goes AFTER DELETE ON attachments BEGIN
	DELETE FROM chunks WHERE key BETWEEN OLD.number << 20 AND OLD.number << 20 | 1048575;
END;

CREATE TRIGGER message_goes AFTER DELETE ON messages WHEN OLD.processed IS NOT NULL BEGIN
	DELETE FROM attachments WHERE message = OLD.key;
END;

CREATE TABLE statistics (
	key      INTEGER PRIMARY KEY, -- channel and metadata id
	received INTEGER NOT NULL,
	filtered INTEGER NOT NULL,
	sent     INTEGER NOT NULL,
	error    INTEGER NOT NULL
);
