package channelfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of what is read.
const (
	MaxFile   = 16 << 20 // bytes of a channel file, and of a script beside it
	MaxDepth  = 100      // mappings and lists inside one another
	MaxValues = 200_000  // values of one file
	MaxErrors = 20       // errors that are reported at once
)

// node is a value of a file: a mapping, a list, a text, or nothing.
type node struct {
	kind    kind
	text    string
	entries []entry
	items   []*node
	line    int  // from 1; 0 for one that is to be written
	inLine  bool // a mapping of short texts that is to be written in one line
}

type kind int

const (
	textKind kind = iota
	mappingKind
	listKind
	nothing // null or ~
)

// entry is a key of a mapping with its value.
type entry struct {
	key   string
	line  int
	value *node
}

func text(s string) *node { return &node{text: s} }

func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.entries {
		if n.entries[i].key == key {
			return n.entries[i].value
		}
	}
	return nil
}

func (n *node) set(key string, value *node) {
	n.kind = mappingKind
	n.entries = append(n.entries, entry{key: key, value: value})
}

// lineError is an error at a line of a file.
type lineError struct {
	line int
	text string
}

func (e *lineError) Error() string {
	if e.line == 0 {
		return e.text
	}
	return fmt.Sprintf("line %d: %s", e.line, e.text)
}

func errAt(line int, format string, args ...any) error {
	return &lineError{line, fmt.Sprintf(format, args...)}
}

// parse reads YAML into nodes. Anchors, aliases, tags and merge keys are refused:
// a channel file has no use for them, and they are what makes small files large.
func parse(data []byte) (n *node, err error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("the file has %d bytes, more than %d", len(data), MaxFile)
	}
	if err := tooDeep(data); err != nil {
		return nil, err
	}
	defer func() {
		// The parser has been seen to panic on texts that are no YAML.
		if x := recover(); x != nil {
			n, err = nil, errors.New("the file is not YAML")
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	if len(bodies) != 1 {
		return nil, fmt.Errorf("the file holds %d YAML documents in place of one", len(bodies))
	}
	b := &builder{}
	return b.node(bodies[0], 0)
}

// tooDeep looks for nesting that would be too much for the parser, which calls
// itself for each level. It counts roughly, since scripts may hold brackets, too.
func tooDeep(data []byte) error {
	const brackets = 20 * MaxDepth
	depth, line, start := 0, 1, true
	dashes := 0
	for i, c := range data {
		switch c {
		case '[', '{':
			if depth++; depth > brackets {
				return errAt(line, "more than %d brackets are open", brackets)
			}
		case ']', '}':
			depth = max(0, depth-1)
		case '\n':
			line, start, dashes = line+1, true, 0
			continue
		}
		switch {
		case !start || c == ' ' || c == '\t':
		case (c == '-' || c == '?' || c == ':') && i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t'):
			if dashes++; dashes > MaxDepth {
				return errAt(line, "more than %d lists are inside one another", MaxDepth)
			}
		default:
			start = false
		}
	}
	return nil
}

// syntaxError keeps what the parser says, without the lines it quotes.
func syntaxError(err error) error {
	var located interface{ GetToken() *token.Token }
	line := 0
	if errors.As(err, &located) && located.GetToken() != nil && located.GetToken().Position != nil {
		line = located.GetToken().Position.Line
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	if at, rest, ok := strings.Cut(message, "] "); ok && strings.HasPrefix(at, "[") {
		message = rest
	}
	return errAt(line, "%s", message)
}

type builder struct{ values int }

func (b *builder) node(n ast.Node, depth int) (*node, error) {
	line := 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	if b.values++; b.values > MaxValues {
		return nil, errAt(line, "the file has more than %d values", MaxValues)
	}
	if depth > MaxDepth {
		return nil, errAt(line, "more than %d mappings and lists are inside one another", MaxDepth)
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.mapping(n.Values, line, depth)
	case *ast.MappingValueNode:
		return b.mapping([]*ast.MappingValueNode{n}, line, depth)
	case *ast.SequenceNode:
		made := &node{kind: listKind, line: line}
		for _, v := range n.Values {
			item, err := b.node(v, depth+1)
			if err != nil {
				return nil, err
			}
			made.items = append(made.items, item)
		}
		return made, nil
	case *ast.NullNode:
		return &node{kind: nothing, line: line}, nil
	case *ast.StringNode:
		return &node{text: n.Value, line: line}, nil
	case *ast.LiteralNode:
		return &node{text: n.Value.Value, line: line}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return &node{text: n.GetToken().Value, line: line}, nil
	case *ast.CommentGroupNode:
		return &node{kind: nothing, line: line}, nil
	}
	return nil, errAt(line, "anchors, aliases, tags and merge keys have no place in a channel file: write the value itself")
}

func (b *builder) mapping(values []*ast.MappingValueNode, line, depth int) (*node, error) {
	made := &node{kind: mappingKind, line: line}
	seen := map[string]int{}
	for _, v := range values {
		k, err := b.node(v.Key, depth+1)
		if err != nil {
			return nil, err
		}
		if k.kind != textKind {
			return nil, errAt(k.line, "a key is not a plain text")
		}
		if first, twice := seen[k.text]; twice {
			return nil, errAt(k.line, "%s is there twice, first in line %d", quote(k.text), first)
		}
		seen[k.text] = k.line
		value, err := b.node(v.Value, depth+1)
		if err != nil {
			return nil, err
		}
		made.entries = append(made.entries, entry{k.text, k.line, value})
	}
	return made, nil
}

// quote shows a key in an error.
func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
