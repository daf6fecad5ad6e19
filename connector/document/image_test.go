package document

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"
)

func uri(kind string, data []byte) string {
	return "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}

func TestImages(t *testing.T) {
	poppler(t, "pdfimages")
	var color, gray, flat bytes.Buffer
	if err := errors.Join(jpeg.Encode(&color, image.NewRGBA(image.Rect(0, 0, 40, 20)), nil), jpeg.Encode(&gray, image.NewGray(image.Rect(0, 0, 8, 8)), nil),
		png.Encode(&flat, image.NewGray16(image.Rect(0, 0, 3, 5)))); err != nil {
		t.Fatal(err)
	}
	path, err := write(t, `<p>one <img src="`+uri("jpeg", color.Bytes())+`"/> two <img width="5000" src="`+uri("jpg", gray.Bytes())+`"/><img src="`+uri("png", flat.Bytes())+`"/>
		<img alt="instead" src="http://192.0.2.1/x.png"/><img alt="broken" src="data:image/png;base64,AAAA"/><img alt="cut" src="`+uri("png", flat.Bytes()[:40])+`"/></p>`)
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Join(strings.Fields(tool(t, "pdfimages", "-list", path)), " ")
	for _, want := range []string{"image 40 20 rgb 3 8 jpeg", "image 8 8 gray 1 8 jpeg", "image 3 5 rgb 3 8 image"} {
		if !strings.Contains(list, want) {
			t.Errorf("want %s in %s", want, list)
		}
	}
	if text := tool(t, "pdftotext", path, "-"); !strings.Contains(text, "instead") || !strings.Contains(text, "broken") {
		t.Errorf("text %q", text)
	}
	if path, err = write(t, `<img src="`+uri("jpeg", color.Bytes())+`"/>`, "documentType", "rtf"); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); !strings.Contains(string(b), `{\pict\jpegblip\picw40\pich20\picwgoal600\pichgoal300 ffd8`) {
		t.Errorf("RTF %s", b)
	}
}

// A small file may hold a huge image; many of them must not be decoded.
func TestTooManyPixels(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 5000, 5000))); err != nil {
		t.Fatal(err)
	}
	one := `<img src="` + uri("png", b.Bytes()) + `"/>`
	if _, _, err := parse(one+one, paper{}); !errors.Is(err, errTooLarge) {
		t.Errorf("two images of 25 million pixels: %v", err)
	}
	if _, err := write(t, strings.Repeat(`<img src="data:image/png;base64,AAAA"/>`, maxImages+1)); !errors.Is(err, errTooLarge) {
		t.Errorf("many images: %v", err)
	}
}
