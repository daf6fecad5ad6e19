package script

import "testing"

// Scripts that only read and write messages run without fences for arrays; those
// that have arrays, however they are made, have them.
func TestFencesForArrays(t *testing.T) {
	tests := []struct {
		code string
		want bool
	}{
		{`msg['PID']['PID.5']['PID.5.1'] = msg['PV1'] ['PV1.3'].toString(); for each (var o in msg..OBX) { o['OBX.1']['OBX.1.1'] = ++n }`, false},
		{`tmp['OBX'][i]['OBX.1']['OBX.1.1'] = 'x'; if (a == b) channelMap.put('k', validate(mapping, '', []));`, false},
		{`var a = [b, b];`, true},
		{`return [b]`, true},
		{"x\n[b, b].c", false},
		{";\n[b, b].c", true},
		{`f([b])`, true},
		{`a[i] = 1`, true},
		{`a[4294967294] += 1`, true},
		{`a[1e9]++`, true},
		{`++a[1e9]`, true},
		{`var l = []; l.push(1)`, true},
		{`'a,b'.split(',')`, true},
		{`new Array(5)`, true},
		{`f(...x)`, true},
	}
	for _, tt := range tests {
		got := false
		for i, g := range fenceList {
			got = got || g.arrays && fencesFor(tt.code)&(1<<i) != 0
		}
		if got != tt.want {
			t.Errorf("%s: fenced %v, want %v", tt.code, got, tt.want)
		}
	}
}
