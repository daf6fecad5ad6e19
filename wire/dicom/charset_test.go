package dicom

import "testing"

func TestCharsets(t *testing.T) {
	for _, c := range []struct{ name, charset, bytes, text string }{
		{"none is UTF-8", "", "M\xc3\xbcller", "Müller"},
		{"not UTF-8 after all", "", "M\xfcller", "M\ufffdller"},
		{"Latin 1", "ISO_IR 100", "M\xfcller", "Müller"},
		{"Greek", "ISO_IR 126", "\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος"},
		{"UTF-8", "ISO_IR 192", "\xe7\x8e\x8b", "王"},
		{"GB18030", "GB18030", "\xcd\xf5", "王"},
		{"Japanese, as in PS3.5 H.3.1", `\ISO 2022 IR 87`,
			"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
		{"Korean, as in PS3.5 I.2", `\ISO 2022 IR 149`, "Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong^Gildong=洪^吉洞"},
		{"an unknown escape", `\ISO 2022 IR 87`, "a\x1bz", "a\x1bz"},
	} {
		cs := CharsetsOf(c.charset)
		if got := cs.Decode([]byte(c.bytes)); got != c.text {
			t.Errorf("%s: got %q, want %q", c.name, got, c.text)
		}
	}
	if got := string(CharsetsOf("ISO_IR 100").Encode("Müller 王")); got != "M\xfcller ?" {
		t.Errorf("encoded as %q", got)
	}
}
