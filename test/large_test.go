package test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// large asks for contents of another size than the gate has time for: -large 5368709120.
var large = flag.Int64("large", 300<<20, "bytes of the contents that go through an engine in TestLargeContents")

// maxGrowth is how much more memory an engine may have for contents of any size.
const maxGrowth = 64 << 20

// content is an HL7 message of some size with a document in it: the same for the same seed.
func content(size int64, seed byte) io.Reader {
	head := "MSH|^~\\&|A|B|C|D|20240310||ORU^R01|LARGE" + strconv.Itoa(int(seed)) + "|P|2.5\rOBX|1|ED|||"
	return io.LimitReader(io.MultiReader(strings.NewReader(head), &letters{rand.NewChaCha8([32]byte{seed})}), size)
}

// letters are random ones, as those of base64 seem to be.
type letters struct{ random io.Reader }

func (l *letters) Read(p []byte) (int, error) {
	n, err := l.random.Read(p)
	for i := range p[:n] {
		p[i] = 'A' + p[i]&31
	}
	return n, err
}

func digest(r io.Reader) string {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return err.Error()
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// sendMLLP sends a content as one message and returns the acknowledgment.
func sendMLLP(to string, content io.Reader) (string, error) {
	conn, err := net.Dial("tcp", to)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.Copy(conn, io.MultiReader(strings.NewReader("\x0b"), content, strings.NewReader("\x1c\r"))); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\x1c')
}

// mllpPeer takes messages, keeps their digests and acknowledges them.
func mllpPeer(t *testing.T) (port int, arrived chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	arrived = make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReaderSize(conn, 1<<20)
				for {
					if _, err := r.ReadSlice('\x0b'); err != nil {
						return
					}
					sum := sha256.New()
					for {
						b, err := r.ReadSlice('\x1c')
						sum.Write(bytes.TrimSuffix(b, []byte("\x1c")))
						if err == nil {
							break
						}
						if err != bufio.ErrBufferFull {
							return
						}
					}
					arrived <- hex.EncodeToString(sum.Sum(nil))
					io.WriteString(conn, "\x0bMSH|^~\\&|||||20240310||ACK|1|P|2.5\rMSA|AA|1\r\x1c\r")
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, arrived
}

// digestS3 takes objects in parts, and keeps no more of them than a digest.
func digestS3(t *testing.T) (endpoint string, arrived chan string) {
	arrived = make(chan string, 10)
	var sum hash.Hash
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.Method == http.MethodPost && q.Has("uploads"):
			sum = sha256.New()
			io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>`)
		case r.Method == http.MethodPut: // parts come one after another
			if !q.Has("partNumber") {
				sum = sha256.New()
			}
			tag := md5.New()
			io.Copy(io.MultiWriter(sum, tag), r.Body)
			w.Header().Set("ETag", fmt.Sprintf("%q", hex.EncodeToString(tag.Sum(nil))))
			if !q.Has("partNumber") {
				arrived <- hex.EncodeToString(sum.Sum(nil))
			}
		case r.Method == http.MethodPost:
			io.Copy(io.Discard, r.Body)
			arrived <- hex.EncodeToString(sum.Sum(nil))
			io.WriteString(w, `<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>`)
		case r.Method == http.MethodGet && r.URL.Path != "/":
			io.WriteString(w, `<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, arrived
}

// memory is what the system says of an engine's memory, in bytes.
func (e *engine) memory(what string) int64 {
	e.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.cmd.Process.Pid))
	if err != nil {
		e.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, what+":"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				e.t.Fatal(err)
			}
			return kb << 10
		}
	}
	e.t.Fatalf("no %s in the status of the process", what)
	return 0
}

// largeChannels takes a message in and gives it to the outlet of the same kind.
const largeChannels = `
name: File to file
id: 00000000-0000-4000-8000-0000000000f1
source:
  type: File Reader
  settings:
    pollConnectorProperties: {pollingFrequency: 200}
    host: IN
    fileFilter: "*.file"
    afterProcessingAction: DELETE
    fileSizeMaximum: 9000000000
    checkFileAge: false
  transformer: {inbound: RAW}
destinations:
  - name: Out
    type: File Writer
    settings: {host: OUT, outputAppend: false, outputPattern: "${originalFilename}", template: "${message.encodedData}"}
---
name: File to S3
id: 00000000-0000-4000-8000-0000000000f2
source:
  type: File Reader
  settings:
    pollConnectorProperties: {pollingFrequency: 200}
    host: IN
    fileFilter: "*.s3"
    afterProcessingAction: DELETE
    fileSizeMaximum: 9000000000
    checkFileAge: false
  transformer: {inbound: RAW}
destinations:
  - name: Out
    type: File Writer
    settings: {scheme: S3, outputAppend: false, endpoint: "S3", host: bucket/out, anonymous: false, username: a, password: b, schemeProperties: {useDefaultCredentialProviderChain: false}, outputPattern: "${originalFilename}", template: "${message.encodedData}"}
---
name: MLLP to MLLP
id: 00000000-0000-4000-8000-0000000000f3
source:
  type: TCP Listener
  settings:
    listenerConnectorProperties: {port: "MLLPIN"}
    sourceConnectorProperties: {responseVariable: Auto-generate (After source transformer)}
  transformer: {inbound: HL7V2}
destinations:
  - name: Out
    type: TCP Sender
    settings: {remotePort: "MLLPOUT", responseTimeout: 60000, template: "${message.encodedData}"}
---
name: HTTP to HTTP
id: 00000000-0000-4000-8000-0000000000f4
source:
  type: HTTP Listener
  settings:
    listenerConnectorProperties: {port: "HTTPIN"}
  transformer: {inbound: RAW}
destinations:
  - name: Out
    type: HTTP Sender
    settings: {host: "HTTPOUT", method: post, content: "${message.encodedData}", contentType: text/plain, socketTimeout: 60000}
`

// Contents of any size go through an engine whose memory does not grow with them, byte
// for byte.
func TestLargeContents(t *testing.T) {
	if testing.Short() {
		t.Skip("moves large contents; leave -short out")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the memory of the engine is read from /proc")
	}
	in, out := t.TempDir(), t.TempDir()
	endpoint, intoS3 := digestS3(t)
	mllpOut, overMLLP := mllpPeer(t)
	overHTTP := make(chan string, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { overHTTP <- digest(r.Body) }))
	t.Cleanup(web.Close)
	mllpIn, httpIn := freePort(t), freePort(t)
	channels := t.TempDir()
	text := strings.NewReplacer("IN\n", in+"\n", "OUT,", out+",", `"S3"`, endpoint, `"MLLPIN"`, strconv.Itoa(mllpIn), `"MLLPOUT"`, strconv.Itoa(mllpOut),
		`"HTTPIN"`, strconv.Itoa(httpIn), `"HTTPOUT"`, web.URL).Replace(largeChannels)
	for i, one := range strings.Split(text, "---\n") {
		if err := os.WriteFile(filepath.Join(channels, strconv.Itoa(i)+".yaml"), []byte(one), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := start(t, t.TempDir(), channels)
	for _, c := range []string{"File to file", "File to S3", "MLLP to MLLP", "HTTP to HTTP"} {
		if got := e.channel(c); got.Problem != "" {
			t.Fatalf("%s: %s", c, got.Problem)
		}
	}
	file := func(name string) func(seed byte, size int64) error {
		return func(seed byte, size int64) error {
			f, err := os.Create(filepath.Join(in, ".coming"))
			if err != nil {
				return err
			}
			defer f.Close()
			if _, err := io.Copy(f, content(size, seed)); err != nil {
				return err
			}
			return os.Rename(f.Name(), filepath.Join(in, fmt.Sprint(seed, name)))
		}
	}
	intoFile := make(chan string, 1)
	ways := []struct {
		name    string
		send    func(seed byte, size int64) error
		arrived chan string
	}{
		{"File to file", file(".file"), intoFile},
		{"MLLP to MLLP", func(seed byte, size int64) error {
			ack, err := sendMLLP(net.JoinHostPort("127.0.0.1", strconv.Itoa(mllpIn)), content(size, seed))
			if err == nil && !strings.Contains(ack, fmt.Sprintf("MSA|AA|LARGE%d", seed)) {
				err = fmt.Errorf("answered %q", ack)
			}
			return err
		}, overMLLP},
		{"HTTP to HTTP", func(seed byte, size int64) error {
			resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/", httpIn), "text/plain", content(size, seed))
			if err != nil {
				return err
			}
			resp.Body.Close()
			if resp.StatusCode != 200 {
				err = fmt.Errorf("answered %s", resp.Status)
			}
			return err
		}, overHTTP},
		{"File to S3", file(".s3"), intoS3},
	}
	pass := func(t *testing.T, way int, seed byte, size int64) {
		t.Helper()
		w := ways[way]
		if err := w.send(seed, size); err != nil {
			t.Fatalf("%s: %v\n%s", w.name, err, e.log)
		}
		if w.arrived == intoFile {
			name := filepath.Join(out, fmt.Sprint(seed, ".file"))
			e.untilWithin(time.Minute+time.Duration(size>>20)*time.Second, "the file to be written", func() bool { return e.channel(w.name).Sent == int64(seed) })
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			intoFile <- digest(f)
			f.Close()
			os.Remove(name)
		}
		if got, want := <-w.arrived, digest(content(size, seed)); got != want {
			t.Errorf("%s: what arrived is not what was sent", w.name)
		}
	}
	for way := range ways {
		pass(t, way, 1, 1000) // what is needed once for all
	}
	idle := e.memory("VmRSS")
	for way, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", e.cmd.Process.Pid), []byte("5"), 0); err != nil {
				t.Skipf("the highest use of memory cannot be measured here: %v", err)
			}
			pass(t, way, 2, *large)
			peak := e.memory("VmHWM")
			t.Logf("%d MB, memory %d MiB, at most %d MiB", *large/1_000_000, idle>>20, peak>>20)
			if peak-idle > maxGrowth {
				t.Errorf("memory grew by %d MiB", (peak-idle)>>20)
			}
		})
	}
	e.stop()
}

// An engine that is killed while a content comes in has acknowledged nothing and keeps
// nothing of it; sent again it arrives, once.
func TestKillWhileStreaming(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an engine; leave -short out")
	}
	const channel = `
name: Large
id: 00000000-0000-4000-8000-0000000000f5
source:
  type: TCP Listener
  settings:
    listenerConnectorProperties: {port: "MLLPIN"}
    sourceConnectorProperties: {responseVariable: Auto-generate (After source transformer)}
  transformer: {inbound: HL7V2}
destinations:
  - name: Out
    type: TCP Sender
    settings: {remotePort: "MLLPOUT", responseTimeout: 60000, template: "${message.encodedData}"}
`
	const size = 40 << 20
	for _, place := range []string{"database", "directory"} {
		t.Run(place, func(t *testing.T) {
			port, arrived := mllpPeer(t)
			in := freePort(t)
			channels, data, contents := t.TempDir(), t.TempDir(), t.TempDir()
			text := strings.NewReplacer(`"MLLPIN"`, strconv.Itoa(in), `"MLLPOUT"`, strconv.Itoa(port)).Replace(channel)
			if err := os.WriteFile(filepath.Join(channels, "large.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			flags := []string{"--attachments", place, "--attachments-directory", contents, "--stream-above", "1MiB"}
			to := net.JoinHostPort("127.0.0.1", strconv.Itoa(in))
			for kill := range 3 {
				e := start(t, data, channels, flags...)
				// The sender stops in the midst, and the engine has taken what came.
				pipe, sender := io.Pipe()
				answered := make(chan error, 1)
				go func() {
					_, err := sendMLLP(to, pipe)
					answered <- err
				}()
				half := int64(10+10*kill) << 20
				if _, err := io.Copy(sender, content(half, 1)); err != nil {
					t.Fatal(err)
				}
				e.until("the content to be on its way into the store", func() bool { return sizeOf(data)+sizeOf(contents) > half/4 })
				e.kill()
				sender.CloseWithError(io.ErrUnexpectedEOF)
				if err := <-answered; err == nil {
					t.Error("it was acknowledged")
				}
			}
			e := start(t, data, channels, flags...)
			ack, err := sendMLLP(to, content(size, 1))
			if err != nil || !strings.Contains(ack, "MSA|AA|LARGE1") {
				t.Fatalf("answered %q, error %v\n%s", ack, err, e.log)
			}
			if got := <-arrived; got != digest(content(size, 1)) {
				t.Error("what arrived is not what was sent")
			}
			list, err := e.API.Places(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			total := int64(0)
			for _, p := range list {
				if total += p.Attachments; p.Attachments > 0 && (p.Name != place || p.Bytes != size) {
					t.Errorf("%+v", p)
				}
			}
			if total != 1 || e.channel("Large").Received != 1 {
				t.Errorf("%d attachments, %d messages", total, e.channel("Large").Received)
			}
			if place == "directory" { // what was left is gone
				e.until("one file to be left", func() bool {
					files, err := filepath.Glob(filepath.Join(contents, "*", "*"))
					hidden, _ := filepath.Glob(filepath.Join(contents, "*", ".*"))
					return err == nil && len(files)+len(hidden) == 1
				})
				if out, err := weir(t, channels, "attachments", "move", "--from", "directory", "--to", "database", "--data", data); err != nil || !strings.Contains(out, "Moved 1 attachment, 41943040 bytes") {
					t.Errorf("move: %q, %v", out, err)
				}
			}
			e.stop()
			select {
			case <-arrived:
				t.Error("it arrived twice")
			default:
			}
		})
	}
}
