// Package all lists the connectors that come with Weir.
package all

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/tcp"
)

// Sources are the kinds of source.
var Sources = []weir.SourceType{
	tcp.ListenerType,
}

// Destinations are the kinds of destination.
var Destinations = []weir.DestinationType{
	tcp.SenderType,
}
