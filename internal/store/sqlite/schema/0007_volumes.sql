-- Messages lie in volumes: files of this schema below messages/, each of one retention
-- and one period, which go as a whole. weir.db is volume 0: it knows the channels and the
-- volumes, and keeps what came before there were any.

ALTER TABLE channels ADD COLUMN keep_messages INTEGER NOT NULL DEFAULT 0; -- days; 0 is for ever
ALTER TABLE channels ADD COLUMN keep_contents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;

-- A span is a run of 1024 messages of one channel, and when they were received: what lists
-- by time find their place with, and what says which messages a volume has. It stays when
-- messages go.
CREATE TABLE spans (
	span   INTEGER PRIMARY KEY, -- key of the message without its lower bits
	low    INTEGER NOT NULL,    -- lowest and highest message id
	high   INTEGER NOT NULL,
	oldest INTEGER NOT NULL,    -- received, microseconds since 1970
	newest INTEGER NOT NULL
);

INSERT INTO spans (span, low, high, oldest, newest)
	SELECT key >> 22, min(key) >> 12 & 0xFFFFFFFFFF, max(key) >> 12 & 0xFFFFFFFFFF, coalesce(min(message_received), 0), coalesce(max(message_received), 0)
	FROM messages WHERE processed IS NOT NULL GROUP BY key >> 22;

-- What weir.db knows of the volumes. Of one that is not marked as changed the tables below
-- say what is in it, so that a start need not open it. One that is gone is marked first;
-- then its files are removed.
CREATE TABLE volumes (
	number        INTEGER PRIMARY KEY,
	name          TEXT NOT NULL UNIQUE, -- of its file, without .db
	keep_messages INTEGER NOT NULL,
	keep_contents INTEGER NOT NULL,
	archived      INTEGER NOT NULL,
	day           INTEGER NOT NULL,     -- since 1970, in which its messages came
	kept          INTEGER NOT NULL,     -- it has what others left when they went
	emptied       INTEGER NOT NULL,     -- contents that aged have been left out
	changed       INTEGER NOT NULL,
	waiting       INTEGER NOT NULL,     -- it has something unfinished, queued or loose
	messages      INTEGER NOT NULL,     -- that came
	schema        INTEGER NOT NULL,     -- steps that its file has
	gone          INTEGER NOT NULL
);

CREATE TABLE extents (
	volume  INTEGER NOT NULL,
	channel INTEGER NOT NULL,
	low     INTEGER NOT NULL,
	high    INTEGER NOT NULL,
	oldest  INTEGER NOT NULL,
	newest  INTEGER NOT NULL,
	keys    INTEGER NOT NULL, -- it has keys of the channel
	PRIMARY KEY (volume, channel)
) WITHOUT ROWID;

CREATE TABLE volume_statistics (
	volume   INTEGER NOT NULL,
	earlier  INTEGER NOT NULL, -- 1: of the table earlier
	key      INTEGER NOT NULL,
	received INTEGER NOT NULL,
	filtered INTEGER NOT NULL,
	sent     INTEGER NOT NULL,
	error    INTEGER NOT NULL,
	PRIMARY KEY (volume, earlier, key)
) WITHOUT ROWID;
