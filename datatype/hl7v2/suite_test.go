package hl7v2

import (
	"testing"

	"github.com/weir-health/weir/datatype/datatypetest"
)

func TestSuite(t *testing.T) {
	datatypetest.Run(t, datatypetest.Suite{
		Def: Def,
		Messages: []string{
			sample,
			"MSH|^~\\&|A\rPID|1||~x~&&^^|\r",
			"MSH#$%!*#A\rPID#a$b%c*d\r",
			"FHS|^~\\&|x\rBHS|^~\\&|y\rMSH|^~\\&|z\r",
		},
		Broken: []string{"", "PID|1", "MSH|^~\\&|A\rNTE|1||a\rSECRET note|b\r", `{"SECRET": 1}`, "<SECRET/>"},
	})
}
