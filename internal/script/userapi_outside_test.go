//go:build unix

package script_test

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
)

// TestUserAPIOutside has every method of those classes of the user API that reach
// files, mail servers, databases, attachments and DICOM objects answer, each with real
// ones, as TestUserAPI has for the others.
func TestUserAPIOutside(t *testing.T) {
	inUTC(t)
	const kind = `function kind(v) {
		if (v === null || v === undefined) return String(v);
		return typeof v == 'object' && v.getClass ? String(v.getClass().getName()) : typeof v;
	}
	`
	const text, server = "java.lang.String", "com.mirth.connect.server.userutil."
	const rows, bytes, list = server + "MirthCachedRowSet", "byte[]", "java.util.ArrayList"
	mail, letters := mailServer(t)
	host, port, _ := net.SplitHostPort(mail)
	dir := t.TempDir()
	db, err := sql.Open("sqlite", dir+"/a.db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, born TEXT); INSERT INTO p VALUES (1, 'Anna', '2020-01-02 03:04:05'), (2, NULL, NULL)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	files := func(t *testing.T) *script.Scope {
		scope := newScope()
		scope.Host = &mailHost{set: script.MailSettings{Host: host, Port: port, Timeout: "5000", From: "weir@example.org"}}
		scope.Access = &access.Grants{Channel: "Channel", Access: weir.Access{Files: []string{dir}, Network: []string{mail}, Databases: []string{"*"}}}
		if err := os.WriteFile(dir+"/in.txt", []byte("Grüße"), 0o600); err != nil {
			t.Fatal(err)
		}
		return scope
	}
	attachments := func(*testing.T) *script.Scope { s, _ := attachmentScope(); return s }
	pictures := func(t *testing.T) *script.Scope { s, _ := dicomScope(t, "explicit.dcm", true); return s }
	const (
		conn  = "new SMTPConnection('HOST', 'PORT', false, 'none', 'u', 'p', 'weir@example.org')"
		data  = "DatabaseConnectionFactory.createDatabaseConnection('org.sqlite.JDBC', 'jdbc:sqlite:DIR/a.db')"
		query = data + ".executeCachedQuery('SELECT id, name, born FROM p ORDER BY id')"
		row   = "(r = " + query + ", r.next(), r)"
		own   = "new Attachment('id', 'ü', 'a/b')"
		dicom = "DICOMUtil.byteArrayToDicomObject(DICOMUtil.getDICOMRawBytes(connectorMessage), false)"
	)
	for _, g := range []struct {
		name  string
		scope func(t *testing.T) *script.Scope
		cases [][2]string
	}{
		{"FileUtil", files, [][2]string{
			{"FileUtil.write('DIR/new/a.txt', false, 'text')", "undefined"}, {"FileUtil.write('DIR/a.txt', true, 'text')", "undefined"},
			{"FileUtil.write('DIR/b', false, new java.lang.String('x').getBytes())", "undefined"}, {"FileUtil.read('DIR/in.txt')", text},
			{"FileUtil.readBytes('DIR/in.txt')", bytes}, {"FileUtil.deleteFile(new java.io.File('DIR/in.txt'))", "boolean"},
			{"FileUtil.encode(FileUtil.readBytes('DIR/in.txt'))", text}, {"FileUtil.decode('eA==')", bytes},
			{"FileUtil.rtfToPlainText('{\\\\rtf1 x}', ' ')", text},
		}},
		{"HTTPUtil", files, [][2]string{
			{"HTTPUtil.parseHeaders('A: 1\\r\\nB: 2')", "java.util.HashMap"}, {"HTTPUtil.parseHeaders('A: 1').get('A')", text},
			{"HTTPUtil.httpBodyToXml('x', 'text/plain')", text},
			{"HTTPUtil.httpBodyToXml(new java.io.FileInputStream('DIR/in.txt'), 'text/plain; charset=UTF-8')", text},
		}},
		{"SMTPConnection", files, [][2]string{
			{conn, server + "SMTPConnection"}, {"new SMTPConnection('HOST', 'PORT', 1000, false, 'none', 'u', 'p', 'weir@example.org').getSocketTimeout()", "number"},
			{"SMTPConnectionFactory.createSMTPConnection()", server + "SMTPConnection"},
			{conn + ".send('a@example.org', 'c@example.org', 'weir@example.org', 'Subject', 'Body')", "undefined"},
			{conn + ".send('a@example.org', '', 'weir@example.org', 'Subject', 'Körper', 'ISO-8859-1')", "undefined"},
			{conn + ".send('a@example.org', '', 'Subject', 'Body')", "undefined"},
			{"SMTPConnectionFactory.createSMTPConnection().send('a@example.org', '', 'Subject', 'Body')", "undefined"},
			{conn + ".getHost()", text}, {conn + ".getPort()", text}, {conn + ".isUseAuthentication()", "boolean"}, {conn + ".getUsername()", text}, {conn + ".getPassword()", text},
			{conn + ".getFrom()", text}, {conn + ".getSecure()", text}, {conn + ".setHost('h')", "undefined"}, {conn + ".setPort('1')", "undefined"},
			{conn + ".setUseAuthentication(true)", "undefined"}, {conn + ".setUsername('u')", "undefined"}, {conn + ".setPassword('p')", "undefined"}, {conn + ".setFrom('f')", "undefined"},
			{conn + ".setSecure('TLS')", "undefined"}, {conn + ".setSocketTimeout(1)", "undefined"},
		}},
		{"DatabaseConnection", files, [][2]string{
			{data, server + "DatabaseConnection"}, {"DatabaseConnectionFactory.createDatabaseConnection('org.sqlite.JDBC', 'jdbc:sqlite:DIR/a.db', '', '')", server + "DatabaseConnection"},
			{"DatabaseConnectionFactory.createConnection('org.sqlite.JDBC', 'jdbc:sqlite:DIR/a.db', '', '')", "java.sql.Connection"},
			{"DatabaseConnectionFactory.initializeDriver('org.sqlite.JDBC')", "undefined"}, {data + ".getAddress()", text}, {query, rows},
			{data + ".executeCachedQuery('SELECT * FROM p WHERE id = ?', [1])", rows}, {data + ".executeUpdate(\"UPDATE p SET name = 'x' WHERE id = 7\")", "number"},
			{data + ".executeUpdate('UPDATE p SET name = ? WHERE id = ?', Lists.list('x').append(7))", "number"},
			{data + ".executeUpdateAndGetGeneratedKeys(\"INSERT INTO p (name) VALUES ('y')\")", rows},
			{data + ".executeUpdateAndGetGeneratedKeys('INSERT INTO p (name) VALUES (?)', ['y'])", rows}, {data + ".setAutoCommit(false)", "undefined"},
			{"(d = " + data + ", d.setAutoCommit(false), d.commit())", "undefined"}, {"(d = " + data + ", d.setAutoCommit(false), d.rollback())", "undefined"},
			{data + ".close()", "undefined"}, {data + ".getConnection()", "java.sql.Connection"},
		}},
		{"MirthCachedRowSet", files, [][2]string{
			{query + ".next()", "boolean"}, {row + ".getString('NAME')", text}, {row + ".getString(2)", text}, {row + ".getInt(1)", "number"}, {row + ".getLong('id')", "number"},
			{row + ".getDouble(1)", "number"}, {row + ".getBigDecimal(1)", "java.math.BigDecimal"}, {row + ".getBoolean(1)", "boolean"}, {row + ".getDate('born')", "java.sql.Date"},
			{row + ".getTimestamp('born')", "java.sql.Timestamp"}, {row + ".getObject(2)", text}, {row + ".getBytes(2)", bytes}, {row + ".wasNull()", "boolean"},
			{query + ".first()", "boolean"}, {query + ".last()", "boolean"}, {"(r = " + query + ", r.last(), r.previous())", "boolean"}, {query + ".beforeFirst()", "undefined"},
			{query + ".absolute(2)", "boolean"}, {row + ".getRow()", "number"}, {query + ".size()", "number"}, {query + ".getMetaData().getColumnCount()", "number"},
			{query + ".getMetaData().getColumnName(1)", text}, {query + ".getMetaData().getColumnLabel(2)", text}, {query + ".findColumn('name')", "number"},
			{"new MirthCachedRowSet().populate(" + data + ".getConnection().createStatement().executeQuery('SELECT 1'))", "undefined"},
			{query + ".toCollection().size()", "number"}, {query + ".close()", "undefined"},
		}},
		{"JDBC", files, [][2]string{
			{data + ".getConnection().prepareStatement('SELECT ?')", "java.sql.PreparedStatement"}, {data + ".getConnection().createStatement()", "java.sql.Statement"},
			{"(p = " + data + ".getConnection().prepareStatement('SELECT ?, ?, ?, ?, ?'), p.setString(1, 'x'), p.setInt(2, 1), p.setObject(3, 1.5), p.setNull(4, java.sql.Types.VARCHAR), p.setTimestamp(5, new java.sql.Timestamp(0)), p.executeQuery().next())", "boolean"},
			{data + ".getConnection().createStatement().execute('SELECT 1')", "boolean"}, {data + ".getConnection().createStatement().executeUpdate('DELETE FROM p WHERE id = 77')", "number"},
			{"(p = " + data + ".getConnection().prepareStatement('INSERT INTO p (name) VALUES (?)', 1), p.setString(1, 'k'), p.executeUpdate(), p.getGeneratedKeys().next())", "boolean"},
			{"(p = " + data + ".getConnection().prepareStatement('DELETE FROM p WHERE id = ?'), p.setInt(1, 55), p.addBatch(), p.executeBatch().length)", "number"},
		}},
		{"AttachmentUtil", attachments, [][2]string{
			{"AttachmentUtil.reAttachMessage(connectorMessage)", text}, {"AttachmentUtil.reAttachMessage('x', connectorMessage)", text},
			{"AttachmentUtil.reAttachMessage('x', connectorMessage, 'UTF-8', false)", bytes}, {"AttachmentUtil.reAttachMessage('x', connectorMessage, 'UTF-8', false, true, true)", bytes},
			{"AttachmentUtil.getMessageAttachmentIds(connectorMessage)", list}, {"AttachmentUtil.getMessageAttachmentIds('OWNCHANNEL', 7)", list},
			{"AttachmentUtil.getMessageAttachments(connectorMessage)", list}, {"AttachmentUtil.getMessageAttachments(connectorMessage, true)", list},
			{"AttachmentUtil.getMessageAttachments('OWNCHANNEL', 7)", list}, {"AttachmentUtil.getMessageAttachments('OWNCHANNEL', 7, true)", list},
			{"AttachmentUtil.getMessageAttachment(connectorMessage, 'FIRST')", server + "Attachment"}, {"AttachmentUtil.getMessageAttachment(connectorMessage, 'SECOND', true)", server + "Attachment"},
			{"AttachmentUtil.getMessageAttachment('OWNCHANNEL', 7, 'FIRST')", server + "Attachment"}, {"AttachmentUtil.getMessageAttachment('OWNCHANNEL', 7, 'SECOND', true)", server + "Attachment"},
			{"AttachmentUtil.getMessageAttachment(connectorMessage, 'none')", "null"}, {"AttachmentUtil.getMessageAttachmentsFromSourceChannel(connectorMessage)", list},
			{"AttachmentUtil.getMessageAttachmentsFromSourceChannel(connectorMessage, true)", list}, {"AttachmentUtil.addAttachment(new java.util.ArrayList(), 'x', 'a/b')", server + "Attachment"},
			{"AttachmentUtil.addAttachment(new java.util.ArrayList(), 'x', 'a/b', true)", server + "Attachment"}, {"AttachmentUtil.createAttachment(connectorMessage, 'x', 'a/b')", server + "Attachment"},
			{"AttachmentUtil.createAttachment(connectorMessage, 'x', 'a/b', true)", server + "Attachment"}, {"AttachmentUtil.updateAttachment(connectorMessage, " + own + ")", server + "Attachment"},
			{"AttachmentUtil.updateAttachment(connectorMessage, 'FIRST', 'x', 'a/b')", server + "Attachment"}, {"AttachmentUtil.updateAttachment('OWNCHANNEL', 7, " + own + ", true)", server + "Attachment"},
			{"AttachmentUtil.updateAttachment('OWNCHANNEL', 7, 'FIRST', 'x', 'a/b', true)", server + "Attachment"}, {"AttachmentUtil.addAttachment(new java.util.ArrayList(), new java.lang.String('x').getBytes(), 'a/b')", server + "Attachment"},
		}},
		{"Attachment", attachments, [][2]string{
			{"new Attachment().getId()", "null"}, {"new Attachment().getContent()", "null"}, {"new Attachment().getType()", "null"}, {"new Attachment('id', new java.lang.String('x').getBytes(), 'a/b')", server + "Attachment"}, {own + ".getAttachmentId()", text},
			{"new Attachment('id', 'ü', 'ISO-8859-1', 'a/b').getContent()", bytes}, {own + ".getId()", text}, {own + ".setId('x')", "undefined"}, {own + ".setContent(new java.lang.String('x').getBytes())", "undefined"},
			{own + ".getContentString()", text}, {own + ".getContentString('UTF-8')", text}, {own + ".setContentString('x')", "undefined"}, {own + ".setContentString('x', 'UTF-8')", "undefined"},
			{own + ".getType()", text}, {own + ".setType('x')", "undefined"}, {"new AttachmentEntry()", server + "AttachmentEntry"}, {"new AttachmentEntry('n', 'c', 'm').getName()", text},
			{"new AttachmentEntry('n', 'c', 'm').getContent()", text}, {"new AttachmentEntry('n', 'c', 'm').getMimeType()", text}, {"new AttachmentEntry().setName('n')", "undefined"},
			{"new AttachmentEntry().setContent('c')", "undefined"}, {"new AttachmentEntry().setMimeType('m')", "undefined"},
		}},
		{"DICOMUtil", pictures, [][2]string{
			{"DICOMUtil.getDICOMRawData(connectorMessage)", text}, {"DICOMUtil.getDICOMRawBytes(connectorMessage)", bytes}, {"DICOMUtil.getDICOMMessage(connectorMessage)", bytes},
			{"DICOMUtil.getSliceCount(connectorMessage)", "number"}, {"DICOMUtil.convertDICOM('png', connectorMessage)", text}, {"DICOMUtil.convertDICOM('jpg', connectorMessage, 1)", text},
			{"DICOMUtil.convertDICOM('png', connectorMessage, true)", text}, {"DICOMUtil.convertDICOM('png', connectorMessage, 1, true)", text},
			{"DICOMUtil.convertDICOMToByteArray('png', connectorMessage)", bytes}, {"DICOMUtil.convertDICOMToByteArray('png', connectorMessage, 1)", bytes},
			{"DICOMUtil.convertDICOMToByteArray('png', connectorMessage, 1, true)", bytes}, {"DICOMUtil.mergeHeaderAttachments(connectorMessage, getAttachments())", text},
			{"DICOMUtil.mergeHeaderPixelData(DICOMUtil.getDICOMRawBytes(connectorMessage), Lists.list(new java.lang.String('ab').getBytes()))", text},
			{dicom + ".getString(0x00100010)", text}, {"DICOMUtil.dicomObjectToByteArray(" + dicom + ")", bytes},
			{"DICOMUtil.byteArrayToDicomObject(new java.lang.String(DICOMUtil.getDICOMRawData(connectorMessage)).getBytes(), true).size()", "number"},
		}},
	} {
		t.Run(g.name, func(t *testing.T) {
			with := strings.NewReplacer("DIR", dir, "HOST", host, "PORT", port, "FIRST", first, "SECOND", second, "OWNCHANNEL", channelHere)
			for _, c := range g.cases {
				got, err := runBody(t, g.scope(t), kind+"var r, d, p; return kind("+with.Replace(c[0])+")")
				if err != nil {
					t.Errorf("%s\n failed: %s\n want %s", c[0], detail(err), c[1])
				} else if fmt.Sprint(got) != c[1] {
					t.Errorf("%s\n got %v\nwant %s", c[0], got, c[1])
				}
				if strings.Contains(c[0], ".send(") {
					if l := <-letters; l.from != "weir@example.org" || l.to[0] != "a@example.org" || !strings.Contains(l.text, "Subject: Subject") {
						t.Errorf("%s\n sent %+v", c[0], l)
					}
				}
			}
		})
	}
}
