package script_test

import "testing"

// TestProperties checks what Properties write, and that load reads the lines again.
func TestProperties(t *testing.T) {
	const made = "var p = new java.util.Properties(); p.setProperty('lab', ' a=b <1>'); "
	check(t, [][2]string{
		{made + "var out = new java.io.ByteArrayOutputStream(); p.storeToXML(out, 'our labs'); return out.toString()",
			"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<!DOCTYPE properties SYSTEM \"http://java.sun.com/dtd/properties.dtd\">\n" +
				"<properties>\n<comment>our labs</comment>\n<entry key=\"lab\"> a=b &lt;1&gt;</entry>\n</properties>\n"},
		{made + "var out = new java.io.StringWriter(); p.store(out, 'one\\ntwo'); var l = String(out).split('\\n'); return [l[0], l[1], l[2].charAt(0), l[3]].join('|')",
			`#one|#two|#|lab=\ a\=b <1>`},
		{"var p = new java.util.Properties(); p.setProperty('a b', '\u00fc\U0001f600'); var out = new java.io.StringWriter(); p.store(out, null); return String(out).split('\\n')[1]",
			`a\ b=\u00FC\uD83D\uDE00`},
		{"var p = new java.util.Properties(); p.setProperty('k', ' a=\\\\b'); var out = new java.io.StringWriter(); p.store(out, 'c'); var q = new java.util.Properties(); q.load(new java.io.StringReader(out.toString())); return q.getProperty('k')", ` a=\b`},
	})
}
