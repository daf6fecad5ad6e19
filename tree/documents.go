package tree

import "strings"

// Documents reads and writes messages that are XML documents, for the data types
// that are nothing but XML. The zero value keeps namespaces.
type Documents struct {
	// StripNamespaces takes all declarations of namespaces out of what is read;
	// see the function of that name.
	StripNamespaces bool
}

// reading is how scripts' own parser reads by default: no indentation, no
// processing instructions, but comments inside the root.
var reading = XMLOptions{DropBlank: true, DropProcInsts: true}

// Parse reads a document. White space around it, the XML declaration, processing
// instructions and blanks between elements are dropped. A document type is
// refused, and so is everything that is not well-formed.
func (d Documents) Parse(text string) (*Node, error) {
	return ParseXML(d.Pass(strings.TrimSpace(text)), reading)
}

// Pass takes the declarations of namespaces out when that is asked for, and
// leaves everything else as it is.
func (d Documents) Pass(text string) string {
	if d.StripNamespaces {
		return StripNamespaces(text)
	}
	return text
}

// Serialize returns the text that scripts begin with: the document as it is, without
// white space around it.
func (d Documents) Serialize(text string) string { return d.Pass(strings.TrimSpace(text)) }

// Encode writes the markup of root without declaration and indentation, the
// attributes in alphabetical order; see [Node.XMLString]. regular reports whether
// Parse of it gives the same tree.
func (d Documents) Encode(root *Node) (text string, regular bool) {
	return root.XMLString(), root.Kind == Element && d.regular(root)
}

// regular reports whether reading what is written gives the same tree. Where a
// case is rare the answer is no without a closer look.
func (d Documents) regular(n *Node) bool {
	if d.StripNamespaces && (len(n.Namespaces()) > 0 || n.Name.Space != "") {
		return false
	}
	var elements, blank bool
	var last Kind
	for i, c := range n.Children() {
		switch c.Kind {
		case Element:
			elements = true
			if !d.regular(c) {
				return false
			}
		case Text:
			if c.Data == "" || i > 0 && last == Text {
				return false
			}
			blank = blank || strings.TrimSpace(c.Data) == ""
		default:
			return false
		}
		last = c.Kind
	}
	return !(elements && blank)
}
