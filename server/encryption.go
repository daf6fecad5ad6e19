package server

import "github.com/weir-health/weir/internal/script"

var _ script.Encryption = (*host)(nil)

// scriptPlace binds what scripts encrypt: none of it passes for the content of a
// message, and no script can open that.
const scriptPlace = "script"

func (h *host) Encrypt(plain []byte) ([]byte, error) { return h.keys.Seal(plain, scriptPlace) }

func (h *host) Decrypt(sealed []byte) ([]byte, error) { return h.keys.Open(sealed, scriptPlace) }
