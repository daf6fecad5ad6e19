package xslt

import (
	"strings"
	"testing"
)

func BenchmarkTransform(b *testing.B) {
	text := read(b, "testdata/hl7_to_xml.xml")
	from, to := strings.Index(text, "<OBX>"), strings.LastIndex(text, "</HL7Message>")
	text = text[:from] + strings.Repeat(text[from:to], 100) + text[to:]
	source := parse(b, text)
	for _, name := range []string{"hl7_to_xml", "hl7_rewrite", "hl7_csv"} {
		sheet, err := Compile(read(b, "testdata/"+name+".xsl"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sheet.Transform(source, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
