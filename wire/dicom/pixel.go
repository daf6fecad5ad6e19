package dicom

// Split takes the pixel data out of an object. rest is the object without it,
// written anew; frames are the fragments of encapsulated pixel data, the table of
// offsets first, or the one value of pixel data that is not. An object without
// pixel data has no frames.
func Split(object []byte) (rest []byte, frames [][]byte, err error) {
	o, err := Read(object)
	if err != nil {
		return nil, nil, err
	}
	if e := o.Find(PixelData); e != nil {
		if e.Items == nil {
			frames = [][]byte{e.Value}
		}
		for _, i := range e.Items {
			frames = append(frames, i.Fragment)
		}
		o.Remove(PixelData)
	}
	rest, err = o.Bytes()
	return rest, frames, err
}

// Join puts the pixel data back that Split took out. As in Mirth, one frame
// becomes a plain value and several become fragments, and both are of the
// representation OB, whatever it was before.
func Join(rest []byte, frames [][]byte) ([]byte, error) {
	o, err := Read(rest)
	if err != nil {
		return nil, err
	}
	e := Element{Tag: PixelData, VR: OB}
	switch len(frames) {
	case 0:
		return o.Bytes()
	case 1:
		e.Value = frames[0]
	default:
		for _, f := range frames {
			e.Items = append(e.Items, Item{Fragment: f})
		}
	}
	o.Put(e)
	return o.Bytes()
}
