package transform

import (
	"context"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script"
)

// With the strict parser scripts go through groups and components named by their
// types, with the standard's namespace as default or without any.
func TestStrictParser(t *testing.T) {
	const code = `var patient = msg['ORU_R01.PATIENT_RESULT']['ORU_R01.PATIENT'];
patient['PID']['PID.5']['XPN.1']['FN.1'] = patient['PID']['PID.5']['XPN.1']['FN.1'].toString().toUpperCase();
for each (var order in msg['ORU_R01.PATIENT_RESULT']['ORU_R01.ORDER_OBSERVATION'])
	for each (var observation in order['ORU_R01.OBSERVATION'])
		channelMap.put(observation['OBX']['OBX.3']['CE.1'].toString(), observation['OBX']['OBX.5'].toString());
patient['PID']['PID.8'] = 'F|M';
delete patient['NTE'];`
	const text = "MSH|^~\\&|A|B|C|D|1||ORU^R01^ORU_R01|1|P|2.5\rPID|1||7||Doe^J\rNTE|1||x\rOBR|1\rOBX|1|ST|GLU^Glucose||5.4\rOBX|2|ST|NA||140"
	const want = "MSH|^~\\&|A|B|C|D|1||ORU^R01^ORU_R01|1|P|2.5\rPID|1||7||DOE^J|||F\\F\\M\rOBR|1\rOBX|1|ST|GLU^Glucose||5.4\rOBX|2|ST|NA||140\r"
	for _, strip := range []string{"false", "true"} {
		strict := config.Group{
			{Name: "serializationProperties", Group: config.Group{{Name: "useStrictParser", Text: "true"}, {Name: "stripNamespaces", Text: strip}}},
			{Name: "deserializationProperties", Group: config.Group{{Name: "useStrictParser", Text: "true"}}},
		}
		e, err := New(Config{Name: "t", Types: types, Transformer: weir.Transformer{
			Inbound: "HL7V2", Outbound: "HL7V2", InboundSettings: strict, OutboundSettings: strict,
			Steps: []weir.Step{{Type: "JavaScript", Enabled: true, Settings: config.Group{{Name: "script", Text: code}}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		cm := &weir.ConnectorMessage{ChannelMap: map[string]any{}}
		res, err := e.Run(context.Background(), &script.Scope{Message: cm}, text)
		if err != nil || res.Encoded != want {
			t.Errorf("strip %s\n got %q, %v\nwant %q", strip, res.Encoded, err, want)
		}
		if cm.ChannelMap["GLU"] != "5.4" || cm.ChannelMap["NA"] != "140" {
			t.Errorf("strip %s: the map is %v", strip, cm.ChannelMap)
		}
		if has := strings.Contains(res.Transformed, "urn:hl7-org:v2xml"); has != (strip == "false") || res.Derived {
			t.Errorf("strip %s: transformed is %s", strip, res.Transformed)
		}
	}
}
