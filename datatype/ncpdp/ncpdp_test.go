package ncpdp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

// clear writes the delimiters so that they can be read here.
var clear = strings.NewReplacer("<RS>", "\x1e", "<GS>", "\x1d", "<FS>", "\x1c")

// The headers of invented messages: 56 and 31 characters.
const (
	requestD0  = "610066D0B1PCN       1011234567890     20240310CERT      "
	responseD0 = "D0B11A011234567890     20240310"
)

const billing = requestD0 + "<RS><FS>AM01<FS>C419700101<FS>CAJOE<RS><FS>AM04<FS>C2123" +
	"<GS><RS><FS>AM07<FS>EM1<FS>D2123<FS>E103<RS><FS>AM11<FS>D91000" +
	"<GS><RS><FS>AM07<FS>EM1<FS>D2124"

// with returns the data type with some settings changed, given as name=value.
func with(t testing.TB, settings ...string) *Type {
	t.Helper()
	var g config.Group
	for _, s := range settings {
		path, text, _ := strings.Cut(s, "=")
		parent, name, _ := strings.Cut(path, ".")
		i := slices.IndexFunc(g, func(s config.Setting) bool { return s.Name == parent })
		if i < 0 {
			i, g = len(g), append(g, config.Setting{Name: parent})
		}
		g[i].Group = append(g[i].Group, config.Setting{Name: name, Text: text})
	}
	dt := new(Type)
	if unknown, err := config.Decode(g, dt); err != nil || len(unknown) > 0 {
		t.Fatalf("settings %q: unknown %q, error %v", settings, unknown, err)
	}
	return dt
}

var suite = datatypetest.Suite{
	Def: Def,
	Messages: []string{
		clear.Replace(billing),
		clear.Replace(strings.Replace(billing, "D0B1", "51B1", 1)),
		clear.Replace(responseD0 + "<RS><FS>AM20<FS>F4OK & <fine><GS><RS><FS>AM21<FS>ANR<FS>FA2<FS>FB70<FS>FB75"),
		clear.Replace(requestD0 + "<GS><RS><FS>AM07<FS>EM1"),
		responseD0,
	},
	Broken: []string{"", "ab", "\x1e\x1c ab \x1e", "{\"SECRET\": \"and more than enough for a header of some kind\"}",
		clear.Replace(responseD0 + "<RS><FS>SECRET id<FS>EM1"), clear.Replace(responseD0 + "<RS><FS>AM07<FS>+SECRET")},
}

func TestSuite(t *testing.T) { datatypetest.Run(t, suite) }

func TestParse(t *testing.T) {
	const (
		claims = `<Claim><PrescriptionServiceReferenceNumberQualifier>1</PrescriptionServiceReferenceNumberQualifier><PrescriptionServiceReferenceNumber>%s</PrescriptionServiceReferenceNumber></Claim>`
		one    = `<TRANSACTIONS><TRANSACTION counter="1">%s</TRANSACTION></TRANSACTIONS>`
	)
	first := strings.Replace(claims, "%s", "123", 1)
	tests := []struct{ name, text, root, want string }{
		{"the example", requestD0 + "<RS><FS>AM01<FS>C419700101<FS>CAJOE<GS><RS><FS>AM07<FS>EM1<FS>D2123", "NCPDP_D0_Billing_Request",
			"<Patient><DateOfBirth>19700101</DateOfBirth><PatientFirstName>JOE</PatientFirstName></Patient>" + fmt.Sprintf(one, first)},
		{"two groups", requestD0 + "<GS><RS><FS>AM07<FS>EM1<FS>D2123<GS><RS><FS>AM07<FS>EM1<FS>D2124", "NCPDP_D0_Billing_Request",
			`<TRANSACTIONS><TRANSACTION counter="1">` + first + `</TRANSACTION><TRANSACTION counter="2">` + strings.Replace(claims, "%s", "124", 1) + `</TRANSACTION></TRANSACTIONS>`},
		{"no groups", responseD0 + "<RS><FS>AM20<FS>F4x", "NCPDP_D0_Billing_Response", "<ResponseMessage><Message>x</Message></ResponseMessage>"},
		{"a header alone", responseD0, "NCPDP_D0_Billing_Response", ""},
		{"an unknown segment", responseD0 + "<RS><FS>AM99<FS>F4x", "NCPDP_D0_Billing_Response", "<AM99><Message>x</Message></AM99>"},
		{"an unknown field", responseD0 + "<RS><FS>AM20<FS>X9y", "NCPDP_D0_Billing_Response", "<ResponseMessage><X9_field>y</X9_field></ResponseMessage>"},
		{"an empty field", responseD0 + "<RS><FS>AM20<FS>F4<FS><FS>F3 <RS> <RS>", "NCPDP_D0_Billing_Response", "<ResponseMessage><Message/><AuthorizationNumber/></ResponseMessage>"},
		{"an unknown transaction", "D0ZZ" + responseD0[4:], "NCPDP_D0_ZZ_Response", ""},
		{"version 5.1", "51B2" + responseD0[4:] + "<RS><FS>AM07<FS>C71<FS>DT2<RS><FS>AM14<FS>A7x", "NCPDP_51_Reversal_Response",
			"<Claim><PatientLocation>1</PatientLocation><UnitDoseIndicator>2</UnitDoseIndicator></Claim><AM14><A7_field>x</A7_field></AM14>"},
		{"version D.0", responseD0 + "<RS><FS>AM07<FS>C71<FS>DT2<RS><FS>AM14<FS>A7x", "NCPDP_D0_Billing_Response",
			"<Claim><PlaceOfService>1</PlaceOfService><SpecialPackagingIndicator>2</SpecialPackagingIndicator></Claim><AdditionalDocumentation><InternalControlNumber>x</InternalControlNumber></AdditionalDocumentation>"},
		{"counters", responseD0 + "<RS><FS>AM08<FS>7E1<FS>E4DD<FS>E5M0<FS>7E2<FS>E4TD<RS><FS>AM20<FS>F4x", "NCPDP_D0_Billing_Response",
			`<DURPPS><DurPpsCodeCounter counter="1"><ReasonForServiceCode>DD</ReasonForServiceCode><ProfessionalServiceCode>M0</ProfessionalServiceCode></DurPpsCodeCounter>` +
				`<DurPpsCodeCounter counter="2"><ReasonForServiceCode>TD</ReasonForServiceCode></DurPpsCodeCounter></DURPPS><ResponseMessage><Message>x</Message></ResponseMessage>`},
		{"a count", responseD0 + "<RS><FS>AM21<FS>ANR<FS>FA2<FS>FB70<FS>FB75<FS>F4x<FS>F3y", "NCPDP_D0_Billing_Response",
			`<ResponseStatus><TransactionResponseStatus>R</TransactionResponseStatus><RejectCount RejectCount="2"><RejectCode>70</RejectCode><RejectCode>75</RejectCode></RejectCount>` +
				`<Message>x</Message><AuthorizationNumber>y</AuthorizationNumber></ResponseStatus>`},
		{"counts in counts", responseD0 + "<RS><FS>AM05<FS>4C1<FS>5C01<FS>HB1<FS>HC07<FS>DV100<FS>F4x<FS>F3y<RS><FS>AM20", "NCPDP_D0_Billing_Response",
			`<CoordinationOfBenefitsOtherPayments><CoordinationOfBenefitsOtherPaymentsCount CoordinationOfBenefitsOtherPaymentsCount="1"><OtherPayerCoverageType>01</OtherPayerCoverageType>` +
				`<OtherPayerAmountPaidCount OtherPayerAmountPaidCount="1"><OtherPayerAmountPaidQualifier>07</OtherPayerAmountPaidQualifier><OtherPayerAmountPaid>100</OtherPayerAmountPaid></OtherPayerAmountPaidCount>` +
				`<Message>x</Message></CoordinationOfBenefitsOtherPaymentsCount><AuthorizationNumber>y</AuthorizationNumber></CoordinationOfBenefitsOtherPayments><ResponseMessage/>`},
		{"a count in a counter", responseD0 + "<RS><FS>AM24<FS>J61<FS>FA1<FS>FB1<FS>F4x<FS>F3y<FS>J62<FS>F4z", "NCPDP_D0_Billing_Response",
			`<ResponseDURPPS><DurPpsResponseCodeCounter counter="1"><RejectCount RejectCount="1"><RejectCode>1</RejectCode></RejectCount><Message>x</Message><AuthorizationNumber>y</AuthorizationNumber></DurPpsResponseCodeCounter>` +
				`<DurPpsResponseCodeCounter counter="2"><Message>z</Message></DurPpsResponseCodeCounter></ResponseDURPPS>`},
		{"repeating in D.0 only", "51B1" + responseD0[4:] + "<RS><FS>AM21<FS>UF1<FS>FA1<FS>UHx", "NCPDP_51_Billing_Response",
			`<ResponseStatus><UF_field>1</UF_field><RejectCount RejectCount="1"/><UH_field>x</UH_field></ResponseStatus>`},
		{"repeating in D.0", responseD0 + "<RS><FS>AM21<FS>UF1<FS>UH01<FS>FQx", "NCPDP_D0_Billing_Response",
			`<ResponseStatus><AdditionalMessageInformationCount AdditionalMessageInformationCount="1"><AdditionalMessageInformationQualifier>01</AdditionalMessageInformationQualifier><AdditionalMessageInformation>x</AdditionalMessageInformation></AdditionalMessageInformationCount></ResponseStatus>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := New().Parse(clear.Replace(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for _, c := range root.Children()[1:] {
				got = c.AppendXML(got)
			}
			if root.Name.Local != tt.root || string(got) != tt.want {
				t.Errorf("Parse(%q)\n got %s %s\nwant %s %s", tt.text, root.Name.Local, got, tt.root, tt.want)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"request", requestD0, "<TransactionHeaderRequest><BinNumber>610066</BinNumber><VersionReleaseNumber>D0</VersionReleaseNumber><TransactionCode>B1</TransactionCode>" +
			"<ProcessorControlNumber>PCN       </ProcessorControlNumber><TransactionCount>1</TransactionCount><ServiceProviderIdQualifier>01</ServiceProviderIdQualifier>" +
			"<ServiceProviderId>1234567890     </ServiceProviderId><DateOfService>20240310</DateOfService><SoftwareVendorCertificationId>CERT      </SoftwareVendorCertificationId></TransactionHeaderRequest>"},
		{"response", responseD0, "<TransactionHeaderResponse><VersionReleaseNumber>D0</VersionReleaseNumber><TransactionCode>B1</TransactionCode><TransactionCount>1</TransactionCount>" +
			"<HeaderResponseStatus>A</HeaderResponseStatus><ServiceProviderIdQualifier>01</ServiceProviderIdQualifier><ServiceProviderId>1234567890     </ServiceProviderId>" +
			"<DateOfService>20240310</DateOfService></TransactionHeaderResponse>"},
		{"40 characters", responseD0 + "123456789", "<TransactionHeaderResponse>"},
		{"41 characters", requestD0[:41], "<TransactionHeaderRequest>"},
		{"cut", "D0B11", "<TransactionHeaderResponse><VersionReleaseNumber>D0</VersionReleaseNumber><TransactionCode>B1</TransactionCode><TransactionCount>1</TransactionCount><HeaderResponseStatus/>"},
	}
	for _, tt := range tests {
		root, err := New().Parse(clear.Replace(tt.text + "<RS><FS>AM01<FS>CAx"))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := root.Children()[0].XMLString(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestParseRefused(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"too short", " \x1e\x1cab\x1d", "the message is too short"},
		{"no version", "+?" + responseD0[2:] + "<RS>x", "header: "},
		{"a segment without id", responseD0 + "<RS><FS>AM20<RS><FS>A B<FS>F4x", "segment 2: there is no segment id"},
		{"a code that is no name", responseD0 + "<RS><FS>AM20<FS>F4x<FS>9!x", "segment 1: field 2: its code"},
		{"counts without end", responseD0 + "<RS><FS>AM20" + strings.Repeat("<FS>FA1", MaxDepth+1), "segment 1: field 501: more than 500 counts"},
		{"delimiters without end", responseD0 + strings.Repeat("<RS>", MaxDelimiters) + "<FS>AM20", "the message has more than 1000000 delimiters"},
	}
	for _, tt := range tests {
		if _, err := New().Parse(clear.Replace(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %s…", tt.name, err, tt.want)
		}
	}
	if _, err := with(t, "serializationProperties.fieldDelimiter=").Parse(responseD0); err == nil {
		t.Error("a message is read without a field delimiter")
	}
}

func TestEncode(t *testing.T) {
	tests := []struct{ name, xml, want string }{
		{"any XML", "<foo><bar>bar</bar></foo>", "<RS><FS>barbar"},
		{"a request's header", "<x><TransactionHeaderRequest><BinNumber>6100</BinNumber><VersionReleaseNumber/><TransactionCode>B1</TransactionCode><ServiceProviderId>more than 15 characters</ServiceProviderId><Other>x</Other></TransactionHeaderRequest></x>",
			"6100    B1more than 15 charactersx"},
		{"an empty value", "<x><TransactionHeaderRequest><BinNumber></BinNumber></TransactionHeaderRequest></x>", "      "},
		{"a response's header", "<x>\n <TransactionHeaderResponse>\n  <VersionReleaseNumber>D</VersionReleaseNumber>\n  <TransactionCode>B1</TransactionCode>\n </TransactionHeaderResponse>\n</x>", "DB1"},
		{"segments and groups", "<NCPDP_D0_Billing_Request>\n<Facility>\n <FacilityName>x</FacilityName></Facility><TRANSACTIONS><TRANSACTION counter=\"7\"><Claim/></TRANSACTION><TRANSACTION/></TRANSACTIONS></NCPDP_D0_Billing_Request>",
			"<RS><FS>AM15<FS>3Qx<GS><RS><FS>AM07<GS>"},
		{"counters and counts", `<NCPDP_D0_x><DURPPS><DurPpsCodeCounter counter="1"><ReasonForServiceCode>DD</ReasonForServiceCode></DurPpsCodeCounter></DURPPS><ResponseStatus><RejectCount RejectCount="2"><RejectCode>70</RejectCode></RejectCount><RejectCount/></ResponseStatus></NCPDP_D0_x>`,
			"<RS><FS>AM08<FS>7E1<FS>E4DD<RS><FS>AM21<FS>FA2<FS>FB70<FS>FA"},
		{"unknown names", "<NCPDP_D0_x><AM99><X9_field>y</X9_field></AM99></NCPDP_D0_x>", "<RS><FS>AM99<FS>X9_fieldy"},
		{"names of D.0 in 5.1", "<NCPDP_51_x><Facility><PlaceOfService>1</PlaceOfService><PatientLocation>1</PatientLocation></Facility></NCPDP_51_x>", "<RS><FS>Facility<FS>PlaceOfService1<FS>C71"},
		{"no version", "<x><Claim><PatientLocation>1</PatientLocation></Claim></x>", "<RS><FS>AM07<FS>C71"},
		{"a version anywhere", "<x><Claim><PlaceOfService>D0</PlaceOfService></Claim></x>", "<RS><FS>AM07<FS>C7D0"},
		{"the first version counts", `<x a="51"><Claim><PlaceOfService>D0</PlaceOfService></Claim></x>`, "<RS><FS>AM07<FS>PlaceOfServiceD0"},
		{"the name counts first", "<x_D0_51><Claim><PlaceOfService>51</PlaceOfService></Claim></x_D0_51>", "<RS><FS>AM07<FS>C751"},
		{"texts as they are", "<x><Claim><MessageX/><Message> a &amp; <![CDATA[<b>]]></Message></Claim></x>", "<RS><FS>AM07<FS>MessageX<FS>F4 a & <b>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := tree.ParseXML(tt.xml, tree.XMLOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := New().Encode(root); got != clear.Replace(tt.want) || err != nil {
				t.Errorf("Encode(%s)\n got %q, %v\nwant %q", tt.xml, got, err, tt.want)
			}
		})
	}
	if _, err := tree.ParseXML(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///">]><x>&e;</x>`, tree.XMLOptions{}); err == nil {
		t.Error("a document type is read")
	}
}

func TestRegular(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"a message", billing, true},
		{"an unknown field", responseD0 + "<RS><FS>AM20<FS>X9y", false},
		{"an empty group at the end", responseD0 + "<RS><FS>AM20<GS>x<GS><RS><FS>AM20<FS>F4", true},
		{"a header that was padded", requestD0[:50] + "<RS><FS>AM01<FS>CAx", false},
	}
	for _, tt := range tests {
		root, err := New().Parse(clear.Replace(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		if text, regular, err := New().Encode(root); regular != tt.want || err != nil {
			t.Errorf("%s: %q regular %v, %v, want %v", tt.name, text, regular, err, tt.want)
		}
	}
	root, _ := New().Parse(responseD0)
	if _, regular, _ := with(t, "deserializationProperties.fieldDelimiter=|").Encode(root); !regular {
		t.Error("a delimiter that does not occur makes a message irregular")
	}
}

func TestPass(t *testing.T) {
	text := clear.Replace(billing)
	out := with(t, "deserializationProperties.segmentDelimiter=!", "deserializationProperties.groupDelimiter=0x1D", `deserializationProperties.fieldDelimiter=\t`)
	want := strings.NewReplacer("\x1e", "!", "\x1c", "\t").Replace(text)
	if got := New().Pass(text, out); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := New().Pass(text+"\n", New()); got != text+"\n" {
		t.Errorf("equal delimiters: got %q", got)
	}
	if got := New().Pass(text, nil); got != text {
		t.Errorf("another data type: got %q", got)
	}
}

func TestStrictValidation(t *testing.T) {
	dt := with(t, "deserializationProperties.useStrictValidation=true")
	if dt.NeedsTree(true) || !dt.NeedsTree(false) || New().NeedsTree(false) {
		t.Error("a tree is needed on the outbound side, with validation")
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		name, text string
		want       map[string]any
	}{
		{"request", billing, map[string]any{"mirth_source": "1234567890     ", "mirth_type": "Billing", "mirth_version": "D0"}},
		{"response", responseD0 + "<RS><FS>AM20", map[string]any{"mirth_source": "1234567890     ", "mirth_type": "Billing", "mirth_version": "D0"}},
		{"unknown transaction", "51ZZ", map[string]any{"mirth_type": "ZZ", "mirth_version": "51"}},
		{"nothing", "", map[string]any{}},
	}
	for _, tt := range tests {
		if got := New().Describe(clear.Replace(tt.text)); !maps.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// In each version a code has one name and a name one code, and what repeats is a field.
func TestDictionary(t *testing.T) {
	for name, d := range map[string]*dictionary{"5.1": version51, "D.0": versionD0} {
		if len(d.fields) != len(d.fieldCodes) || len(d.segments) != len(d.segmentCodes) {
			t.Errorf("%s: %d fields of %d names, %d segments of %d", name, len(d.fields), len(d.fieldCodes), len(d.segments), len(d.segmentCodes))
		}
		for code, field := range d.fields {
			if len(code) != 2 || !tree.IsXMLName(field) {
				t.Errorf("%s: %q %q", name, code, field)
			}
		}
		for field := range d.repeating {
			if _, ok := d.fieldCodes[field]; !ok {
				t.Errorf("%s: %s repeats and is no field", name, field)
			}
		}
	}
	if len(version51.fields) != 219 || len(versionD0.fields) != 317 || len(version51.segments) != 20 || len(versionD0.segments) != 23 || len(transactions) != 14 {
		t.Errorf("%d and %d fields, %d and %d segments, %d transactions",
			len(version51.fields), len(versionD0.fields), len(version51.segments), len(versionD0.segments), len(transactions))
	}
	for _, c := range [][]column{requestHeader, responseHeader} {
		width := 0
		for _, v := range c {
			width += v.width
		}
		if width != len(requestD0) && width != len(responseD0) {
			t.Errorf("a header has %d characters", width)
		}
	}
}

func TestBatchScript(t *testing.T) {
	if _, ok := New().BatchScript(); !ok {
		t.Error("batches are cut by a script only")
	}
}
