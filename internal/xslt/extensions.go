package xslt

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir/internal/xslt/xpath"
)

// The namespaces of extensions.
const (
	commonSpace = "http://exslt.org/common"
	stringSpace = "http://exslt.org/strings"
	setSpace    = "http://exslt.org/sets"
	mathSpace   = "http://exslt.org/math"
	dateSpace   = "http://exslt.org/dates-and-times"
	msxslSpace  = "urn:schemas-microsoft-com:xslt"
	xalanSpace  = "http://xml.apache.org/xalan"
	xalanXSLT   = "http://xml.apache.org/xslt"
)

type args = []xpath.Value

// extensions is the functions that are not of XSLT itself.
var extensions = map[xpath.Name]*xpath.Function{
	{Space: commonSpace, Local: "node-set"}:    {Min: 1, Max: 1, Call: nodeSet},
	{Space: msxslSpace, Local: "node-set"}:     {Min: 1, Max: 1, Call: nodeSet},
	{Space: xalanSpace, Local: "nodeset"}:      {Min: 1, Max: 1, Call: nodeSet},
	{Space: xalanXSLT, Local: "nodeset"}:       {Min: 1, Max: 1, Call: nodeSet},
	{Space: commonSpace, Local: "object-type"}: {Min: 1, Max: 1, Call: objectType},

	{Space: stringSpace, Local: "tokenize"}: {Min: 1, Max: 2, Call: tokenize},
	{Space: stringSpace, Local: "split"}:    {Min: 1, Max: 2, Call: split},
	{Space: stringSpace, Local: "replace"}:  {Min: 3, Max: 3, Call: replace},
	{Space: stringSpace, Local: "padding"}:  {Min: 1, Max: 2, Call: padding},
	{Space: stringSpace, Local: "align"}:    {Min: 2, Max: 3, Call: align},
	{Space: stringSpace, Local: "concat"}:   {Min: 1, Max: 1, Call: concat},

	{Space: setSpace, Local: "distinct"}:      {Min: 1, Max: 1, Call: distinct},
	{Space: setSpace, Local: "difference"}:    {Min: 2, Max: 2, Call: only(false)},
	{Space: setSpace, Local: "intersection"}:  {Min: 2, Max: 2, Call: only(true)},
	{Space: setSpace, Local: "has-same-node"}: {Min: 2, Max: 2, Call: func(c *xpath.Context, a args) xpath.Value { return len(only(true)(c, a).(xpath.Nodes)) > 0 }},

	{Space: mathSpace, Local: "min"}:   {Min: 1, Max: 1, Numeric: true, Call: extreme(math.Min)},
	{Space: mathSpace, Local: "max"}:   {Min: 1, Max: 1, Numeric: true, Call: extreme(math.Max)},
	{Space: mathSpace, Local: "abs"}:   {Min: 1, Max: 1, Numeric: true, Call: func(c *xpath.Context, a args) xpath.Value { return math.Abs(c.Number(a[0])) }},
	{Space: mathSpace, Local: "sqrt"}:  {Min: 1, Max: 1, Numeric: true, Call: func(c *xpath.Context, a args) xpath.Value { return math.Sqrt(c.Number(a[0])) }},
	{Space: mathSpace, Local: "power"}: {Min: 2, Max: 2, Numeric: true, Call: func(c *xpath.Context, a args) xpath.Value { return math.Pow(c.Number(a[0]), c.Number(a[1])) }},

	{Space: dateSpace, Local: "date-time"}: {Call: func(c *xpath.Context, _ args) xpath.Value {
		return stateOf(c).now().Format("2006-01-02T15:04:05-07:00")
	}},
	{Space: dateSpace, Local: "date"}:             {Max: 1, Call: dated("2006-01-02")},
	{Space: dateSpace, Local: "time"}:             {Max: 1, Call: dated("15:04:05")},
	{Space: dateSpace, Local: "year"}:             {Max: 1, Numeric: true, Call: datePart(time.Time.Year)},
	{Space: dateSpace, Local: "month-in-year"}:    {Max: 1, Numeric: true, Call: datePart(func(t time.Time) int { return int(t.Month()) })},
	{Space: dateSpace, Local: "day-in-month"}:     {Max: 1, Numeric: true, Call: datePart(time.Time.Day)},
	{Space: dateSpace, Local: "day-in-year"}:      {Max: 1, Numeric: true, Call: datePart(time.Time.YearDay)},
	{Space: dateSpace, Local: "day-in-week"}:      {Max: 1, Numeric: true, Call: datePart(func(t time.Time) int { return int(t.Weekday()) + 1 })},
	{Space: dateSpace, Local: "hour-in-day"}:      {Max: 1, Numeric: true, Call: datePart(time.Time.Hour)},
	{Space: dateSpace, Local: "minute-in-hour"}:   {Max: 1, Numeric: true, Call: datePart(time.Time.Minute)},
	{Space: dateSpace, Local: "second-in-minute"}: {Max: 1, Numeric: true, Call: datePart(time.Time.Second)},
}

func nodesOf(v xpath.Value) xpath.Nodes {
	nodes, ok := v.(xpath.Nodes)
	if !ok {
		xpath.Fail("a function is given a value where nodes should be")
	}
	return nodes
}

// nodeSet makes nodes of a fragment, which here is its root already, and a text of
// what is no nodes.
func nodeSet(c *xpath.Context, a args) xpath.Value {
	if nodes, ok := a[0].(xpath.Nodes); ok {
		return nodes
	}
	b := newBuilder(stateOf(c).evaluation)
	b.text(c.String(a[0]), false)
	return xpath.Nodes(b.root.Children)
}

func objectType(c *xpath.Context, a args) xpath.Value {
	switch v := a[0].(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case xpath.Nodes:
		if s := stateOf(c); len(v) == 1 && v[0].Kind == xpath.Root && v[0] != s.source && v[0] != s.own {
			return "RTF"
		}
	}
	return "node-set"
}

// tokens makes elements <token> of texts.
func tokens(c *xpath.Context, list []string) xpath.Value {
	b := newBuilder(stateOf(c).evaluation)
	for _, t := range list {
		b.start(xpath.Name{Local: "token"}, "", nil)
		b.text(t, false)
		b.end()
	}
	return xpath.Nodes(b.root.Children)
}

// tokenize cuts at every one of some characters.
func tokenize(c *xpath.Context, a args) xpath.Value {
	s, at := c.String(a[0]), "\t\r\n "
	if len(a) > 1 {
		if at = c.String(a[1]); at == "" {
			return tokens(c, strings.Split(s, ""))
		}
	}
	return tokens(c, strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(at, r) }))
}

// split cuts at a text.
func split(c *xpath.Context, a args) xpath.Value {
	s, at := c.String(a[0]), " "
	if len(a) > 1 {
		at = c.String(a[1])
	}
	if at == "" {
		return tokens(c, strings.Split(s, ""))
	}
	return tokens(c, slices.DeleteFunc(strings.Split(s, at), func(p string) bool { return p == "" }))
}

func replace(c *xpath.Context, a args) xpath.Value {
	s, from, to := c.String(a[0]), c.String(a[1]), c.String(a[2])
	if from == "" {
		return s
	}
	return sized(c, len(s)+strings.Count(s, from)*(len(to)-len(from)), func() string { return strings.ReplaceAll(s, from, to) })
}

// sized makes a text whose size is known before.
func sized(c *xpath.Context, size int, text func() string) string {
	if size > xpath.MaxText {
		xpath.Fail("a text is too long")
	}
	c.Budget.Spend(1 + size/8)
	return text()
}

func padding(c *xpath.Context, a args) xpath.Value {
	width, with := xpath.Round(c.Number(a[0])), " "
	if len(a) > 1 {
		with = c.String(a[1])
	}
	if !(width > 0) || with == "" {
		return ""
	}
	return sized(c, int(min(width*4, math.MaxInt32)), func() string { return padded(int(width), with) })
}

func padded(width int, with string) string {
	one := []rune(with)
	text := make([]rune, width)
	for i := range text {
		text[i] = one[i%len(one)]
	}
	return string(text)
}

func align(c *xpath.Context, a args) xpath.Value {
	s, field := []rune(c.String(a[0])), []rune(c.String(a[1]))
	if len(s) >= len(field) {
		return string(s[:len(field)])
	}
	from := 0
	if len(a) > 2 {
		switch c.String(a[2]) {
		case "right":
			from = len(field) - len(s)
		case "center":
			from = (len(field) - len(s)) / 2
		}
	}
	copy(field[from:], s)
	return string(field)
}

func concat(c *xpath.Context, a args) xpath.Value {
	size := 0
	var parts []string
	for _, n := range nodesOf(a[0]) {
		parts = append(parts, c.String(xpath.Nodes{n}))
		size += len(parts[len(parts)-1])
	}
	return sized(c, size, func() string { return strings.Join(parts, "") })
}

func distinct(c *xpath.Context, a args) xpath.Value {
	seen := make(map[string]bool)
	var kept xpath.Nodes
	for _, n := range nodesOf(a[0]) {
		if s := c.String(xpath.Nodes{n}); !seen[s] {
			seen[s] = true
			kept = append(kept, n)
		}
	}
	return kept
}

// only returns the nodes of the first set that are in the second, or are not.
func only(in bool) func(*xpath.Context, args) xpath.Value {
	return func(c *xpath.Context, a args) xpath.Value {
		other := make(map[int]bool)
		for _, n := range nodesOf(a[1]) {
			other[n.ID()] = true
		}
		var kept xpath.Nodes
		for _, n := range nodesOf(a[0]) {
			c.Budget.Spend(1)
			if other[n.ID()] == in {
				kept = append(kept, n)
			}
		}
		return kept
	}
}

func extreme(f func(a, b float64) float64) func(*xpath.Context, args) xpath.Value {
	return func(c *xpath.Context, a args) xpath.Value {
		result := math.NaN()
		for i, n := range nodesOf(a[0]) {
			x := xpath.ParseNumber(c.String(xpath.Nodes{n}))
			if i == 0 {
				result = x
			}
			result = f(result, x)
		}
		return result
	}
}

// dateOf reads the argument, or asks the clock.
func dateOf(c *xpath.Context, a args) (t time.Time, ok bool) {
	if len(a) == 0 {
		return stateOf(c).now(), true
	}
	s := c.String(a[0])
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02Z07:00", "2006-01-02", "15:04:05Z07:00", "15:04:05", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func dated(layout string) func(*xpath.Context, args) xpath.Value {
	return func(c *xpath.Context, a args) xpath.Value {
		t, ok := dateOf(c, a)
		if !ok {
			return ""
		}
		zone := ""
		if len(a) == 0 || utf8.RuneCountInString(c.String(a[0])) > len("2006-01-02T15:04:05") {
			zone = t.Format("Z07:00")
		}
		return t.Format(layout) + zone
	}
}

func datePart(f func(time.Time) int) func(*xpath.Context, args) xpath.Value {
	return func(c *xpath.Context, a args) xpath.Value {
		t, ok := dateOf(c, a)
		if !ok {
			return math.NaN()
		}
		return float64(f(t))
	}
}
