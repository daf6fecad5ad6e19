package e4x

import "strconv"

// HostName is the function that the output calls. It is reserved: scripts must not
// use the name.
const HostName = "__e4x"

// Operations are what the host function does, by the number that is its first
// argument. One function for all is much cheaper to make for each run than one for
// each; this package's documentation and tests write __e4x.name(…) for
// __e4x(number, …).
var Operations = [...]string{"get", "getstr", "set", "str", "call", "xml", "desc", "filter", "ref", "each", "eq", "add",
	"addTo", "typeof", "at", "qn", "ns", "enter", "leave", "del", "src", "caught", "make", "big", "inner"}

var hostCalls = func() map[string]string {
	m := make(map[string]string)
	for i, name := range Operations {
		m[name] = HostName + "(" + strconv.Itoa(i) + ", "
	}
	return m
}()

// host returns the beginning of a call of the host, to which arguments are added.
func host(operation string) string { return hostCalls[operation] }
