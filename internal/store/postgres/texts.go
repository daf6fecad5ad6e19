package postgres

import (
	"fmt"
	"strings"
)

// The columns of messages in the order in which they are sent, and their types.
var (
	rowColumns = "channel, message, connector"
	rowTypes   = []uint32{oidInt4, oidInt8, oidInt4}

	headColumns = "message_received, processed, original"
	headTypes   = []uint32{oidTimestamptz, oidBool, oidInt8}

	connectorColumns = "status, watched, flags, chain, position, attempts, received, sent, answered, name, metadata"
	connectorTypes   = []uint32{oidInt2, oidInt2, oidInt2, oidInt4, oidInt4, oidInt4, oidTimestamptz, oidTimestamptz, oidTimestamptz, oidBytea, oidBytea}

	messageColumns = rowColumns + ", " + headColumns + ", " + connectorColumns
	contentColumns = "channel, message, connector, slot, body"
	contentTypes   = []uint32{oidInt4, oidInt8, oidInt4, oidInt2, oidBytea}
	chunkColumns   = "channel, message, id, position, body"
	chunkTypes     = []uint32{oidInt4, oidInt8, oidBytea, oidInt4, oidBytea}
)

// unnest writes the parameters of a statement as a table with the given columns.
func unnest(columns string, types ...[]uint32) string {
	var b strings.Builder
	b.WriteString("unnest(")
	n := 0
	for _, list := range types {
		for _, oid := range list {
			if n++; n > 1 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "$%d::%s[]", n, typeNames[oid])
		}
	}
	fmt.Fprintf(&b, ") AS u (%s)", columns)
	return b.String()
}

var typeNames = map[uint32]string{oidBool: "bool", oidBytea: "bytea", oidInt8: "int8", oidInt2: "int2", oidInt4: "int4", oidTimestamptz: "timestamptz"}

// assign writes the columns as those of an UPDATE from unnest.
func assign(columns string) string {
	list := strings.Split(columns, ", ")
	for i, c := range list {
		list[i] = c + " = u." + c
	}
	return strings.Join(list, ", ")
}

const sameRow = "m.channel = u.channel AND m.message = u.message AND m.connector = u.connector"

// SQL states of weir_expect: rows that are not there, and an engine that was replaced.
const (
	stateMissing  = "WE001"
	stateReplaced = "WE002"
)

// expecting is a statement that must meet as many rows as it has.
func expecting(text, rows string) string {
	return "WITH done AS (" + text + " RETURNING 1) SELECT weir_expect((SELECT count(*) FROM done), " + rows + ", '" + stateMissing + "')"
}

// partTexts are the statements that a part has of its own.
type partTexts struct {
	updateSources, updateHeaders, updateDestinations string
	putImports, dropImports                          string
	dropAllAttachments, dropAttachments              string
	addTerms, dropConnectors, dropSlots              string

	inserts map[string]string // by table: rows that do not go out with COPY
}

func textsOf(part int32) *partTexts {
	of := func(table string) string { return tableOf(table, part) }
	blobOf := func(text string) string {
		return "WITH gone AS (" + text + " RETURNING a.channel, a.message, a.id, a.blob), parts AS (DELETE FROM " + of("chunks") + " c USING gone g" +
			" WHERE c.channel = g.channel AND c.message = g.message AND c.id = g.id)" +
			" UPDATE blobs b SET owner = NULL FROM gone g WHERE g.blob IS NOT NULL AND b.channel = g.channel AND b.id = g.blob"
	}
	return &partTexts{
		inserts: map[string]string{},
		updateSources: expecting("UPDATE "+of("messages")+" m SET "+assign(headColumns+", "+connectorColumns)+" FROM "+
			unnest(rowColumns+", "+headColumns+", "+connectorColumns+", fresh", rowTypes, headTypes, connectorTypes, []uint32{oidBool})+
			" WHERE "+sameRow+" AND (m.status IS NULL) = u.fresh", "cardinality($1)"),
		updateHeaders: expecting("UPDATE "+of("messages")+" m SET "+assign(headColumns)+" FROM "+unnest(rowColumns+", "+headColumns, rowTypes, headTypes)+
			" WHERE "+sameRow, "cardinality($1)"),
		updateDestinations: expecting("UPDATE "+of("messages")+" m SET "+assign(connectorColumns)+" FROM "+unnest(rowColumns+", "+connectorColumns, rowTypes, connectorTypes)+
			" WHERE "+sameRow, "cardinality($1)"),
		putImports: "INSERT INTO " + of("imports") + " (channel, message, id, origin) SELECT * FROM " + unnest("channel, message, id, origin", importTypes),
		dropImports: "DELETE FROM " + of("imports") + " i USING " + unnest("channel, message", []uint32{oidInt4, oidInt8}) +
			" WHERE i.channel = u.channel AND i.message = u.message",
		// Chunks go with their attachment, and its blob becomes loose.
		dropAllAttachments: blobOf("DELETE FROM " + of("attachments") + " a USING " + unnest("channel, message", []uint32{oidInt4, oidInt8}) +
			" WHERE a.channel = u.channel AND a.message = u.message"),
		dropAttachments: blobOf("DELETE FROM " + of("attachments") + " a USING " + unnest("channel, message, id", []uint32{oidInt4, oidInt8, oidBytea}) +
			" WHERE a.channel = u.channel AND a.message = u.message AND a.id = u.id"),
		addTerms:       "INSERT INTO " + of("new_terms") + " (channel, block, body) SELECT * FROM " + unnest("channel, block, body", []uint32{oidInt4, oidInt4, oidBytea}),
		dropConnectors: "DELETE FROM " + of("messages") + " m USING " + unnest(rowColumns, rowTypes) + " WHERE " + sameRow,
		dropSlots: "DELETE FROM " + of("contents") + " m USING " + unnest("channel, message, connector, slot", rowTypes, []uint32{oidInt2}) +
			" WHERE " + sameRow + " AND m.slot = u.slot",
	}
}

// textsOf returns the statements of a part.
func (s *session) textsOf(part int32) *partTexts {
	if s.texts[part] == nil {
		s.texts[part] = textsOf(part)
	}
	return s.texts[part]
}

var (
	putKeys = "INSERT INTO keys (channel, hash, message, received) SELECT * FROM " +
		unnest("channel, hash, message, received", []uint32{oidInt4, oidBytea, oidInt8, oidTimestamptz}) +
		" ON CONFLICT (channel, hash) DO UPDATE SET message = excluded.message, received = excluded.received"

	importTypes = []uint32{oidInt4, oidInt8, oidInt8, oidBytea}

	attachmentColumns = "channel, message, id, type, size, sealed, blob, digest"
	attachmentTypes   = []uint32{oidInt4, oidInt8, oidBytea, oidBytea, oidInt8, oidBool, oidBytea, oidBytea}
	ownBlobs          = expecting("UPDATE blobs b SET owner = u.part FROM "+unnest("channel, id, part", []uint32{oidInt4, oidBytea, oidInt4})+
		" WHERE b.channel = u.channel AND b.id = u.id AND b.owner IS NULL", "cardinality($1)")

	addStatistics = addTo("statistics")
	addEarlier    = addTo("earlier")

	raiseLastMessage = "UPDATE channels c SET last_message = greatest(c.last_message, u.last), finished = u.finished FROM " +
		unnest("number, last, finished", []uint32{oidInt4, oidInt8, oidInt8}) + " WHERE c.number = u.number"

	// mark is part of every transaction: see the table.
	mark = "WITH done AS (UPDATE writer SET committed = $1::int8 WHERE holder = $2::text RETURNING 1)" +
		" SELECT weir_expect((SELECT count(*) FROM done), 1, '" + stateReplaced + "')"
)

// addTo adds to the counts of a table.
func addTo(table string) string {
	return "INSERT INTO " + table + " AS s (channel, connector, received, filtered, sent, error) SELECT * FROM " +
		unnest("channel, connector, received, filtered, sent, error", countTypes) +
		" ON CONFLICT (channel, connector) DO UPDATE SET received = s.received + excluded.received," +
		" filtered = s.filtered + excluded.filtered, sent = s.sent + excluded.sent, error = s.error + excluded.error"
}

var countTypes = []uint32{oidInt4, oidInt4, oidInt8, oidInt8, oidInt8, oidInt8}

// insertText is the statement that inserts the rows of a load.
func (s *session) insertText(l load) string {
	inserts := s.textsOf(l.part).inserts
	if inserts[l.of] == "" {
		inserts[l.of] = "INSERT INTO " + tableOf(l.of, l.part) + " (" + l.columns + ") SELECT * FROM " + unnest(l.columns, l.types())
	}
	return inserts[l.of]
}
