package pipeline

import (
	"slices"
	"testing"

	"github.com/weir-health/weir"
)

func TestShow(t *testing.T) {
	cm := &weir.ConnectorMessage{}
	cm.Set(weir.Raw, "MSH|", "HL7V2")
	cm.Set(weir.SentContent, `{"host":"10.0.0.1","template":null}`, "")
	cm.Set(weir.ResponseContent, encodeResponse(weir.Response{Status: weir.Sent, Message: "MSA|AA", StatusMessage: "sent"}), "")
	cm.Set(weir.ChannelMapContent, encodeMap(map[string]any{"n": 1.0, "mrn": "7", "list": []any{"a", "b"}}), "")
	cm.Set(weir.ResponseMapContent, "damaged", "")
	want := []Shown{
		{"Raw", "MSH|"},
		{"Sent", "host = 10.0.0.1\ntemplate = (the encoded content)\n"},
		{"Response", "MSA|AA"},
		{"Response Status", "SENT: sent"},
		{"Channel Map", "list = [a, b]\nmrn = 7\nn = 1.0\n"},
		{"Response Map", "damaged"},
	}
	if got := Show(cm); !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}
