package script

import (
	"testing"

	"github.com/weir-health/weir"
)

// A request's headers and parameters are Mirth's MessageHeaders and
// MessageParameters, go through a map as what they are, and can be made anew.
func TestHeaders(t *testing.T) {
	headers := weir.NewMultiMap(weir.Headers)
	headers.Add("Content-Type", "text/plain")
	headers.Add("X-Id", "1", "2")
	parameters := weir.NewMultiMap(weir.Parameters)
	parameters.Add("q", "a b")
	cm := &weir.ConnectorMessage{
		SourceMap:  map[string]any{"headers": headers, "parameters": parameters},
		ChannelMap: map[string]any{}, ConnectorMap: map[string]any{}, ResponseMap: map[string]any{},
	}
	for code, want := range map[string]string{
		"return String(sourceMap.get('headers').getHeader('content-TYPE'));":                                       "text/plain",
		"return String($s('headers').getHeaderList('x-id').size());":                                               "2",
		"return String($s('headers').getHeader('none'));":                                                          "null",
		"return String($s('headers').contains('X-ID')) + $s('parameters').contains('Q');":                          "truefalse",
		"return String($s('parameters').getParameter('q')) + $s('parameters').getKeys().toArray()[0];":             "a bq",
		"return String($s('headers'));":                                                                            "{Content-Type=[text/plain], X-Id=[1, 2]}",
		"var m = new java.util.HashMap(); m.put('a', ['x']); return String(new MessageHeaders(m).getHeader('A'));": "x",
		"channelMap.put('h', $s('headers')); return String($c('h').get('X-Id'));":                                  "1",
	} {
		p, err := CompileScript("test", nil, Part{Name: "body", Code: code})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Run(t.Context(), &Scope{Message: cm})
		if err != nil || got != want {
			t.Errorf("%s\n got %v, %v\nwant %s", code, got, err, want)
		}
	}
	if got := cm.ChannelMap["h"]; got != headers {
		t.Errorf("the map holds %T", got)
	}
}
