package attach

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/dicom"
)

// dicomType is the type of attachments that hold pixel data, and the name of the
// data type whose contents they belong to.
const dicomType = "DICOM"

// pixels takes the pixel data out of DICOM objects. The rest goes on, in base64.
type pixels struct{ unchanged }

func (pixels) Extract(_ context.Context, m Message) (string, []weir.Attachment, error) {
	object, err := decode(m.Text)
	if err != nil {
		return "", nil, weir.WithHint(errors.New("the message is not base64, as a DICOM object is"), "attachmentProperties",
			"Let the source be binary, or choose another attachment handler.")
	}
	rest, frames, err := dicom.Split(object)
	if err != nil {
		return "", nil, weir.WithHint(err, "attachmentProperties", "Check that the sender sends DICOM, or choose another attachment handler.")
	}
	id := uuid.NewString()
	var taken []weir.Attachment
	for i, frame := range frames {
		a := weir.Attachment{ID: id, Type: dicomType, Content: frame}
		if len(frames) > 1 { // in the order of their ids they are put back
			a.ID = fmt.Sprintf("F%0*d-%s", len(fmt.Sprint(len(frames))), i, id)
		}
		taken = append(taken, a)
	}
	return base64.StdEncoding.EncodeToString(rest), taken, nil
}

// Object returns a message's DICOM object in base64, with the pixel data that its
// handler took out. Without such it is the raw content. attachments are those of
// the message, in order of their ids.
func Object(cm *weir.ConnectorMessage, attachments []weir.Attachment) (string, error) {
	if len(attachments) == 0 || attachments[0].Type != dicomType {
		return cm.Text(weir.Raw), nil
	}
	header := ""
	for _, t := range []weir.ContentType{weir.Encoded, weir.Raw} {
		if c := cm.Contents[t]; c.Set && c.DataType == dicomType {
			header = c.Text
			break
		}
	}
	if header == "" {
		return "", nil
	}
	rest, err := decode(header)
	if err != nil {
		return "", errors.New("the DICOM object is not base64")
	}
	frames := make([][]byte, len(attachments))
	for i, a := range attachments {
		frames[i] = a.Content
	}
	object, err := dicom.Join(rest, frames)
	if err != nil {
		return "", fmt.Errorf("put the pixel data back: %w", err)
	}
	return base64.StdEncoding.EncodeToString(object), nil
}

// decode reads base64 in lines, and without padding.
func decode(text string) ([]byte, error) {
	clean := strings.Map(func(r rune) rune {
		if r == '=' || javaSpace(r) {
			return -1
		}
		return r
	}, text)
	return base64.RawStdEncoding.DecodeString(clean)
}
