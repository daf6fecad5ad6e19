package mirth

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus are the examples of exports: those of the tests and those in
// testdata/channels, which are made to have what the others lack.
func corpus(t *testing.T) []string {
	own, err := filepath.Glob("testdata/channels/*.xml")
	if err != nil || len(own) == 0 {
		t.Fatal("no exports in testdata/channels")
	}
	return append(exports(t), own...)
}

// TestEveryElement looks for each element that testdata/elements.txt lists in the
// corpus. The tests that write and read the corpus, here and in package
// channelfile, and a server's backup, in package server, thereby show of each that
// nothing of it is lost.
func TestEveryElement(t *testing.T) {
	seen := map[string]map[string]bool{}
	note := func(key, child string) {
		if seen[key] == nil {
			seen[key] = map[string]bool{}
		}
		seen[key][child] = true
	}
	var walk func(parent, e *element)
	walk = func(parent, e *element) {
		keys := []string{e.name, e.attr("class")}
		if parent != nil {
			keys = append(keys, parent.name+"/"+e.name)
		}
		for _, c := range e.children {
			for _, key := range keys {
				note(key, c.name)
			}
			walk(e, c)
		}
	}
	for _, name := range append(corpus(t), "testdata/server/backup.xml") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		walk(nil, parse(t, string(data)))
	}
	list, err := os.ReadFile("testdata/elements.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(list)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, children, _ := strings.Cut(line, ":")
		for _, child := range strings.Fields(children) {
			count++
			if !seen[key][child] {
				t.Errorf("no example has %s with %s", key, child)
			}
		}
	}
	if count < 500 {
		t.Errorf("only %d elements are listed", count)
	}
}

// Every value of the settings that are one of a few words is in the corpus, too.
func TestEveryWord(t *testing.T) {
	words := map[string]string{
		"scope": "CONNECTOR CHANNEL GLOBAL_CHANNEL GLOBAL RESPONSE", "condition": "EXISTS NOT_EXIST EQUALS NOT_EQUAL CONTAINS NOT_CONTAIN",
		"behavior": "REMOVE REMOVE_ALL_EXCEPT REMOVE_ALL", "operator": "NONE AND OR", "messageStorageMode": "DEVELOPMENT PRODUCTION RAW METADATA DISABLED",
		"initialState": "STARTED PAUSED STOPPED", "pollingType": "INTERVAL TIME CRON", "scheme": "FILE FTP SFTP SMB WEBDAV S3",
		"inboundDataType": "HL7V2 HL7V3 XML JSON DELIMITED EDI/X12 NCPDP DICOM RAW", "outboundDataType": "HL7V2 HL7V3 XML JSON DELIMITED EDI/X12 NCPDP DICOM RAW",
	}
	seen := map[string]bool{}
	var walk func(e *element)
	walk = func(e *element) {
		if len(e.children) == 0 {
			seen[e.name+" "+e.text] = true
		}
		for _, c := range e.children {
			walk(c)
		}
	}
	for _, name := range corpus(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		walk(parse(t, string(data)))
	}
	var missing []string
	for name, values := range words {
		for _, value := range strings.Fields(values) {
			if !seen[name+" "+value] {
				missing = append(missing, name+" "+value)
			}
		}
	}
	if slices.Sort(missing); len(missing) > 0 {
		t.Errorf("no example has %q", missing)
	}
}
