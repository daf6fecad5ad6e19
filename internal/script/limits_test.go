package script_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/java"
)

// TestLimits runs scripts that would never end by themselves, or not before
// they have taken the machine with them.
func TestLimits(t *testing.T) {
	cases := []struct{ name, body, message string }{
		{"loop", `while (true) {}`, "time limit"},
		{"loop that catches", `while (true) { try { while (true) {} } catch (e) {} finally { continue } }`, "time limit"},
		{"recursion", `function f() { return f() + 1 } return f()`, "too deeply"},
		{"recursion through a method", `function f(x) { return [1].map(f) } return f()`, "too deeply"},
		{"recursion through toString", `var o = {toString: function () { return '' + o }}; return '' + o`, "too deeply"},
		{"array", `var a = []; while (true) a.push({n: a.length, s: 'x' + a.length})`, "memory"},
		{"doubled string", `var a = 'xxxxxxxx'; while (true) a += a`, "memory"},
		{"doubled string in a field", `var o = {a: 'xxxxxxxx'}; while (true) o.a = o.a + o.a`, "memory"},
		{"java list", `var l = new java.util.ArrayList(); while (true) l.add(new java.lang.String('xxxxxxxxxxxxxxxxxxxxxxx').concat('y'))`, "memory"},
		{"backtracking", `return /(?=.)(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')`, "time limit"},
		{"backtracking in Java", `return new java.lang.String('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!').matches('(?=.)(a+)+')`, "time limit"},
		{"sleep", `java.lang.Thread.sleep(3600000)`, "time limit"},
		{"sleep that catches", `while (true) { try { java.lang.Thread.sleep(3600000) } catch (e) {} }`, "time limit"},
	}
	const memory = 150 << 20
	stop := script.Setup(200*time.Millisecond, memory)
	defer stop()
	for _, c := range cases {
		if raceEnabled && c.message == "memory" {
			continue // allocation is too slow under the race detector to fill memory in a minute
		}
		t.Run(c.name, func(t *testing.T) {
			p, err := script.CompileScript("limits", nil, script.Part{Name: "body", Code: c.body})
			if err != nil {
				t.Fatal(err)
			}
			p.Limits.Time = 200 * time.Millisecond
			if c.message != "time limit" {
				p.Limits.Time = time.Minute
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err = p.Run(context.Background(), newScope())
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("%s\n got %v\nwant an error about %q", c.body, err, c.message)
			}
			if grown := int64(after.Sys) - int64(before.Sys); grown > 8*memory {
				t.Errorf("the process grew by %d MB", grown>>20)
			}
		})
	}
}

// What filled the memory is not left in the maps that outlive a run; what others have put
// there is.
func TestTakenBack(t *testing.T) {
	if raceEnabled {
		t.Skip("allocation is too slow under the race detector to fill memory")
	}
	defer script.Setup(time.Minute, 100<<20)()
	scope := newScope()
	scope.Global.Put("k1", "before")
	scope.Global.Put("other", "stays")
	p, err := script.CompileScript("leak", nil, script.Part{Name: "body",
		Code: "for (var i = 0; ; i++) globalMap.put('k' + i, 'x'.repeat(100000) + i)"})
	if err != nil {
		t.Fatal(err)
	}
	p.Limits.Time = time.Minute
	if _, err := p.Run(context.Background(), scope); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("the script ended with %v", err)
	}
	left := scope.Global.Snapshot()
	if len(left) != 2 || left["k1"] != "before" || left["other"] != "stays" {
		t.Errorf("%d values are left, of which k1 is as before: %v", len(left), left["k1"] == "before")
	}
}

func TestCancel(t *testing.T) {
	p, err := script.CompileScript("cancel", nil, script.Part{Name: "body", Code: "while (true) { logger.info('round') }"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	scope := newScope()
	scope.Host = &stopping{stop: cancel}
	_, err = p.Run(ctx, scope)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a halted script ended with %v", err)
	}
}

// stopping is a host that halts the channel when a script first logs.
type stopping struct {
	recorder
	stop func()
}

func (h *stopping) Log(*script.Scope, script.Level, string, string) { h.stop() }

// TestLookingRunsCode ends scripts whose values run code when they are brought
// into their lasting form.
func TestLookingRunsCode(t *testing.T) {
	for _, body := range []string{
		`channelMap.put('a', {get x() { while (true) {} }})`,
		`throw {toString: function () { while (true) {} }}`,
		`var l = new java.util.ArrayList(); l.add({get x() { throw 1 }}); channelMap.put('l', l)`,
		`return {get x() { while (true) {} }}`,
	} {
		p, err := script.CompileScript("looking", nil, script.Part{Name: "body", Code: body})
		if err != nil {
			t.Fatal(err)
		}
		p.Limits.Time = 100 * time.Millisecond
		scope := newScope()
		p.Run(context.Background(), scope)
		for k, v := range scope.Message.ChannelMap {
			if _, ok := v.(*java.Held); ok {
				t.Errorf("%s: the map holds a live value under %s", body, k)
			}
		}
	}
}

// A run that is ended while it begins ends in an error or is done by then, whatever
// it needs installed.
func TestEndedAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, body := range []string{"return 1", "return new Date('2020-01-02').toLocaleString()", "return [1].toSource()", "return JSON.stringify({a: 1})", "return new java.util.ArrayList().size",
		"return 'a'.anchor('x')", "return Array.forEach([1], String)", "try { x() } catch (e) { return e.lineNumber }"} {
		p, err := script.CompileScript("test script", nil, script.Part{Name: "body", Code: body})
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if _, err := p.Run(ctx, newScope()); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: %v", body, err)
			}
		}
	}
}
