// Package access opens what the scripts of a channel reach outside of the
// engine: files, network addresses and databases. Everything that it opens was
// granted to the channel (see [weir.Access]); what was not is a [*Denied].
//
//	g := &access.Grants{Channel: "Lab results", Access: weir.Access{Files: []string{"/data/out"}}}
//	f, err := g.Open("/data/out/../../etc/passwd", os.O_RDONLY) // *Denied
//	conn, err := g.Dial(ctx, "tcp", "lab:2575")
//
// # Files
//
// A path is judged by where it leads, not by how it is written: symbolic links
// and .. are followed one step at a time, each from the directory that is open
// already, and the place at the end is opened from there. A link that is put
// into the way meanwhile is noticed, because what was opened must be what was
// looked at.
//
// # Network
//
// A host is judged by the name that the script gives, and the address that it
// leads to once more when the connection is made: an address of the local link,
// where clouds keep the keys of their machines, must be granted by itself.
package access

// The limits on what scripts reach for.
const (
	// MaxOpen is how many files, connections and databases one run of a script
	// may hold open at once.
	MaxOpen = 1000

	// MaxBytes is how much one call may bring into memory: a file, a body, the
	// rows of a query.
	MaxBytes = 256 << 20

	// MaxNames is how many names a listing of a directory may have.
	MaxNames = 1 << 20

	// MaxRedirects is how often a request is led on.
	MaxRedirects = 20
)
