package sqlite

import (
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/store"
)

// statement numbers what the writer has prepared.
type statement int

const (
	begin statement = iota
	commit
	rollback
	savepoint
	release
	rollbackTo
	insertHeader
	insertSource
	addSource
	updateHeader
	updateSource
	insertDestination
	updateDestination
	dropContents
	putContents
	dropAttachments
	dropAttachment
	addAttachment
	addChunk
	addBlob
	addPart
	ownBlob
	addLarge
	dropParts
	dropBlob
	displaceBlob
	dropContentWas
	addStatistics
	raiseSpan
	raiseLastMessage
	putVolume
	putExtent
	dropExtents
	putVolumeStatistics
	dropVolumeStatistics
	setNoted
	setChanged
	setGone
	forgetGone
	setSchema
	allStatistics
	allEarlier
	anyWaiting
	hasLoose
	putChannel
	findChannel
	putKey
	forgetKeys
	dropConnector
	addTerms
	addRun
	findTerms
	unsortedBlocks
	dropTerms
	dropRuns
	anyMessage
	findMessages
	dropMessages
	dropAttachmentsOf
	addEarlier
	putImport
	dropImport
	statements
)

// The columns that change.columns fills, and that scanConnector reads.
const connectorColumns = "status, queue, name, received, chain, position, attempts, sent, answered, flags, metadata"

var (
	headerSet    = "message_received = ?, processed = ?, original = ?"
	connectorSet = strings.ReplaceAll(connectorColumns, ",", " = ?,") + " = ?"
)

var statementTexts = [statements]string{
	begin:      "BEGIN IMMEDIATE",
	commit:     "COMMIT",
	rollback:   "ROLLBACK",
	savepoint:  "SAVEPOINT one",
	release:    "RELEASE one",
	rollbackTo: "ROLLBACK TO one",

	insertHeader: "INSERT INTO messages (message_received, processed, original, key) VALUES (?, ?, ?, ?)",
	insertSource: "INSERT INTO messages (message_received, processed, original, " + connectorColumns + ", key)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	addSource:    "UPDATE messages SET " + headerSet + ", " + connectorSet + " WHERE key = ? AND status IS NULL",
	updateHeader: "UPDATE messages SET " + headerSet + " WHERE key = ?",
	updateSource: "UPDATE messages SET " + headerSet + ", " + connectorSet + " WHERE key = ? AND status IS NOT NULL",

	insertDestination: "INSERT INTO messages (" + connectorColumns + ", key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	updateDestination: "UPDATE messages SET " + connectorSet + " WHERE key = ?",

	dropContents: "DELETE FROM contents WHERE key BETWEEN ? AND ?",
	putContents:  "INSERT OR REPLACE INTO contents (key, body) VALUES (?, ?)",

	dropAttachments: "DELETE FROM attachments WHERE message = ?",
	dropAttachment:  "DELETE FROM attachments WHERE message = ? AND id = ?",
	addAttachment: "INSERT INTO attachments (message, id, type, size, sealed)" +
		" SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM messages WHERE key = ?1)",
	addChunk: "INSERT INTO chunks (key, body) SELECT number << 20 | ?, ? FROM attachments WHERE message = ? AND id = ?",

	addBlob: "INSERT INTO attachments (message, id, type, size, sealed, owned, place) VALUES (?, ?, '', 0, ?, 0, ?)",
	addPart: "INSERT INTO chunks (key, body) SELECT number << 20 | ?, ? FROM attachments WHERE message = ? AND id = ? AND owned = 0",
	ownBlob: "UPDATE attachments SET owned = 1 WHERE message = ? AND id = ? AND owned = 0",
	addLarge: "INSERT INTO attachments (message, id, type, size, sealed, blob, digest)" +
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM messages WHERE key = ?1)",
	dropParts: "DELETE FROM chunks WHERE key IN (SELECT c.key FROM attachments a JOIN chunks c" +
		" ON c.key BETWEEN a.number << 20 AND a.number << 20 | 1048575 WHERE a.message = ? AND a.id = ? AND a.owned = 0 LIMIT ?)",
	dropBlob: "DELETE FROM attachments WHERE message = ? AND id = ? AND owned = 0",

	displaceBlob: "UPDATE attachments SET place = '' WHERE message = ? AND id = ? AND owned = 0",

	dropContentWas: "DELETE FROM attachments WHERE message = ? AND id = ? AND coalesce(blob, '') = ?",

	addStatistics: "INSERT INTO statistics (key, received, filtered, sent, error) VALUES (?, ?, ?, ?, ?)" +
		" ON CONFLICT (key) DO UPDATE SET received = received + excluded.received," +
		" filtered = filtered + excluded.filtered, sent = sent + excluded.sent, error = error + excluded.error",
	putImport:  "INSERT INTO imports (message, id, channel) VALUES (?, ?, ?)",
	dropImport: "DELETE FROM imports WHERE message = ?",

	raiseLastMessage: "UPDATE channels SET last_message = max(last_message, ?) WHERE number = ?",

	raiseSpan: "INSERT INTO spans (span, low, high, oldest, newest) VALUES (?, ?, ?, ?, ?)" +
		" ON CONFLICT (span) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)," +
		" oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)",

	putVolume: "INSERT INTO volumes (number, name, keep_messages, keep_contents, archived, day, kept, emptied, changed, waiting, messages, schema, gone)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
	putExtent:            "INSERT INTO extents (volume, channel, low, high, oldest, newest, keys) VALUES (?, ?, ?, ?, ?, ?, ?)",
	dropExtents:          "DELETE FROM extents WHERE volume = ?",
	putVolumeStatistics:  "INSERT INTO volume_statistics (volume, earlier, key, received, filtered, sent, error) VALUES (?, ?, ?, ?, ?, ?, ?)",
	dropVolumeStatistics: "DELETE FROM volume_statistics WHERE volume = ?",
	setNoted:             "UPDATE volumes SET changed = 0, waiting = ?, messages = ? WHERE number = ?",
	setChanged:           "UPDATE volumes SET changed = 1 WHERE number = ?",
	setGone:              "UPDATE volumes SET gone = 1 WHERE number = ?",
	forgetGone:           "DELETE FROM volumes WHERE gone = 1",
	setSchema:            "UPDATE volumes SET schema = ?1 WHERE schema < ?1",
	allStatistics:        "SELECT key, received, filtered, sent, error FROM statistics",
	allEarlier:           "SELECT key, received, filtered, sent, error FROM earlier",
	anyWaiting: "SELECT EXISTS (SELECT 1 FROM messages WHERE processed = 0) OR EXISTS (SELECT 1 FROM messages WHERE queue IS NOT NULL)" +
		" OR EXISTS (SELECT 1 FROM messages WHERE status = 80) OR " + anyLoose,
	hasLoose: "SELECT " + anyLoose,

	putChannel: "INSERT INTO channels AS c (id, name, last_message, keep_messages, keep_contents, archived) VALUES (?, ?, 0, ?, ?, ?)" +
		" ON CONFLICT (id) DO UPDATE SET name = excluded.name, keep_messages = excluded.keep_messages," +
		" keep_contents = excluded.keep_contents, archived = excluded.archived" +
		" WHERE (c.name, c.keep_messages, c.keep_contents, c.archived) <> (excluded.name, excluded.keep_messages, excluded.keep_contents, excluded.archived)",
	findChannel: "SELECT number, last_message FROM channels WHERE id = ?",

	putKey: "INSERT OR REPLACE INTO keys (channel, hash, message, received) VALUES (?, ?, ?, ?)",
	forgetKeys: "DELETE FROM keys WHERE channel = ?1 AND hash IN (SELECT hash FROM keys WHERE channel = ?1 AND received < ?2" +
		" ORDER BY received LIMIT " + strconv.Itoa(store.ForgetAtOnce) + ")",

	dropConnector:  "DELETE FROM messages WHERE key = ?",
	addTerms:       "INSERT INTO new_terms (block, body) VALUES (?, ?)",
	addRun:         "INSERT INTO term_runs (block, first, place, body) VALUES (?, ?, ?, ?)",
	findTerms:      "SELECT body FROM term_runs WHERE block = ?1 UNION ALL SELECT body FROM new_terms WHERE block = ?1",
	unsortedBlocks: "SELECT DISTINCT block FROM new_terms WHERE block >= ? AND block < ?",
	dropTerms:      "DELETE FROM new_terms WHERE block = ?",
	dropRuns:       "DELETE FROM term_runs WHERE block = ?",
	anyMessage:     "SELECT 1 FROM messages WHERE key BETWEEN ? AND ? LIMIT 1",
	findMessages: "SELECT key, processed, queue IS NOT NULL FROM messages" +
		" WHERE key BETWEEN ? AND ? AND (processed IS NOT NULL OR queue IS NOT NULL) ORDER BY key",
	dropMessages:      "DELETE FROM messages WHERE key BETWEEN ? AND ?",
	dropAttachmentsOf: "DELETE FROM attachments WHERE message BETWEEN ? AND ?",

	addEarlier: "INSERT INTO earlier (key, received, filtered, sent, error) VALUES (?, ?, ?, ?, ?)" +
		" ON CONFLICT (key) DO UPDATE SET received = received + excluded.received," +
		" filtered = filtered + excluded.filtered, sent = sent + excluded.sent, error = error + excluded.error",
}

const anyLoose = "EXISTS (SELECT 1 FROM attachments WHERE owned = 0)"

// oneRow says which statements must meet a row; if not, the message is missing.
var oneRow = [statements]bool{addSource: true, updateHeader: true, updateSource: true, updateDestination: true, addAttachment: true, addLarge: true}

// oneBlob says which must meet a blob that is loose.
var oneBlob = [statements]bool{addPart: true, ownBlob: true}
