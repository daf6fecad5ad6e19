package edi

// Describe returns mirth_source (ISA06, with its blanks, else GS02), mirth_type
// (ST01) and mirth_version (GS08). It reads no further than the first ST.
func (t *Type) Describe(text string) map[string]any {
	body := prepare(text)
	if tooShort(body) {
		return nil
	}
	out := make(map[string]any, 3)
	put := func(name, value string) {
		if _, known := out[name]; !known && value != "" {
			out[name] = value
		}
	}
	d := t.delimitersOf(body)
	for s, err := range d.segments(body) {
		if err != nil {
			break
		}
		switch s.name {
		case "ISA":
			put("mirth_source", s.value(6))
		case "GS":
			put("mirth_source", s.value(2))
			put("mirth_version", s.value(8))
		case "ST":
			put("mirth_type", s.value(1))
			return out
		}
	}
	return out
}
