package java

import "time"

func utilities() []*Class       { return nil }
func dateClasses() []*Class     { return nil }
func timeClasses() []*Class     { return nil }
func textClasses() []*Class     { return nil }
func netClasses() []*Class      { return nil }
func securityClasses() []*Class { return nil }
func streamClasses() []*Class   { return nil }
func commonsClasses() []*Class  { return nil }
func userClasses() []*Class     { return nil }
func refusedClasses() []*Class  { return nil }
func bigDecimalClass() *Class   { return &Class{Name: "java.math.BigDecimal"} }
func bigIntegerClass() *Class   { return &Class{Name: "java.math.BigInteger"} }

type Locale struct{ _ byte }

func (*Locale) JavaClass() string              { return "java.util.Locale" }
func (c *Call) format(i int) any               { return "" }
func (c *Call) formatText(s string, i int) any { return "" }
func insteadOf(s string) string                { return "" }

type Date struct{ ms int64 }

func (*Date) JavaClass() string { return "java.util.Date" }
func (d *Date) Millis() int64   { return d.ms }
func (d *Date) Time() time.Time { return time.UnixMilli(d.ms) }

type Calendar struct{ ms int64 }

func (*Calendar) JavaClass() string     { return "java.util.Calendar" }
func (d *Calendar) Time() time.Time     { return time.UnixMilli(d.ms) }
func NewCalendar(t time.Time) *Calendar { return &Calendar{t.UnixMilli()} }
func UnitOf(v any) time.Duration        { return time.Millisecond }
