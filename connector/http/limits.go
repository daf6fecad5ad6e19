package http

import (
	"time"

	"github.com/weir-health/weir"
)

const (
	defaultMaxBody        = 64 << 20
	defaultMaxHeader      = 64 << 10
	defaultRequestTimeout = 5 * time.Minute
)

type incoming struct {
	remoteAddress, url, method, query, path string
	parameters, headers                     *weir.MultiMap
	mediaType                               mediaType
	body                                    []byte
}
