-- What messages are found by again: the control id, or a script's key.
CREATE TABLE keys (
	channel  INTEGER NOT NULL,
	hash     BLOB NOT NULL,    -- of the key
	message  INTEGER NOT NULL,
	received INTEGER NOT NULL, -- microseconds since 1970
	PRIMARY KEY (channel, hash)
) WITHOUT ROWID;

CREATE INDEX keys_received ON keys (channel, received);
