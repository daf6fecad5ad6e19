-- Where imported messages come from. A row goes with its message.
CREATE TABLE imports (
	message bigint NOT NULL,
	id      bigint NOT NULL,  -- that it had where it was exported
	channel integer NOT NULL,
	origin  bytea NOT NULL,   -- the channel that it was exported from; empty is the one it is in
	PRIMARY KEY (channel, message)
);
