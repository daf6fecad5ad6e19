package hl7v3

import (
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/datatypetest"
)

var stripping = config.Group{{Name: "serializationProperties", Group: config.Group{{Name: "stripNamespaces", Text: "true"}}}}

var suite = datatypetest.Suite{
	Def: Def,
	Messages: []string{
		`<PRPA_IN201301UV02 xmlns="urn:hl7-org:v3"><id extension="1" root="2.16.840"/><creationTime value="20240310"/></PRPA_IN201301UV02>`,
		`<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc"><sdtc:x/><text>a <b>c</b> &amp; d</text></ClinicalDocument>`,
	},
	Broken: []string{"", "SECRET", "<a><SECRET></a>", "<!DOCTYPE SECRET><a/>", "<p:SECRET/>"},
}

func TestSuite(t *testing.T) { datatypetest.Run(t, suite) }

func TestSuiteWithoutNamespaces(t *testing.T) {
	s := suite
	s.Settings = stripping
	s.Messages = []string{"<a><b/></a>", "<a>x</a>"}
	datatypetest.Run(t, s)
}

func FuzzHL7V3(f *testing.F) { datatypetest.Fuzz(f, suite) }

func TestStripNamespaces(t *testing.T) {
	dt := Def.New().(*Type)
	if _, err := config.Decode(stripping, dt); err != nil {
		t.Fatal(err)
	}
	const text, want = `<a xmlns="urn:x" xmlns:p="urn:p"><p:b/></a>`, `<a  ><p:b/></a>`
	if got := dt.Pass(text, dt); got != want {
		t.Errorf("Pass(%q)\n got %q\nwant %q", text, got, want)
	}
	if _, err := dt.Parse(text); err == nil {
		t.Error("a prefix without its declaration is read")
	}
	if root, err := dt.Parse(` <a xmlns="urn:x"/> `); err != nil || root.Name.Space != "" {
		t.Errorf("got %+v, %v", root, err)
	}
	if got := New().Pass(text, dt); got != text {
		t.Errorf("without the setting: Pass gives %q", got)
	}
	if dt.NeedsTree(true) || dt.NeedsTree(false) {
		t.Error("a tree is asked for")
	}
	if _, ok := dt.BatchScript(); !ok {
		t.Error("batches are cut by a script only")
	}
}
