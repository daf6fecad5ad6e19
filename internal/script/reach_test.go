package script_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
)

// granted runs a body that may reach what a says.
func granted(t *testing.T, a weir.Access, body string) (any, error) {
	t.Helper()
	scope := newScope()
	scope.Access = &access.Grants{Channel: "Channel", Access: a}
	return runBody(t, scope, body)
}

// reachCases runs bodies in which DIR stands for a directory that is granted.
func reachCases(t *testing.T, a func(dir string) weir.Access, cases []reachCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(dir+"/in.txt", []byte("one\ntwo\r\nä"), 0o644); err != nil {
				t.Fatal(err)
			}
			body := strings.ReplaceAll(c.body, "DIR", dir)
			got, err := granted(t, a(dir), body)
			if err != nil {
				var e *script.Error
				errors.As(err, &e)
				t.Fatalf("%s\n%s", body, e.Detail())
			}
			if s := strings.ReplaceAll(show(got), dir, "DIR"); s != c.want {
				t.Errorf("%s\n got %q\nwant %q", body, s, c.want)
			}
		})
	}
}

type reachCase struct{ name, body, want string }

func files(dir string) weir.Access { return weir.Access{Files: []string{dir}} }

func TestFiles(t *testing.T) {
	reachCases(t, files, []reachCase{
		{"exists", `var f = new java.io.File('DIR/in.txt'); return [f.exists(), f.isFile(), f.isDirectory(), f.length(), new java.io.File('DIR/no').exists()].join()`, "true,true,false,11,false"},
		{"names", `var f = new java.io.File('DIR//a', 'b.txt/'); return f + ' ' + f.getName() + ' ' + f.parent + ' ' + f.getParentFile().name`, "DIR/a/b.txt b.txt DIR/a a"},
		{"relative names need no grant", `var f = new java.io.File('a/b'); return f.getPath() + f.isAbsolute() + new java.io.File('b').getParent()`, "a/bfalsenull"},
		{"delete", `var f = new java.io.File('DIR/in.txt'); return [f['delete'](), f.exists(), f['delete']()].join()`, "true,false,false"},
		{"mkdirs", `var f = new java.io.File('DIR/a/b/c'); return [new java.io.File('DIR/x/y').mkdir(), f.mkdirs(), f.mkdirs(), f.isDirectory()].join()`, "false,true,false,true"},
		{"rename", `new java.io.File('DIR/sub').mkdir(); return new java.io.File('DIR/in.txt').renameTo(new java.io.File('DIR/sub/out.txt')) + FileUtil.read('DIR/sub/out.txt').substring(0, 3)`, "trueone"},
		{"createNewFile", `var f = new java.io.File('DIR/new'); return [f.createNewFile(), f.createNewFile(), f.length()].join()`, "true,false,0"},
		{"list", `new java.io.File('DIR/b').mkdir(); FileUtil.write('DIR/a.hl7', false, 'x'); return new java.io.File('DIR').list().join(', ')`, "a.hl7, b, in.txt"},
		{"list of nothing", `return String(new java.io.File('DIR/no').list()) + new java.io.File('DIR/in.txt').listFiles()`, "nullnull"},
		{"listFiles for each", `var s = ''; for each (var f in new java.io.File('DIR').listFiles()) s += f.getName() + f.isFile(); return s`, "in.txttrue"},
		{"listFiles with a filter of names", `FileUtil.write('DIR/a.hl7', false, ''); var l = new java.io.File('DIR').listFiles(new java.io.FilenameFilter({accept: function (dir, name) { return name.endsWith('.hl7') }})); return l.length + l[0].name`, "1a.hl7"},
		{"listFiles with a filter of files", `return new java.io.File('DIR').listFiles(new java.io.FileFilter({accept: function (f) { return f.isDirectory() }})).length`, "0"},
		{"lastModified", `var f = new java.io.File('DIR/in.txt'); f.setLastModified(86400000); return f.lastModified()`, "86400000"},
		{"canonical", `return new java.io.File('DIR/x/../in.txt').getCanonicalPath() + new java.io.File('DIR/x/../in.txt').getPath()`, "DIR/in.txtDIR/x/../in.txt"},
		{"temp file", `var f = java.io.File.createTempFile('pre', '.x', new java.io.File('DIR')); return f.exists() + ' ' + f.getName().startsWith('pre') + f.getName().endsWith('.x')`, "true truetrue"},
		{"separator", `return java.io.File.separator`, string(filepath.Separator)},

		{"FileReader", `var r = new java.io.BufferedReader(new java.io.FileReader('DIR/in.txt')), s = '', l; while ((l = r.readLine()) != null) s += '<' + l + '>'; r.close(); return s`, "<one><two><ä>"},
		{"FileReader with a charset", `var r = new java.io.InputStreamReader(new java.io.FileInputStream('DIR/in.txt'), 'ISO-8859-1'); var n = 0; while (r.read() >= 0) n++; return n`, "11"},
		{"reader ready, mark and reset", `var r = new java.io.BufferedReader(new java.io.FileReader('DIR/in.txt')); r.mark(10); r.readLine(); r.reset(); return r.ready() + r.readLine()`, "trueone"},
		{"FileWriter", `var w = new java.io.FileWriter('DIR/out'); w.write('a'); w.write(98); w.close(); w = new java.io.FileWriter('DIR/out', true); w.append('c').append('d'); w.close(); return FileUtil.read('DIR/out')`, "abcd"},
		{"BufferedWriter", `var w = new java.io.BufferedWriter(new java.io.OutputStreamWriter(new java.io.FileOutputStream('DIR/out'), 'UTF-8')); w.write('ä'); w.newLine(); w.write('xyz', 1, 2); w.flush(); w.close(); return FileUtil.read('DIR/out')`, "ä\nyz"},
		{"PrintWriter", `var w = new java.io.PrintWriter('DIR/out'); w.println('a'); w.print('b'); w.printf('%03d', 7); w.close(); return FileUtil.read('DIR/out')`, "a\nb007"},
		{"PrintWriter over a StringWriter", `var s = new java.io.StringWriter(), w = new java.io.PrintWriter(s); w.println('a'); w.flush(); return s.toString()`, "a\n"},
		{"left open is written at the end", `var w = new java.io.FileWriter('DIR/out'); w.write('kept'); return ''`, ""},
		{"streams", `var i = new java.io.FileInputStream('DIR/in.txt'), o = new java.io.FileOutputStream(new java.io.File('DIR/out')), b = java.lang.reflect.Array.newInstance(java.lang.Byte.TYPE, 4), n, a = i.available(); while ((n = i.read(b)) > 0) o.write(b, 0, n); i.close(); o.close(); return a + ' ' + new java.io.File('DIR/out').length()`, "11 11"},
		{"append", `var o = new java.io.FileOutputStream('DIR/in.txt', true); o.write(new java.lang.String('!').getBytes()); o.close(); return new java.io.File('DIR/in.txt').length()`, "12"},
		{"closed", `var i = new java.io.FileInputStream('DIR/in.txt'); i.close(); try { i.read() } catch (e) { return e.javaException.getClass().getName() }`, "java.io.IOException"},
		{"RandomAccessFile", `var r = new java.io.RandomAccessFile('DIR/in.txt', 'rw'); r.seek(4); var s = r.readLine() + r.getFilePointer(); r.seek(0); r.writeBytes('ONE'); r.close(); return s + FileUtil.read('DIR/in.txt').substring(0, 3)`, "two9ONE"},
		{"not found", `try { new java.io.FileInputStream('DIR/no') } catch (e) { return e.message }`, "java.io.FileNotFoundException: DIR/no (No such file or directory)"},
		{"a directory", `try { new java.io.FileReader('DIR') } catch (e) { return e.message }`, "java.io.FileNotFoundException: DIR (Is a directory)"},
		{"properties", `FileUtil.write('DIR/p', false, '# c\na=1\n'); var p = new java.util.Properties(); p.load(new java.io.FileInputStream('DIR/p')); return p.getProperty('a')`, "1"},

		{"FileUtil", `FileUtil.write('DIR/a/b.txt', false, 'x'); FileUtil.write('DIR/a/b.txt', true, 'y'); FileUtil.write('DIR/a/c', false, FileUtil.decode('aGk=')); return FileUtil.read('DIR/a/b.txt') + FileUtil.readBytes('DIR/a/c').length + FileUtil.read('DIR/a/c')`, "xy2hi"},
		{"FileUtil.deleteFile", `return FileUtil.deleteFile(new java.io.File('DIR/in.txt')) + ',' + FileUtil.deleteFile(new java.io.File('DIR/in.txt'))`, "true,false"},
		{"rtf", `return FileUtil.rtfToPlainText('{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}\\f0 Hello \\b World\\b0\\par caf\\\'e9 \\u8364?\\par}', '|')`, "Hello World|café €|"},

		{"Files", `var F = java.nio.file.Files, P = java.nio.file.Paths; F.write(P.get('DIR', 'n.txt'), new java.lang.String('abc').getBytes()); return F.exists(P.get('DIR/n.txt')) + new java.lang.String(F.readAllBytes(P.get('DIR/n.txt'))) + F.size(P.get('DIR/n.txt'))`, "trueabc3"},
		{"Files.write with options", `var F = java.nio.file.Files, p = java.nio.file.Paths.get('DIR/in.txt'); F.write(p, java.util.Arrays.asList('x', 'y'), java.nio.file.StandardOpenOption.APPEND); return F.readAllLines(p).size() + F.readString(p).slice(-4)`, "4x\ny\n"},
		{"Files.move and copy", `var F = java.nio.file.Files, P = java.nio.file.Paths, R = java.nio.file.StandardCopyOption.REPLACE_EXISTING; F.copy(P.get('DIR/in.txt'), P.get('DIR/b')); F.move(P.get('DIR/in.txt'), P.get('DIR/b'), R); return F.exists(P.get('DIR/in.txt')) + ',' + F.size(P.get('DIR/b'))`, "false,11"},
		{"Files.copy onto one", `var F = java.nio.file.Files, P = java.nio.file.Paths; F.createFile(P.get('DIR/b')); try { F.copy(P.get('DIR/in.txt'), P.get('DIR/b')) } catch (e) { return e.message }`, "java.nio.file.FileAlreadyExistsException: DIR/b"},
		{"NoSuchFile", `try { java.nio.file.Files.readAllBytes(java.nio.file.Paths.get('DIR/no')) } catch (e) { return e.message }`, "java.nio.file.NoSuchFileException: DIR/no"},
		{"not empty", `var F = java.nio.file.Files, P = java.nio.file.Paths; F.createDirectories(P.get('DIR/a/b')); try { F['delete'](P.get('DIR/a')) } catch (e) { return e.message }`, "java.nio.file.DirectoryNotEmptyException: DIR/a"},
		{"Path", `var p = java.nio.file.Paths.get('x', 'a/./b/../c.txt'); return p.normalize() + ' ' + p.getFileName() + ' ' + p.getParent().normalize().resolve('d') + ' ' + p.getNameCount() + p.startsWith('x') + p.toFile().getName()`, "x/a/c.txt c.txt x/a/d 6truec.txt"},
		{"try with streams of Files", `var w = java.nio.file.Files.newBufferedWriter(java.nio.file.Paths.get('DIR/o')); w.write('q'); w.close(); var r = java.nio.file.Files.newBufferedReader(java.nio.file.Paths.get('DIR/o')); return r.readLine()`, "q"},

		{"FileUtils", `var U = org.apache.commons.io.FileUtils, f = new java.io.File('DIR/s/x.txt'); U.writeStringToFile(f, 'ä', 'UTF-8'); U.writeStringToFile(f, 'b', 'UTF-8', true); U.copyFileToDirectory(f, new java.io.File('DIR/t')); U.moveFile(f, new java.io.File('DIR/u.txt')); return U.readFileToString(new java.io.File('DIR/t/x.txt'), 'UTF-8') + U.readLines(new java.io.File('DIR/u.txt'), 'UTF-8').size() + f.exists()`, "äb1false"},
		{"FileUtils.listFiles", `var U = org.apache.commons.io.FileUtils; U.write(new java.io.File('DIR/d/a.xml'), 'x', 'UTF-8'); var l = U.listFiles(new java.io.File('DIR'), ['xml'], true); return l.size() + l.get(0).getName() + U.listFiles(new java.io.File('DIR'), null, false).size() + U.sizeOf(new java.io.File('DIR'))`, "1a.xml112"},
		{"FileUtils.deleteDirectory", `var U = org.apache.commons.io.FileUtils; U.forceMkdir(new java.io.File('DIR/a/b')); U.touch(new java.io.File('DIR/a/b/c')); U.deleteDirectory(new java.io.File('DIR/a')); return new java.io.File('DIR/a').exists() + ',' + U.deleteQuietly(new java.io.File('DIR/no'))`, "false,false"},
		{"FilenameUtils", `var U = org.apache.commons.io.FilenameUtils; return [U.getBaseName('/a/b.c.txt'), U.getExtension('x.tar.gz'), U.removeExtension('/a.b/c'), U.getPath('/a/b/c'), U.getFullPath('/a/b/c'), U.concat('/a', '../b'), U.normalize('/a/../../x'), U.wildcardMatch('a1.hl7', 'a?.*')].join('|')`, "b.c|gz|/a.b/c|a/b/|/a/b/|/b||true"},
		{"IOUtils", `var i = new java.io.FileInputStream('DIR/in.txt'); var s = org.apache.commons.io.IOUtils.toString(i, 'UTF-8'); org.apache.commons.io.IOUtils.closeQuietly(i); return s.length() + ',' + org.apache.commons.io.IOUtils.toByteArray(new java.io.FileInputStream('DIR/in.txt')).length`, "10,11"},

		{"gzip", `var o = new java.util.zip.GZIPOutputStream(new java.io.FileOutputStream('DIR/z')); o.write(new java.lang.String('hello').getBytes()); o.close(); return new java.io.BufferedReader(new java.io.InputStreamReader(new java.util.zip.GZIPInputStream(new java.io.FileInputStream('DIR/z')))).readLine()`, "hello"},
		{"zip", `var Z = java.util.zip, o = new Z.ZipOutputStream(new java.io.FileOutputStream('DIR/z.zip')); o.putNextEntry(new Z.ZipEntry('a.txt')); o.write(new java.lang.String('A').getBytes()); o.closeEntry(); o.putNextEntry(new Z.ZipEntry('d/b.txt')); o.write(new java.lang.String('BB').getBytes()); o.closeEntry(); o.close();
			var i = new Z.ZipInputStream(new java.io.FileInputStream('DIR/z.zip')), e, s = ''; while ((e = i.getNextEntry()) != null) s += e.getName() + '=' + org.apache.commons.io.IOUtils.toString(i, 'UTF-8') + ' '; i.close();
			var f = new Z.ZipFile('DIR/z.zip'), n = f.size() + ',' + org.apache.commons.io.IOUtils.toString(f.getInputStream(f.getEntry('d/b.txt')), 'UTF-8'); f.close(); return s + n`, "a.txt=A d/b.txt=BB 2,BB"},
		{"crc", `var c = new java.util.zip.CRC32(); c.update(new java.lang.String('123456789').getBytes()); return c.getValue()`, "3421780262"},
		{"not gzip", `try { new java.util.zip.GZIPInputStream(new java.io.FileInputStream('DIR/in.txt')) } catch (e) { return e.javaException.getClass().getName() }`, "java.util.zip.ZipException"},
		{"importPackage", `importPackage(java.io); var f = new File('DIR/in.txt'); return f.exists() + new BufferedReader(new FileReader(f)).readLine()`, "trueone"},
	})
}

// TestHandles has what is left open be closed at the end of the run, and what a
// map holds stay.
func TestHandles(t *testing.T) {
	dir := t.TempDir()
	a := files(dir)
	if _, err := granted(t, a, `var w = new java.io.FileWriter('`+dir+`/out'); w.write('kept'); return ''`); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(dir + "/out"); string(b) != "kept" {
		t.Errorf("the file holds %q, %v", b, err)
	}
	_, err := granted(t, a, `for (var i = 0; i < 2000; i++) new java.io.FileWriter('`+dir+`/out')`)
	var e *script.Error
	if !errors.As(err, &e) || !strings.Contains(e.Detail(), "Too many open files") {
		t.Errorf("two thousand files: %v", err)
	}
	scope := newScope()
	scope.Access = &access.Grants{Channel: "Channel", Access: a}
	if _, err := runBody(t, scope, `globalChannelMap.put('w', new java.io.FileWriter('`+dir+`/log', true)); globalChannelMap.get('w').write('a')`); err != nil {
		t.Fatal(err)
	}
	if _, err := runBody(t, scope, `var w = $gc('w'); w.write('b'); w.flush()`); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(dir + "/log"); string(b) != "ab" {
		t.Errorf("the log holds %q", b)
	}
	scope.GlobalChannel.Clear()
	if _, err := runBody(t, scope, `$g('x', 1)`); err != nil {
		t.Fatal(err)
	}
}

func TestNetwork(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "other") }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/plain", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL+"/", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		case "/missing":
			http.Error(w, "nothing here", http.StatusNotFound)
		case "/echo":
			w.Header().Set("X-Echo", r.Header.Get("X-Sent"))
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			user, _, _ := r.BasicAuth()
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Header.Get("Content-Type"), body, user)
		default:
			io.WriteString(w, "plain ä")
		}
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	port := host[strings.LastIndexByte(host, ':')+1:]
	run := func(name, body, want string) {
		t.Run(name, func(t *testing.T) {
			got, err := granted(t, weir.Access{Network: []string{host}}, strings.NewReplacer("URL/", server.URL+"/", "PORT", port).Replace(body))
			text := show(got)
			if err != nil {
				var e *script.Error
				errors.As(err, &e)
				text = e.Detail()
			}
			if text != want && !(err != nil && want != "" && strings.Contains(text, want)) {
				t.Errorf("%s\n got %q\nwant %q", body, text, want)
			}
		})
	}
	run("openStream", `return org.apache.commons.io.IOUtils.toString(new java.net.URL('URL/plain').openStream(), 'UTF-8')`, "plain ä")
	run("GET", `var c = new java.net.URL('URL/moved').openConnection(); c.setRequestProperty('X-Sent', 'a'); c.setConnectTimeout(5000); c.setReadTimeout(5000); var r = new java.io.BufferedReader(new java.io.InputStreamReader(c.getInputStream(), 'UTF-8')); return c.getResponseCode() + r.readLine() + c.getContentType()`, "200plain ätext/plain; charset=utf-8")
	run("POST", `var c = new java.net.URL('URL/echo').openConnection(); c.setRequestMethod('POST'); c.setDoOutput(true); c.setRequestProperty('Content-Type', 'text/x'); c.setRequestProperty('X-Sent', 'v'); var o = new java.io.DataOutputStream(c.getOutputStream()); o.writeBytes('body'); o.flush(); o.close(); var s = org.apache.commons.io.IOUtils.toString(c.getInputStream(), 'UTF-8'); return s + c.getHeaderField('X-Echo') + c.responseMessage`, "POST text/x body vOK")
	run("many that are read to their end", `for (var i = 0; i < 1100; i++) org.apache.commons.io.IOUtils.toString(new java.net.URL('URL/plain').openStream(), 'UTF-8'); return 'done'`, "done")
	run("no redirect", `var c = new java.net.URL('URL/moved').openConnection(); c.setInstanceFollowRedirects(false); return c.getResponseCode() + c.getHeaderField('Location')`, "302/plain")
	run("404", `var c = new java.net.URL('URL/missing').openConnection(); try { c.getInputStream() } catch (e) { return e.javaException.getClass().getName() + c.getResponseCode() + org.apache.commons.io.IOUtils.toString(c.getErrorStream(), 'UTF-8') }`, "java.io.FileNotFoundException404nothing here\n")
	run("a redirect to what is not granted", `new java.net.URL('URL/away').openStream()`, "is not granted to the scripts of Channel")
	run("a redirect to metadata", `new java.net.URL('URL/metadata').openStream()`, "169.254.169.254:80 is not granted")
	run("refused", `try { new java.net.Socket('127.0.0.1', PORT).close(); new java.net.Socket('localhost', 1) } catch (e) { return e.javaException.getClass().getName() }`, "java.lang.SecurityException")
	run("a socket", `var s = new java.net.Socket('127.0.0.1', PORT); s.setSoTimeout(5000); var w = new java.io.PrintWriter(s.getOutputStream(), true); w.print('GET /plain HTTP/1.0\r\n\r\n'); w.flush(); var r = new java.io.BufferedReader(new java.io.InputStreamReader(s.getInputStream(), 'UTF-8')); var l = r.readLine(); s.close(); return l + s.isClosed()`, "HTTP/1.0 200 OKtrue")
	run("InetAddress", `return java.net.InetAddress.getByName('127.0.0.1').getHostAddress() + (java.net.InetAddress.getLocalHost().getHostName().length() > 0)`, "127.0.0.1true")
	run("HttpClient", `var H = org.apache.http, c = H.impl.client.HttpClients.createDefault(), p = new H.client.methods.HttpPost('URL/echo'); p.setHeader('X-Sent', 'q'); p.setEntity(new H.entity.StringEntity('{"ä":1}', H.entity.ContentType.APPLICATION_JSON)); var r = c.execute(p); var s = r.getStatusLine().getStatusCode() + H.util.EntityUtils.toString(r.getEntity()) + r.getFirstHeader('X-Echo').getValue(); r.close(); c.close(); return s`, `200POST application/json; charset=UTF-8 {"ä":1} q`)
	run("HttpClient built", `var H = org.apache.http, k = new H.impl.client.BasicCredentialsProvider(); k.setCredentials(H.auth.AuthScope.ANY, new H.auth.UsernamePasswordCredentials('u', 'p')); var c = H.impl.client.HttpClientBuilder.create().setDefaultCredentialsProvider(k).setDefaultRequestConfig(H.client.config.RequestConfig.custom().setConnectTimeout(1000).setSocketTimeout(5000).build()).build(); var p = new H.client.methods.HttpPut('URL/echo'); p.setEntity(new H.client.entity.UrlEncodedFormEntity(java.util.Arrays.asList(new H.message.BasicNameValuePair('a', 'b c')))); return c.execute(p, new H.impl.client.BasicResponseHandler())`, "PUT application/x-www-form-urlencoded; charset=ISO-8859-1 a=b+c u")
	run("HttpClient denied", `org.apache.http.impl.client.HttpClients.createDefault().execute(new org.apache.http.client.methods.HttpGet('http://example.com/'))`, `network: ["`+host+`", "example.com:80"]`)
	run("parseHeaders", `return HTTPUtil.parseHeaders('A: 1\r\nB: two').get('B')`, "two")
}

// TestBodyToXML writes bodies as HTTPUtil.httpBodyToXml does.
func TestBodyToXML(t *testing.T) {
	const parts = `'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nä & b\r\n--b\r\nContent-Type: application/pdf\r\n\r\nxyz\r\n--b--'`
	for _, c := range []struct{ name, body, want string }{
		{"text", `HTTPUtil.httpBodyToXml('a < ä', 'text/plain')`, `<Content multipart="no">a &lt; ä</Content>
`},
		{"JSON is bytes", `HTTPUtil.httpBodyToXml('{"ä":1}', 'application/json; charset=UTF-8')`, `<Content encoding="Base64" multipart="no">eyLDpCI6MX0=&#13;
</Content>
`},
		{"bytes of ISO-8859-1", `HTTPUtil.httpBodyToXml('ä', 'application/x')`, `<Content encoding="Base64" multipart="no">5A==&#13;
</Content>
`},
		{"a stream", `HTTPUtil.httpBodyToXml(new java.io.ByteArrayInputStream(new java.lang.String('ä').getBytes('UTF-8')), 'text/xml; charset=utf-8')`, `<Content multipart="no">ä</Content>
`},
		{"a stream of no character set", `HTTPUtil.httpBodyToXml(new java.io.ByteArrayInputStream(new java.lang.String('ä').getBytes('UTF-8')), 'text/xml')`, `<Content multipart="no">Ã¤</Content>
`},
		{"an unknown character set is text", `HTTPUtil.httpBodyToXml('x', 'application/json; charset=nope')`, `<Content multipart="no">x</Content>
`},
		{"no type", `HTTPUtil.httpBodyToXml('x', null)`, `<Content multipart="no">x</Content>
`},
		{"parts", `HTTPUtil.httpBodyToXml(` + parts + `, 'multipart/form-data; boundary=b')`,
			`<Content boundary="b" multipart="yes">
    <Part>
        <Headers>
            <Content-Disposition>form-data; name="f"</Content-Disposition>
        </Headers>
        <Content multipart="no">ä &amp; b</Content>
    </Part>
    <Part>
        <Headers>
            <Content-Type>application/pdf</Content-Type>
        </Headers>
        <Content encoding="Base64" multipart="no">eHl6&#13;
</Content>
    </Part>
</Content>
`},
		{"parts that cannot be read", `HTTPUtil.httpBodyToXml('x', 'multipart/mixed; boundary=b')`, `<Content multipart="no">x</Content>
`},
	} {
		got, err := runBody(t, newScope(), "return "+c.body)
		if err != nil {
			t.Errorf("%s: %s", c.name, detail(err))
		} else if show(got) != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, show(got), c.want)
		}
	}
}

// TestNetworkIsCut ends a script that waits for a server that never answers.
func TestNetworkIsCut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	scope := newScope()
	scope.Access = &access.Grants{Channel: "Channel", Access: weir.Access{Network: []string{"*"}}}
	for _, body := range []string{
		`new java.net.URL('http://` + l.Addr().String() + `/').openStream()`,
		`new java.net.Socket('127.0.0.1', ` + l.Addr().String()[len("127.0.0.1:"):] + `).getInputStream().read()`,
	} {
		p, err := script.CompileScript("test script", nil, script.Part{Name: "body", Code: body})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, err := l.Accept()
			cancel()
			if err == nil {
				accepted <- conn
			}
		}()
		if _, err := p.Run(ctx, scope); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", body, err)
		}
		(<-accepted).Close()
	}
}
