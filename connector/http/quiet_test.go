package http

import (
	"io"
	"log"
)

// discard is the log of test servers whose clients misbehave on purpose.
var discard = log.New(io.Discard, "", 0)
