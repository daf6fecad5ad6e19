package e4x

// methods are the names whose call may mean something on XML: the methods of
// XML and XMLList (ECMA-357), those of strings, which XML with simple content
// passes on to its text, and the two of Java strings that Rhino's strings
// answer to.
var methods = func() map[string]bool {
	m := make(map[string]bool)
	for _, list := range [][]string{xmlMethods, stringMethods} {
		for _, name := range list {
			m[name] = true
		}
	}
	return m
}()

var xmlMethods = []string{
	"addNamespace", "appendChild", "attribute", "attributes", "child",
	"childIndex", "children", "comments", "contains", "copy", "descendants",
	"elements", "hasComplexContent", "hasOwnProperty", "hasSimpleContent",
	"inScopeNamespaces", "insertChildAfter", "insertChildBefore", "length",
	"localName", "name", "namespace", "namespaceDeclarations", "nodeKind",
	"normalize", "parent", "prependChild", "processingInstructions",
	"propertyIsEnumerable", "removeNamespace", "replace", "setChildren",
	"setLocalName", "setName", "setNamespace", "text", "toString",
	"toXMLString", "valueOf",
}

var stringMethods = []string{
	"at", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith",
	"equals", "equalsIgnoreCase", "includes", "indexOf", "lastIndexOf",
	"localeCompare", "match", "matchAll", "padEnd", "padStart", "repeat",
	"replaceAll", "search", "slice", "split", "startsWith", "substr",
	"substring", "toLocaleLowerCase", "toLocaleUpperCase", "toLowerCase",
	"toUpperCase", "trim", "trimEnd", "trimLeft", "trimRight", "trimStart",
}

// builtin tells whether a name that the script does not declare is one of
// JavaScript's own, and so neither XML nor missing.
func builtin(name string) bool {
	switch name {
	case "undefined", "NaN", "Infinity", "arguments", "globalThis",
		"Array", "BigInt", "Boolean", "Date", "Error", "EvalError", "Function",
		"JSON", "Map", "Math", "Number", "Object", "Promise", "Proxy",
		"RangeError", "ReferenceError", "Reflect", "RegExp", "Set", "String",
		"Symbol", "SyntaxError", "TypeError", "URIError", "WeakMap", "WeakSet":
		return true
	}
	return false
}
