package e4x

// Literal is the template of one XML literal. The runtime makes a fresh copy
// of it each time the literal is evaluated, with the values of its holes put
// in.
//
// A hole is an expression in braces. Holes are numbered from 0 in the order of
// the source, which is the order of the values in __e4x.xml(n, v0, v1, …). An
// expression in a closing tag, </{name}>, is not a hole: it is not evaluated.
//
// Nothing is left out of a template: white space, comments and processing
// instructions are there, and the settings of XML at run time say what becomes
// of them.
type Literal struct {
	List  bool    // an XMLList literal, <>…</>
	Nodes []*Node // of a list: its items, text included; otherwise one node
	Holes int     // how many values it takes
}

// NodeKind says what a Node is.
type NodeKind uint8

// The kinds of nodes.
const (
	Element  NodeKind = iota // Name, Attrs, Children
	Text                     // Text: references decoded, line ends as LF
	CDATA                    // Text: as written, line ends as LF
	Comment                  // Text: between <!-- and -->
	ProcInst                 // Name: target; Text: the rest
	Hole                     // Hole: number of the value; only as a child
)

// Node is a node of a template.
type Node struct {
	Kind     NodeKind
	Name     Parts
	Attrs    []Attr // in the order of the source, xmlns declarations among them
	Children []*Node
	Text     string
	Hole     int
}

// Attr is an attribute or a namespace declaration of an element.
type Attr struct {
	Name  Parts
	Value Parts // empty for k=""
}

// Parts is text with holes: an element's or attribute's name, or an attribute's
// value. A name without holes is one part. <{n}> is one part with a hole, and
// Rhino takes <PID.{i}> as well.
type Parts []Part

// Part is a piece of text or a hole.
type Part struct {
	Text string // references decoded; empty for a hole
	Hole int    // number of the value, or -1 for text
}

// Static returns the text of parts without holes, and false if there is a hole.
func (p Parts) Static() (string, bool) {
	s := ""
	for _, part := range p {
		if part.Hole >= 0 {
			return "", false
		}
		s += part.Text
	}
	return s, true
}
