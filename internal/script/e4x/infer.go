package e4x

// What a variable holds can often be told from all the places that assign it:
//
//	var type = msg['MSH']['MSH.9']['MSH.9.2'].toString();
//	if (type == 'A01') …
//
// Then ==, + and the methods of strings stay native, which in a loop makes a
// difference. Only variables local to a function qualify, as others may be
// assigned by code that is not at hand; parameters hold anything.

// given is one value that a variable gets.
type given struct {
	id *ident
	op string // of the assignment, without =
	x  node   // nil if only the kind is known
	k  kind
}

// give notes that id gets the value of x.
func (r *resolver) give(id *ident, op string, x node) {
	r.values = append(r.values, given{id: id, op: op, x: x})
}

// giveKind notes that the names in a pattern get values of a kind.
func (r *resolver) giveKind(n node, k kind) {
	names(n, func(id *ident) { r.values = append(r.values, given{id: id, k: k}) })
}

// maxRounds bounds how often infer starts over. Each round is a step along a
// line of variables that are assigned to one another.
const maxRounds = 8

// infer settles the kinds of variables. It begins with the assumption that
// they are all undefined, which they are before their first value, and widens
// it until all values fit.
func (r *resolver) infer(prog *program) {
	if r.evals {
		return
	}
	var all []*binding
	for _, v := range r.values {
		b := v.id.bind
		if b != nil && !b.local && b.inferable(prog) {
			b.local, b.value = true, nothing
			all = append(all, b)
		}
	}
	for range maxRounds {
		changed := false
		for _, v := range r.values {
			b := v.id.bind
			if b == nil || !b.local || b.value == unknown {
				continue
			}
			if k := either(b.value, v.kind()); k != b.value {
				b.value = k
				changed = true
			}
		}
		if !changed {
			return
		}
	}
	for _, b := range all {
		b.value = unknown
	}
}

// inferable tells whether all that assigns b is in sight.
func (b *binding) inferable(prog *program) bool {
	switch b.kind {
	case bVar, bLet, bConst:
		return b.funcs == 0 && !b.assigned && (b.scope.fn != prog.info || prog.info.returns)
	}
	return false
}

// kind is what is known of the value now.
func (v given) kind() kind {
	if v.x == nil {
		return v.k
	}
	k := kindOf(v.x)
	switch v.op {
	case "":
		return k
	case "+":
		return sum(kindOf(v.id), k)
	case "&&", "||", "??":
		return either(kindOf(v.id), k)
	}
	return number
}
