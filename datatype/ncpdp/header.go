package ncpdp

import (
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir/tree"
)

// column is a value of a header, which has a fixed width.
type column struct {
	name  string
	width int // in characters
}

// The headers of requests and responses (Telecommunication Standard, transaction
// header segment). A header of more than 40 characters is that of a request.
var (
	requestHeader = []column{
		{"BinNumber", 6},
		{"VersionReleaseNumber", 2},
		{"TransactionCode", 2},
		{"ProcessorControlNumber", 10},
		{"TransactionCount", 1},
		{"ServiceProviderIdQualifier", 2},
		{"ServiceProviderId", 15},
		{"DateOfService", 8},
		{"SoftwareVendorCertificationId", 10},
	}
	responseHeader = []column{
		{"VersionReleaseNumber", 2},
		{"TransactionCode", 2},
		{"TransactionCount", 1},
		{"HeaderResponseStatus", 1},
		{"ServiceProviderIdQualifier", 2},
		{"ServiceProviderId", 15},
		{"DateOfService", 8},
	}
)

const longestResponseHeader = 40

const (
	requestName  = "TransactionHeaderRequest"
	responseName = "TransactionHeaderResponse"
)

// header is the fixed part of a message, cut into its values.
type header struct {
	columns []column
	values  []string // as many, with their padding; what is missing is empty
	request bool
}

func readHeader(text string) header {
	h := header{columns: responseHeader}
	if utf8.RuneCountInString(text) > longestResponseHeader {
		h.columns, h.request = requestHeader, true
	}
	for _, c := range h.columns {
		n := 0
		for i := 0; i < c.width && n < len(text); i++ {
			_, size := utf8.DecodeRuneInString(text[n:])
			n += size
		}
		h.values = append(h.values, text[:n])
		text = text[n:]
	}
	return h
}

func (h *header) value(name string) string {
	for i, c := range h.columns {
		if c.name == name {
			return h.values[i]
		}
	}
	return ""
}

// transaction returns the name of the transaction, or its code.
func (h *header) transaction() string { return nameOr(transactions, h.value("TransactionCode")) }

// rootName returns a name such as NCPDP_D0_Billing_Request.
func (h *header) rootName() string {
	kind := "_Response"
	if h.request {
		kind = "_Request"
	}
	return "NCPDP_" + h.value("VersionReleaseNumber") + "_" + h.transaction() + kind
}

func (h *header) element() *tree.Node {
	name := responseName
	if h.request {
		name = requestName
	}
	n := tree.New(name)
	for i, c := range h.columns {
		n.Fill(tree.NewLeaf(c.name, h.values[i]))
	}
	return n
}

// padding returns the blanks that bring a value of a request's header to its width.
func padding(name, value string) string {
	for _, c := range requestHeader {
		if c.name == name {
			return strings.Repeat(" ", max(0, c.width-utf8.RuneCountInString(value)))
		}
	}
	return ""
}
