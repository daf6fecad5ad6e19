package document

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"image/png"
	"net/url"
	"strings"
)

// picture is a JPEG or PNG image.
type picture struct {
	data          []byte // as it came
	jpeg          bool
	channels      int // of a JPEG
	pixW, pixH    int
	width, height float64 // points
}

// readPicture reads a data: URI, and returns nil for what is none or holds no
// image that can be used: there is no access to files or the network.
func readPicture(src string) *picture {
	rest, ok := strings.CutPrefix(strings.TrimSpace(src), "data:")
	if !ok {
		return nil
	}
	head, body, ok := strings.Cut(rest, ",")
	if !ok || !strings.HasSuffix(strings.ToLower(head), ";base64") {
		return nil
	}
	if strings.Contains(body, "%") {
		if plain, err := url.PathUnescape(body); err == nil {
			body = plain
		}
	}
	body = strings.TrimRight(strings.Join(strings.Fields(body), ""), "=")
	data, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil {
		return nil
	}
	p := &picture{data: data, channels: 3}
	var c image.Config
	if bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
		p.jpeg = true
		c, err = jpeg.DecodeConfig(bytes.NewReader(data))
		if p.channels = components(data); p.channels == 0 {
			return nil
		}
	} else {
		c, err = png.DecodeConfig(bytes.NewReader(data))
	}
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return nil
	}
	p.pixW, p.pixH = c.Width, c.Height
	p.width, p.height = float64(c.Width)*0.75, float64(c.Height)*0.75
	return p
}

// components is how many colours a JPEG has, from its frame header (ITU T.81
// §B.2.2); 0 if there is none.
func components(data []byte) int {
	for i := 2; i+9 < len(data) && data[i] == 0xff; {
		marker, size := data[i+1], int(data[i+2])<<8|int(data[i+3])
		if marker >= 0xc0 && marker <= 0xc2 {
			return int(data[i+9])
		}
		i += 2 + max(size, 2)
	}
	return 0
}

// asked sets the size that the document wants; of one alone the other follows.
func (p *picture) asked(width, height length) {
	ratio := p.height / p.width
	w, hasW := width.points, width.points > 0
	h, hasH := height.points, height.points > 0
	switch {
	case hasW && hasH:
		p.width, p.height = w, h
	case hasW:
		p.width, p.height = w, w*ratio
	case hasH:
		p.width, p.height = h/ratio, h
	}
}

// fit returns the size within an area.
func (p *picture) fit(width, height float64) (w, h float64) {
	scale := min(1, width/p.width, height/p.height)
	return p.width * scale, p.height * scale
}

// pixels decodes a PNG into RGB, and its transparency if it has some.
func (p *picture) pixels() (rgb, alpha []byte, err error) {
	img, err := png.Decode(bytes.NewReader(p.data))
	if err != nil {
		return nil, nil, err
	}
	b := img.Bounds()
	rgb = make([]byte, 0, b.Dx()*b.Dy()*3)
	alpha = make([]byte, 0, b.Dx()*b.Dy())
	clear := false
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			if a == 0 {
				rgb, alpha, clear = append(rgb, 255, 255, 255), append(alpha, 0), true
				continue
			}
			clear = clear || a < 0xffff
			rgb = append(rgb, byte(r*0xff/a), byte(g*0xff/a), byte(bl*0xff/a))
			alpha = append(alpha, byte(a>>8))
		}
	}
	if !clear {
		alpha = nil
	}
	return rgb, alpha, nil
}
