package test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// databaseChannel reads orders and writes results, as SQL or as scripts.
const databaseChannel = `<channel version="4.5.2">
  <id>%s</id>
  <nextMetaDataId>2</nextMetaDataId>
  <name>%s</name>
  <revision>1</revision>
  <sourceConnector version="4.5.2">
    <metaDataId>0</metaDataId>
    <name>sourceConnector</name>
    <properties class="com.mirth.connect.connectors.jdbc.DatabaseReceiverProperties" version="4.5.2">
      <pollConnectorProperties version="4.5.2"><pollingType>INTERVAL</pollingType><pollingFrequency>20</pollingFrequency></pollConnectorProperties>
      <driver>org.sqlite.JDBC</driver>
      <url>jdbc:sqlite:@FILE@</url>
      %s
      <updateMode>3</updateMode>
    </properties>
    <transformer version="4.5.2">
      <elements>
        <com.mirth.connect.plugins.javascriptstep.JavaScriptStep version="4.5.2">
          <name>name</name><sequenceNumber>0</sequenceNumber><enabled>true</enabled>
          <script>channelMap.put('name', msg['name'].toString());</script>
        </com.mirth.connect.plugins.javascriptstep.JavaScriptStep>
      </elements>
      <inboundDataType>XML</inboundDataType>
      <outboundDataType>XML</outboundDataType>
    </transformer>
    <filter version="4.5.2"><elements/></filter>
    <transportName>Database Reader</transportName>
    <mode>SOURCE</mode>
    <enabled>true</enabled>
  </sourceConnector>
  <destinationConnectors>
    <connector version="4.5.2">
      <metaDataId>1</metaDataId>
      <name>Results</name>
      <properties class="com.mirth.connect.connectors.jdbc.DatabaseDispatcherProperties" version="4.5.2">
        <driver>org.sqlite.JDBC</driver>
        <url>jdbc:sqlite:@FILE@</url>
        <query>INSERT INTO results VALUES ('%s ' || ${name}, '${message.encodedData}', ${maps.get('nothing', '')})</query>
      </properties>
      <transformer version="4.5.2">
        <elements/>
        <inboundDataType>XML</inboundDataType>
        <outboundDataType>XML</outboundDataType>
      </transformer>
      <responseTransformer version="4.5.2">
        <elements/>
        <inboundDataType>XML</inboundDataType>
        <outboundDataType>XML</outboundDataType>
      </responseTransformer>
      <filter version="4.5.2"><elements/></filter>
      <transportName>Database Writer</transportName>
      <mode>DESTINATION</mode>
      <enabled>true</enabled>
    </connector>
  </destinationConnectors>
  <properties version="4.5.2"><messageStorageMode>DEVELOPMENT</messageStorageMode><initialState>STARTED</initialState></properties>
</channel>`

const readerSQL = `<select>SELECT id, name FROM orders WHERE done = 0 ORDER BY id</select>
      <update>UPDATE orders SET done = 1 WHERE id = ${ID} AND name = ${name}</update>`

const readerScript = `<useScript>true</useScript>
      <select>if ($g('given')) return new java.util.ArrayList(); $g('given', 'yes');
        var row = new java.util.LinkedHashMap(); row.put('Name', "O'Hara"); row.put('n', 1); row.put('gone', null);
        return Lists.list(row).append({name: 'Smith'});</select>
      <update>$g('marked', $g('marked') + '[' + resultMap.get('name') + ' ' + $('name') + ' ' + channelMap.get('name') + ']'); logger.info('marked ' + $g('marked'));</update>`

// Rows of a database become messages and rows again, by SQL and by scripts.
func TestDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lab.db")
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{"PRAGMA journal_mode = WAL", "CREATE TABLE orders (id INTEGER, name TEXT, done INTEGER)",
		"CREATE TABLE results (name TEXT, text TEXT, rest TEXT)", "INSERT INTO orders VALUES (1, 'a''b', 0), (2, '${x}', 0)"} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	for i, reader := range []string{readerSQL, readerScript} {
		name := []string{"sql", "script"}[i]
		text := fmt.Sprintf(databaseChannel, fmt.Sprintf("0a8e30dd-ba1c-55fa-95f1-3c1eea24839%d", i), name, reader, name)
		if err := os.WriteFile(filepath.Join(dir, name+".xml"), []byte(strings.ReplaceAll(text, "@FILE@", file)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := start(t, t.TempDir(), dir)
	defer e.stop()
	count := func(query string) (n int) {
		if err := db.QueryRow(query).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	e.until("all rows", func() bool {
		return count("SELECT COUNT(*) FROM results") == 4 && count("SELECT SUM(done) FROM orders") == 2
	})
	e.until("the scripts' marks", func() bool { return strings.Contains(e.log.String(), "[O'Hara O'Hara O'Hara][Smith Smith Smith]") })
	for name, want := range map[string]string{
		"sql a'b":       "<result><id>1</id><name>a'b</name></result>",
		"sql ${x}":      "<result><id>2</id><name>${x}</name></result>",
		"script O'Hara": "<result><name>O'Hara</name><n>1.0</n></result>",
		"script Smith":  "<result><name>Smith</name></result>",
	} {
		var text, nothing string
		if err := db.QueryRow("SELECT text, rest FROM results WHERE name = ?", name).Scan(&text, &nothing); err != nil || nothing != "" || !strings.Contains(text, want) {
			t.Errorf("%s: %q %q, %v; want %q", name, text, nothing, err, want)
		}
	}
}
