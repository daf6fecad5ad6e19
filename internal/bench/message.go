package bench

import (
	"bytes"
	"fmt"
	"strconv"
)

// observations is how many OBX segments a message has: about 1.5 KiB in all.
const observations = 8

// messages makes the messages of one connection: invented ORU^R01, every fourth
// an ADT^A08. They differ in their control ids, which tell run, connection and
// number; all else is made once.
type messages struct {
	result, admission envelope
}

// envelope is a message around the number that ends its control id.
type envelope struct{ before, after []byte }

func newMessages(run string, connection int) *messages {
	id := fmt.Sprintf("%s.%d.", run, connection)
	return &messages{
		result: newEnvelope(connection, "ORU^R01", "ORU_R01", id,
			"ORC|RE|ORD1|LAB1\rOBR|1|ORD1|LAB1|24323-8^Comprehensive metabolic panel^LN|||20240115090000|||||||||1234^Smith^Adam^^^Dr||||||20240115102500||CH|F\r"),
		admission: newEnvelope(connection, "ADT^A08", "ADT_A01", id,
			"NK1|1|Doe^John|SPO|12 Main St^^Springfield^IL^62701|(217)555-0102\rAL1|1|DA|PEN^Penicillin^L|MO|Rash~Hives\rDG1|1||I10^Essential hypertension^I10|||A\r"),
	}
}

func newEnvelope(connection int, event, structure, id, own string) envelope {
	var e envelope
	e.before = fmt.Appendf(nil, "MSH|^~\\&|BENCH|WARD%d|LAB|HOSP|20240115103000||%s^%s|%s", connection, event, structure, id)
	e.after = fmt.Appendf(nil, "|P|2.5.1\rEVN|%s|20240115103000|||OPID^Operator^Olive\r", event[4:])
	e.after = fmt.Appendf(e.after, "PID|1||%d^^^HOSP^MR~555443333^^^SSA^SS||Doe^Jane^Q^^Ms||19800214|F||2106-3|12 Main St^Apt 4^Springfield^IL^62701^USA||(217)555-0101^PRN^PH||EN|M||900001\r", 10000+connection)
	e.after = append(e.after, "PV1|1|I|ICU^101^A^HOSP||||1234^Smith^Adam^^^Dr|5678^Jones^Beth|||||||||||V100|||||||||||||||||||||||||20240114081500\r"...)
	e.after = append(e.after, own...)
	for i := 1; i <= observations; i++ {
		flag := "N"
		if i%5 == 0 {
			flag = "H"
		}
		e.after = fmt.Appendf(e.after, "OBX|%d|NM|2345-%d^Glucose [Mass/volume] in Serum or Plasma^LN||%d.%d|mg/dL|70-105|%s|||F|||20240115100000\r", i, i, 80+i, connection%10, flag)
	}
	return e
}

// append appends the message with that number.
func (m *messages) append(dst []byte, number int) []byte {
	e := &m.result
	if number%4 == 0 {
		e = &m.admission
	}
	dst = append(dst, e.before...)
	dst = strconv.AppendInt(dst, int64(number), 10)
	return append(dst, e.after...)
}

// controlID returns MSH-10 of a message, nil when it has none.
func controlID(msg []byte) []byte {
	return field(msg, 9)
}

// field returns the n-th field after the segment name of the first segment, as
// long as the separator is the usual one.
func field(segment []byte, n int) []byte {
	if end := bytes.IndexByte(segment, '\r'); end >= 0 {
		segment = segment[:end]
	}
	for ; n > 0; n-- {
		at := bytes.IndexByte(segment, '|')
		if at < 0 {
			return nil
		}
		segment = segment[at+1:]
	}
	if end := bytes.IndexByte(segment, '|'); end >= 0 {
		segment = segment[:end]
	}
	return segment
}

// ackCode returns MSA-1 of an acknowledgment.
func ackCode(ack []byte) string {
	at := bytes.Index(ack, []byte("\rMSA|"))
	if at < 0 {
		return ""
	}
	return string(field(ack[at+1:], 1))
}

// controlIDOf is the control id of a message.
func controlIDOf(run string, connection, number int) string {
	return fmt.Sprintf("%s.%d.%d", run, connection, number)
}

// parseID reads what append wrote into a control id.
func parseID(id []byte) (run string, connection, number int, ok bool) {
	parts := bytes.Split(id, []byte{'.'})
	if len(parts) != 3 {
		return "", 0, 0, false
	}
	c, err1 := strconv.Atoi(string(parts[1]))
	n, err2 := strconv.Atoi(string(parts[2]))
	return string(parts[0]), c, n, err1 == nil && err2 == nil
}

// appendAck appends the acknowledgment AA of msg.
func appendAck(dst, msg []byte) []byte {
	dst = append(dst, "MSH|^~\\&|SINK|HOSP|BENCH|WARD|20240115103000||ACK|A"...)
	id := controlID(msg)
	dst = append(dst, id...)
	dst = append(dst, "|P|2.5.1\rMSA|AA|"...)
	dst = append(dst, id...)
	return append(dst, '\r')
}
