package script_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/weir-health/weir/internal/script"
)

// found compiles a body, with code templates before it, and returns what it
// reaches.
func found(t *testing.T, body string, templates ...string) script.Reach {
	t.Helper()
	var parts []script.Part
	for i, code := range templates {
		parts = append(parts, script.Part{Name: fmt.Sprintf("%s%d", script.TemplatePart, i), Code: code})
	}
	p, err := script.CompileScript("test script", parts, script.Part{Name: "body", Code: body})
	if err != nil {
		t.Fatal(err)
	}
	return script.Find(p)
}

func TestFind(t *testing.T) {
	const factory = `DatabaseConnectionFactory.createDatabaseConnection`
	for _, c := range []struct{ name, body, files, network, databases string }{
		{"nothing", `msg['PID'] = FileUtil.encode('x')`, "", "", ""},
		{"a file", `FileUtil.write('/data/out/a.txt', false, 'x')`, "/data/out", "", ""},
		{"in its package", `Packages.com.mirth.connect.server.userutil.FileUtil.read('/a/b.txt')`, "/a", "", ""},
		{"a directory", `new java.io.File('/data/in').listFiles()`, "/data/in", "", ""},
		{"parent and child", `new java.io.File('/data/in', 'x.txt')`, "/data/in", "", ""},
		{"a literal directory and a computed name", `FileUtil.write('/data/out/' + $('name') + '.hl7', false, 'x')`, "/data/out", "", ""},
		{"a long sum", `FileUtil.write('/d/e/' + a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v + w, false, 'x')`, "/d/e", "", ""},
		{"a computed directory", `FileUtil.read($('dir') + '/x.txt')`, "*", "", ""},
		{"a variable", `var dir = '/data/', path = dir + 'x.csv'; FileUtil.read(path)`, "/data", "", ""},
		{"a variable with two values", `var path = '/data/x'; if ($('a')) path = $('b'); FileUtil.read(path)`, "*", "", ""},
		{"a parameter", `function f(p) { return FileUtil.read(p) } f('/data/x.txt')`, "*", "", ""},
		{"a file of a file", `var f = new java.io.File('/data/in/x.txt'); new java.io.FileInputStream(f); FileUtil.read(f.getPath())`, "/data/in", "", ""},
		{"files of a directory", `for each (var f in new java.io.File('/data/in').listFiles()) { FileUtil.read(f.getAbsolutePath()); FileUtil.deleteFile(f) }`, "/data/in", "", ""},
		{"an alias of a class", `var File = java.io.File; new File('/x/y.txt')`, "/x", "", ""},
		{"an alias of a package", `var io = Packages.java.io; new io.FileReader('/x/y.txt')`, "/x", "", ""},
		{"importPackage", `importPackage(java.io); new File('/x/y.txt')`, "/x", "", ""},
		{"importClass", `importClass(Packages.java.io.File); new File('/x/y.txt')`, "/x", "", ""},
		{"JavaImporter", `var i = new JavaImporter(java.io); with (i) { new FileReader('/x/y.txt') }`, "/x", "", ""},
		{"nio", `java.nio.file.Files.readAllBytes(java.nio.file.Paths.get('/x', 'y.txt'))`, "/x", "", ""},
		{"FileUtils", `var U = org.apache.commons.io.FileUtils; U.moveFile(new java.io.File('/a/x.txt'), new java.io.File('/b/x.txt'))`, "/a /b", "", ""},
		{"a temporary file", `java.io.File.createTempFile('a', 'b')`, os.TempDir(), "", ""},
		{"a writer over a writer", `new java.io.PrintWriter(out)`, "", "", ""},
		{"a URL", `new java.net.URL('http://lab/x').openStream(); new java.net.URL('https://lab:8443/x')`, "", "lab:80 lab:8443", ""},
		{"a URL with a computed query", `new java.net.URL('http://lab:8080/x?id=' + id)`, "", "lab:8080", ""},
		{"a URL with a computed host", `new java.net.URL('http://' + host + '/x')`, "", "*", ""},
		{"a URL with a computed port", `new java.net.URL('http://lab:' + port + '/x')`, "", "*", ""},
		{"a URL whose host goes on", `new java.net.URL('http://lab' + domain + '/x')`, "", "*", ""},
		{"HttpClient", `new org.apache.http.client.methods.HttpPost('http://api/v1')`, "", "api:80", ""},
		{"a socket", `new java.net.Socket('lab', 2575)`, "", "lab:2575", ""},
		{"a mail server", `new SMTPConnection('mail', 25, false, 'TLS', '', '', 'a@b')`, "", "mail:25", ""},
		{"a database", factory + `('d', 'jdbc:postgresql://lab:5432/lis?ssl=true', 'u', 'p')`, "", "", "jdbc:postgresql://lab:5432/lis"},
		{"a database of SQL Server", factory + `('d', 'jdbc:sqlserver://lab:1433;databaseName=lis;password=secret')`, "", "", "jdbc:sqlserver://lab:1433"},
		{"a database in a variable", `var url = 'jdbc:mysql://lab/lis'; var c = ` + factory + `('d', url, 'u', 'p')`, "", "", "jdbc:mysql://lab/lis"},
		{"a computed database", factory + `('d', configurationMap.get('url'))`, "", "", "*"},
		{"in a try", `try { new java.io.FileReader('/x/y.txt') } catch (e) {}`, "/x", "", ""},
		{"what a script declares itself", `function FileUtil() {} new FileUtil('/x/y.txt')`, "", "", ""},
		{"E4X around it", `var x = <a>{FileUtil.read('/x/y.txt')}</a>`, "/x", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := found(t, c.body).Access
			got := [3]string{strings.Join(a.Files, " "), strings.Join(a.Network, " "), strings.Join(a.Databases, " ")}
			if want := [3]string{c.files, c.network, c.databases}; got != want {
				t.Errorf("%s\n got %q\nwant %q", c.body, got, want)
			}
		})
	}
}

// TestFindInTemplates counts only the code templates that are called.
func TestFindInTemplates(t *testing.T) {
	a := found(t, `first()`, `function first() { second() }`, `function second() { FileUtil.read('/a/b.txt') }`, `function third() { FileUtil.read('/c/d.txt') }`).Access
	if got := strings.Join(a.Files, " "); got != "/a" {
		t.Errorf("got %s", got)
	}
}

// TestFaultsInTemplates holds for certain what a called function needs, and not what
// a code template defines beside it.
func TestFaultsInTemplates(t *testing.T) {
	module := `var tools = { make: function () { return new com.acme.Tool() } };`
	for _, c := range []struct {
		name, body, template string
		certain              bool
	}{
		{"a function that is called", `make()`, `function make() { return new com.acme.Tool() }`, true},
		{"an object of functions", `tools.other()`, module, false},
		{"what runs whenever the template does", ``, `var tool = new com.acme.Tool();`, true},
	} {
		faults := found(t, c.body, c.template).Faults
		if len(faults) != 1 || faults[0].Certain != c.certain {
			t.Errorf("%s: %+v", c.name, faults)
		}
	}
	if faults := found(t, `1`, `function make() { return new com.acme.Tool() }`).Faults; len(faults) != 0 {
		t.Errorf("nobody calls it: %+v", faults)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"a class that is not there", "\nnew com.acme.Tool()", "body, line 2: Java class com.acme.Tool is not available in Weir (certain)"},
		{"a static method of one", `Packages.org.apache.pdfbox.pdmodel.PDDocument.load(1)`, "body, line 1: Java class org.apache.pdfbox.pdmodel.PDDocument is not available in Weir (certain)"},
		{"by way of a variable", `var T = Packages.com.acme.Tool; new T()`, "body, line 1: Java class com.acme.Tool is not available in Weir\nbody, line 1: Java class com.acme.Tool is not available in Weir (certain)"},
		{"in a try", `try { new com.acme.Tool() } catch (e) {}`, "body, line 1: Java class com.acme.Tool is not available in Weir"},
		{"asked for", `if (typeof com.acme.Tool != 'undefined') new com.acme.Tool()`, "body, line 1: Java class com.acme.Tool is not available in Weir"},
		{"a method", `java.lang.Math.frobnicate(1)`, "body, line 1: Java class java.lang.Math has no static method frobnicate in Weir (certain)"},
		{"a function", `frobnicate(1)`, "body, line 1: function frobnicate is defined nowhere"},
		{"a function made later", `frobnicate = function () {}; frobnicate(1)`, ""},
		{"an eval", `eval('function frobnicate() {}'); frobnicate(1)`, ""},
		{"refused", `java.lang.Runtime.getRuntime().exec('ls')`, "body, line 1: Java class java.lang.Runtime is refused"},
		{"a method of an instance", "var m = new java.util.HashMap();\nm.put('a', 1);\nm.frobnicate()", "body, line 3: Java class java.util.HashMap has no method frobnicate in Weir (certain)"},
		{"a method of what is made there", "new java.util.ArrayList().frobnicate()", "body, line 1: Java class java.util.ArrayList has no method frobnicate in Weir (certain)"},
		{"a method in a chain", "var b = new java.lang.StringBuilder();\nb.append('x')\n  .reverse()\n  .frobnicate()", "body, line 4: Java class java.lang.StringBuilder has no method frobnicate in Weir"},
		{"a method of what a static method gives", "java.time.LocalDate.now().plusDays(1).frobnicate()", "body, line 1: Java class java.time.LocalDate has no method frobnicate in Weir"},
		{"a method of a result of the user API", "var db = DatabaseConnectionFactory.createDatabaseConnection('d', 'jdbc:sqlite:/x/y.db'), rs = db.executeCachedQuery('SELECT 1'); rs.frobnicate()", "body, line 1: Java class com.mirth.connect.server.userutil.MirthCachedRowSet has no method frobnicate in Weir"},
		{"a method in a try", "var m = new java.util.HashMap(); try { m.frobnicate() } catch (e) {}", "body, line 1: Java class java.util.HashMap has no method frobnicate in Weir"},
		{"a method of an imported class", "importPackage(java.util); var m = new HashMap(); m.frobnicate()", "body, line 1: Java class java.util.HashMap has no method frobnicate in Weir (certain)"},
		{"a method that is asked for", "var m = new java.util.HashMap(); if (m.frobnicate) m.frobnicate()", ""},
		{"a variable that changes", "var m = new java.util.HashMap(); if ($('x')) m = {frobnicate: function () {}}; m.frobnicate()", ""},
		{"a parameter", "function f(m) { m.frobnicate() } f(new java.util.HashMap())", ""},
		{"an element", "for each (var m in [new java.util.HashMap()]) m.frobnicate()", ""},
		{"an interface", "new java.lang.Runnable({frobnicate: function () {}}).frobnicate()", ""},
		{"methods of JavaScript", "var s = new java.lang.String('x'); s.match(/x/); s.frobnicate; new java.util.HashMap().hasOwnProperty('x'); new java.util.Date().toString()", ""},
		{"a prototype that is extended", "String.prototype.frobnicate = function () {}; var s = new java.lang.String('x'); s.frobnicate()", ""},
		{"a class of the script's own", "function HashMap() { this.frobnicate = function () {} } var m = new HashMap(); m.frobnicate()", ""},
		{"a result that is not known", "new java.util.HashMap().get('x').frobnicate(); new java.util.ArrayList().iterator().frobnicate()", ""},
		{"what there is", `var l = new java.util.ArrayList(), m = java.util.Arrays.asList(1); logger.info(JSON.stringify(validate('x', 'y', []))); parseInt('1'); createSegment('PID'); java.lang.System.out.println('x'); return Packages.java.lang.String.valueOf(1)`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			for _, f := range found(t, c.body).Faults {
				line := f.Place() + ": " + f.Text
				if f.Certain {
					line += " (certain)"
				}
				if f.Remedy == "" {
					t.Errorf("%s has no remedy", line)
				}
				lines = append(lines, line)
			}
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.body, got, c.want)
			}
		})
	}
}
