package mirth

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// written reads a file and writes the one channel in it.
func written(t *testing.T, name string, data []byte) string {
	t.Helper()
	im, err := ReadFile(name, data)
	if err != nil {
		t.Fatal(err)
	}
	ch := im.Channels[0]
	return string(WriteChannel(ch, im.Inside[ch.ID]))
}

// normal is a document with the white space of the writer.
func normal(t *testing.T, text string) string {
	t.Helper()
	return string(appendXML(nil, parse(t, text), 0))
}

// TestWriteIsTheFile writes every export that was read, of the examples and of
// testdata/channels, where each element of a channel is, and compares it with
// the file.
func TestWriteIsTheFile(t *testing.T) {
	own, _ := filepath.Glob("testdata/channels/*.xml")
	if len(own) == 0 {
		t.Fatal("no exports in testdata/channels")
	}
	for _, name := range append(exports(t), own...) {
		t.Run(filepath.Base(filepath.Dir(name))+"/"+filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			root := parse(t, string(data))
			if root.name != "channel" {
				t.Skip("not a single channel")
			}
			got := written(t, name, data)
			if parseVersion(root.attr("version")).before(keepsVersion) {
				// It comes out in the newest shape. What is read from that is the same.
				before, _ := ReadFile(name, data)
				after, err := ReadFile(name, []byte(got))
				if err != nil {
					t.Fatal(err)
				}
				if again := string(WriteChannel(after.Channels[0], after.Inside[after.Channels[0].ID])); again != got {
					t.Errorf("written again it differs:\n%s", firstDifference(got, again))
				}
				b, a := *before.Channels[0], *after.Channels[0]
				b.Extra, a.Extra = nil, nil
				if !reflect.DeepEqual(b, a) {
					t.Errorf("read again\n got %+v\nwant %+v", a, b)
				}
				return
			}
			if want := normal(t, string(data)); normal(t, got) != want {
				t.Error(firstDifference(want, normal(t, got)))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			end := min(i+3, len(w))
			return "want " + strings.Join(w[i:end], "\n     ") + "\ngot  " + strings.Join(g[min(i, len(g)):min(i+3, len(g))], "\n     ")
		}
	}
	return "got more lines"
}

// TestOwnSpellingIsRare: what an export of a current version has is what Weir
// writes anyway, so that little of it has to be kept.
func TestOwnSpellingIsRare(t *testing.T) {
	for _, name := range []string{"../../test/cases/003-field-edits/channel.xml", "testdata/channels/every-element.xml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		im, err := ReadFile(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := im.Channels[0].Extra.Get(writtenName); ok {
			t.Errorf("%s: kept %+v", name, s.Group)
		}
	}
}

// TestEditsWinOverSpelling: what a person changed is not undone by how the file
// had been written.
func TestEditsWinOverSpelling(t *testing.T) {
	text := `<channel version="4.5.2"><id>x</id><nextMetaDataId>1</nextMetaDataId><name>n</name><sourceConnector version="4.5.2"><metaDataId>0</metaDataId>
<name>sourceConnector</name><properties class="com.mirth.connect.connectors.vm.VmReceiverProperties" version="4.5.2"/>
<transformer version="4.5.2"><elements><com.mirth.connect.plugins.javascriptstep.JavaScriptStep version="4.5.2"><name>a</name><sequenceNumber>7</sequenceNumber>
<enabled>TRUE</enabled><script>x</script></com.mirth.connect.plugins.javascriptstep.JavaScriptStep></elements>
<inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></transformer></sourceConnector></channel>`
	im, err := ReadFile("", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	ch := im.Channels[0]
	got := string(WriteChannel(ch, nil))
	for _, want := range []string{"<sequenceNumber>7<", "<enabled>TRUE<"} {
		if !strings.Contains(got, want) {
			t.Errorf("unchanged: %s is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "description") || strings.Contains(got, "deployScript") {
		t.Errorf("unchanged: elements that the file does not have are in\n%s", got)
	}
	ch.Source.Transformer.Steps[0].Enabled = false
	ch.Description = "words"
	got = string(WriteChannel(ch, nil))
	for _, want := range []string{"<sequenceNumber>7<", "<enabled>false<", "<description>words<"} {
		if !strings.Contains(got, want) {
			t.Errorf("edited: %s is not in\n%s", want, got)
		}
	}
	ch.Source.Transformer.Steps = nil
	if got = string(WriteChannel(ch, nil)); strings.Contains(got, "sequenceNumber") {
		t.Errorf("without the step something of it is left:\n%s", got)
	}
}
