package messagefile

import (
	"encoding/base64"

	"github.com/weir-health/weir/internal/mirth"
)

// Encrypt replaces in a document all contents, maps and errors by what seal makes of
// them, in base64. Attachments and what lists show stay as they are, as in Mirth.
func Encrypt(doc *mirth.Node, seal func(plain []byte) ([]byte, error)) error {
	return eachContent(doc, "false", func(one, content *mirth.Node) error {
		plain := []byte("\x00" + content.Text)
		if len(content.Children) > 0 || content.Attr("class") == "map" {
			plain = content.Bytes()
		} else if content.Attr("encoding") == "base64" {
			text, err := textOf(content)
			if err != nil {
				return err
			}
			plain = []byte("\x00" + text)
		}
		sealed, err := seal(plain)
		if err != nil {
			return err
		}
		one.SetText("encrypted", "true")
		*content = *mirth.Leaf("content", base64.StdEncoding.EncodeToString(sealed))
		return nil
	})
}

// Decrypt undoes Encrypt. What open does not know is an error.
func Decrypt(doc *mirth.Node, open func(sealed []byte) ([]byte, error)) error {
	return eachContent(doc, "true", func(one, content *mirth.Node) error {
		sealed, err := base64.StdEncoding.DecodeString(blankless(content.Text))
		if err != nil {
			return errEncrypted // Mirth's begin with {alg=
		}
		plain, err := open(sealed)
		switch {
		case err != nil || len(plain) == 0:
			return errEncrypted
		case plain[0] == 0:
			*content = *textLeaf("content", string(plain[1:]))
		default:
			n, err := mirth.ParseDocument(plain, MaxDocument)
			if err != nil {
				return err
			}
			*content = *n
		}
		one.SetText("encrypted", "false")
		return nil
	})
}

// eachContent visits what holds a content in the connector messages of a document and
// is encrypted or not.
func eachContent(doc *mirth.Node, encrypted string, do func(one, content *mirth.Node) error) error {
	for _, e := range doc.At("connectorMessages").Items() {
		for _, one := range e.At("connectorMessage").Items() {
			content := one.At("content")
			if content == nil || one.TextAt("encrypted") != encrypted {
				continue
			}
			if err := do(one, content); err != nil {
				return err
			}
		}
	}
	return nil
}
