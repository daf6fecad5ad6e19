package server

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// backup makes a server backup of so many channels, from the channels that the
// tests have, each with an id, a name and a port of its own.
func backup(t testing.TB, channels int) []byte {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../test/cases/*/channel*.xml", "../test/bench-channels/*.xml", "../internal/mirth/testdata/channels/*.xml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 20 {
		t.Fatalf("only %d channels to make a backup of", len(files))
	}
	first := func(text, element, value string) string {
		before, rest, _ := strings.Cut(text, "<"+element+">")
		_, after, _ := strings.Cut(rest, "</"+element+">")
		return before + "<" + element + ">" + value + "</" + element + ">" + after
	}
	declaration, place := regexp.MustCompile(`^<\?xml.*?\?>`), regexp.MustCompile(`@[A-Z_]+@`)
	var b strings.Builder
	b.WriteString("<serverConfiguration version=\"4.5.2\">\n<channels>\n")
	for i := range channels {
		data, err := os.ReadFile(files[i%len(files)])
		if err != nil {
			t.Fatal(err)
		}
		text := declaration.ReplaceAllString(string(data), "")
		text = first(text, "id", fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
		text = first(text, "name", fmt.Sprintf("Channel %d", i))
		b.WriteString(place.ReplaceAllString(text, fmt.Sprint(20000+i)) + "\n")
	}
	b.WriteString("</channels>\n<channelTags/>\n</serverConfiguration>\n")
	return []byte(b.String())
}

// peak is the most memory that the process has had, in MiB; 0 where it is not known.
func peak() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	fmt.Sscan(rest, &kib)
	return kib / 1024
}

// BenchmarkBackup is what an engine does with a backup of 700 channels: restoring
// it through the API, reading it from the directory of channel files, and then
// saving one channel. The memory is that of the process with the benchmark's own.
func BenchmarkBackup(b *testing.B) {
	const channels = 700
	data := backup(b, channels)
	debug.SetGCPercent(400) // as weir serve
	b.Run("restore", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s, addr := mirthServer(b)
			c := mirthClient(b, addr, "/api", javaHeader)
			c.login()
			b.StartTimer()
			if status, body, _ := c.send(javaHeader, "PUT", "/server/configuration", "application/xml", string(data)); status != 204 {
				b.Fatal(status, body)
			}
			b.StopTimer()
			if n := len(s.list()); n != channels {
				b.Fatalf("%d channels", n)
			}
			b.ReportMetric(peak(), "MiB-peak")
			began := time.Now()
			const saves = 10
			for i := range saves {
				one := testChannel(fmt.Sprintf("00000000-0000-4000-8000-%012d", i), fmt.Sprintf("Channel %d", i), "changed")
				if status, body, _ := c.send(bareHeader, "PUT", fmt.Sprintf("/channels/00000000-0000-4000-8000-%012d?override=true", i), "application/xml", one); status != 200 || body != `{"boolean":true}` {
					b.Fatal(status, body)
				}
			}
			b.ReportMetric(float64(time.Since(began).Milliseconds())/saves, "ms/save")
			b.StartTimer()
		}
	})
	runtime.GC()
	b.Run("read", func(b *testing.B) {
		dir := b.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "backup.xml"), data, 0o600); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			set, err := ReadChannels(dir)
			if err != nil || len(set.Channels) != channels {
				b.Fatal(err)
			}
		}
	})
	b.Run("check", func(b *testing.B) {
		file := filepath.Join(b.TempDir(), "backup.xml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if r, err := Check(Options{}, file); err != nil || len(r.Channels) != channels {
				b.Fatal(err)
			}
		}
	})
}
