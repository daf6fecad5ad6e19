package java

import (
	"sort"
	"strings"
)

// Class is one Java class as scripts see it.
type Class struct {
	Name  string // such as "java.util.ArrayList"
	Super string // its methods are inherited; empty means java.lang.Object

	// Implements names the interfaces that instanceof knows.
	Implements []string

	// New makes an instance. Nil: the class cannot be made by new.
	New func(c *Call) any

	Static  Methods
	Methods Methods

	// Constants are static fields, in Java values. A func() any is called once
	// for each runtime.
	Constants map[string]any

	// Instead tells, for a class that Weir refuses, what to do about it.
	Instead string

	methods Methods         // own and inherited, and static ones
	is      map[string]bool // own name, supers, interfaces
}

// Methods are methods by name. Overloads share one function, which looks at the
// arguments.
type Methods map[string]func(c *Call) any

// ShortName is the name without its package.
func (c *Class) ShortName() string { return c.Name[strings.LastIndexByte(c.Name, '.')+1:] }

// Interface reports whether the class is one: it can neither be made nor has it
// static methods or constants.
func (c *Class) Interface() bool {
	return c.New == nil && c.Instead == "" && len(c.Static) == 0 && len(c.Constants) == 0
}

// Is reports whether instances of c are instances of the class or interface name.
func (c *Class) Is(name string) bool { return c.is[name] }

// Library is a set of classes. It is immutable and shared by all runtimes.
type Library struct {
	classes  map[string]*Class
	packages map[string]bool

	methodNames map[string]bool // of all classes
}

// NewLibrary returns the classes of this package together with more, which win
// where names are the same.
func NewLibrary(more ...[]*Class) *Library {
	l := &Library{classes: make(map[string]*Class), packages: make(map[string]bool), methodNames: make(map[string]bool)}
	families := append([][]*Class{
		langObjects(), langNumbers(), langStrings(), langBuilders(), langSystem(), throwables(),
		collectionClasses(), utilities(), dateClasses(), timeClasses(), regexClasses(), textClasses(), netClasses(),
		securityClasses(), cryptoClasses(), functionalClasses(), moreCollections(), moreLang(), jsonClasses(), formatBuilderClasses(), []*Class{jsonXMLClass()}, inflateClasses(), byteBufferClasses(), collatorClasses(), normalizerClasses(), transformerClasses(), domAPI(), parserClasses(), xpathClasses(), commonsClasses(), userClasses(), reachClasses(), refusedClasses(),
	}, more...)
	for _, family := range families {
		for _, c := range family {
			l.classes[c.Name] = c
		}
	}
	for name, c := range l.classes {
		for p := name; ; {
			i := strings.LastIndexByte(p, '.')
			if i < 0 {
				break
			}
			p = p[:i]
			l.packages[p] = true
		}
		l.link(c)
		for name := range c.methods {
			l.methodNames[name] = true
		}
	}
	return l
}

// link gives a class what it inherits.
func (l *Library) link(c *Class) {
	if c.is != nil {
		return
	}
	c.is = map[string]bool{c.Name: true, "java.lang.Object": true}
	c.methods = make(Methods)
	for _, name := range c.Implements {
		c.is[name] = true
	}
	super := c.Super
	if super == "" && c.Name != "java.lang.Object" {
		super = "java.lang.Object"
	}
	if s := l.classes[super]; s != nil {
		l.link(s)
		for name := range s.is {
			c.is[name] = true
		}
		for name, m := range s.methods {
			c.methods[name] = m
		}
	}
	for name, m := range c.Static {
		c.methods[name] = m
	}
	for name, m := range c.Methods {
		c.methods[name] = m
	}
}

// Class returns a class by its full name, or nil.
func (l *Library) Class(name string) *Class { return l.classes[name] }

// Names returns the names of all classes, sorted.
func (l *Library) Names() []string {
	names := make([]string, 0, len(l.classes))
	for name := range l.classes {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// HasStatic reports whether a class has a static method, constant or inner class
// of that name. Instance methods do not count.
func (c *Class) HasStatic(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	if c.Static[name] != nil {
		return true
	}
	_, ok := c.Constants[name]
	return ok
}
