package velocity

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func TestWithoutDollarNothingHappens(t *testing.T) {
	for _, source := range []string{"", "plain", "a ## no comment\nb", "#if(1)x#end", "#end", `\#`, "MSH|^~\\&|#|##\r"} {
		parsed, err := Parse(source)
		if err != nil {
			t.Fatalf("Parse(%q): %v", source, err)
		}
		if got, err := parsed.Render(nil); err != nil || got != source || !parsed.Constant() {
			t.Errorf("%q: got %q, %v", source, got, err)
		}
	}
}

func TestParseRefused(t *testing.T) {
	for _, c := range []struct {
		name, source string
		line, column int
	}{
		{"brace left open", "a\nb ${s", 2, 6},
		{"blank in braces", "${s }", 1, 4},
		{"token of an attachment", "${ATTACH:1234}", 1, 9},
		{"arguments left open", "$s.substring(1", 1, 15},
		{"comma without argument", "$s.substring(1,)", 1, 16},
		{"index left open", "$s[", 1, 4},
		{"end without beginning", "$s\n#end", 2, 5},
		{"else without if", "$s#else", 1, 8},
		{"elseif in foreach", "#foreach($i in $list)#elseif(1)#end", 1, 29},
		{"if without end", "#if($s)x", 1, 9},
		{"two else", "#if($s)a#else b#else c#end", 1, 21},
		{"if without condition", "#if $s", 1, 5},
		{"word for a value", "#if($s == abc)#end", 1, 11},
		{"set without target", "#set(5 = $s)", 1, 6},
		{"set without value", "#set($x = )", 1, 11},
		{"subtraction without blank", "#set($x = $n -1)", 1, 14},
		{"string left open", "#set($x = \"a)", 1, 11},
		{"template in a string is wrong", "#set($x = \"#if(\")", 1, 11},
		{"range of strings", "[$s] #set($x = [\"a\"..\"b\"])", 1, 25},
		{"macro", "#macro(x $s)#end", 1, 1},
		{"include", "#include(\"$s\")", 1, 1},
		{"literal left open", "#[[ $s", 1, 1},
		{"comment left open", "$s #* ", 1, 4},
		{"number too large", "$s.substring(99999999999999999999)", 1, 34},
		{"nested too deep", "#if(" + strings.Repeat("(", 200) + "$s", 1, 104},
		{"blocks nested too deep", strings.Repeat("#if($s)", 200), 1, 701},
	} {
		parsed, err := Parse(c.source)
		var at *Error
		if !errors.As(err, &at) || at.Line != c.line || at.Column != c.column {
			t.Errorf("%s: Parse(%q) = %v, %v; want an error at line %d, column %d", c.name, c.source, parsed, err, c.line, c.column)
		}
	}
}

func TestRenderRefused(t *testing.T) {
	for _, c := range []struct {
		name, source string
		line, column int
	}{
		{"substring too long", "a\n$s.substring(99)", 2, 3},
		{"index too large", "$list[3]", 1, 6},
		{"index is no number", "$list['x']", 1, 6},
		{"get beyond the end", "$list.get(9)", 1, 6},
		{"object fails", "x $broken.run()", 1, 10},
		{"pattern is wrong", "$s.replaceAll('(', '')", 1, 3},
		{"no such group", "$s.replaceAll('s', '$1')", 1, 3},
		{"in a string", "#set($x = \"$s.substring(99)\")", 1, 11},
		{"in a condition", "#if($s.substring(99) == 1)#end", 1, 7},
		{"in a loop", "#foreach($i in [1..3])$s.substring($i)$s.substring(3,$i)#end", 1, 41},
		{"whole number too large", "#set($x = 9223372036854775807 * $n)", 1, 30},
	} {
		values := sample()
		values["broken"] = broken{}
		got, err := render(c.source, values)
		var at *Error
		if !errors.As(err, &at) || at.Line != c.line || at.Column != c.column {
			t.Errorf("%s: %q gives %q, %v; want an error at line %d, column %d", c.name, c.source, got, err, c.line, c.column)
		}
	}
}

var errBroken = errors.New("out of order")

type broken struct{}

func (broken) Property(string) (any, bool)     { return nil, false }
func (broken) Call(string, []any) (any, error) { return nil, errBroken }

func TestErrorOfObjectIsFound(t *testing.T) {
	if _, err := render("$x.run()", map[string]any{"x": broken{}}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsHoldNoValues(t *testing.T) {
	values := map[string]any{"name": "DOE^JOHN(", "n": 99}
	for _, source := range []string{"$name.substring($n)", "$name.replaceAll($name, '')", "$name.matches($name)", "$name.split($name)"} {
		_, err := render(source, values)
		if err == nil || strings.Contains(err.Error(), "DOE") {
			t.Errorf("%s: error %v", source, err)
		}
	}
}

func TestReference(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []string
	}{
		{"${message.encodedData}", []string{"message", "encodedData"}},
		{"$mrn", []string{"mrn"}},
		{"${a-b}", []string{"a-b"}},
		{"${mrn} ", nil},
		{"$!{mrn}", nil},
		{"${mrn|'x'}", nil},
		{"${maps.get('mrn')}", nil},
		{"$list[0]", nil},
		{`\$mrn`, nil},
		{"mrn", nil},
		{"", nil},
	} {
		parsed, err := Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parsed.Reference(); !reflect.DeepEqual(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%q: got %q, %v, want %q", c.source, got, ok, c.want)
		}
	}
}

// COUNT and UUID are new at each appearance, and at none else.
func TestEachAppearanceAsksOnce(t *testing.T) {
	count := 0
	ctx := LookupFunc(func(name string) (any, bool) {
		if name != "COUNT" {
			return nil, false
		}
		count++
		return count, true
	})
	for _, c := range []struct{ source, want string }{
		{"${COUNT}", "1"},
		{"$COUNT-$COUNT $nope", "$COUNT-2 $nope"},
		{"${COUNT}${COUNT}", "34"},
		{`\\$COUNT \$COUNT`, `\5 $COUNT`},
		{"${COUNT|'x'}", "7"},
		{"#set($x = $COUNT)$x$x", "88"},
	} {
		if c.source == "$COUNT-$COUNT $nope" { // the hyphen is part of the name
			count = 1
		}
		parsed, err := Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parsed.Render(ctx); got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.source, got, err, c.want)
		}
	}
}

func TestValuesFromOutside(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{int8(-1), "-1"}, {int32(7), "7"}, {uint8(200), "200"}, {float32(0.5), "0.5"},
		{[]byte("bytes"), "bytes"}, {[]string{"a", "b"}, "[a, b]"}, {map[string]string{"b": "2", "a": "1"}, "{a=1, b=2}"},
		{[]any{1, nil, []any{}, map[string]any{"k": 2.0}}, "[1, null, [], {k=2.0}]"},
		{stringer("shown"), "shown"}, {struct{}{}, "$v"}, {nil, "$v"}, {(*int)(nil), "$v"},
		{errors.New("no text of its own"), "$v"},
	} {
		if got, err := render("$v", map[string]any{"v": c.value}); got != c.want || err != nil {
			t.Errorf("%#v: got %q, %v, want %q", c.value, got, err, c.want)
		}
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

func TestSetter(t *testing.T) {
	m := &settable{}
	got, err := render("#set($m.mrn = $s.toUpperCase())#set($m['x y'] = 1)$m.mrn", map[string]any{"m": m, "s": "a1"})
	if err != nil || got != "A1" || m.values["x y"] != int64(1) {
		t.Errorf("got %q, %v, %v", got, err, m.values)
	}
}

type settable struct{ values map[string]any }

func (s *settable) Property(name string) (any, bool) { v, ok := s.values[name]; return v, ok }

func (s *settable) Call(string, []any) (any, error) { return nil, ErrNoMethod }

func (s *settable) SetProperty(name string, value any) error {
	if s.values == nil {
		s.values = make(map[string]any)
	}
	s.values[name] = value
	return nil
}

// What Java gives for the same calls.
func TestStringsCountUTF16(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"$v.length()", "6"},
		{"$v.substring(1,3)", "ö\uFFFD"}, // half of a surrogate pair
		{"$v.substring(2,4)", "😀"},
		{"$v.indexOf('z')", "5"},
		{"$v.lastIndexOf('z')", "5"},
		{"$v.indexOf('ö', 1)", "1"},
		{"$v.charAt(1)", "ö"},
		{"$v.toUpperCase()", "AÖ😀BZ"},
		{"$v.split('').size()", "5"},
		{"$w.trim()|", "x|"},
	} {
		got, err := render(c.source, map[string]any{"v": "aö😀bz", "w": "\t x\r\n"})
		if got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.source, got, err, c.want)
		}
	}
}

func TestJavaDouble(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1.0"}, {-1.5, "-1.5"}, {math.Nextafter(0.3, 1), "0.30000000000000004"},
		{100, "100.0"}, {9999999, "9999999.0"}, {1e7, "1.0E7"}, {12345678.9, "1.23456789E7"}, {1e10, "1.0E10"},
		{0.001, "0.001"}, {0.00099, "9.9E-4"}, {-1e-5, "-1.0E-5"}, {1.5e300, "1.5E300"}, {1e100, "1.0E100"},
		{math.MaxFloat64, "1.7976931348623157E308"}, {math.SmallestNonzeroFloat64, "4.9E-324"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"},
	} {
		if got := JavaDouble(c.f); got != c.want {
			t.Errorf("JavaDouble(%v) = %s, want %s", c.f, got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	long := "#set($x = 'abcdefgh')#foreach($i in [1..64])#set($x = \"$x$x\")#end$x"
	for _, c := range []struct {
		name, source string
		want         error
	}{
		{"loops in loops", "#foreach($i in [1..900])#foreach($j in [1..900])#end#end$s", errSteps},
		{"range", "#set($x = [1..2000000000])$s", errSteps},
		{"range over all numbers", "#set($x = [-9223372036854775808..9223372036854775807])$s", errSteps},
		{"string that doubles", long, errOutput},
		{"sum that doubles", "#set($x = 'a')#foreach($i in [1..64])#set($x = $x + $x)#end$x", errOutput},
		{"replacement", "#set($x = 'a')#foreach($i in [1..64])#set($x = $x.replace('a', $x.concat($x)))#end$x", errOutput},
		{"replacement by pattern", "#set($x = 'a')#foreach($i in [1..64])#set($x = $x.replaceAll('a', $x.concat($x)))#end$x", errOutput},
		{"output", "#foreach($i in [1..900])$message.encodedData$message.encodedData$message.encodedData#end", errOutput},
		{"list in itself", "#set($x = [])#set($y = $x.add($x))$x", errDepth},
		{"list of lists that doubles", "#set($x = [1])#foreach($i in [1..64])#set($x = [$x, $x])#end$x", errOutput},
		{"comparison that doubles", "#set($x = [1])#set($y = [1])#foreach($i in [1..90])#set($x = [$x, $x])#set($y = [$y, $y])#end#if($x == $y)a#end", nil},
	} {
		parsed, err := Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		r := newRenderer(mapLookup(sample()))
		r.maxSteps, r.maxOutput = 10_000, 20_000
		if _, err := parsed.render(r); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestTemplateIsShared(t *testing.T) {
	parsed, err := Parse("#set($x = \"$s!\")#foreach($i in $list)$i$x#end")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			values := map[string]any{"s": fmt.Sprint(i), "list": []any{"a", "b"}}
			want := fmt.Sprintf("a%d!b%d!", i, i)
			for range 50 {
				if got, err := parsed.Render(mapLookup(values)); got != want || err != nil {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
		})
	}
	wait.Wait()
}

func TestSingleReferenceCopiesNothing(t *testing.T) {
	parsed, err := Parse("${data}")
	if err != nil {
		t.Fatal(err)
	}
	var data any = strings.Repeat("x", 1<<20)
	ctx := LookupFunc(func(string) (any, bool) { return data, true })
	if n := testing.AllocsPerRun(10, func() { parsed.Render(ctx) }); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleTemplate_Render() {
	t, err := Parse("${mrn}-$!{visit}.hl7 ($list.size() results)")
	if err != nil {
		panic(err)
	}
	values := map[string]any{"mrn": "12345", "list": []any{"GLU", "HBA1C"}}
	name, err := t.Render(LookupFunc(func(name string) (any, bool) { v, ok := values[name]; return v, ok }))
	fmt.Println(name, err)
	// Output: 12345-.hl7 (2 results) <nil>
}

// Nothing panics or hangs, whatever the template.
func FuzzRender(f *testing.F) {
	for template := range different {
		f.Add(template)
	}
	for _, template := range []string{
		"#foreach($i in [1..3])$foreach.count#if($i == 2)#break#end#end",
		"#set($x = {\"a\": [1, 2.5, 'x']})$x.a[0] ${x.b|'none'} $x.keySet()",
		`\\${s.substring(1, 2)}\#if ## c`, "$s.replaceAll('(s)(t)', '$2$1').split('t')[0]",
		"#[[ $s ]]# #* c *# $!message.hello(\"$s\", 1 + 2 * 3)", "#set($x = -$n / 0 % -1)$x",
	} {
		f.Add(template)
	}
	f.Fuzz(func(t *testing.T, source string) {
		parsed, err := Parse(source)
		if err != nil {
			var at *Error
			if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
				t.Errorf("Parse(%q): %v", source, err)
			}
			return
		}
		r := newRenderer(mapLookup(sample()))
		r.maxSteps, r.maxOutput = 1000, 10_000
		parsed.render(r)
		parsed.Reference()
		if _, err := parsed.Render(mapLookup{}); err == nil && !strings.ContainsAny(source, "#\\!|+") {
			if got, _ := parsed.Render(mapLookup{}); got != source {
				t.Errorf("without values %q became %q", source, got)
			}
		}
	})
}

func BenchmarkRender(b *testing.B) {
	values := sample()
	values["data"] = strings.Repeat("OBX|1|NM|GLU^Glucose||182\r", 100)
	for _, c := range []struct{ name, source string }{
		{"constant", "/var/spool/out"},
		{"reference", "${data}"},
		{"file name", "${message.messageId}-${s}_${date.get('yyyyMMdd')}.hl7"},
		{"envelope", "<soap:Body><m>${data}</m><id>$message.messageId</id></soap:Body>"},
		{"loop", "#foreach($i in $list)$i#if($foreach.hasNext),#end#end $n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			parsed, err := Parse(c.source)
			if err != nil {
				b.Fatal(err)
			}
			var ctx Lookup = mapLookup(values)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parsed.Render(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("${message.messageId}-${s}_${date.get('yyyyMMdd')}.hl7"); err != nil {
			b.Fatal(err)
		}
	}
}
