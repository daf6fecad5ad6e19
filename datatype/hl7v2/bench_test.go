package hl7v2

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/tree"
)

// sample is an admission of about 1.5 KB, invented.
var sample = strings.Join([]string{
	`MSH|^~\&|REGSYS|NORTHGATE|HUB|CENTRAL|20250311081522||ADT^A01^ADT_A01|ADT0001|P|2.5`,
	`EVN|A01|20250311081500|||REG02^Mendel^Ruth`,
	`PID|1||884201^^^NGH^MR~9434765919^^^NHS&2.16.840.1&ISO^NH||Okafor^Amara^Joy^^Mrs||19750623|F|||7 Quay Street^Flat 2^Bristol^AVN^BS1 4XY^GBR||+44117555010^PRN^PH~+447700900123^PRN^CP||eng|M|CHR|ACC77201`,
	`PD1||||4477^Hale^Peter^^^Dr`,
	`NK1|1|Okafor^Daniel|SPO^Spouse|7 Quay Street^^Bristol^AVN^BS1 4XY^GBR|+44117555011||EC`,
	`NK1|2|Okafor^Grace|DAU^Daughter|7 Quay Street^^Bristol^AVN^BS1 4XY^GBR|+44117555012||EC`,
	`PV1|1|I|W4^12^B^NGH||||1022^Brandt^Ilse^^^Dr|2210^Ferrer^Nuria^^^Dr||SUR|||||||||VIS55021|||||||||||||||||||||||||20250311080000`,
	`PV2|||^Elective hip replacement||||||20250311|20250318`,
	`OBX|1|NM|8302-2^Body height^LN||172|cm|||||F|||20250311081000`,
	`OBX|2|NM|29463-7^Body weight^LN||68.5|kg|||||F|||20250311081000`,
	`AL1|1|DA|70618^Penicillin^RXNORM|MO|Rash~Hives|20010404`,
	`AL1|2|FA|C0559470^Peanut^UMLS|SV|Anaphylaxis|19990512`,
	`DG1|1||M16.11^Unilateral primary osteoarthritis, right hip^I10||20250311|A`,
	`IN1|1|PLAN7^Comprehensive|INS44|Harbour Mutual|4 Wharf Road^^Bristol^AVN^BS1 5AA^GBR|||GRP220||||20240101|20251231|||Okafor^Amara^Joy|SEL|19750623`,
	`ZPI|1|consent^given|20250310|research&no`,
	"",
}, "\r")

func BenchmarkUntouched(b *testing.B) {
	t := New()
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		root, _ := t.Parse(sample)
		t.Encode(root)
	}
}

// edit does to a tree what a short script does.
func edit(root *tree.Node) {
	child := func(n *tree.Node, name string) *tree.Node {
		for _, c := range n.Children() {
			if c.Name.Local == name {
				return c
			}
		}
		return nil
	}
	set := func(segment, field, component, text string) {
		child(child(child(root, segment), field), component).SetText(text)
	}
	set("MSH", "MSH.3", "MSH.3.1", "INTEGRATION")
	set("PID", "PID.5", "PID.5.1", "OKAFOR")
	set("PID", "PID.8", "PID.8.1", "W")
	set("PV1", "PV1.3", "PV1.3.4", "NORTH")
}

func BenchmarkFourFieldsEdited(b *testing.B) {
	t := New()
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		root, _ := t.Parse(sample)
		edit(root)
		if _, regular, err := t.Encode(root); !regular || err != nil {
			b.Fatal(regular, err)
		}
	}
}

func BenchmarkEverythingExpanded(b *testing.B) {
	t := New()
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		root, _ := t.Parse(sample)
		expand(root)
	}
}

func expand(n *tree.Node) {
	for _, c := range n.Children() {
		expand(c)
	}
}
