// Package xslt transforms documents by XSLT 1.0 stylesheets.
//
//	sheet, err := xslt.Compile(text)
//	…
//	html, err := sheet.Transform(root, map[string]string{"site": "north"})
//
// A stylesheet reaches nothing but its source and itself: xsl:import, xsl:include
// and the function document, except for the stylesheet's own empty address, are
// refused, and there are no extension functions in Java. Of EXSLT there are node-set
// and the most used functions on strings, sets, numbers and dates. What a
// transformation may cost has limits, see [MaxSteps].
//
// The texts are those of Mirth's processor: an XML declaration names the encoding
// and no line end follows it. Sorting by text ignores case first, then puts small
// letters before capitals.
package xslt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// Limits of what a stylesheet may be and do.
const (
	MaxStylesheet = 8 << 20     // bytes of a stylesheet's text
	MaxNesting    = 200         // elements of a stylesheet inside one another
	MaxTemplates  = 3000        // templates that wait for one another
	MaxDepth      = 3000        // elements of a result inside one another
	MaxOutput     = 64 << 20    // bytes of a result
	MaxSteps      = 100_000_000 // nodes looked at, instructions, and some bytes of text made
)

// Space is the namespace of XSLT.
const Space = "http://www.w3.org/1999/XSL/Transform"

// Stylesheet is a compiled stylesheet. It may be used by many goroutines.
type Stylesheet struct {
	modes     map[xpath.Name]*rules
	templates map[xpath.Name]*template
	globals   []*global
	keys      map[xpath.Name][]*key
	sets      map[xpath.Name][]*attributeSet
	formats   map[xpath.Name]*decimalFormat
	spaces    []spaceRule
	output    output
	tree      *tree.Node // for the function document
	steps     int        // MaxSteps
}

// Error is why a stylesheet cannot be compiled, or what ended a transformation. It
// never quotes the stylesheet's texts nor the source.
type Error struct {
	Line, Column int // in the stylesheet, from 1
	Problem      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("XSLT line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// Compile reads a stylesheet. An error is an [*Error].
func Compile(stylesheet string) (sheet *Stylesheet, err error) {
	root, err := tree.ParseXML(stylesheet, tree.XMLOptions{MaxSize: MaxStylesheet, MaxDepth: MaxNesting, DropComments: true, DropProcInsts: true})
	if err != nil {
		var e *tree.XMLError
		errors.As(err, &e)
		return nil, &Error{e.Line, e.Column, e.Problem}
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Error:
			sheet, err = nil, r
		default:
			panic(r)
		}
	}()
	c := newCompiler(root, places(root, stylesheet))
	c.compile()
	return c.sheet, nil
}

// Transform transforms a document and returns the result as text. The source,
// an element, is taken for the root element of a document. params are the values of global
// parameters by their names; those that the stylesheet does not have are ignored.
//
// The source is not changed. An error is an [*Error].
func (s *Stylesheet) Transform(source *tree.Node, params map[string]string) (string, error) {
	return s.transform(context.Background(), []*tree.Node{source}, params)
}

// TransformText is [Stylesheet.Transform] for a document that is a text, with the
// comments and processing instructions that stand around its root element. ctx ends
// it early. An error is an [*Error] or, where the source is no XML, a
// [*tree.XMLError].
func (s *Stylesheet) TransformText(ctx context.Context, source string, params map[string]string) (string, error) {
	nodes, err := parseDocument(source)
	if err != nil {
		return "", fmt.Errorf("the source: %w", err)
	}
	return s.transform(ctx, nodes, params)
}

func (s *Stylesheet) transform(ctx context.Context, source []*tree.Node, params map[string]string) (result string, err error) {
	e := &evaluation{sheet: s, params: params, now: time.Now, at: &place{1, 1}}
	e.budget = xpath.Budget{Steps: s.steps, Check: func() bool { return ctx.Err() == nil }}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *xpath.Failure:
			result, err = "", &Error{e.at.line, e.at.column, r.Problem}
		default:
			panic(r)
		}
	}()
	return e.transform(source), nil
}
