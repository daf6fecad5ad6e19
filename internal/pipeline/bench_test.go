package pipeline

import (
	"context"
	"testing"

	"github.com/weir-health/weir"
)

const benchMessage = "MSH|^~\\&|LAB|HOSP|EHR|CLIN|202401010000||ORU^R01^ORU_R01|77|P|2.5\r" +
	"PID|1||123456^^^HOSP^MR||DOE^JANE^Q||19700101|F|||1 MAIN ST^^TOWN^ST^12345\r" +
	"OBR|1|1|1|CBC^COMPLETE BLOOD COUNT|||202401010000\r" +
	"OBX|1|NM|WBC^LEUKOCYTES||7.2|10*3/uL|4.0-11.0|N|||F\r" +
	"OBX|2|NM|HGB^HEMOGLOBIN||14.1|g/dL|12.0-16.0|N|||F\r"

// BenchmarkReceive is the pipeline alone: a message passes through to one
// destination that answers at once, and the store forgets everything.
func BenchmarkReceive(b *testing.B) {
	for _, c := range []struct {
		name  string
		setup func(*weir.Channel)
	}{
		{"one destination", nil},
		{"acknowledged", responds("Auto-generate (After source transformer)")},
		{"three chains", destinations(dest(1), dest(2), dest(3))},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := newRig(b, both(func(cfg *weir.Channel) {
				cfg.Source.Transformer = hl7ToHL7()
				cfg.Destinations[0].Transformer = hl7ToHL7()
			}, orNothing(c.setup)))
			r.bench = true
			sqlite := r.store.Store
			defer sqlite.Close()
			r.engine.Store = forgetful{sqlite}
			c, err := New(context.Background(), r.cfg, r.engine)
			if err != nil {
				b.Fatal(err)
			}
			r.Channel = c
			if err := c.Start(context.Background()); err != nil {
				b.Fatal(err)
			}
			defer c.Stop(context.Background())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Receive(context.Background(), weir.Inbound{Text: benchMessage}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
