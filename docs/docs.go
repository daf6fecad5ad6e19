// Package docs holds those of the guides that the program reads itself.
package docs

import _ "embed"

// Differences is differences.md. Its tables say in a third column which channels
// an entry concerns; server.Check holds channels against that.
//
//go:embed differences.md
var Differences string
