package mirthapi

import (
	"errors"
	"runtime"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
)

// What Mirth's editor can ask for and Weir does not do is answered with the reason
// and what to do in its place: a path that is unknown would say nothing.

// lacks answers with why something is not done here.
func lacks(what, instead string) func(*call) (*reply, error) {
	return func(*call) (*reply, error) {
		return nil, &weir.Fault{Err: errors.New(what), Hint: instead}
	}
}

var (
	noExtensions = lacks("Weir takes no extensions of Mirth, which are Java programs", "See what stands in for it with weir check.")
	noTasks      = lacks("there is no such database task: the store needs none", "")
	noJMS        = lacks("Weir has no JMS connectors", "Use another connector of the broker, such as HTTP.")
	noWSDL       = lacks("Weir does not take a WSDL apart for the editor", "Enter service, port, operation, SOAP action and envelope yourself; the channel runs with them.")
	noTables     = lacks("Weir does not list the tables of a database for the editor", "Write the SQL yourself; the channel runs with it.")
	noDICOM      = lacks("Weir does not put a DICOM message together for the editor", "Look at its attachments.")
)

func (c *call) none() (*reply, error) { return nothing, nil }

func (c *call) notCached() (*reply, error) { return boolean(false), nil }

func (c *call) noTemplates() (*reply, error) { return document(mirth.El("linked-hash-map")), nil }

// getStats is the engine's memory; of the computer's disks and processors nothing
// is told.
func (c *call) getStats() (*reply, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return document(mirth.El("com.mirth.connect.model.SystemStats", calendar("timestamp", c.now()),
		mirth.IntLeaf("allocatedMemoryBytes", int64(m.HeapAlloc)), mirth.IntLeaf("freeMemoryBytes", int64(m.HeapIdle)),
		mirth.IntLeaf("maxMemoryBytes", int64(m.Sys)))), nil
}
