package sqlite

// query numbers what readers have prepared.
type query int

const (
	messageRows query = iota
	messageContents
	twoRows
	twoContents
	unprocessedKeys
	queuedKeys
	countQueued
	messageAttachments
	oneAttachment
	attachmentChunks
	blobNumber
	largeAttachment
	looseBlobs
	isLoose
	allAttachments
	messageOfKey
	hasKeys
	hasMessages
	spansOfTime
	termRows
	termBlocks
	importsAmong
	holdsAny
	queryCount
)

// messageColumns are what scan reads.
const messageColumns = "key, message_received, processed, original, " + connectorColumns

var queryTexts = [queryCount]string{
	messageRows:     "SELECT " + messageColumns + " FROM messages WHERE key BETWEEN ? AND ? ORDER BY key",
	messageContents: "SELECT key, body FROM contents WHERE key BETWEEN ? AND ? ORDER BY key",

	// A message and one destination. Two short ranges beat one over all its
	// destinations, whose contents may be large.
	twoRows: "SELECT " + messageColumns + " FROM messages WHERE key IN (?, ?) ORDER BY key",
	twoContents: "SELECT key, body FROM contents WHERE key BETWEEN ?1 AND ?2" +
		" UNION ALL SELECT key, body FROM contents WHERE key BETWEEN ?3 AND ?4 AND ?3 > ?2 ORDER BY key",

	unprocessedKeys: "SELECT key FROM messages WHERE processed = 0 AND key > ? AND key <= ? ORDER BY key LIMIT ?",
	queuedKeys:      "SELECT key FROM messages WHERE queue = ? AND key > ? ORDER BY key LIMIT ?",
	countQueued:     "SELECT count(*) FROM messages WHERE queue = ?",

	holdsAny: "SELECT EXISTS (SELECT 1 FROM contents WHERE key BETWEEN ?1 AND ?2) OR EXISTS (SELECT 1 FROM attachments WHERE message = ?1)",

	messageAttachments: "SELECT id, type, size FROM attachments WHERE message = ? ORDER BY id",
	oneAttachment:      "SELECT number, type, size, sealed, coalesce(blob, '') FROM attachments WHERE message = ? AND id = ?",
	attachmentChunks:   "SELECT body FROM chunks WHERE key BETWEEN ? AND ? ORDER BY key",

	blobNumber: "SELECT number FROM attachments WHERE message = ? AND id = ?",
	largeAttachment: "SELECT a.type, a.size, a.sealed, coalesce(a.blob, ''), coalesce(b.place, ''), a.digest FROM attachments a" +
		" LEFT JOIN attachments b ON b.message = ?3 AND b.id = a.blob WHERE a.message = ?1 AND a.id = ?2",
	allAttachments: "SELECT a.number, a.message, a.id, a.type, a.size, a.sealed, coalesce(a.blob, ''), coalesce(b.place, ''), a.digest FROM attachments a" +
		" LEFT JOIN attachments b ON b.message = a.message >> 52 << 52 AND b.id = a.blob" +
		" WHERE a.number > ? AND a.owned IS NULL ORDER BY a.number LIMIT ?",
	isLoose: "SELECT EXISTS (SELECT 1 FROM attachments WHERE message = ? AND id = ? AND owned = 0)",
	// The index on what is loose is short, if not empty.
	looseBlobs: "SELECT message, id, place FROM attachments INDEXED BY attachments_loose WHERE owned = 0 LIMIT ?",

	hasKeys:      "SELECT EXISTS (SELECT 1 FROM keys WHERE channel = ?)",
	hasMessages:  "SELECT EXISTS (SELECT 1 FROM messages)",
	importsAmong: "SELECT message, id, channel FROM imports WHERE message BETWEEN ? AND ?",
	// Of a block's runs, the last that begins below the term, and those that begin with it.
	termRows: "SELECT body FROM (SELECT body FROM term_runs WHERE block = ?1 AND first < ?2 ORDER BY first DESC, place DESC LIMIT 1)" +
		" UNION ALL SELECT body FROM term_runs WHERE block = ?1 AND first = ?2" +
		" UNION ALL SELECT body FROM new_terms WHERE block = ?1",
	// One select for the lowest and the highest would go through all that is between.
	termBlocks:   "SELECT coalesce(min(low), 0), coalesce(max(high), -1) FROM (" + blocksOf("term_runs") + " UNION ALL " + blocksOf("new_terms") + ")",
	messageOfKey: "SELECT message, received FROM keys WHERE channel = ? AND hash = ? AND received >= ?",
	// The runs of messages that a part of a time was in, the newest first.
	spansOfTime: "SELECT span FROM spans WHERE span BETWEEN ? AND ? AND newest >= ? AND oldest < ? ORDER BY span DESC",
}

// blocksOf selects the lowest and the highest block that a table of terms has in a range.
func blocksOf(table string) string {
	one := func(which string) string {
		return "(SELECT " + which + "(block) FROM " + table + " WHERE block BETWEEN ?1 AND ?2)"
	}
	return "SELECT " + one("min") + " AS low, " + one("max") + " AS high"
}
