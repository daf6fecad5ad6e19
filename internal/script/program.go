package script

import (
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/internal/script/e4x"
)

// Part is a piece of script with the name under which errors speak of it, such
// as "step 0: edits" or "code template: getSegment".
type Part struct {
	Name string
	Code string
}

// TemplatePart is what the names of code templates begin with.
const TemplatePart = "code template: "

// Rule is a filter rule: a part that returns true to accept. Operator is "AND"
// or "OR" and joins it to the rules before it.
type Rule struct {
	Part
	Operator string
}

// Program is a compiled script. It is immutable and may be run by many
// goroutines at once.
type Program struct {
	Name string

	// Limits of each run; set before the first one. Zero values mean the
	// defaults.
	Limits Limits

	// Access is what the runs may reach, in the place of what their scopes say:
	// that of the global scripts. Set before the first run.
	Access *access.Grants

	main     *unit
	lazy     map[string]*unit // code templates by the functions they define
	units    map[string]*unit
	literals []*e4x.Literal
	extras   extras
	filter   bool
	steps    bool
	response bool
	modern   bool
}

// transformer reports whether the program is a filter and transformer.
func (p *Program) transformer() bool { return p.filter || p.steps }

func newProgram(name string) *Program {
	return &Program{Name: name, lazy: make(map[string]*unit), units: make(map[string]*unit)}
}

// CompileScript compiles a script that is the body of one function: pre- and
// postprocessors, deploy and undeploy scripts, those of readers, writers,
// attachments and batches. An error is a *[Error].
func CompileScript(name string, templates []Part, body Part) (*Program, error) {
	p := newProgram(name)
	s := newSource()
	if err := p.begin(s, templates); err != nil {
		return nil, err
	}
	s.frame("function doScript() {")
	s.part(body)
	s.frame("}")
	return p, p.finish(s)
}

// CompileTransformer compiles a filter and a transformer. Rules are the enabled
// ones, all steps share one function body. A response transformer has no rules.
// An error is a *[Error].
func CompileTransformer(name string, templates []Part, rules []Rule, steps []Part, response bool) (*Program, error) {
	p := newProgram(name)
	p.filter, p.steps, p.response = len(rules) > 0, len(steps) > 0, response
	s := newSource()
	if err := p.begin(s, templates); err != nil {
		return nil, err
	}
	condition := ""
	for i, r := range rules {
		f := "filterRule" + strconv.Itoa(i) + "()"
		s.frame("function " + f + " {")
		s.part(r.Part)
		s.frame("}")
		if i > 0 {
			// No parentheses: as in Mirth, && binds before ||.
			condition += map[string]string{"OR": " || "}[strings.ToUpper(r.Operator)]
			if !strings.HasSuffix(condition, " || ") {
				condition += " && "
			}
		}
		condition += f + " == true"
	}
	if p.filter {
		s.frame("function doFilter() { return !!(" + condition + "); }")
	}
	if p.steps {
		s.frame("function doTransform() {")
		for _, step := range steps {
			s.part(step)
		}
		// What a return in a step skips: see Transform.
		s.frame("; return __e4x; }")
	}
	return p, p.finish(s)
}

func (p *Program) begin(s *source, templates []Part) error {
	for _, t := range templates {
		p.extras.look(t.Code)
	}
	eager, err := p.templates(templates)
	if err != nil {
		return err
	}
	for _, t := range eager {
		s.part(t)
	}
	return nil
}

func (p *Program) finish(s *source) error {
	for _, sec := range s.sections {
		p.extras.look(sec.code)
	}
	u, err := s.compile(p.Name, len(p.literals))
	if err != nil {
		return err
	}
	p.main = u
	p.add(u)
	return nil
}
