package messagefile

import (
	"bufio"
	"container/heap"
	"io"
)

// bzip2Writer compresses as bzip2, which the standard library only reads. All of a
// block has one Huffman code, where others choose among six: that costs some percent.
type bzip2Writer struct {
	out   *bufio.Writer
	bits  uint64
	held  uint // how many bits are not out yet
	block []byte
	byte  int // of the current run, or -1
	run   int
	crc   uint32 // of the block
	all   uint32 // of the stream
	begun bool
}

// blockSize is that of level 9, less what the last run may add.
const blockSize = 900_000 - 19

func newBzip2Writer(w io.Writer) *bzip2Writer {
	return &bzip2Writer{out: bufio.NewWriter(w), byte: -1, crc: 1<<32 - 1}
}

var bzip2CRC = func() (table [256]uint32) {
	for i := range table {
		c := uint32(i) << 24
		for range 8 {
			c = c<<1 ^ 0x04c11db7*(c>>31)
		}
		table[i] = c
	}
	return table
}()

func (w *bzip2Writer) Write(p []byte) (int, error) {
	for _, b := range p {
		if int(b) == w.byte && w.run < 255 {
			w.run++
			continue
		}
		if err := w.endRun(); err != nil {
			return 0, err
		}
		w.byte, w.run = int(b), 1
	}
	return len(p), nil
}

// endRun puts the current run into the block: from four bytes on, four and how many more.
func (w *bzip2Writer) endRun() error {
	for i := range w.run {
		b := byte(w.byte)
		w.crc = w.crc<<8 ^ bzip2CRC[byte(w.crc>>24)^b]
		if i < 4 {
			w.block = append(w.block, b)
		}
	}
	if w.run >= 4 {
		w.block = append(w.block, byte(w.run-4))
	}
	w.run, w.byte = 0, -1
	if len(w.block) < blockSize-5 {
		return nil
	}
	return w.endBlock()
}

// Close writes what is left and the end of the stream.
func (w *bzip2Writer) Close() error {
	if err := w.endRun(); err != nil {
		return err
	}
	if err := w.endBlock(); err != nil {
		return err
	}
	w.begin()
	w.put(48, 0x177245385090)
	w.put(32, uint64(w.all))
	w.put((8-w.held%8)%8, 0)
	return w.out.Flush()
}

func (w *bzip2Writer) begin() {
	if !w.begun {
		w.begun = true
		w.out.WriteString("BZh9") // an error comes again with Flush
	}
}

func (w *bzip2Writer) put(n uint, bits uint64) {
	for n > 32 {
		n -= 32
		w.put(32, bits>>n&(1<<32-1))
	}
	w.bits = w.bits<<n | bits&(1<<n-1)
	for w.held += n; w.held >= 8; w.held -= 8 {
		w.out.WriteByte(byte(w.bits >> (w.held - 8)))
	}
}

func (w *bzip2Writer) endBlock() error {
	if len(w.block) == 0 {
		return nil
	}
	w.begin()
	crc := ^w.crc
	w.all = (w.all<<1 | w.all>>31) ^ crc
	order := sortedRotations(w.block)
	last, first := make([]byte, len(order)), 0
	for i, at := range order {
		if at == 0 {
			first = i
			at = int32(len(order))
		}
		last[i] = w.block[at-1]
	}
	w.put(48, 0x314159265359)
	w.put(32, uint64(crc))
	w.put(1, 0)
	w.put(24, uint64(first))
	var used [256]bool
	for _, b := range last {
		used[b] = true
	}
	w.putUsed(&used)
	symbols, count := moveToFront(last, &used)
	w.putSymbols(symbols, count)
	w.block, w.crc = w.block[:0], 1<<32-1
	_, err := w.out.Write(nil)
	return err
}

// putUsed writes which bytes there are, sixteen by sixteen.
func (w *bzip2Writer) putUsed(used *[256]bool) {
	var rows [16]uint64
	var which uint64
	for i, u := range used {
		if u {
			rows[i/16] |= 1 << (15 - i%16)
			which |= 1 << (15 - i/16)
		}
	}
	w.put(16, which)
	for _, row := range rows {
		if row != 0 {
			w.put(16, row)
		}
	}
}

// moveToFront writes bytes as how far they stand from the front, where each goes when
// it was met, and runs of the front itself as numbers of the digits 1 and 2. The last
// symbol is the end.
func moveToFront(text []byte, used *[256]bool) (symbols []uint16, count int) {
	var front []byte
	for b, u := range used {
		if u {
			front = append(front, byte(b))
		}
	}
	zeros := 0
	flush := func() {
		for zeros > 0 {
			symbols = append(symbols, uint16(1-zeros&1)) // 0 is the digit 1, 1 the digit 2
			zeros = (zeros - 1) / 2
		}
	}
	for _, b := range text {
		at := 0
		for front[at] != b {
			at++
		}
		if at == 0 {
			zeros++
			continue
		}
		flush()
		copy(front[1:], front[:at])
		front[0] = b
		symbols = append(symbols, uint16(at+1))
	}
	flush()
	end := len(front) + 1
	return append(symbols, uint16(end)), end + 1
}

const symbolsPerSelector = 50

// putSymbols writes the symbols with a Huffman code, which stands there twice, since
// there are at least two.
func (w *bzip2Writer) putSymbols(symbols []uint16, count int) {
	uses := make([]int, count)
	for _, s := range symbols {
		uses[s]++
	}
	lengths := huffmanLengths(uses)
	w.put(3, 2)
	selectors := (len(symbols) + symbolsPerSelector - 1) / symbolsPerSelector
	w.put(15, uint64(selectors))
	for range selectors {
		w.put(1, 0) // the first one
	}
	for range 2 {
		at := lengths[0]
		w.put(5, uint64(at))
		for _, n := range lengths {
			for ; at < n; at++ {
				w.put(2, 2)
			}
			for ; at > n; at-- {
				w.put(2, 3)
			}
			w.put(1, 0)
		}
	}
	codes := make([]uint64, count)
	code := uint64(0)
	for n := uint8(1); n <= maxCode; n++ {
		for s, have := range lengths {
			if have == n {
				codes[s] = code
				code++
			}
		}
		code <<= 1
	}
	for _, s := range symbols {
		w.put(uint(lengths[s]), codes[s])
	}
}

// maxCode is the longest code, in bits.
const maxCode = 17

// huffmanLengths returns the lengths of the codes of symbols by how often they are
// used. Where one would be too long, uses are made more alike.
func huffmanLengths(uses []int) []uint8 {
	for {
		nodes := &nodeHeap{}
		for s, n := range uses {
			heap.Push(nodes, &huffmanNode{uses: max(n, 1), symbol: s})
		}
		for nodes.Len() > 1 {
			a, b := heap.Pop(nodes).(*huffmanNode), heap.Pop(nodes).(*huffmanNode)
			heap.Push(nodes, &huffmanNode{uses: a.uses + b.uses, left: a, right: b, symbol: a.symbol})
		}
		lengths := make([]uint8, len(uses))
		if (*nodes)[0].depths(lengths, 0) <= maxCode {
			return lengths
		}
		for s := range uses {
			uses[s] = uses[s]/2 + 1
		}
	}
}

type huffmanNode struct {
	uses, symbol int
	left, right  *huffmanNode
}

// depths notes how deep the symbols are, and returns the deepest.
func (n *huffmanNode) depths(into []uint8, depth int) int {
	if n.left == nil {
		into[n.symbol] = uint8(depth)
		return depth
	}
	return max(n.left.depths(into, depth+1), n.right.depths(into, depth+1))
}

type nodeHeap []*huffmanNode

func (h nodeHeap) Len() int { return len(h) }
func (h nodeHeap) Less(i, j int) bool {
	return h[i].uses < h[j].uses || h[i].uses == h[j].uses && h[i].symbol < h[j].symbol
}
func (h nodeHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *nodeHeap) Push(x any)   { *h = append(*h, x.(*huffmanNode)) }
func (h *nodeHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// sortedRotations returns where the rotations of a text begin, in their order: sorted
// by their first byte, then by twice as much with each round.
func sortedRotations(text []byte) []int32 {
	n := len(text)
	order, rank := make([]int32, n), make([]int32, n)
	next, nextRank := make([]int32, n), make([]int32, n)
	count := make([]int32, max(256, n)+1)
	for _, b := range text {
		count[b]++
	}
	for i := 1; i < 256; i++ {
		count[i] += count[i-1]
	}
	for i := n - 1; i >= 0; i-- {
		count[text[i]]--
		order[count[text[i]]] = int32(i)
	}
	ranks := int32(1)
	for i := 1; i < n; i++ {
		if text[order[i]] != text[order[i-1]] {
			ranks++
		}
		rank[order[i]] = ranks - 1
	}
	for half := 1; half < n && int(ranks) < n; half *= 2 {
		for i, at := range order {
			if next[i] = at - int32(half); next[i] < 0 {
				next[i] += int32(n)
			}
		}
		clear(count[:ranks])
		for _, r := range rank {
			count[r]++
		}
		for i := int32(1); i < ranks; i++ {
			count[i] += count[i-1]
		}
		for i := n - 1; i >= 0; i-- {
			r := rank[next[i]]
			count[r]--
			order[count[r]] = next[i]
		}
		second := func(at int32) int32 {
			if at += int32(half); int(at) >= n {
				at -= int32(n)
			}
			return rank[at]
		}
		ranks = 1
		nextRank[order[0]] = 0
		for i := 1; i < n; i++ {
			if rank[order[i]] != rank[order[i-1]] || second(order[i]) != second(order[i-1]) {
				ranks++
			}
			nextRank[order[i]] = ranks - 1
		}
		rank, nextRank = nextRank, rank
	}
	return order
}
