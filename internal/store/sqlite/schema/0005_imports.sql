-- Where imported messages come from. A row goes with its message.
CREATE TABLE imports (
	message INTEGER PRIMARY KEY, -- key
	id      INTEGER NOT NULL,    -- that it had where it was exported
	channel TEXT NOT NULL        -- that it was exported from; empty is the one it is in
);

CREATE TRIGGER import_goes AFTER DELETE ON messages WHEN OLD.processed IS NOT NULL BEGIN
	DELETE FROM imports WHERE message = OLD.key;
END;
