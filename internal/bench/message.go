package bench

import (
	"bytes"
	"fmt"
	"strconv"
)

// observations is how many OBX segments a message has: between 1 and 2 KiB in all.
const observations = 12

// appendMessage appends an invented ORU^R01, or for every fourth number an
// ADT^A08, whose control id tells run, connection and number.
func appendMessage(dst []byte, run string, connection, number int) []byte {
	event, structure := "ORU^R01", "ORU_R01"
	if number%4 == 0 {
		event, structure = "ADT^A08", "ADT_A01"
	}
	dst = fmt.Appendf(dst, "MSH|^~\\&|BENCH|WARD%d|LAB|HOSP|20240115103000||%s^%s|%s.%d.%d|P|2.5.1\r", connection, event, structure, run, connection, number)
	dst = fmt.Appendf(dst, "EVN|%s|20240115103000|||OPID^Operator^Olive\r", event[4:])
	dst = fmt.Appendf(dst, "PID|1||%d^^^HOSP^MR~%09d^^^SSA^SS||Doe^Jane^Q^^Ms||19800214|F||2106-3|12 Main St^Apt 4^Springfield^IL^62701^USA||(217)555-0101^PRN^PH||EN|M||900001\r", 10000+number, number)
	dst = append(dst, "PV1|1|I|ICU^101^A^HOSP||||1234^Smith^Adam^^^Dr|5678^Jones^Beth|||||||||||V100|||||||||||||||||||||||||20240114081500\r"...)
	if number%4 == 0 {
		dst = append(dst, "NK1|1|Doe^John|SPO|12 Main St^^Springfield^IL^62701|(217)555-0102\rAL1|1|DA|PEN^Penicillin^L|MO|Rash~Hives\rDG1|1||I10^Essential hypertension^I10|||A\r"...)
	} else {
		dst = fmt.Appendf(dst, "ORC|RE|ORD%d|LAB%d\rOBR|1|ORD%d|LAB%d|24323-8^Comprehensive metabolic panel^LN|||20240115090000|||||||||1234^Smith^Adam^^^Dr||||||20240115102500||CH|F\r", number, number, number, number)
	}
	for i := 1; i <= observations; i++ {
		flag := "N"
		if i%5 == 0 {
			flag = "H"
		}
		dst = fmt.Appendf(dst, "OBX|%d|NM|2345-%d^Glucose [Mass/volume] in Serum or Plasma^LN||%d.%d|mg/dL|70-105|%s|||F|||20240115100000\r", i, i, 80+i, number%10, flag)
	}
	return dst
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

// parseID reads what appendMessage wrote into a control id.
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
