// Package all lists the connectors that are built in. A new one is a line here.
package all

import (
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/channel"
	"github.com/weir-health/weir/connector/database"
	"github.com/weir-health/weir/connector/document"
	"github.com/weir-health/weir/connector/file"
	"github.com/weir-health/weir/connector/http"
	"github.com/weir-health/weir/connector/script"
	"github.com/weir-health/weir/connector/smtp"
	"github.com/weir-health/weir/connector/soap"
	"github.com/weir-health/weir/connector/tcp"
)

// Sources are the built-in sources.
var Sources = []weir.SourceType{
	channel.ReaderType,
	database.ReaderType,
	file.ReaderType,
	http.ListenerType,
	script.ReaderType,
	soap.ListenerType,
	tcp.ListenerType,
}

// Destinations are the built-in destinations.
var Destinations = []weir.DestinationType{
	channel.WriterType,
	database.WriterType,
	document.WriterType,
	file.WriterType,
	http.SenderType,
	script.WriterType,
	smtp.SenderType,
	soap.SenderType,
	tcp.SenderType,
}
