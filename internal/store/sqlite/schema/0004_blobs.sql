-- A blob is the content of an attachment that is kept on its own: a row of attachments
-- with the message id 0, and its chunks. It is loose (owned is 0) until an attachment
-- has it, and again when that has gone; then the engine removes it, bit by bit.
ALTER TABLE attachments ADD COLUMN blob TEXT;     -- id of the blob that is the content; NULL: its own chunks are
ALTER TABLE attachments ADD COLUMN digest BLOB;   -- SHA-256 of what is at the blob's place
ALTER TABLE attachments ADD COLUMN owned INTEGER; -- of a blob: 1 while an attachment has it; else NULL
ALTER TABLE attachments ADD COLUMN place TEXT;    -- of a blob: where it is; empty is the chunks

CREATE INDEX attachments_loose ON attachments (message) WHERE owned = 0;

DROP TRIGGER attachment_goes;
CREATE TRIGGER attachment_goes AFTER DELETE ON attachments BEGIN
	DELETE FROM chunks WHERE key BETWEEN OLD.number << 20 AND OLD.number << 20 | 1048575;
	UPDATE attachments SET owned = 0 WHERE message = OLD.message >> 52 << 52 AND id = OLD.blob;
END;
