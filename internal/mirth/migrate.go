package mirth

func (p place) migrate(e *element) {
	if newest.before(e.version) {
		p.note(e, Difference, "Check what the newer version changed.", "it was written by version %s, newer than the 4.5 that Weir knows", e.version)
	}
}
