// Package weir holds the words of the Weir integration engine: messages,
// channels, the contracts of connectors and data types, and faults.
//
// A connector or data type is written against this package, config and tree
// alone; those that come with Weir have nothing that others lack. The engine
// itself is in package server.
package weir
