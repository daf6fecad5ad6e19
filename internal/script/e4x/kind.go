package e4x

// kind is what is known about the value of an expression without running the
// script. It decides where the operators of plain JavaScript do.
type kind uint8

const (
	unknown     kind = iota // may be XML or a Java object
	text                    // a string, or a Java string that acts as one
	typeName                // the result of typeof
	number                  // a number
	boolean                 // true or false
	nothing                 // null or undefined
	primitive               // one of those above
	plainObject             // an object that is neither XML nor Java
)

// known tells whether the value is certainly neither XML nor Java.
func (k kind) known() bool { return k != unknown }

// kindOf returns what the shape of an expression tells about its value.
func kindOf(n node) kind {
	switch n := bare(n).(type) {
	case *str, *template:
		return text
	case *atom:
		return n.kind
	case *array, *object, *fn, *class, *comprehension:
		return plainObject
	case *ident:
		switch {
		case n.bind == nil && n.name == "undefined":
			return nothing
		case n.bind != nil && !n.dyn:
			return n.bind.value
		}
	case *unary:
		return unaryKind(n.op)
	case *update:
		return number
	case *binary:
		return n.kind
	case *assign:
		if n.op == "=" {
			return kindOf(n.r)
		}
	case *plain:
		return plainValue(n)
	case *call:
		return callKind(n)
	case *newCall:
		if id, ok := n.callee.(*ident); ok && id.bind == nil && n.extra == nil {
			switch id.name {
			case "Date", "RegExp", "Array", "Object", "Error", "TypeError", "RangeError", "Map", "Set":
				return plainObject
			}
		}
	}
	return unknown
}

func plainValue(n *plain) kind {
	switch n.kind {
	case pComma:
		return kindOf(n.kids[len(n.kids)-1])
	case pCond:
		return either(kindOf(n.kids[1]), kindOf(n.kids[2]))
	}
	return unknown
}

func unaryKind(op string) kind {
	switch op {
	case "!", "delete":
		return boolean
	case "+", "-", "~":
		return number
	case "typeof":
		return typeName
	case "void":
		return nothing
	}
	return unknown
}

// binaryKind is asked once, when the node is made, so that a long chain of
// operators costs each of them once.
func binaryKind(n *binary) kind {
	switch n.op {
	case "+":
		return sum(kindOf(n.l), kindOf(n.r))
	case "&&", "||", "??":
		return either(kindOf(n.l), kindOf(n.r))
	case "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^":
		return number
	}
	return boolean
}

// sum is what is known of a + b.
func sum(a, b kind) kind {
	switch {
	case a.isText() || b.isText():
		return text
	case a == number && b == number:
		return number
	case a.known() || b.known():
		return primitive
	}
	return unknown
}

func (k kind) isText() bool { return k == text || k == typeName }

// either is what is known of a value that is one of two.
func either(a, b kind) kind {
	switch {
	case a == unknown || b == unknown:
		return unknown
	case a.isText() && b.isText():
		return text
	case a == b:
		return a
	case a == plainObject || b == plainObject:
		return plainObject
	}
	return primitive
}

// callKind knows the methods whose result does not depend on what they are
// called on.
func callKind(n *call) kind {
	switch f := n.callee.(type) {
	case *ident:
		if f.bind != nil {
			return unknown
		}
		switch f.name {
		case "String":
			return text
		case "Number", "parseInt", "parseFloat":
			return number
		case "Boolean", "isNaN":
			return boolean
		}
	case *member:
		switch f.name {
		case "toString", "toXMLString":
			return text
		case "length", "indexOf", "lastIndexOf", "charCodeAt", "childIndex":
			return number
		}
	}
	return unknown
}

// nativeEquals tells whether a == b of plain JavaScript does what == of E4X
// does. Comparing XML to null is false either way; undefined on the left is
// equal to an empty list, so it is not native.
func nativeEquals(l, r node) bool {
	a, b := kindOf(l), kindOf(r)
	switch {
	case a.known() && b.known(), a == typeName, b == typeName, b == nothing:
		return true
	}
	return a == nothing && isNull(l)
}

func isNull(n node) bool {
	a, ok := bare(n).(*atom)
	return ok && a.text == "null"
}

// nativePlus tells whether + of plain JavaScript does what + of E4X does:
// always, unless both sides may be XML.
func nativePlus(l, r node) bool { return kindOf(l).known() || kindOf(r).known() }
