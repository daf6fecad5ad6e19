-- Terms as rows of their own cost more than all else that is kept of a message. Now what
-- a group of changes brings is one row of a block, until the block is full: see
-- terms.go of the package above. A term is ten bytes, its hash and the place of its
-- message in the block.
CREATE TABLE new_terms (
	channel integer NOT NULL,
	block   integer NOT NULL,
	body    bytea NOT NULL
);

CREATE INDEX new_terms_block ON new_terms (channel, block);

CREATE TABLE term_runs (
	first   bigint NOT NULL, -- hash
	channel integer NOT NULL,
	block   integer NOT NULL,
	place   smallint NOT NULL, -- of the first term's message
	body    bytea NOT NULL,
	PRIMARY KEY (channel, block, first, place)
);

-- Hashes cannot be compressed.
ALTER TABLE new_terms ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE term_runs ALTER COLUMN body SET STORAGE EXTERNAL;

INSERT INTO term_runs (channel, block, first, place, body)
	SELECT channel, block, min(term), (array_agg((message & 8191)::smallint ORDER BY term, message))[1],
		string_agg(int8send(term) || int2send((message & 8191)::smallint), ''::bytea ORDER BY term, message)
	FROM (SELECT *, (row_number() OVER (PARTITION BY channel, block ORDER BY term, message) - 1) / 190 AS run FROM terms) AS t
	GROUP BY channel, block, run;

DROP TABLE terms;
