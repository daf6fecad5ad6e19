package script

import (
	"time"

	"github.com/weir-health/weir/datefmt"
	"github.com/weir-health/weir/internal/script/java"
)

// Acknowledger is a data type that knows how its messages are acknowledged: in
// ER7 or in XML, as the message is. stamp is MSH-7 and MSH-10, failure ERR-1.
type Acknowledger interface {
	Acknowledge(message, code, text, stamp, failure string) (string, error)
}

// ackGenerator is the class ACKGenerator, whose method scripts also call on an
// instance.
type ackGenerator struct{ _ byte }

func (*ackGenerator) JavaClass() string { return "com.mirth.connect.server.userutil.ACKGenerator" }

func ackClass() *java.Class {
	return &java.Class{Name: "com.mirth.connect.server.userutil.ACKGenerator",
		New:    func(*java.Call) any { return &ackGenerator{} },
		Static: java.Methods{"generateAckResponse": generateAck}}
}

// generateAck takes a message, a code and a text; or, of six arguments, whether
// the message is XML as the second, and the form of the date and the text of ERR
// at the end. Whether it is XML the message itself tells.
func generateAck(c *java.Call) any {
	message, format, failure := c.Need(0), "yyyyMMddHHmmss", ""
	code, text := c.Text(1), c.Text(2)
	if c.Len() >= 6 {
		code, text, format, failure = c.Text(2), c.Text(3), c.Text(4), c.Text(5)
	}
	f, err := datefmt.Compile(format)
	if err != nil {
		panic(c.Throw("java.lang.IllegalArgumentException", err.Error()))
	}
	dt, err := runOf(c).host(c).DataType("HL7V2", nil, nil)
	if err != nil {
		panic(c.Throw("java.lang.Exception", err.Error()))
	}
	a, ok := dt.(Acknowledger)
	if !ok {
		return unsupported(c, "an acknowledgment of HL7 v2")
	}
	ack, err := a.Acknowledge(message, code, text, f.Format(c.VM.Now().In(time.Local)), failure)
	if err != nil {
		panic(c.Throw("java.lang.Exception", err.Error()))
	}
	return ack
}
