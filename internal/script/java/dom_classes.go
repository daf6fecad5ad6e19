package java

import (
	"strings"

	"github.com/weir-health/weir/tree"
)

const domPackage = "org.w3c.dom."

// domAPI is org.w3c.dom: Node and what is one, and the lists of them.
func domAPI() []*Class {
	node := domPackage + "Node"
	data := domPackage + "CharacterData"
	types := map[string]any{}
	for i, name := range strings.Fields("ELEMENT ATTRIBUTE TEXT CDATA_SECTION ENTITY_REFERENCE ENTITY PROCESSING_INSTRUCTION COMMENT DOCUMENT DOCUMENT_TYPE DOCUMENT_FRAGMENT NOTATION") {
		types[name+"_NODE"] = int32(i + 1)
	}
	return []*Class{
		{Name: node, Methods: nodeMethods(), Constants: types},
		{Name: domClasses[documentNode], Super: node, Methods: documentMethods()},
		{Name: domClasses[elementNode], Super: node, Methods: elementMethods()},
		{Name: domClasses[attributeNode], Super: node, Methods: attrMethods()},
		{Name: domClasses[fragmentNode], Super: node},
		{Name: domClasses[procInstNode], Super: node, Methods: Methods{
			"getTarget": onNode(func(d domNode, _ *Call) any { return d.n.Name.Local }),
			"getData":   onNode(func(d domNode, _ *Call) any { return d.n.Data }),
			"setData":   onNode(func(d domNode, c *Call) any { d.setText(c.Text(0)); return Void }),
		}},
		{Name: data, Super: node, Methods: characterMethods()},
		{Name: domClasses[commentNode], Super: data},
		{Name: domClasses[textNode], Super: data, Methods: textMethods()},
		{Name: domClasses[cdataNode], Super: domClasses[textNode]},
		{Name: domPackage + "NodeList", Methods: nodeListMethods()},
		{Name: domPackage + "NamedNodeMap", Methods: namedMethods()},
		{Name: domPackage + "DOMImplementation", Methods: Methods{
			"hasFeature": func(*Call) any { return true },
			"createDocument": func(c *Call) any {
				doc := newDocument()
				if !c.Null(1) {
					doc.root.Append(tree.NewNamed(c.nameNS(c.Object(0), c.Need(1))))
				}
				return doc.node()
			},
		}},
	}
}

func nodeMethods() Methods {
	return Methods{
		"getNodeName": onNode(func(d domNode, _ *Call) any { return d.name() }),
		"getNodeType": onNode(func(d domNode, _ *Call) any { return d.kind() }),
		"getNodeValue": onNode(func(d domNode, _ *Call) any {
			if s, ok := d.value(); ok {
				return s
			}
			return nil
		}),
		"setNodeValue": onNode(func(d domNode, c *Call) any {
			if s := c.Text(0); d.n.Kind != tree.Element {
				d.setText(s)
			}
			return Void
		}),
		"getTextContent": onNode(func(d domNode, _ *Call) any {
			if d.kind() == documentNode {
				return nil
			}
			return d.text()
		}),
		"setTextContent": onNode(func(d domNode, c *Call) any {
			if s := c.Text(0); d.kind() != documentNode {
				d.setText(s)
			}
			return Void
		}),
		"getLocalName": onNode(func(d domNode, _ *Call) any {
			if !d.named() {
				return nil
			}
			return d.n.Name.Local
		}),
		"getNamespaceURI": onNode(func(d domNode, _ *Call) any {
			if !d.named() {
				return nil
			}
			return nullable(d.n.Name.Space)
		}),
		"getPrefix": onNode(func(d domNode, _ *Call) any {
			if !d.named() {
				return nil
			}
			return nullable(d.n.Name.Prefix)
		}),
		"setPrefix": onNode(func(d domNode, c *Call) any {
			prefix := c.Text(0)
			if !d.named() || prefix != "" && (!tree.IsXMLName(prefix) || d.n.Name.Space == "") {
				panic(c.domFault("NAMESPACE_ERR"))
			}
			d.changed()
			d.n.SetName(tree.Name{Space: d.n.Name.Space, Prefix: prefix, Local: d.n.Name.Local})
			return Void
		}),
		"getParentNode": onNode(func(d domNode, _ *Call) any {
			if d.n.Kind == tree.Attribute {
				return nil
			}
			return d.at(d.n.Parent())
		}),
		"getFirstChild": onNode(func(d domNode, _ *Call) any {
			if all := d.n.Children(); len(all) > 0 {
				return d.at(all[0])
			}
			return nil
		}),
		"getLastChild": onNode(func(d domNode, _ *Call) any {
			if all := d.n.Children(); len(all) > 0 {
				return d.at(all[len(all)-1])
			}
			return nil
		}),
		"getPreviousSibling": onNode(func(d domNode, _ *Call) any { return d.sibling(-1) }),
		"getNextSibling":     onNode(func(d domNode, _ *Call) any { return d.sibling(1) }),
		"hasChildNodes":      onNode(func(d domNode, _ *Call) any { return len(d.n.Children()) > 0 }),
		"getChildNodes": func(c *Call) any {
			return newNodeList(c.This.(domNode), func(d domNode) []*tree.Node { return d.n.Children() })
		},
		"hasAttributes": onNode(func(d domNode, _ *Call) any { return len(d.n.Attributes()) > 0 }),
		"getAttributes": onNode(func(d domNode, _ *Call) any {
			if d.kind() != elementNode {
				return nil
			}
			return &nodeList{class: domPackage + "NamedNodeMap", of: d, find: domNode.attributes, state: -1}
		}),
		"getOwnerDocument": func(c *Call) any {
			if d := c.This.(domNode); d.n != d.doc.root {
				return d.doc.node()
			}
			return nil
		},
		"appendChild": onNode(func(d domNode, c *Call) any {
			child := c.needNode(0)
			if child.n.Parent() == d.n { // moves to the end
				d.mayHold(c, child, child.n)
				d.changed()
				detach(child.n)
				d.n.Append(child.n)
				return child
			}
			d.put(c, child, nil)
			return child
		}),
		"insertBefore": onNode(func(d domNode, c *Call) any {
			child := c.needNode(0)
			before, _ := c.nodeArg(1)
			d.put(c, child, before.n)
			return child
		}),
		"replaceChild": onNode(func(d domNode, c *Call) any {
			child, old := c.needNode(0), c.needNode(1)
			d.put(c, child, old.n)
			if child != old {
				detach(old.n)
			}
			return old
		}),
		"removeChild": onNode(func(d domNode, c *Call) any {
			child := c.needNode(0)
			if child.n.Parent() != d.n || child.n.Kind == tree.Attribute {
				panic(c.domFault("NOT_FOUND_ERR"))
			}
			d.changed()
			detach(child.n)
			return child
		}),
		"cloneNode": onNode(func(d domNode, c *Call) any {
			deep := c.Bool(0)
			if d.kind() != documentNode {
				return domNode{d.clone(c, deep), d.doc}
			}
			doc := &domDocument{root: d.clone(c, deep), standalone: d.doc.standalone, version: d.doc.version, encoding: d.doc.encoding}
			return doc.node()
		}),
		"normalize":   onNode(func(d domNode, _ *Call) any { d.changed(); normalize(d.n); return Void }),
		"isSameNode":  func(c *Call) any { return c.Object(0) == any(c.This) },
		"isEqualNode": isEqualNode,
		"lookupNamespaceURI": onNode(func(d domNode, c *Call) any {
			uri, _ := d.element().namespace(c.Text(0))
			return nullable(uri)
		}),
		"lookupPrefix": onNode(func(d domNode, c *Call) any { return nullable(d.element().prefixOf(c.Text(0))) }),
		"isDefaultNamespace": onNode(func(d domNode, c *Call) any {
			uri, _ := d.element().namespace("")
			return uri == c.Text(0)
		}),
		"getBaseURI":  func(*Call) any { return nil },
		"isSupported": func(*Call) any { return true },
		"toString":    onNode(func(d domNode, _ *Call) any { return d.String() }),
	}
}

// isEqualNode compares with a node of whatever document: one of another is copied
// first, so that no two documents are locked at once.
func isEqualNode(c *Call) any {
	d, ok := c.This.(domNode)
	other, isNode := c.nodeArg(0)
	if !ok || !isNode {
		return false
	}
	if other.doc != d.doc {
		unlock := other.doc.lock(c.VM)
		other = domNode{other.n.Copy(), other.doc}
		unlock()
	}
	defer d.doc.lock(c.VM)()
	return equalNodes(d, other)
}

// element is the element at which names of a node are looked up.
func (d domNode) element() domNode {
	switch {
	case d.kind() == documentNode:
		if root := rootElement(d.n); root != nil {
			return domNode{root, d.doc}
		}
	case d.n.Kind != tree.Element && d.n.Parent() != nil:
		return domNode{d.n.Parent(), d.doc}
	}
	return d
}

// prefixOf is a prefix that stands for a namespace at an element.
func (d domNode) prefixOf(uri string) string {
	for n := d.n; n != nil && uri != ""; n = n.Parent() {
		if n.Name.Space == uri && n.Name.Prefix != "" {
			return n.Name.Prefix
		}
		for _, a := range n.Attributes() {
			if a.Name.Space == xmlnsSpace && a.Data == uri && a.Name.Prefix != "" {
				return a.Name.Local
			}
		}
	}
	return ""
}

// named1 is a name that createElement is given, nameNS one of createElementNS.
func (c *Call) named1(text string) tree.Name {
	prefix, local, colon := strings.Cut(text, ":")
	if !colon {
		prefix, local = "x", text
	}
	if !tree.IsXMLName(local) || !tree.IsXMLName(prefix) {
		panic(c.domFault("INVALID_CHARACTER_ERR"))
	}
	return tree.Name{Space: level1, Local: text}
}

func (c *Call) nameNS(space any, text string) tree.Name {
	uri := ""
	if space != nil {
		uri = c.VM.Text(space)
	}
	c.named1(text)
	prefix, local, colon := strings.Cut(text, ":")
	if !colon {
		prefix, local = "", text
	}
	isXMLNS := prefix == "xmlns" || text == "xmlns"
	if colon && uri == "" || prefix == "xml" && uri != tree.XMLNamespace || isXMLNS != (uri == xmlnsSpace) {
		panic(c.domFault("NAMESPACE_ERR"))
	}
	return tree.Name{Space: uri, Prefix: prefix, Local: local}
}

// byName and byNameNS find elements inside of a node.
func byName(c *Call) any {
	name := c.Need(0)
	return newNodeList(c.This.(domNode), descendants(func(d domNode) bool { return name == "*" || d.name() == name }))
}

func byNameNS(c *Call) any {
	space, local := c.Text(0), c.Need(1)
	return newNodeList(c.This.(domNode), descendants(func(d domNode) bool {
		return d.named() && (space == "*" || d.n.Name.Space == space) && (local == "*" || d.n.Name.Local == local)
	}))
}

func documentMethods() Methods {
	fresh := func(f func(c *Call) *tree.Node) func(*Call) any {
		return func(c *Call) any { return domNode{f(c), c.This.(domNode).doc} }
	}
	leaf := func(kind tree.Kind) func(*Call) any {
		return fresh(func(c *Call) *tree.Node { return &tree.Node{Kind: kind, Data: c.Text(0)} })
	}
	return Methods{
		"getDocumentElement": onNode(func(d domNode, _ *Call) any { return d.at(rootElement(d.n)) }),
		"createElement":      fresh(func(c *Call) *tree.Node { return tree.NewNamed(c.named1(c.Need(0))) }),
		"createElementNS":    fresh(func(c *Call) *tree.Node { return tree.NewNamed(c.nameNS(c.Object(0), c.Need(1))) }),
		"createAttribute": fresh(func(c *Call) *tree.Node {
			return &tree.Node{Kind: tree.Attribute, Name: c.named1(c.Need(0))}
		}),
		"createAttributeNS": fresh(func(c *Call) *tree.Node {
			return &tree.Node{Kind: tree.Attribute, Name: c.nameNS(c.Object(0), c.Need(1))}
		}),
		"createTextNode": leaf(tree.Text), "createCDATASection": leaf(tree.CDATA), "createComment": leaf(tree.Comment),
		"createProcessingInstruction": fresh(func(c *Call) *tree.Node {
			return &tree.Node{Kind: tree.ProcInst, Name: tree.Name{Local: c.named1(c.Need(0)).Local}, Data: c.Text(1)}
		}),
		"createDocumentFragment": fresh(func(*Call) *tree.Node { return tree.New(fragmentName) }),
		"getElementsByTagName":   byName, "getElementsByTagNameNS": byNameNS,
		// There are no document types, which would say what an id is.
		"getElementById": func(*Call) any { return nil }, "getDoctype": func(*Call) any { return nil },
		"importNode": func(c *Call) any { return c.brought(c.needNode(0), c.Len() < 2 || c.Bool(1)) },
		"adoptNode": func(c *Call) any {
			from := c.needNode(0)
			made := c.brought(from, true)
			defer from.doc.lock(c.VM)()
			from.changed()
			detach(from.n)
			return made
		},
		"renameNode": onNode(func(_ domNode, c *Call) any {
			d, name := c.needNode(0), c.nameNS(c.Object(1), c.Need(2))
			d.changed()
			d.n.SetName(name)
			return d
		}),
		"getXmlStandalone": func(c *Call) any { return c.This.(domNode).doc.standalone },
		"setXmlStandalone": onNode(func(d domNode, c *Call) any { d.doc.standalone = c.Bool(0); return Void }),
		"getXmlVersion":    func(c *Call) any { return c.This.(domNode).doc.version },
		"setXmlVersion":    onNode(func(d domNode, c *Call) any { d.doc.version = c.Text(0); return Void }),
		"getXmlEncoding":   func(c *Call) any { return nullable(c.This.(domNode).doc.encoding) },
		"getInputEncoding": func(c *Call) any { return nullable(c.This.(domNode).doc.encoding) },
		"getDocumentURI":   func(*Call) any { return nil }, "setDocumentURI": func(*Call) any { return Void },
		"getImplementation": func(*Call) any { return &object{domPackage + "DOMImplementation"} },
		"normalizeDocument": onNode(func(d domNode, _ *Call) any { d.changed(); normalize(d.n); return Void }),
	}
}

// brought copies a node of another document into the one of the call. An adopted node
// is a copy, too: what a script holds of the old one stays with the old document.
func (c *Call) brought(from domNode, deep bool) domNode {
	if from.kind() == documentNode {
		panic(c.domFault("NOT_SUPPORTED_ERR"))
	}
	defer from.doc.lock(c.VM)()
	return domNode{from.clone(c, deep), c.This.(domNode).doc}
}

func elementMethods() Methods {
	get := func(d domNode, a *tree.Node) any {
		if a == nil {
			return ""
		}
		return a.Data
	}
	remove := func(d domNode, a *tree.Node) any {
		if a != nil {
			d.changed()
			d.n.RemoveAttribute(a)
		}
		return Void
	}
	return Methods{
		"getTagName":             onNode(func(d domNode, _ *Call) any { return d.name() }),
		"getElementsByTagName":   byName,
		"getElementsByTagNameNS": byNameNS,
		"getAttribute":           onNode(func(d domNode, c *Call) any { return get(d, d.attribute(c.Text(0))) }),
		"getAttributeNS":         onNode(func(d domNode, c *Call) any { return get(d, d.attributeNS(c.Text(0), c.Text(1))) }),
		"hasAttribute":           onNode(func(d domNode, c *Call) any { return d.attribute(c.Text(0)) != nil }),
		"hasAttributeNS":         onNode(func(d domNode, c *Call) any { return d.attributeNS(c.Text(0), c.Text(1)) != nil }),
		"setAttribute": onNode(func(d domNode, c *Call) any {
			name, value := c.Need(0), c.Text(1)
			d.changed()
			if a := d.attribute(name); a != nil {
				a.SetText(value)
			} else {
				d.n.AddAttribute(&tree.Node{Kind: tree.Attribute, Name: c.named1(name), Data: value})
			}
			return Void
		}),
		"setAttributeNS": onNode(func(d domNode, c *Call) any {
			name, value := c.nameNS(c.Object(0), c.Need(1)), c.Text(2)
			d.changed()
			if a := d.attributeNS(name.Space, name.Local); a != nil {
				a.SetName(name)
				a.SetText(value)
			} else {
				d.n.AddAttribute(&tree.Node{Kind: tree.Attribute, Name: name, Data: value})
			}
			return Void
		}),
		"removeAttribute":     onNode(func(d domNode, c *Call) any { return remove(d, d.attribute(c.Text(0))) }),
		"removeAttributeNS":   onNode(func(d domNode, c *Call) any { return remove(d, d.attributeNS(c.Text(0), c.Text(1))) }),
		"getAttributeNode":    onNode(func(d domNode, c *Call) any { return d.at(d.attribute(c.Text(0))) }),
		"getAttributeNodeNS":  onNode(func(d domNode, c *Call) any { return d.at(d.attributeNS(c.Text(0), c.Text(1))) }),
		"setAttributeNode":    onNode(setAttributeNode),
		"setAttributeNodeNS":  onNode(setAttributeNode),
		"removeAttributeNode": onNode(func(d domNode, c *Call) any { return d.takeAttribute(c, c.needNode(0).n) }),
		"setIdAttribute":      func(*Call) any { return Void },
	}
}

// setAttributeNode adds an attribute, and returns the one whose place it takes.
func setAttributeNode(d domNode, c *Call) any {
	a := c.needNode(0)
	switch {
	case a.doc != d.doc:
		panic(c.domFault("WRONG_DOCUMENT_ERR"))
	case a.n.Kind != tree.Attribute:
		panic(c.domFault("HIERARCHY_REQUEST_ERR"))
	case a.n.Parent() == d.n:
		return a
	case a.n.Parent() != nil:
		panic(c.domFault("INUSE_ATTRIBUTE_ERR"))
	}
	old := d.attribute(a.name())
	if a.named() && d.attributeNS(a.n.Name.Space, a.n.Name.Local) != nil {
		old = d.attributeNS(a.n.Name.Space, a.n.Name.Local)
	}
	d.changed()
	if old != nil {
		d.n.RemoveAttribute(old)
	}
	d.n.AddAttribute(a.n)
	return d.at(old)
}

func (d domNode) takeAttribute(c *Call, a *tree.Node) any {
	if a == nil || a.Kind != tree.Attribute || a.Parent() != d.n {
		panic(c.domFault("NOT_FOUND_ERR"))
	}
	d.changed()
	d.n.RemoveAttribute(a)
	return d.at(a)
}

func attrMethods() Methods {
	return Methods{
		"getName":         onNode(func(d domNode, _ *Call) any { return d.name() }),
		"getValue":        onNode(func(d domNode, _ *Call) any { return d.n.Data }),
		"setValue":        onNode(func(d domNode, c *Call) any { d.setText(c.Text(0)); return Void }),
		"getOwnerElement": onNode(func(d domNode, _ *Call) any { return d.at(d.n.Parent()) }),
		"getSpecified":    func(*Call) any { return true },
		"isId":            func(*Call) any { return false },
	}
}

// characterMethods are those of CharacterData; its places count UTF-16 units.
func characterMethods() Methods {
	edit := func(f func(c *Call, u []uint16) (from, to int, put string)) func(*Call) any {
		return onNode(func(d domNode, c *Call) any {
			u := units(d.n.Data)
			from, to, put := f(c, u)
			if from < 0 || from > len(u) || to < from {
				panic(c.domFault("INDEX_SIZE_ERR"))
			}
			c.limit(len(d.n.Data) + len(put))
			d.setText(fromUnits(u[:from]) + put + fromUnits(u[min(to, len(u)):]))
			return Void
		})
	}
	return Methods{
		"getData":     onNode(func(d domNode, _ *Call) any { return d.n.Data }),
		"setData":     onNode(func(d domNode, c *Call) any { d.setText(c.Text(0)); return Void }),
		"getLength":   onNode(func(d domNode, _ *Call) any { return length(d.n.Data) }),
		"appendData":  edit(func(c *Call, u []uint16) (int, int, string) { return len(u), len(u), c.Text(0) }),
		"insertData":  edit(func(c *Call, u []uint16) (int, int, string) { return c.Int(0), c.Int(0), c.Text(1) }),
		"deleteData":  edit(func(c *Call, u []uint16) (int, int, string) { return c.Int(0), c.Int(0) + c.Int(1), "" }),
		"replaceData": edit(func(c *Call, u []uint16) (int, int, string) { return c.Int(0), c.Int(0) + c.Int(1), c.Text(2) }),
		"substringData": onNode(func(d domNode, c *Call) any {
			u := units(d.n.Data)
			from, n := c.Int(0), c.Int(1)
			if from < 0 || from > len(u) || n < 0 {
				panic(c.domFault("INDEX_SIZE_ERR"))
			}
			return fromUnits(u[from:min(from+n, len(u))])
		}),
	}
}

func textMethods() Methods {
	return Methods{
		"splitText": onNode(func(d domNode, c *Call) any {
			u, at := units(d.n.Data), c.Int(0)
			if at < 0 || at > len(u) {
				panic(c.domFault("INDEX_SIZE_ERR"))
			}
			rest := &tree.Node{Kind: d.n.Kind, Data: fromUnits(u[at:])}
			d.setText(fromUnits(u[:at]))
			if i := d.n.Index(); i >= 0 {
				d.n.Parent().Insert(i+1, rest)
			}
			return domNode{rest, d.doc}
		}),
		"getWholeText": onNode(func(d domNode, _ *Call) any {
			if d.n.Parent() == nil {
				return d.n.Data
			}
			isText := func(n *tree.Node) bool { return n.Kind == tree.Text || n.Kind == tree.CDATA }
			all := d.n.Parent().Children()
			from := d.n.Index()
			for from > 0 && isText(all[from-1]) {
				from--
			}
			var b strings.Builder
			for ; from < len(all) && isText(all[from]); from++ {
				b.WriteString(all[from].Data)
			}
			return b.String()
		}),
		"isElementContentWhitespace": func(*Call) any { return false }, // which a document type would tell
	}
}

// onList is a method of a list; its document is locked.
func onList(f func(l *nodeList, c *Call) any) func(*Call) any {
	return func(c *Call) any {
		l := c.This.(*nodeList)
		defer l.of.doc.lock(c.VM)()
		return f(l, c)
	}
}

func nodeListMethods() Methods {
	return Methods{
		"getLength": onList(func(l *nodeList, _ *Call) any { return len(l.now()) }),
		"item": onList(func(l *nodeList, c *Call) any {
			i := c.Int(0)
			if all := l.now(); i >= 0 && i < len(all) {
				return l.of.at(all[i])
			}
			return nil
		}),
	}
}

func namedMethods() Methods {
	m := nodeListMethods()
	m["getNamedItem"] = onList(func(l *nodeList, c *Call) any { return l.of.at(l.of.attribute(c.Text(0))) })
	m["getNamedItemNS"] = onList(func(l *nodeList, c *Call) any { return l.of.at(l.of.attributeNS(c.Text(0), c.Text(1))) })
	m["setNamedItem"] = onList(func(l *nodeList, c *Call) any { return setAttributeNode(l.of, c) })
	m["setNamedItemNS"] = m["setNamedItem"]
	m["removeNamedItem"] = onList(func(l *nodeList, c *Call) any { return l.of.takeAttribute(c, l.of.attribute(c.Text(0))) })
	m["removeNamedItemNS"] = onList(func(l *nodeList, c *Call) any { return l.of.takeAttribute(c, l.of.attributeNS(c.Text(0), c.Text(1))) })
	return m
}
