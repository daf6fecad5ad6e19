package script_test

import (
	"context"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// benchStep is a realistic transformer: reads, writes, loops over OBX.
const benchStep = `var last = msg['PID']['PID.5']['PID.5.1'].toString();
msg['PID']['PID.5']['PID.5.1'] = last.toUpperCase();
msg['PID']['PID.5']['PID.5.7'] = 'L';
msg['PV1']['PV1.6']['PV1.6.1'] = msg['PV1']['PV1.3']['PV1.3.1'].toString();
channelMap.put('mrn', msg['PID']['PID.3'][0]['PID.3.1'].toString());
channelMap.put('event', msg['MSH']['MSH.9']['MSH.9.2'].toString());
var n = 0, abn = 0;
for each (var obx in msg..OBX) {
  n++;
  obx['OBX.1']['OBX.1.1'] = n;
  if (obx['OBX.8']['OBX.8.1'].toString() == 'H') { abn++; obx['OBX.11']['OBX.11.1'] = 'C'; }
}
for (var i = 0; i < msg['PID']['PID.3'].length(); i++) {
  if (msg['PID']['PID.3'][i]['PID.3.5'].toString() == 'SS') { channelMap.put('ssn', msg['PID']['PID.3'][i]['PID.3.1'].toString()); }
}
channelMap.put('obxCount', n);
channelMap.put('abnormal', abn);
`

const benchMapper = `var mapping;
try { mapping = msg['PID']['PID.5']['PID.5.1'].toString(); } catch (e) { mapping = ''; }
channelMap.put('patient', validate(mapping, '', []));
`

var benchORU = strings.Join([]string{
	`MSH|^~\&|LAB|HOSP|EHR|CLINIC|20240115103000||ORU^R01^ORU_R01|MSG00001|P|2.5.1`,
	`PID|1||10001^^^HOSP^MR~555-44-3333^^^SSA^SS||Doe^Jane^Q^^Ms||19800214|F||2106-3|12 Main St^Apt 4^Springfield^IL^62701^USA||(217)555-0101^PRN^PH||EN|M||900001`,
	`PV1|1|I|ICU^101^A^HOSP||||1234^Smith^Adam^^^Dr|5678^Jones^Beth|||||||||||V100`,
	`OBR|1|ORD1|FIL1|CBC^Complete Blood Count^L|||20240115090000`,
	`OBX|1|NM|WBC^White Blood Cells^L||7.2|10*3/uL|4.0-11.0|N|||F`,
	`OBX|2|NM|RBC^Red Blood Cells^L||4.1|10*6/uL|4.2-5.9|L|||F`,
	`OBX|3|NM|HGB^Hemoglobin^L||17.9|g/dL|12.0-16.0|H|||F`,
	`OBX|4|NM|HCT^Hematocrit^L||41|%|37-47|N|||F`,
	`OBX|5|NM|PLT^Platelets^L||250|10*3/uL|150-400|N|||F`,
	`OBX|6|ST|CMT^Comment^L||See note||||||F`,
}, "\r") + "\r"

// BenchmarkTransform is a source transformer on an ORU message, from text to
// text.
func BenchmarkTransform(b *testing.B) { benchTransform(b, benchStep) }

// BenchmarkMapper is a destination transformer with one mapper step.
func BenchmarkMapper(b *testing.B) { benchTransform(b, benchMapper) }

// BenchmarkReads is a transformer that reads three fields.
func BenchmarkReads(b *testing.B) {
	benchTransform(b, `channelMap.put('mrn', msg['PID']['PID.3']['PID.3.1'].toString());
channelMap.put('name', msg['PID']['PID.5']['PID.5.1'].toString());
channelMap.put('event', msg['MSH']['MSH.9']['MSH.9.2'].toString());
`)
}

// BenchmarkEmpty is what a run costs before its script does anything.
func BenchmarkEmpty(b *testing.B) { benchTransform(b, "var x = 1;") }

func benchTransform(b *testing.B, step string) {
	dt := newHL7(b)
	p, err := script.CompileTransformer("source transformer", nil, nil, []script.Part{{Name: "step 0", Code: step}}, false)
	if err != nil {
		b.Fatal(err)
	}
	global, globalChannel := script.NewSharedMap(), script.NewSharedMap()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		root, err := dt.Parse(benchORU)
		if err != nil {
			b.Fatal(err)
		}
		scope := &script.Scope{Context: "SOURCE_FILTER_TRANSFORMER", ChannelID: "ch", ChannelName: "Channel",
			Message: &weir.ConnectorMessage{MessageID: 1, ChannelID: "ch"}, Global: global, GlobalChannel: globalChannel}
		out, err := p.Transform(ctx, scope, script.Input{Form: weir.FormTree, Root: root})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := dt.Encode(out.Root); err != nil {
			b.Fatal(err)
		}
	}
}
