package pipeline

import "github.com/weir-health/weir"

// storage is what a storage mode keeps (Mirth's table of storage modes).
type storage struct {
	rows             bool // message and connector rows
	source           [weir.ContentTypes]bool
	destination      [weir.ContentTypes]bool
	maps             bool
	durable          bool // every save waits for the disk
	durableRaw       bool // the first save does
	sourceQueue      bool
	destinationQueue bool
	recovers         bool
}

func storageOf(mode weir.StorageMode) storage {
	var s storage
	errors := []weir.ContentType{weir.ProcessingError, weir.PostprocessorError, weir.ResponseError}
	source := func(types ...weir.ContentType) {
		for _, t := range types {
			s.source[t] = true
		}
	}
	destination := func(types ...weir.ContentType) {
		for _, t := range types {
			s.destination[t] = true
		}
	}
	switch mode {
	case weir.Disabled:
		return s
	case weir.MetadataOnly:
		s.rows = true
		source(errors...)
		destination(errors...)
		return s
	case weir.RawOnly:
		s.rows, s.durableRaw, s.sourceQueue = true, true, true
		source(errors...)
		source(weir.Raw, weir.SourceMapContent)
		destination(errors...)
		return s
	}
	s.rows, s.maps, s.durable, s.durableRaw = true, true, true, true
	s.sourceQueue, s.destinationQueue, s.recovers = true, true, true
	source(errors...)
	source(weir.Raw, weir.Encoded, weir.ResponseContent,
		weir.SourceMapContent, weir.ChannelMapContent, weir.ConnectorMapContent, weir.ResponseMapContent)
	destination(errors...)
	destination(weir.Encoded, weir.SentContent, weir.ResponseContent,
		weir.ChannelMapContent, weir.ConnectorMapContent, weir.ResponseMapContent)
	if mode != weir.Production {
		source(weir.ProcessedRaw, weir.TransformedContent)
		destination(weir.TransformedContent, weir.ResponseTransformed, weir.ProcessedResponse)
	}
	return s
}
