package pipeline

import (
	"fmt"
	"maps"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/access"
)

// reach looks at what the channel's scripts use.
func (c *Channel) reach() script.Reach {
	found := script.Find(c.preprocessor, c.postprocessor, c.deployScript, c.undeployScript, c.batchScript,
		c.duplicates.script, c.attaching)
	found.Join("Source", script.Find(append(c.sourceScripts.programs(), c.sourceExec.Program())...))
	for _, d := range c.destinations {
		found.Join(d.cfg.Name, script.Find(append(d.scripts.programs(), d.exec.Program(), d.response.Program())...))
	}
	return found
}

func (s ownScripts) programs() []*script.Program {
	var all []*script.Program
	for _, name := range slices.Sorted(maps.Keys(s)) {
		all = append(all, s[name].program)
	}
	return all
}

// grant settles what the channel's scripts may reach, and refuses a channel whose
// scripts need a class that is not there.
func (c *Channel) grant() error {
	found := c.reach()
	for _, f := range found.Faults {
		if f.Certain {
			return c.fault("", &weir.Fault{Err: fmt.Errorf("%s: %s", f.Place(), f.Text), Hint: f.Remedy + "."})
		}
	}
	if c.engine.Access != nil {
		c.access = c.engine.Access(&c.Config, found.Access)
		return nil
	}
	c.access = &access.Grants{Channel: c.Config.Name, Access: found.Access}
	return nil
}
