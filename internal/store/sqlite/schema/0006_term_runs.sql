-- Terms as rows of their own cost more than all else that is kept of a message. Now what
-- a group of changes brings is one row of a block, until the block is full: see
-- terms.go of the package above. A term is ten bytes, its hash and the place of its
-- message in the block.
CREATE TABLE new_terms (
	block INTEGER NOT NULL, -- channel, and message without its lower bits
	body  BLOB NOT NULL
);

CREATE INDEX new_terms_block ON new_terms (block);

CREATE TABLE term_runs (
	block INTEGER NOT NULL,
	first INTEGER NOT NULL, -- hash
	place INTEGER NOT NULL, -- of the first term's message
	body  BLOB NOT NULL
);

CREATE UNIQUE INDEX term_runs_first ON term_runs (block, first, place);

INSERT INTO term_runs (block, first, place, body)
	SELECT block, min(term), message >> 12 & 8191,
		unhex(group_concat(printf('%016x%04x', term, message >> 12 & 8191), '' ORDER BY term, message))
	FROM (SELECT *, (row_number() OVER (PARTITION BY block ORDER BY term, message) - 1) / 190 AS run FROM terms)
	GROUP BY block, run;

DROP TABLE terms;
