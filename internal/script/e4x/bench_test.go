package e4x

import (
	"strings"
	"testing"
)

// A transformer of thirty lines.
const transformer = `var mrn = msg['PID']['PID.3'][0]['PID.3.1'].toString();
var name = msg['PID']['PID.5']['PID.5.1'].toString() + ', ' + msg['PID']['PID.5']['PID.5.2'].toString();
var dob = msg['PID']['PID.7']['PID.7.1'].toString();
channelMap.put('mrn', mrn);
channelMap.put('name', name);
channelMap.put('dob', dob.substring(0, 4) + '-' + dob.substring(4, 6) + '-' + dob.substring(6, 8));
if (msg['PV1']['PV1.2']['PV1.2.1'] == 'I') {
	channelMap.put('class', 'inpatient');
} else if (msg['PV1']['PV1.2']['PV1.2.1'] == 'O') {
	channelMap.put('class', 'outpatient');
}
var results = [];
for each (obx in msg['OBX']) {
	var value = obx['OBX.5']['OBX.5.1'].toString();
	if (value != '' && obx['OBX.11']['OBX.11.1'] == 'F') {
		results.push({
			code: obx['OBX.3']['OBX.3.1'].toString(),
			value: value.replace(/\s+/g, ' '),
			flag: obx['OBX.8']['OBX.8.1'].toString() || 'N'
		});
	}
	obx['OBX.1']['OBX.1.1'] = results.length;
}
for (var i = msg['NTE'].length() - 1; i >= 0; i--) {
	delete msg['NTE'][i];
}
msg['PID']['PID.5'] = <PID.5><PID.5.1>{name.toUpperCase()}</PID.5.1></PID.5>;
msg.appendChild(<ZID><ZID.1>{mrn}</ZID.1></ZID>);
tmp['MSH']['MSH.3']['MSH.3.1'] = 'WEIR';
tmp['MSH']['MSH.7']['MSH.7.1'] = DateUtil.getCurrentDate('yyyyMMddHHmmss');
logger.info('Results: ' + JSON.stringify(results));
`

func BenchmarkRewrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Rewrite("t", transformer, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Long texts are often put together line by line; neither a long chain of
// operators nor one of calls may take more than its share.
func TestLongChains(t *testing.T) {
	attributes := ""
	for i := range 20000 {
		attributes += " k" + itoa(i) + "='v'"
	}
	for _, src := range []string{
		"var s = a" + strings.Repeat("\n + b", 50000),
		"var s = x" + strings.Repeat(" == y", 50000),
		"var s = x" + strings.Repeat(".b", MaxChain),
		"var s = x" + strings.Repeat("['b']", MaxChain),
		"var s = x" + strings.Repeat(".b()", MaxChain/2),
		strings.Repeat("if (a) b\nelse ", 900) + "c",
		strings.Repeat("const a = 1; { let a; a = b } ", 5000),
		strings.Repeat("{ f(a); let a = 1 } ", 2000),
		"x = " + strings.Repeat("<a b={", 300) + "1" + strings.Repeat("}/>", 300),
		"x = <a " + attributes + "/>",
		"$w" + strings.Repeat("$", 100000) + "w + " + strings.Repeat("$w1 + ", 10000) + "a",
		strings.Repeat("x.(", 300) + "a" + strings.Repeat(")", 300),
	} {
		if _, err := Rewrite("t", src, Options{}); err != nil {
			t.Errorf("%.40s…: %v", src, err)
		}
	}
}
