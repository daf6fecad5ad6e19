package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/messagefile"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/shadow"
)

const shadowed = `name: Ward
id: 0f1e2d3c-0000-4000-8000-000000000001
source:
  type: TCP Listener
  filter:
    - name: No tests
      script: return msg['PID']['PID.3']['PID.3.1'].toString() != 'TEST';
  transformer:
    inbound: HL7V2
    steps:
      - name: Tidy
        script: |-
          msg['PID']['PID.5']['PID.5.1'] = msg['PID']['PID.5']['PID.5.1'].toString().toUpperCase();
          channelMap.put('from', sourceMap.get('remoteAddress'));
          router.routeMessage('Elsewhere', 'x');
destinations:
  - name: To EHR
    type: TCP Sender
    settings:
      remoteAddress: ${from}
      remotePort: "1"
      template: ${message.encodedData}
      destinationConnectorProperties:
        queueEnabled: true
        validateResponse: false
    responseTransformer:
      inbound: HL7V2
      steps:
        - name: Mark
          script: msg['MSA']['MSA.3'] = 'seen';
  - name: To script
    type: JavaScript Writer
    settings:
      script: throw 'this is not run';
`

// recording is a message as another engine has processed it.
func recording(id int64, raw, encoded string, status weir.Status) *messagefile.Message {
	m := &weir.Message{ID: id, ChannelID: ward, Processed: true}
	source := &weir.ConnectorMessage{MetaDataID: 0, ConnectorName: "Source", Status: weir.Transformed}
	source.Set(weir.Raw, raw, "HL7V2")
	source.Set(weir.Encoded, encoded, "HL7V2")
	source.SourceMap = map[string]any{"remoteAddress": "10.0.0.9"}
	m.Connectors = append(m.Connectors, source)
	if status == weir.Filtered {
		source.Status = status
		return &messagefile.Message{Message: m}
	}
	for i, name := range []string{"To EHR", "To script"} {
		d := &weir.ConnectorMessage{MetaDataID: i + 1, ConnectorName: name, Status: status}
		d.Set(weir.Encoded, encoded, "HL7V2")
		ack := "MSH|^~\\&|E|H|W|H|20260102||ACK|9|P|2.5\rMSA|AA|1\r"
		d.Set(weir.ResponseContent, pipeline.StoreResponse(weir.Response{Status: weir.Sent, Message: ack}), "")
		if i == 0 {
			d.Set(weir.SentContent, "<com.mirth.connect.connectors.tcp.TcpDispatcherProperties><remoteAddress>10.0.0.9</remoteAddress><template>"+
				strings.NewReplacer("&", "&amp;", "\r", "&#xd;").Replace(encoded)+"</template></com.mirth.connect.connectors.tcp.TcpDispatcherProperties>", "")
			d.Set(weir.ProcessedResponse, pipeline.StoreResponse(weir.Response{Status: weir.Sent, Message: strings.Replace(ack, "MSA|AA|1", "MSA|AA|1|seen", 1)}), "")
		}
		m.Connectors = append(m.Connectors, d)
	}
	return &messagefile.Message{Message: m}
}

func shadowOf(t *testing.T, how Shadow, list ...*messagefile.Message) (*ShadowReport, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ward.yaml")
	if err := os.WriteFile(file, []byte(shadowed), 0o600); err != nil {
		t.Fatal(err)
	}
	how.Channels = []string{file}
	return RunShadow(context.Background(), Options{}, how, func(visit func(*messagefile.Message) error) error {
		for _, m := range list {
			// As it comes from a file.
			doc, err := mirth.ParseDocument(messagefile.Document(m, true).Bytes(), messagefile.MaxDocument)
			if err != nil {
				return err
			}
			read, err := messagefile.Parse(doc)
			if err != nil {
				return err
			}
			if err := visit(read); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestShadow(t *testing.T) {
	message := func(id, name string) string {
		return "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|" + id + "|P|2.5\rPID|1||" + id + "||" + name + "^Ann\r"
	}
	filtered := recording(4, message("TEST", "x"), "", weir.Filtered)
	filtered.Connectors[0].Contents[weir.Encoded] = weir.Content{}
	wrong := recording(2, message("2", "smith"), message("2", "Smith"), weir.Sent) // that engine did it otherwise
	errored := recording(3, message("3", "jones"), message("3", "JONES"), weir.Error)
	later := recording(5, message("5", "lee"), strings.Replace(message("5", "LEE"), "20260101", "20260109", 1), weir.Queued)
	masks, err := shadow.ParseMasks(shadow.Default...)
	if err != nil {
		t.Fatal(err)
	}
	report, err := shadowOf(t, Shadow{Masks: masks}, recording(1, message("1", "smith"), message("1", "SMITH"), weir.Sent), wrong, errored, filtered, later)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, d := range report.Differences {
		got += fmt.Sprintf("%d %s %s %s: %s, %s\n", d.Message, d.Connector, d.What, d.Place, d.Recorded, d.Here)
	}
	want := `2 Source encoded PID-5.1: Smith, SMITH
2 To EHR encoded PID-5.1: Smith, SMITH
2 To script encoded PID-5.1: Smith, SMITH
`
	if got != want {
		t.Errorf("differences\n%s\nwant\n%s", got, want)
	}
	if report.Messages != 5 || report.Same != 4 || report.Differ != 1 || report.Failed != 0 || len(report.Places) != 3 || report.Places[0].Messages != 1 || report.Places[0].First != 2 {
		t.Errorf("%+v", report)
	}
	// What was filtered there and is not here, and a status that is another.
	kept := recording(6, message("6", "x"), "", weir.Filtered)
	kept.Connectors[0].Contents[weir.Encoded] = weir.Content{}
	if report, err = shadowOf(t, Shadow{Masks: masks}, kept); err != nil || report.Differ != 1 || report.Differences[0].What != "status" || report.Differences[0].Recorded != "FILTERED" {
		t.Errorf("%+v %v", report, err)
	}
	// A mask for one connector leaves the others.
	if masks, err = shadow.ParseMasks("MSH-7", "To EHR: PID-5"); err != nil {
		t.Fatal(err)
	}
	if report, err = shadowOf(t, Shadow{Masks: masks}, wrong); err != nil || len(report.Differences) != 2 {
		t.Errorf("%+v %v", report, err)
	}
	if _, err = shadowOf(t, Shadow{Channel: "Nobody"}, wrong); err == nil {
		t.Error("a channel that is not there took messages")
	}
	other := recording(7, message("7", "x"), message("7", "X"), weir.Sent)
	other.ChannelID = lab
	_, err = shadowOf(t, Shadow{}, other)
	wantError(t, "a message of another channel", err, "do not have")
	if report, err = shadowOf(t, Shadow{Channel: "Ward"}, other); err != nil || report.Same != 1 {
		t.Errorf("%+v %v", report, err)
	}
}
