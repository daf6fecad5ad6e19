package hl7v2

// Describe returns mirth_source (MSH-4.1), mirth_type (MSH-9.1-MSH-9.2, such as
// ADT-A01) and mirth_version (MSH-12.1). It reads nothing but the MSH.
func (t *Type) Describe(text string) map[string]any {
	h, ok := readHeader(text)
	if !ok {
		return nil
	}
	out := make(map[string]any, 3)
	put := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	kind := h.part(9, 1)
	if event := h.part(9, 2); event != "" {
		kind += "-" + event
	}
	put("mirth_source", h.part(4, 1))
	put("mirth_type", kind)
	put("mirth_version", h.part(12, 1))
	return out
}
