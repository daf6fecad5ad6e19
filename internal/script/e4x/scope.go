package e4x

// function holds what the rewriter must know about a function, or about the
// whole script, before it writes its first line.
type function struct {
	parent  *function
	loose   bool     // has no block of its own to declare variables in
	arrow   bool     // sees this and arguments of the function around
	args    bool     // something inside that is an arrow function uses arguments
	vars    []string // variables to declare at its start
	ns      bool     // contains default xml namespace = …
	returns bool     // has a return
	nsVar   string   // where the namespace to restore is kept
	sink    string   // variable that takes what is assigned to constants
}

// holder is the nearest function that can declare variables.
func (f *function) holder() *function {
	for f.loose {
		f = f.parent
	}
	return f
}

// scope is a region in which names are declared.
type scope struct {
	parent *scope
	fn     *function
	whole  bool                // the outermost scope of a function or script
	names  map[string]*binding // nil while empty
	vars   map[string]bool     // of a block: what var declares inside it
}

func (s *scope) set(name string, b *binding) {
	if s.names == nil {
		s.names = make(map[string]*binding)
	}
	s.names[name] = b
}

// outermost is the scope where var declares.
func (s *scope) outermost() *scope {
	for !s.whole {
		s = s.parent
	}
	return s
}

// bindingKind says how a name was declared.
type bindingKind uint8

const (
	bVar bindingKind = iota
	bLet
	bConst
	bParam
	bFunction // in the outermost scope of a function
	bInBlock  // a function declared in a block
	bOther    // a class, a catch variable, a variable of a let block
)

// binding is a declared name.
type binding struct {
	name     string
	kind     bindingKind
	scope    *scope
	pos      int  // of the declaration
	head     bool // declared in the head of a for
	asVar    bool // let or const that becomes var
	hoisted  bool // function in a block that becomes an assignment
	captured bool // used by a function inside the one that declares it
	assigned bool // gets values that infer does not see
	local    bool // infer looked at it
	value    kind // what is known of its value
	funcs    int  // how often it is declared as a function
	last     int  // where the last of those is
}

// ref is a use of a name.
type ref struct {
	id    *ident
	scope *scope
	write bool
	arrow bool // in something that becomes an arrow function
	param bool // in the default value of a parameter
}
