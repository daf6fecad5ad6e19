// Package mirth reads the files that Mirth Connect and the Open Integration
// Engine export, versions 3.0 to 4.5, into Weir's own words, and writes them.
//
// [ReadFile] takes a file of any kind and tells them apart by content: a
// channel, a list of channels, channel groups, code templates and their
// libraries, global scripts, the configuration map as XML or as .properties
// text, alerts, a whole server backup. What it returns, an [Import], holds what
// Weir runs, and besides it everything else as it was written:
//
//   - settings of connectors, data types and steps are config.Groups with the
//     names and the order of the file;
//   - what a channel holds and package weir has no field for is in
//     weir.Channel.Extra, at the path it had in the file: retention, for one,
//     at exportData.metadata.pruningSettings;
//   - alerts, groups, tags and server settings are kept raw.
//
// An XML attribute other than class and version becomes a setting named with an
// @ before it. A file written by an older version is brought to the shape of the
// newest first, in the numbered steps of migrate.go.
//
// [WriteChannel] is the way back. Where a file is not what it would write by
// itself, Extra remembers how, see spelling.go: a channel that is read and written
// again is the same file but for white space.
//
// Nothing is dropped in silence. A [Note] tells what is kept without effect,
// what will behave otherwise, and what will not run, each with the line and the
// element's path. Settings of connectors and data types are not judged here:
// the connector's own declarations know better, see config.Decode.
//
// The reader trusts nothing: names in a file never choose code, document types
// and entities are refused, and size, depth and number of elements have limits.
// It is lenient where Mirth's own files need it: numeric references may name
// characters that XML 1.0 forbids, and ISO-8859-1 and UTF-16 files are decoded.
package mirth
