package hl7v2

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
)

var (
	moment = time.Date(2024, 3, 10, 1, 59, 59, 42e6, time.FixedZone("", -5*3600))
	stamp  = "20240310015959.042"
)

func same(s string) string { return s }

func TestRespond(t *testing.T) {
	const head = `MSH|^~\&|LAB^X|HOSP^Y|EHR^Z|CLIN^W|20240101||`
	const back = `MSH|^~\&|EHR|CLIN|LAB|HOSP|<TS>||`
	const make = "responseGenerationProperties."
	tests := []struct {
		name     string
		settings []string
		text     string
		status   weir.Status
		want     string // <TS> stands for the moment
	}{
		{"accepted", nil, head + "ADT^A01|77|T|2.5\rPID|broken", weir.Sent, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AA|77\r"},
		{"received", nil, head + "ADT^A01|77|T|2.5", weir.Received, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AA|77\r"},
		{"queued", nil, head + "ADT^A01|77|T|2.5", weir.Queued, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AA|77\r"},
		{"failed", nil, head + "ADT^A01|77|T|2.5", weir.Error, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AE|77|An Error Occurred Processing Message.\r"},
		{"filtered", nil, head + "ADT^A01|77|T|2.5", weir.Filtered, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AR|77|Message Rejected.\r"},
		{"version 2.3", nil, head + "ADT^A01|77|T|2.3.1", weir.Sent, back + "ACK|<TS>|T|2.3.1\rMSA|AA|77\r"},
		{"version 2.10", nil, head + "ADT^A01|77|T|2.10", weir.Sent, back + "ACK^A01^ACK|<TS>|T|2.10\rMSA|AA|77\r"},
		{"no event", nil, head + "ADT|77|T|2.4", weir.Sent, back + "ACK^^ACK|<TS>|T|2.4\rMSA|AA|77\r"},
		{"processing mode", nil, head + "ADT^A01|77|P^A|2.5", weir.Sent, back + "ACK^A01^ACK|<TS>|P^A|2.5\rMSA|AA|77\r"},
		{"nothing behind MSH-2", nil, `MSH|^~\&|`, weir.Sent, `MSH|^~\&|MIRTH||||<TS>||ACK^^ACK|<TS>|P|2.4` + "\rMSA|AA|1\r"},
		{"own delimiters", nil, `MSH#$%!*#LAB$X#HOSP#EHR##2024##ADT$A01#77#P$T#2.5`, weir.Error,
			`MSH#$%!*#EHR##LAB#HOSP#<TS>##ACK$A01$ACK#<TS>#P$T#2.5` + "\rMSA#AE#77#An Error Occurred Processing Message.\r"},
		{"MSH-2 of three characters", nil, `MSH|^~\|A|B|C|D|||ADT^A01|5|P|2.5`, weir.Sent, `MSH|^~\|C|D|A|B|<TS>||ACK^A01^ACK|<TS>|P|2.5` + "\rMSA|AA|5\r"},
		{"truncation character", nil, `MSH|^~\&#|A|B|C|D|||ADT^A01|5|P|2.7`, weir.Sent, `MSH|^~\&|C|D|A|B|<TS>||ACK^A01^ACK|<TS>|P|2.7` + "\rMSA|AA|5\r"},
		{"line feeds", nil, strings.ReplaceAll(head+"ADT^A01|77|T|2.5\rPID|1", "\r", "\n"), weir.Sent, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AA|77\r"},
		{"in a batch", nil, "FHS|^~\\&|F\rBHS|^~\\&|B\r" + head + "ADT^A01|77|T|2.5", weir.Sent, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AA|77\r"},
		{"codes and texts", []string{make + "successfulACKCode=CA", make + "successfulACKMessage=ok ${x}"}, head + "ADT^A01|77|T|2.5", weir.Sent,
			back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|CA|77|ok 5\r"},
		{"segment delimiter", []string{make + `segmentDelimiter=\r\n`}, head + "ADT^A01|77|T|2.5", weir.Sent, back + "ACK^A01^ACK|<TS>|T|2.5\r\nMSA|AA|77\r\n"},
		{"MSH-15 not obeyed", nil, head + "ADT^A01|77|T|2.5|||NE", weir.Sent, back + "ACK^A01^ACK|<TS>|T|2.5\rMSA|AA|77\r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resolve := func(s string) string { return strings.ReplaceAll(s, "${x}", "5") }
			got, err := with(t, tt.settings...).Respond(tt.text, tt.status, resolve, moment)
			if want := strings.ReplaceAll(tt.want, "<TS>", stamp); got != want || err != nil {
				t.Errorf("Respond(%q, %v)\n got %q, %v\nwant %q", tt.text, tt.status, got, err, want)
			}
		})
	}
}

func TestRespondByMSH15(t *testing.T) {
	dt := with(t, "responseGenerationProperties.msh15ACKAccept=true")
	wanted := map[string]string{"AL": "sent failed filtered", "NE": "", "ER": "failed filtered", "SU": "sent", "": "sent failed filtered"}
	for condition, want := range wanted {
		text := `MSH|^~\&|A|B|C|D|||ADT^A01|1|P|2.5|||` + condition
		var got []string
		for _, s := range []struct {
			name   string
			status weir.Status
		}{{"sent", weir.Sent}, {"failed", weir.Error}, {"filtered", weir.Filtered}} {
			reply, err := dt.Respond(text, s.status, same, moment)
			if err != nil {
				t.Fatal(err)
			}
			if reply != "" {
				got = append(got, s.name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("MSH-15 %q is answered when %q, want %q", condition, got, want)
		}
	}
}

func TestRespondRefused(t *testing.T) {
	for _, text := range []string{"", "hello", "PID|1||2", "MSH", "MSH|^~\\&", "MSHX^~\\&|A|B", `{"MSH": 1}`, "<a/>", "<a", "FHS|^~\\&|A"} {
		if got, err := New().Respond(text, weir.Sent, same, moment); err == nil || got != "" {
			t.Errorf("Respond(%q)\n got %q, %v\nwant an error", text, got, err)
		}
	}
	if _, err := New().Respond("PID|1||2||", weir.Sent, same, moment); !errors.Is(err, ErrNoHeader) {
		t.Errorf("got %v, want ErrNoHeader", err)
	}
}

func TestRespondXML(t *testing.T) {
	plain := `<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\&amp;</MSH.2><MSH.3><MSH.3.1>LAB</MSH.3.1></MSH.3><MSH.5><MSH.5.1>EHR</MSH.5.1></MSH.5>` +
		`<MSH.9><MSH.9.1>ADT</MSH.9.1><MSH.9.2>A01</MSH.9.2></MSH.9><MSH.10><MSH.10.1>7&lt;7</MSH.10.1></MSH.10><MSH.12><MSH.12.1>2.5</MSH.12.1></MSH.12></MSH></HL7Message>`
	strict := `<?xml version="1.0"?>
<ADT_A01 xmlns="urn:hl7-org:v2xml"><MSH><MSH.1>|</MSH.1><MSH.2>^~\&amp;</MSH.2><MSH.3><HD.1>LAB</HD.1></MSH.3><MSH.5><HD.1>EHR</HD.1></MSH.5>` +
		`<MSH.9><MSG.1>ADT</MSG.1><MSG.2>A01</MSG.2></MSH.9><MSH.10>7&lt;7</MSH.10><MSH.12><VID.1>2.5</VID.1></MSH.12></MSH></ADT_A01>`
	want := `<?xml version="1.0" encoding="UTF-8"?>
<ACK xmlns="urn:hl7-org:v2xml">
    <MSH>
        <MSH.1>|</MSH.1>
        <MSH.2>^~\&amp;</MSH.2>
        <MSH.3>
            <HD.1>EHR</HD.1>
        </MSH.3>
        <MSH.5>
            <HD.1>LAB</HD.1>
        </MSH.5>
        <MSH.7>
            <TS.1>20240310015959.042</TS.1>
        </MSH.7>
        <MSH.9>
            <MSG.1>ACK</MSG.1>
            <MSG.2>A01</MSG.2>
            <MSG.3>ACK</MSG.3>
        </MSH.9>
        <MSH.10>20240310015959.042</MSH.10>
        <MSH.11>
            <PT.1>P</PT.1>
        </MSH.11>
        <MSH.12>
            <VID.1>2.5</VID.1>
        </MSH.12>
    </MSH>
    <MSA>
        <MSA.1>AR</MSA.1>
        <MSA.2>7&lt;7</MSA.2>
        <MSA.3>Message Rejected.</MSA.3>
    </MSA>
</ACK>
`
	for name, text := range map[string]string{"Mirth's shape": plain, "the standard's": strict} {
		got, err := New().Respond(text, weir.Filtered, same, moment)
		if got != want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", name, got, err, want)
		}
	}
}

func TestAckError(t *testing.T) {
	got, err := Ack{Code: "AE", Text: "no", Error: "why", Stamp: "2024"}.Answer(`MSH|^~\&|A|B|C|D|||ADT^A01|1|P|2.5`)
	if want := "MSH|^~\\&|C|D|A|B|2024||ACK^A01^ACK|2024|P|2.5\rMSA|AE|1|no\rERR|why\r"; got != want || err != nil {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
}

func BenchmarkRespond(b *testing.B) {
	t := New()
	b.ReportAllocs()
	for b.Loop() {
		t.Respond(sample, weir.Error, same, moment)
	}
}

func BenchmarkDescribe(b *testing.B) {
	t := New()
	b.ReportAllocs()
	for b.Loop() {
		t.Describe(sample)
	}
}
