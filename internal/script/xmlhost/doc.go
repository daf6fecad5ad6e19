// Package xmlhost gives scripts E4X: the objects XML, XMLList, QName and
// Namespace over [tree.Node], and the global __e4x that scripts rewritten by
// package e4x call.
//
// A message stays the tree it is. Wrapping it costs one small object; each read
// such as msg['PID']['PID.5'] looks into the tree and makes an XMLList that
// remembers where it was asked for, so that assigning through it can create
// what is missing. Nothing is copied into JavaScript objects.
//
// [Install] prepares one runtime. It is cheap enough to be called for every
// script run: functions and prototypes are made when a script first touches
// them, and the tables of methods are shared by all runtimes.
//
//	rt := goja.New()
//	h := xmlhost.Install(rt, script.Literals, xmlhost.Hooks{})
//	rt.Set("msg", h.Wrap(root))
//	rt.RunProgram(program)
//
// # Property keys
//
// Reads and writes reach Go as strings:
//
//	"PID.3"        child elements of that name, in the default xml namespace
//	"*"            all children
//	"@id" "@*"     attributes
//	"2"            the item of that index
//	"uri::name"    a name in a namespace; "*::name" in any, "::name" in none
//	"@uri::name"   the same for attributes
//
// # What is behaviour rather than standard
//
// Scripts depend on what Rhino 1.7.13 does, as Mirth ships it, where that
// differs from ECMA-357: comments inside elements survive parsing, attributes
// are written in alphabetical order, the markup of an attribute is empty, a
// missing child equals undefined only when undefined stands on the left.
package xmlhost
