package script_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/script"
)

// Every case of testdata/language.json is the body of a script, with the text of what
// it returns or the name of what it throws. The answers are Mirth's, as far as it has
// any; they are about what integration engineers write, and what is next to it. toX and
// fromX are the serializer of a data type.
func TestLanguageCases(t *testing.T) {
	defer func(zone *time.Location) { time.Local = zone }(time.Local)
	time.Local = time.UTC
	var cases []struct{ Script, Want, Error string }
	load(t, "testdata/language.json", &cases)
	if len(cases) == 0 {
		t.Fatal("no cases in testdata/language.json")
	}
	const serializers = `function toX(t, text) { return String(SerializerFactory.getSerializer(t, null, null).toXML(text)) } ` +
		`function fromX(t, xml) { return String(SerializerFactory.getSerializer(t, null, null).fromXML(xml)) } `
	for _, c := range cases {
		p, err := script.CompileScript("case", nil, script.Part{Name: "body", Code: serializers + "return String((function () {" + c.Script + "\n})())"})
		var got any
		if err == nil {
			got, err = p.Run(context.Background(), newScope())
		}
		var e *script.Error
		switch {
		case c.Error != "":
			if !errors.As(err, &e) || e.Kind != c.Error {
				t.Errorf("%s\n got %q, %v\nwant %s", c.Script, got, err, c.Error)
			}
		case err != nil:
			t.Errorf("%s\n failed: %v\nwant %q", c.Script, detail(err), c.Want)
		case show(got) != c.Want:
			t.Errorf("%s\n got %q\nwant %q", c.Script, show(got), c.Want)
		}
	}
}
