package e4x

// Rewrite turns a script into plain JavaScript.
func Rewrite(name, source string, o Options) (*Unit, error) {
	return &Unit{Code: source, places: positions{none: true}}, nil
}
