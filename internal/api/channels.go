package api

import (
	"fmt"

	"github.com/weir-health/weir/internal/auth"
)

func (c *call) channels(none, none) ([]Channel, error) { return c.engine.Channels(), nil }

func control(action string) func(*call, none, none) (none, error) {
	return func(c *call, _, _ none) (none, error) {
		return none{}, c.engine.Control(c.r.Context(), c.channel(), action)
	}
}

func controlConnector(action string) func(*call, none, none) (none, error) {
	return func(c *call, _, _ none) (none, error) {
		return none{}, c.engine.ControlConnector(c.r.Context(), c.channel(), c.r.PathValue("connector"), action)
	}
}

// testQuery names what is tried.
type testQuery struct {
	Connector string `query:"connector" doc:"Only this one; Source is the source."`
}

func (c *call) test(q testQuery, _ none) ([]Tested, error) {
	return c.engine.Test(c.r.Context(), c.channel(), q.Connector)
}

func (c *call) prune(none, none) (Pruned, error) { return c.engine.Prune(c.r.Context(), c.channel()) }

func (c *call) statistics(none, none) ([]Statistics, error) {
	return c.engine.Statistics(c.r.Context(), c.channel())
}

func (c *call) resetStatistics(q Reset, _ none) (none, error) {
	if q.Lifetime && !c.may("clearLifetimeStats") {
		return none{}, fmt.Errorf("%w: it needs the permission clearLifetimeStats", auth.ErrForbidden)
	}
	return none{}, c.engine.ResetStatistics(c.r.Context(), c.channel(), q)
}
