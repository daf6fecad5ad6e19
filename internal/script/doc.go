// Package script runs the JavaScript of channels: filters and transformers,
// pre- and postprocessors, deploy scripts, and the scripts of connectors.
//
// A script is compiled once, when its channel is deployed, and run for each
// message in a runtime of its own:
//
//	p, err := script.CompileTransformer("source transformer", templates, rules, steps, false)
//	…
//	out, err := p.Transform(ctx, scope, script.Input{Form: weir.FormTree, Root: root})
//
// Nothing that a script does to its globals or to built-in objects is there for
// the next message. What lasts are the maps of the [Scope]. A runtime costs some
// ten microseconds because it begins empty: the names that scripts know, from
// $c to java, are made when a script first asks for one (globals.go).
//
// Scripts are written for Rhino with E4X. Package e4x turns their text into
// plain JavaScript, package xmlhost gives them messages as XML objects, and
// package java gives them the Java classes that channels use. This package puts
// the parts of a script together (compile.go), lends them the maps (maps.go)
// and the engine ([Host]), and watches over time, depth and memory (limits.go).
//
// # Values
//
// A value that a script puts into a map becomes a Go value:
//
//	string           string
//	number           float64, a java.lang.Double to scripts and templates
//	boolean          bool
//	undefined        the string "undefined"
//	null             nil
//	array            []any
//	plain object     *Object, which keeps the order of its keys
//	Date             time.Time
//	XML              *XML, a copy of the nodes
//	function         its text
//	Java object      itself, such as *java.List
//
// Within the run that put it there an array, object or XML value stays what it
// is; the Go value is made when the run ends. Strings, numbers and booleans come
// back as Java objects, as they do in Mirth: their typeof is "object", they are
// equal to literals by == but never by ===, and an empty one is true.
package script
