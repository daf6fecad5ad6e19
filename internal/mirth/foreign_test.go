package mirth

import (
	"strings"
	"testing"
)

func TestForeign(t *testing.T) {
	for _, name := range []string{"dynamic-proxy", " dynamic-proxy ", "java.lang.ProcessBuilder", "java.beans.EventHandler", "javax.naming.ldap.Rdn$RdnEntry",
		"javax.naming.ldap.Rdn_-RdnEntry", "org.apache.commons.collections4.functors.ChainedTransformer", "com.sun.rowset.JdbcRowSetImpl"} {
		if !Foreign(name) {
			t.Errorf("%q is accepted", name)
		}
		if im, err := ReadFile("x", []byte(`<alertModel><id>a</id><name>A</name><x class="`+name+`"/></alertModel>`)); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q as a class: %v, %v", name, im, err)
		}
	}
	for _, name := range []string{"channel", "string", "com.mirth.connect.model.IteratorStep", "org.apache.commons.lang3.tuple.ImmutablePair", "java.util.Collections$UnmodifiableMap",
		"java.util.Collections_-UnmodifiableMap", "com.acme.fax.FaxProperties", "org.mozilla.javascript.NativeObject", "groovy", "java.awt.Color"} {
		if Foreign(name) {
			t.Errorf("%q is refused", name)
		}
	}
	// As a text such a name is a text: JMS settings have them.
	if _, err := ReadFile("x", []byte(`<alertModel><id>a</id><name>javax.naming.InitialContext</name><p name="java.lang.Runtime">x</p></alertModel>`)); err != nil {
		t.Error(err)
	}
}
