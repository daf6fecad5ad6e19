package e4x

// node is a node of the syntax tree. Every node knows its extent in the
// source, which is what the rewriter copies from.
//
// Patterns (the left side of a destructuring) are the same nodes as the
// expressions they look like: a parser that reads (a, {b}) cannot know before
// the => which of the two it is.
type node interface {
	extent() (pos, end int)
}

// at is the extent of a node: the source from pos up to end.
type at struct{ pos, end int }

// Expressions.
type (
	// ident is a name that stands for a variable.
	ident struct {
		at
		name string
		bind *binding // nil while unresolved and for globals
		dyn  bool     // inside a with statement, so bind may be hidden
	}

	// atom is a token that is an expression: a number, a regular expression,
	// this, super, null, true, a private name, new.target, …
	atom struct {
		at
		text string
		kind kind
	}

	// str is a string literal.
	str struct {
		at
		value string
	}

	// template is a template literal. With interpolation its parts are
	// those between the holes, so there is one more part than holes.
	template struct {
		at
		parts []at
		holes []node
	}

	// tagged is a tagged template.
	tagged struct {
		at
		tag  node
		text *template
	}

	array struct {
		at
		items []node // nil for a hole
	}

	object struct {
		at
		props []*prop
	}

	// prop is a property of an object literal or a member of a class.
	prop struct {
		at
		key       node // nil for a spread and a static block
		computed  bool
		shorthand bool // {a} or {a = 1}; value holds the whole
		value     node // nil for a field without initializer
	}

	// fn is a function of any form.
	fn struct {
		at
		name   *ident
		decl   bool // a declaration
		arrow  bool
		params []node
		body   []node
		open   int // offset after the { of the body; -1 with an expression
		close  int // offset of the } of the body
		info   *function
	}

	class struct {
		at
		name    *ident
		decl    bool
		super   node
		members []*prop
	}

	unary struct {
		at
		op string // also await, yield and yield*
		x  node   // nil for a bare yield
	}

	// update is ++ or --.
	update struct {
		at
		op     string
		prefix bool
		x      node
	}

	binary struct {
		at
		op   string
		opAt at
		l, r node
		kind kind
		big  bool // the operands may be BigInts, and the result may be huge
	}

	assign struct {
		at
		op   string
		opAt at
		l, r node
		big  bool // as in binary
	}

	// member is obj.name, obj?.name or obj.#name.
	member struct {
		at
		obj      node
		name     string
		nameAt   at
		optional bool // with ?.
		chain    bool // ?. here or further left: leaving early skips all of it
	}

	// index is obj[key] or obj?.[key].
	index struct {
		at
		obj      node
		key      node
		optional bool
		chain    bool
	}

	call struct {
		at
		callee   node
		open     int // offset of the (
		args     []node
		optional bool
		chain    bool
	}

	newCall struct {
		at
		callee node
		args   []node
		close  int     // offset of the ), or 0 without arguments
		extra  *object // Rhino: new X() {…} passes the object as last argument
	}

	// spread is ...x, in a call, a literal, a pattern or parameters.
	spread struct {
		at
		x node
	}

	paren struct {
		at
		x node
	}
)

// E4X and Rhino's expressions.
type (
	// pick selects from XML by something that is not a plain name: x.@id,
	// x.*, x.ns::b, x..b. Inside a predicate x may be missing.
	pick struct {
		at
		obj    node // nil: the item the predicate looks at
		desc   bool // x..b
		attr   bool // .@
		ns     node // namespace expression; nil for none and for *::
		anyNS  bool // *::
		qual   bool // there is a ::
		key    node // [e]; nil for a name
		name   string
		nameAt at
		chain  bool
	}

	filter struct {
		at
		obj  node
		open int // offset after .(
		pred node
	}

	// xmlLit is an XML literal.
	xmlLit struct {
		at
		lit   *Literal
		holes []node
	}

	// comprehension is [item for each (x in list) if (cond)].
	comprehension struct {
		at
		item  node
		loops []*compLoop
		cond  node
	}

	// compLoop is one for of a comprehension.
	compLoop struct {
		at
		each   bool // for each, or of
		target node
		list   node
	}

	// letExpr is let (a = 1) a + 2.
	letExpr struct {
		at
		decls []*declarator
		body  node
	}
)

// Statements.
type (
	// plain is a construct that the rewriter copies as it stands, looking
	// only at what is inside.
	plain struct {
		at
		kind plainKind
		kids []node
	}

	block struct {
		at
		list []node
	}

	exprStmt struct {
		at
		x node
	}

	varDecl struct {
		at
		kind  string // var, let or const
		decls []*declarator
	}

	declarator struct {
		at
		target node
		init   node // may be nil
		once   int  // of a const in a loop: number of its first helper variable, else 0
	}

	// forStmt is for (;;). Rhino takes for each (;;) for the same.
	forStmt struct {
		at
		label              int // offset where its labels begin, or pos
		each               at  // of the word each, or zero
		init, test, update node
		open               int // offset after the (
		body               node
	}

	// forIn is for-in, for-of and for each.
	forIn struct {
		at
		label  int
		each   at   // the word each; zero without
		left   node // a varDecl, an expression or a pattern
		word   at   // in or of
		right  node
		body   node
		of     bool
		closes int // offset of the )
	}

	labeled struct {
		at
		body node
	}

	try struct {
		at
		body    *block
		catches []*catch
		finally *block // may be nil
	}

	catch struct {
		at
		param node // may be nil
		cond  node // may be nil
		body  *block
	}

	// letBlock is let (a = 1) {…}.
	letBlock struct {
		at
		decls []*declarator
		body  *block
	}

	// defaultNS is default xml namespace = x.
	defaultNS struct {
		at
		x node
	}
)

// plainKind says what a plain node is, where that matters.
type plainKind uint8

const (
	pOther plainKind = iota
	pComma           // a, b
	pCond            // a ? b : c
	pIf
	pLoop // while, do
	pReturn
	pSwitch
	pWith
	pStatic // static {…} in a class
)

// program is a whole script.
type program struct {
	body    []node
	patches []int
	info    *function
}
