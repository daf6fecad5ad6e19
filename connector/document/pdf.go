package document

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strconv"
	"strings"
)

// writePDF makes a PDF 1.6 document of blocks. With a password it is encrypted.
func writePDF(blocks []block, page paper, password string) ([]byte, error) {
	width, height := page.inner()
	l := &layout{height: height}
	pages, err := l.pages(l.blocks(blocks, width))
	if err != nil {
		return nil, err
	}
	w := &pdf{page: page, images: map[*picture]int{}}
	w.out.WriteString("%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
	if password != "" {
		if w.crypt, err = newEncryption(password); err != nil {
			return nil, err
		}
	}
	catalog, tree := w.reserve(), w.reserve()
	for f := range faceNames {
		w.fonts[f] = w.reserve()
	}
	var kids []string
	for _, marks := range pages {
		n, err := w.addPage(tree, marks)
		if err != nil {
			return nil, err
		}
		kids = append(kids, ref(n))
	}
	w.object(catalog, "<< /Type /Catalog /Pages "+ref(tree)+" >>")
	w.object(tree, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " ")))
	for f, name := range faceNames {
		w.object(w.fonts[f], "<< /Type /Font /Subtype /Type1 /BaseFont /"+name+" /Encoding /WinAnsiEncoding >>")
	}
	w.trailer(catalog)
	return w.out.Bytes(), nil
}

// pdf is a file that is being written: ISO 32000-1 §7.5.
type pdf struct {
	out     bytes.Buffer
	offsets []int // of objects 1, 2, …
	page    paper
	fonts   [12]int
	images  map[*picture]int
	crypt   *encryption // nil: none
}

func ref(n int) string { return strconv.Itoa(n) + " 0 R" }

func (w *pdf) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *pdf) object(n int, text string) {
	w.offsets[n-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n%s\nendobj\n", n, text)
}

// stream writes data under a dictionary without its brackets.
func (w *pdf) stream(n int, dictionary string, data []byte) error {
	if w.crypt != nil {
		var err error
		if data, err = w.crypt.encrypt(n, data); err != nil {
			return err
		}
	}
	w.offsets[n-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n<< %s /Length %d >>\nstream\n", n, dictionary, len(data))
	w.out.Write(data)
	w.out.WriteString("\nendstream\nendobj\n")
	return nil
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func (w *pdf) addPage(tree int, marks []mark) (int, error) {
	n, content := w.reserve(), w.reserve()
	c := &canvas{pdf: w, fonts: map[face]bool{}, images: map[int]bool{}}
	for _, m := range marks {
		if err := c.draw(m); err != nil {
			return 0, err
		}
	}
	var fonts, images strings.Builder
	for f, number := range w.fonts {
		if c.fonts[face(f)] {
			fmt.Fprintf(&fonts, "/F%d %s ", f, ref(number))
		}
	}
	for i := range len(w.offsets) + 1 {
		if c.images[i] {
			fmt.Fprintf(&images, "/I%d %s ", i, ref(i))
		}
	}
	w.object(n, fmt.Sprintf("<< /Type /Page /Parent %s /MediaBox [0 0 %s %s] /Contents %s /Resources << /Font << %s>> /XObject << %s>> >> >>",
		ref(tree), num(w.page.width), num(w.page.height), ref(content), fonts.String(), images.String()))
	return n, w.stream(content, "/Filter /FlateDecode", deflate(c.out.Bytes()))
}

// canvas is the content of a page: ISO 32000-1 §8 and §9.
type canvas struct {
	pdf    *pdf
	out    bytes.Buffer
	fonts  map[face]bool
	images map[int]bool
}

// num writes a number as PDF has them.
func num(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func (c color) operands() string {
	return num(float64(c.r)/255) + " " + num(float64(c.g)/255) + " " + num(float64(c.b)/255)
}

func (c *canvas) draw(m mark) error {
	page := c.pdf.page
	x, y := page.left+m.x, page.height-page.top-m.y // PDF counts upwards
	switch m.kind {
	case textMark:
		f := m.style.face()
		c.fonts[f] = true
		fmt.Fprintf(&c.out, "BT %s rg /F%d %s Tf %s %s Td (%s) Tj ET\n", m.style.color.operands(), f, num(m.style.size), num(x), num(y), escape(m.text))
		for _, rule := range []struct {
			on bool
			at float64
		}{{m.style.underline, -0.12}, {m.style.strike, 0.28}} {
			if rule.on && m.w > 0 {
				fmt.Fprintf(&c.out, "%s %s %s %s re f\n", num(x+m.lead), num(y+rule.at*m.style.size), num(m.w-m.lead), num(max(m.style.size*0.05, 0.3)))
			}
		}
	case fillMark:
		fmt.Fprintf(&c.out, "%s rg %s %s %s %s re f\n", m.color.operands(), num(x), num(y-m.h), num(m.w), num(m.h))
	case strokeMark:
		fmt.Fprintf(&c.out, "0 G 0.75 w %s %s %s %s re S\n", num(x), num(y-m.h), num(m.w), num(m.h))
	case imageMark:
		n, err := c.pdf.image(m.image)
		if err != nil {
			return nil // broken past its header: the place stays empty
		}
		c.images[n] = true
		fmt.Fprintf(&c.out, "q %s 0 0 %s %s %s cm /I%d Do Q\n", num(m.w), num(m.h), num(x), num(y-m.h), n)
	}
	return nil
}

// escape writes a text as ISO 32000-1 §7.3.4.2 has strings.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`, "\n", `\n`).Replace(text)
}

// image writes an image once, and returns its number.
func (w *pdf) image(p *picture) (int, error) {
	if n, ok := w.images[p]; ok {
		return n, nil
	}
	dictionary := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8", p.pixW, p.pixH)
	if p.jpeg {
		space := map[int]string{1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK /Decode [1 0 1 0 1 0 1 0]"}[p.channels]
		if space == "" {
			return 0, fmt.Errorf("a JPEG of %d colours", p.channels)
		}
		n := w.reserve()
		w.images[p] = n
		return n, w.stream(n, dictionary+" /Filter /DCTDecode /ColorSpace "+space, p.data)
	}
	rgb, alpha, err := p.pixels()
	if err != nil {
		return 0, err
	}
	n := w.reserve()
	w.images[p] = n
	if alpha != nil {
		mask := w.reserve()
		if err := w.stream(mask, dictionary+" /Filter /FlateDecode /ColorSpace /DeviceGray", deflate(alpha)); err != nil {
			return 0, err
		}
		dictionary += " /SMask " + ref(mask)
	}
	return n, w.stream(n, dictionary+" /Filter /FlateDecode /ColorSpace /DeviceRGB", deflate(rgb))
}

func (w *pdf) trailer(catalog int) {
	encrypt := ""
	if w.crypt != nil {
		n := w.reserve()
		w.object(n, w.crypt.dictionary())
		encrypt = fmt.Sprintf(" /Encrypt %s /ID [<%x> <%x>]", ref(n), w.crypt.id, w.crypt.id)
	}
	start := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, at := range w.offsets {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&w.out, "trailer\n<< /Size %d /Root %s%s >>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, ref(catalog), encrypt, start)
}
