package tcp

import (
	"testing"
	"testing/synctest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

func TestSenderServerMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		d := &Sender{bind: network.bind}
		connectortest.Open(t, d, connectortest.Settings("serverMode", "true", "keepConnectionOpen", "true", "maxConnections", "2"))
		_, err := send(t, d, connectortest.Secret)
		connectortest.CheckFault(t, err)

		join := func(answer string) *partner {
			p := network.partner(t, mllp.Options{})
			go func() {
				for {
					if _, err := p.r.ReadMessage(); err != nil {
						return
					}
					p.w.WriteMessage([]byte(answer))
				}
			}()
			synctest.Wait()
			return p
		}
		a := join("A")
		join("B")
		m := connectortest.Outbound(1, "template", "m")
		r, err := d.Send(connectortest.Context(t), m)
		if err != nil || r.Status != weir.Sent || r.Message != "A" && r.Message != "B" {
			t.Fatalf("Send = %+v, %v", r, err)
		}
		if m.ConnectorMap["numberOfClients"] != int32(2) || m.ConnectorMap["successfulSends"] != int32(2) || len(m.ConnectorMap["allResponses"].([]weir.Response)) != 2 {
			t.Errorf("connector map %v", m.ConnectorMap)
		}

		network.partner(t, mllp.Options{}).ended() // one too many

		// One leaves: the other still gets messages, and there is room.
		a.Close()
		r, err = send(t, d, "m")
		if err != nil || r.Message != "B" {
			t.Errorf("after one left: %+v, %v", r, err)
		}
		join("C")
		if n := len(d.clients.present()); n != 2 {
			t.Errorf("%d clients, want 2", n)
		}
	})
}

// A client that does not answer is disconnected and does not hold back the
// answer of another.
func TestSilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		d := &Sender{bind: network.bind}
		connectortest.Open(t, d, connectortest.Settings("serverMode", "true", "keepConnectionOpen", "true"))
		sound, silent := network.partner(t, mllp.Options{}), network.partner(t, mllp.Options{})
		go func() {
			sound.r.ReadMessage()
			sound.w.WriteMessage([]byte("A"))
		}()
		go func() {
			silent.r.ReadMessage()
			silent.ended()
		}()
		synctest.Wait()
		r, err := send(t, d, connectortest.Secret)
		if err != nil || r.Message != "A" || r.StatusMessage != "Message successfully sent to 1 of 2" {
			t.Errorf("Send = %+v, %v", r, err)
		}
		if n := len(d.clients.present()); n != 1 {
			t.Errorf("%d clients, want 1", n)
		}
	})
}
