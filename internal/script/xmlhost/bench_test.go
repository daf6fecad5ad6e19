package xmlhost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/datatype/hl7v2"
	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/internal/script/xmlhost"
	"github.com/weir-health/weir/tree"
)

// benchTransformer is the transformer of bench channel B.
const benchTransformer = `var last = msg['PID']['PID.5']['PID.5.1'].toString();
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

func compileBench(tb testing.TB) *goja.Program {
	unit, err := e4x.Rewrite("bench", benchTransformer, e4x.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return goja.MustCompile("bench", "(function () {"+unit.Code+"\n})()", false)
}

// benchMessage is an ORU of 1.5 KB.
var benchMessage = strings.Join([]string{
	`MSH|^~\&|LAB|HOSP|WEIR|HOSP|20240310014500||ORU^R01^ORU_R01|MSG00042|P|2.5.1|||AL|NE`,
	`PID|1||100042^^^HOSP^MR~555-44-3333^^^SSA^SS||Doe^Jane^Q^^Ms||19800214|F||2106-3|12 Main St^Apt 4^Springfield^IL^62701^USA||(217)555-0101^PRN^PH||EN|M||900001`,
	`PV1|1|I|ICU^101^A^HOSP||||1234^Smith^Adam^^^Dr|5678^Jones^Beth|||||||||||V100`,
	`ORC|RE|ORD448811|LAB9981||CM||||20240310010000|||1234^Smith^Adam^^^Dr`,
	`OBR|1|ORD448811|LAB9981|24323-8^Comprehensive metabolic panel^LN|||20240310003000|||||||||1234^Smith^Adam^^^Dr||||||20240310014000||LAB|F`,
	`OBX|1|NM|2345-7^Glucose^LN||182|mg/dL^milligrams per deciliter^UCUM|70-99|H|||F|||20240310013000`,
	`OBX|2|NM|3094-0^Urea nitrogen^LN||14|mg/dL^milligrams per deciliter^UCUM|6-20|N|||F|||20240310013000`,
	`OBX|3|NM|2160-0^Creatinine^LN||0.9|mg/dL^milligrams per deciliter^UCUM|0.5-1.1|N|||F|||20240310013000`,
	`OBX|4|NM|2951-2^Sodium^LN||149|mmol/L^millimoles per liter^UCUM|136-145|H|||F|||20240310013000`,
	`OBX|5|NM|2823-3^Potassium^LN||4.1|mmol/L^millimoles per liter^UCUM|3.5-5.1|N|||F|||20240310013000`,
	`OBX|6|NM|2075-0^Chloride^LN||101|mmol/L^millimoles per liter^UCUM|98-107|N|||F|||20240310013000`,
	`OBX|7|NM|17861-6^Calcium^LN||9.4|mg/dL^milligrams per deciliter^UCUM|8.6-10.3|N|||F|||20240310013000`,
	`NTE|1|L|Specimen slightly hemolyzed; results for potassium should be read with care.`,
}, "\r")

func benchTree(tb testing.TB, hl7 *hl7v2.Type) *tree.Node {
	root, err := hl7.Parse(benchMessage)
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

// channelMap stands for the maps of the script engine.
type channelMap struct {
	rt   *goja.Runtime
	put  goja.Value
	made map[string]goja.Value
}

func (m *channelMap) Get(key string) goja.Value {
	if key != "put" {
		return nil
	}
	if m.put == nil {
		m.put = m.rt.ToValue(func(c goja.FunctionCall) goja.Value {
			m.made[c.Argument(0).String()] = c.Argument(1)
			return goja.Undefined()
		})
	}
	return m.put
}
func (m *channelMap) Set(string, goja.Value) bool { return false }
func (m *channelMap) Has(key string) bool         { return key == "put" }
func (m *channelMap) Delete(string) bool          { return false }
func (m *channelMap) Keys() []string              { return nil }

func runBench(tb testing.TB, hl7 *hl7v2.Type, program *goja.Program) (*tree.Node, map[string]goja.Value) {
	rt := goja.New()
	h := xmlhost.Install(rt, nil, xmlhost.Hooks{Lazy: true})
	h.Bridge()
	root := benchTree(tb, hl7)
	m := &channelMap{rt: rt, made: make(map[string]goja.Value)}
	rt.GlobalObject().Set("msg", h.Wrap(root))
	rt.GlobalObject().Set("channelMap", rt.NewDynamicObject(m))
	if _, err := rt.RunProgram(program); err != nil {
		tb.Fatal(err)
	}
	return root, m.made
}

func TestBenchTransformer(t *testing.T) {
	root, m := runBench(t, hl7v2.New(), compileBench(t))
	for key, want := range map[string]string{"mrn": "100042", "event": "R01", "ssn": "555-44-3333", "obxCount": "7", "abnormal": "2"} {
		if got := m[key]; got == nil || got.String() != want {
			t.Errorf("channelMap %s = %v, want %s", key, got, want)
		}
	}
	if got := root.XMLString(); !strings.Contains(got, "<PID.5.1>DOE</PID.5.1>") || !strings.Contains(got, "<OBX.11><OBX.11.1>C</OBX.11.1></OBX.11>") ||
		!strings.Contains(got, "<PV1.6><PV1.6.1>ICU</PV1.6.1></PV1.6>") {
		t.Errorf("the message is %s", got)
	}
}

// One transformer run, with a fresh runtime and the message's tree made anew.
func BenchmarkTransformer(b *testing.B) {
	hl7, program := hl7v2.New(), compileBench(b)
	b.ReportAllocs()
	for b.Loop() {
		runBench(b, hl7, program)
	}
}

// What Install adds to goja.New.
func BenchmarkInstall(b *testing.B) {
	for _, lazy := range []bool{true, false} {
		b.Run(fmt.Sprintf("lazy=%v", lazy), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				xmlhost.Install(goja.New(), nil, xmlhost.Hooks{Lazy: lazy})
			}
		})
	}
	b.Run("goja.New alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			goja.New()
		}
	})
}

// Making the message's tree and splitting what the transformer looks into,
// which the transformer's figure contains.
func BenchmarkTree(b *testing.B) {
	hl7 := hl7v2.New()
	b.ReportAllocs()
	for b.Loop() {
		for _, n := range benchTree(b, hl7).Children() {
			switch n.Name.Local {
			case "MSH", "PID", "PV1", "OBX":
				for _, f := range n.Children()[:min(9, len(n.Children()))] {
					f.Children()
				}
			}
		}
	}
}
