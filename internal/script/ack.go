package script

import (
	"strings"
	"time"

	"github.com/weir-health/weir/datefmt"
	"github.com/weir-health/weir/internal/script/java"
)

// ackGenerator is the class ACKGenerator, whose method scripts also call on an
// instance.
type ackGenerator struct{ _ byte }

func (*ackGenerator) JavaClass() string { return "com.mirth.connect.server.userutil.ACKGenerator" }

func ackClass() *java.Class {
	return &java.Class{Name: "com.mirth.connect.server.userutil.ACKGenerator",
		New: func(*java.Call) any { return &ackGenerator{} },
		Static: java.Methods{"generateAckResponse": func(c *java.Call) any {
			message, format, failure := c.Need(0), "yyyyMMddHHmmss", ""
			code, text, xml := c.Text(1), c.Text(2), false
			if c.Len() >= 6 {
				xml = c.IsText(1) && c.Text(1) == "XML" || c.IsBool(1) && c.Bool(1)
				code, text, format, failure = c.Text(2), c.Text(3), c.Text(4), c.Text(5)
			}
			if xml {
				return unsupported(c, "an acknowledgment in XML")
			}
			f, err := datefmt.Compile(format)
			if err != nil {
				panic(c.Throw("java.lang.IllegalArgumentException", err.Error()))
			}
			ack, ok := acknowledge(message, code, text, failure, f.Format(c.VM.Now().In(time.Local)))
			if !ok {
				panic(c.Throw("java.lang.Exception", "the message has no MSH segment"))
			}
			return ack
		}}}
}

// acknowledge builds the acknowledgment that Mirth's ACKGenerator builds:
// applications and facilities swapped, the time as control id, the version and
// processing id of the message.
func acknowledge(message, code, text, failure, now string) (ack string, ok bool) {
	msh := message
	if i := strings.IndexAny(message, "\r\n"); i >= 0 {
		msh = message[:i]
	}
	if len(msh) < 8 || !strings.HasPrefix(msh, "MSH") {
		return "", false
	}
	sep := msh[3:4]
	fields := strings.Split(msh, sep) // fields[i] is MSH-(i+1)
	at := func(n int) string {
		if n-1 < len(fields) {
			return fields[n-1]
		}
		return ""
	}
	component := "^"
	if enc := at(2); enc != "" {
		component = enc[:1]
	}
	trigger := ""
	if parts := strings.Split(at(9), component); len(parts) > 1 {
		trigger = parts[1]
	}
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	lines := []string{
		strings.Join([]string{"MSH", at(2), at(5), at(6), at(3), at(4), now, "",
			"ACK" + component + trigger + component + "ACK", now, or(at(11), "P"), or(at(12), "2.4")}, sep),
		strings.Join([]string{"MSA", code, at(10)}, sep),
	}
	if text != "" {
		lines[1] += sep + text
	}
	if failure != "" {
		lines = append(lines, "ERR"+sep+failure)
	}
	return strings.Join(lines, "\r") + "\r", true
}
