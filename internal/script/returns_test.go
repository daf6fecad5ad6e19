package script_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/internal/script/java"
)

// TestMade has new make instances of the class that it names, where it can be told
// without more: what is said of methods that are missing stands on that.
func TestMade(t *testing.T) {
	lib, made := java.NewLibrary(), 0
	for _, name := range lib.Names() {
		c := lib.Class(name)
		if c.New == nil || c.Instead != "" {
			continue
		}
		want := lib.Made(c).Name
		for _, args := range []string{"", "1", "'x'", "'1'", "new java.io.ByteArrayInputStream(new java.lang.String('x').getBytes())", "new java.io.ByteArrayOutputStream()", "new java.io.StringReader('x')", "new java.util.ArrayList()"} {
			got, err := runBody(t, newScope(), "return new Packages."+name+"("+args+").getClass().getName()")
			if err != nil {
				continue
			}
			made++
			if got := show(got); got != want {
				t.Errorf("new %s(%s) is a %s, want %s", name, args, got, want)
			}
			break
		}
	}
	if made < 100 {
		t.Errorf("only %d classes were made", made)
	}
}

// TestReturnedClasses runs what the table of returned classes says.
func TestReturnedClasses(t *testing.T) {
	inUTC(t)
	file := filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	text := filepath.Join(filepath.Dir(file), "a.txt")
	url := "jdbc:sqlite:" + file
	instances := map[string]string{
		"java.lang.String": "new java.lang.String('abc')", "java.io.File": "new java.io.File('" + text + "')",
		"java.lang.StringBuilder": "new java.lang.StringBuilder('abc')", "java.lang.StringBuffer": "new java.lang.StringBuffer('abc')",
		"java.text.SimpleDateFormat": "new java.text.SimpleDateFormat('yyyy')", "java.text.DecimalFormat": "new java.text.DecimalFormat('0')",
		"java.util.Calendar": "java.util.Calendar.getInstance()", "java.util.UUID": "java.util.UUID.randomUUID()",
		"java.util.Base64.Encoder": "java.util.Base64.getEncoder()", "java.util.regex.Pattern": "java.util.regex.Pattern.compile('a')",
		"java.time.LocalDate": "java.time.LocalDate.now()", "java.time.LocalDateTime": "java.time.LocalDateTime.now()", "java.time.LocalTime": "java.time.LocalTime.now()",
		"java.time.ZonedDateTime": "java.time.ZonedDateTime.now()", "java.time.Instant": "java.time.Instant.now()",
		"java.time.format.DateTimeFormatter":       "java.time.format.DateTimeFormatter.ISO_DATE",
		"javax.xml.parsers.DocumentBuilderFactory": "javax.xml.parsers.DocumentBuilderFactory.newInstance()",
		"javax.xml.parsers.DocumentBuilder":        "javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder()",
		"org.w3c.dom.Document":                     "parse('<a/>')", "org.w3c.dom.Element": "parse('<a/>').documentElement", "org.w3c.dom.Node": "parse('<a/>').documentElement",
		"javax.xml.xpath.XPathFactory": "javax.xml.xpath.XPathFactory.newInstance()", "javax.xml.xpath.XPath": "javax.xml.xpath.XPathFactory.newInstance().newXPath()",
		"javax.xml.transform.TransformerFactory":               "javax.xml.transform.TransformerFactory.newInstance()",
		"com.mirth.connect.userutil.Response":                  "new Response(SENT, 'm', 's', 'e')",
		"com.mirth.connect.userutil.ListBuilder":               "Lists.list()",
		"com.mirth.connect.userutil.MapBuilder":                "Maps.map()",
		"com.mirth.connect.server.userutil.DatabaseConnection": "DatabaseConnectionFactory.createDatabaseConnection('org.sqlite.JDBC', '" + url + "')",
	}
	args := []string{"", "1", "'x'", "'2024'", "1, 1", "1, 1, 1", "'x', 'y'", "0, 'x'", "2024, 1, 1, 1, 1", "'2024-01-02'", "'2024-01-02T03:04:05'", "'03:04'", "'2024-01-02T03:04:05Z'",
		"'UTC'", "'SHA-256'", "'AES'", "'HmacSHA256'", "new java.util.Date()", "java.time.ZoneId.of('UTC')", "java.util.Locale.US", "new java.lang.String('x').getBytes()",
		"java.time.format.DateTimeFormatter.ofPattern('yyyy')", "'yyyy', '2024'", "'yyyy', new java.util.Date()", "'yyyy', 'yy', '2024'", "'<a/>'", "'{\"a\":1}'", "'urn:x', 'x'", "0, 1, 'x'",
		"new Packages.org.xml.sax.InputSource(new java.io.StringReader('<a/>'))", "'00000000-0000-0000-0000-000000000000'", "'org.sqlite.JDBC', '" + url + "'", "'" + url + "'",
		"'SELECT 1'", "\"INSERT INTO t (a) VALUES ('x')\"", "'" + text + "'", "'-', 'a', 'b'"}
	names := java.ReturnedNames()
	if len(names) < 100 {
		t.Fatalf("the table has %d methods", len(names))
	}
	for method, want := range names {
		class, name, _ := strings.Cut(method, " ")
		if strings.HasSuffix(class, "SMTPConnectionFactory") {
			continue // tested where there is a mail server
		}
		receivers := []string{"Packages." + class, "new Packages." + class + "()"}
		if r := instances[class]; r != "" {
			receivers = append([]string{r}, receivers...)
		}
		if name == "new" {
			continue // TestMade
		}
		done := false
	tries:
		for _, r := range receivers {
			for _, a := range args {
				scope := newScope()
				scope.Access = &access.Grants{Channel: "Channel", Access: weir.Access{Files: []string{filepath.Dir(file)}, Databases: []string{"*"}}}
				got, err := runBody(t, scope, domHead+"FileUtil.write('"+text+"', false, 'x'); var v = "+r+"."+name+"("+a+"); return v.getClass().getName()")
				if err != nil {
					continue
				}
				done = true
				if fmt.Sprint(got) != want {
					t.Errorf("%s.%s(%s) is a %v, want %s", r, name, a, got, want)
				}
				break tries
			}
		}
		if !done {
			t.Errorf("%s could not be called", method)
		}
	}
}
