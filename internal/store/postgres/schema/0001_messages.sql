-- Texts that a channel brings along are bytea: they are bytes, and may hold NUL.
-- Columns stand in the order that leaves no gaps between them.

-- Retention classes. Contents of one class that were received in one period lie in
-- one partition, so that what has aged is dropped as a table.
CREATE TABLE classes (
	number smallint PRIMARY KEY,
	days   integer NOT NULL CHECK (days > 0) -- that one partition holds
);
INSERT INTO classes (number, days) VALUES (0, 7);

-- The partitions that there are: of contents and of chunks each, named after class
-- and first day. Who drops the two tables deletes the row.
CREATE TABLE periods (
	class     smallint NOT NULL REFERENCES classes,
	first_day integer NOT NULL, -- since 1970
	end_day   integer NOT NULL CHECK (end_day > first_day), -- the first that is not in it
	PRIMARY KEY (class, first_day)
);

CREATE TABLE channels (
	last_message bigint NOT NULL DEFAULT 0, -- highest message id ever, removed ones included
	number       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- what keys begin with
	class        smallint NOT NULL DEFAULT 0 REFERENCES classes,
	id           text NOT NULL UNIQUE,
	name         text NOT NULL
);

-- One row for each connector message. The row of connector 0, the source, also carries
-- the message itself; its connector columns are NULL (status tells) while the message
-- has no source.
CREATE TABLE messages (
	message          bigint NOT NULL,
	message_received timestamptz, -- the message's columns; NULL in destinations' rows
	original         bigint,
	received         timestamptz,
	sent             timestamptz,
	answered         timestamptz,
	channel          integer NOT NULL,
	connector        integer NOT NULL,
	day              integer,  -- of the message: with class it tells the partition of its contents
	chain            integer,
	position         integer,
	attempts         integer,
	class            smallint, -- of the message
	status           smallint, -- letter
	flags            smallint, -- 1, 2, 4 the errors it has; 8 doubtful
	processed        boolean,  -- of the message
	name             bytea,
	metadata         bytea,    -- JSON, or encrypted; NULL is none
	PRIMARY KEY (channel, message, connector)
);

CREATE INDEX messages_unprocessed ON messages (channel, message) WHERE NOT processed;
CREATE INDEX messages_queued ON messages (channel, connector, message) WHERE status = 81;
CREATE INDEX messages_failed ON messages (channel, message) WHERE status = 69;
CREATE INDEX messages_pending ON messages (channel, message) WHERE status = 80; -- what a start has to finish

-- What slots hold, packed. The partitions below a class are made as they are needed.
CREATE TABLE contents (
	message   bigint NOT NULL,
	channel   integer NOT NULL,
	connector integer NOT NULL,
	day       integer NOT NULL, -- of the message, since 1970
	slot      smallint NOT NULL,
	class     smallint NOT NULL,
	body      bytea NOT NULL,
	PRIMARY KEY (channel, message, connector, slot, class, day)
) PARTITION BY LIST (class);

CREATE TABLE attachments (
	message bigint NOT NULL,
	size    bigint NOT NULL, -- bytes
	channel integer NOT NULL,
	day     integer NOT NULL, -- with class, the partition of its chunks
	class   smallint NOT NULL,
	sealed  boolean NOT NULL, -- whether the chunks are encrypted
	id      bytea NOT NULL,
	type    bytea NOT NULL,
	PRIMARY KEY (channel, message, id)
);

CREATE TABLE chunks (
	message  bigint NOT NULL,
	channel  integer NOT NULL,
	position integer NOT NULL,
	day      integer NOT NULL,
	class    smallint NOT NULL,
	id       bytea NOT NULL, -- of the attachment
	body     bytea NOT NULL,
	PRIMARY KEY (channel, message, id, position, class, day),
	FOREIGN KEY (channel, message, id) REFERENCES attachments ON DELETE CASCADE
) PARTITION BY LIST (class);

-- Attachments go with their message, whoever removes that.
CREATE FUNCTION weir_messages_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM attachments a USING gone g WHERE g.connector = 0 AND a.channel = g.channel AND a.message = g.message;
	RETURN NULL;
END $$;

CREATE TRIGGER messages_gone AFTER DELETE ON messages REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION weir_messages_gone();

CREATE TABLE statistics (
	received  bigint NOT NULL,
	filtered  bigint NOT NULL,
	sent      bigint NOT NULL,
	error     bigint NOT NULL,
	channel   integer NOT NULL,
	connector integer NOT NULL,
	PRIMARY KEY (channel, connector)
) WITH (fillfactor = 50);

-- What resets took out of the statistics: both together are the lifetime.
CREATE TABLE earlier (LIKE statistics INCLUDING ALL) WITH (fillfactor = 50);

-- What messages are found by: hashes of their control id, patient ids and order
-- numbers. A block is a run of messages of one channel: new terms go to its newest
-- block alone, so that they cost the same however many there are, and the terms of
-- removed messages go a block at a time.
CREATE TABLE terms (
	term    bigint NOT NULL,
	message bigint NOT NULL,
	channel integer NOT NULL,
	block   integer NOT NULL, -- message without its lower bits
	PRIMARY KEY (channel, block, term, message)
);

-- What messages are found by again: the control id, or a script's key.
CREATE TABLE keys (
	message  bigint NOT NULL,
	received timestamptz NOT NULL,
	channel  integer NOT NULL,
	hash     bytea NOT NULL, -- of the key
	PRIMARY KEY (channel, hash)
);

CREATE INDEX keys_received ON keys (channel, received);

-- The engine that may write, and the number of the last group that it committed.
-- Every transaction changes this row: so one whose outcome was lost with its
-- connection can be asked for, and an engine that was replaced writes nothing.
CREATE TABLE writer (
	committed bigint NOT NULL DEFAULT 0,
	one       boolean PRIMARY KEY DEFAULT true CHECK (one),
	in_order  boolean NOT NULL DEFAULT true, -- the last engine stopped in order
	holder    text NOT NULL DEFAULT ''
) WITH (fillfactor = 50);
INSERT INTO writer DEFAULT VALUES;

-- Statements of one group go out together, before any answer is read: what one must
-- have met is checked here, and undoes all.
CREATE FUNCTION weir_expect(got bigint, want bigint, otherwise text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF got <> want THEN
		RAISE EXCEPTION 'met % rows, not %', got, want USING ERRCODE = otherwise;
	END IF;
END $$;
