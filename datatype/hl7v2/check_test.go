package hl7v2

import (
	"testing"

	"github.com/weir-health/weir"
)

func TestCheck(t *testing.T) {
	const check = "responseValidationProperties."
	const ack = "MSH|^~\\&|C|D|A|B|2024||ACK|9|P|2.5\r"
	byMap := []string{check + "originalMessageControlId=Map_Variable", check + "originalIdMapVariable=id"}
	tests := []struct {
		name     string
		settings []string
		answer   string
		status   weir.Status
		text     string
		err      string
	}{
		{"accepted", nil, ack + "MSA|AA|77\r", weir.Sent, "", ""},
		{"commit accepted, line feeds", nil, "MSH|^~\\&|C\nMSA|CA|77|fine\n", weir.Sent, "", ""},
		{"own delimiters", nil, "MSH#^~\\&#C\rMSA#AA#77\r", weir.Sent, "", ""},
		{"MSA alone", nil, "MSA|AA|77", weir.Sent, "", ""},
		{"code begins with", nil, ack + "MSA|AAX|77\r", weir.Sent, "", ""},
		{"empty", nil, "", weir.Queued, answerBlank, answerBlank},
		{"blank", nil, " \r\n", weir.Queued, answerBlank, answerBlank},
		{"rejected", nil, ack + "MSA|AR|77|not here\rERR|bed\rERR|room\r", weir.Error, "NACK sent from receiver. (Rejected)", "NACK sent from receiver. (Rejected)\nnot here\nbed\nroom"},
		{"commit rejected", nil, ack + "MSA|CR|77\r", weir.Error, "NACK sent from receiver. (Rejected)", "NACK sent from receiver. (Rejected)"},
		{"error", nil, ack + "MSA|AE|78|oops\r", weir.Error, "NACK sent from receiver. (Error)", "NACK sent from receiver. (Error)\noops"},
		{"other control id", nil, ack + "MSA|AA|78\r", weir.Error, answerMismatch, answerMismatch + "\nExpected 77, received 78."},
		{"other control id accepted", []string{check + "validateMessageControlId=false"}, ack + "MSA|AA|78\r", weir.Sent, "", ""},
		{"control id of a map", byMap, ack + "MSA|AA|5\r", weir.Sent, "", ""},
		{"not that of a map", byMap, ack + "MSA|AA|77\r", weir.Error, answerMismatch, answerMismatch + "\nExpected 5, received 77."},
		{"unknown code", nil, ack + "MSA|XX|77\r", weir.Queued, answerInvalid, answerInvalid},
		{"no MSA", nil, ack, weir.Queued, answerInvalid, answerInvalid},
		{"no HL7", nil, "OK", weir.Queued, answerInvalid, answerInvalid},
		{"own codes", []string{check + "successfulACKCode= OK , YES,"}, ack + "MSA|YES|77\r", weir.Sent, "", ""},
		{"XML", nil, "<ACK><MSA><MSA.1>AA</MSA.1><MSA.2>77</MSA.2></MSA></ACK>", weir.Sent, "", ""},
		{"XML with components", nil, " <HL7Message><MSA><MSA.1><MSA.1.1>AE</MSA.1.1></MSA.1><MSA.3><MSA.3.1>no</MSA.3.1></MSA.3></MSA><ERR><ERR.1>bed</ERR.1></ERR></HL7Message>",
			weir.Error, "NACK sent from receiver. (Error)", "NACK sent from receiver. (Error)\nno\nbed"},
		{"broken XML", nil, "<ACK><MSA>", weir.Queued, answerInvalid, answerInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lookup := func(name string) (any, bool) { return 5, name == "id" }
			r := weir.Response{Status: weir.Sent, Message: tt.answer}
			got := with(t, tt.settings...).Check(r, `MSH|^~\&|A|B|C|D|||ADT^A01|77|P|2.5`+"\rPID|1\r", lookup)
			want := weir.Response{Status: tt.status, Message: tt.answer, StatusMessage: tt.text, Error: tt.err}
			if got != want {
				t.Errorf("Check(%q)\n got %+v\nwant %+v", tt.answer, got, want)
			}
		})
	}
	if got := New().Check(weir.Response{Message: "MSA|AA|8"}, "<a><MSH><MSH.10>8</MSH.10></MSH></a>", nil); got.Status != weir.Sent {
		t.Errorf("sent as XML: got %+v", got)
	}
}
