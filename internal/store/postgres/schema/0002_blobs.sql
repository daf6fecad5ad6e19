-- A blob is the content of an attachment that is kept on its own: a row of attachments
-- with message 0, and its chunks. It is loose (not owned) until an attachment has it, and
-- again when that has gone; then the engine removes it, bit by bit.
ALTER TABLE attachments
	ADD COLUMN owned boolean, -- of a blob: an attachment has it; else NULL
	ADD COLUMN blob bytea,    -- id of the blob that is the content; NULL: its own chunks are
	ADD COLUMN digest bytea,  -- SHA-256 of what is at the blob's place
	ADD COLUMN place text;    -- of a blob: where it is; empty is the chunks

CREATE INDEX attachments_loose ON attachments (channel, id) WHERE NOT owned;

CREATE FUNCTION weir_attachments_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE attachments a SET owned = false FROM gone g
		WHERE g.blob IS NOT NULL AND a.channel = g.channel AND a.message = 0 AND a.id = g.blob;
	RETURN NULL;
END $$;

CREATE TRIGGER attachments_gone AFTER DELETE ON attachments REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION weir_attachments_gone();
