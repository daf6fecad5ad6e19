-- An update of a row that changes nothing that is indexed touches no index. Every message
-- is updated once, when it is processed, and its status changes then: so indexes are of
-- what is out of the ordinary, and see unfinished.go of the package for the rest.
ALTER TABLE channels ADD COLUMN finished bigint NOT NULL DEFAULT 0; -- up to this message all are processed
UPDATE channels c SET finished = coalesce((SELECT min(message) - 1 FROM messages m WHERE m.channel = c.number AND NOT processed), last_message);

ALTER TABLE messages ADD COLUMN watched smallint GENERATED ALWAYS AS (CASE WHEN status IN (81, 69, 80) THEN status END) STORED;

DROP INDEX messages_unprocessed, messages_queued, messages_failed, messages_pending;
CREATE INDEX messages_queued ON messages (channel, connector, message) WHERE watched = 81;
CREATE INDEX messages_failed ON messages (channel, message) WHERE watched = 69;
CREATE INDEX messages_pending ON messages (channel, message) WHERE watched = 80; -- what a start has to finish

-- The new version of a row finds room beside the old one.
ALTER TABLE messages SET (fillfactor = 65);
