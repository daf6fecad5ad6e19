package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// httpChannel passes what comes over HTTP on over HTTP; the sender is answered when
// that is done.
const httpChannel = `<channel version="4.5.2">
  <id>5b4f0c5e-0000-4000-8000-000000000001</id>
  <name>HTTP to HTTP</name>
  <revision>1</revision>
  <sourceConnector version="4.5.2">
    <metaDataId>0</metaDataId>
    <name>sourceConnector</name>
    <properties class="com.mirth.connect.connectors.http.HttpReceiverProperties" version="4.5.2">
      <listenerConnectorProperties version="4.5.2"><host>127.0.0.1</host><port>PORT</port></listenerConnectorProperties>
      <sourceConnectorProperties version="4.5.2">
        <responseVariable>d1</responseVariable>
        <respondAfterProcessing>true</respondAfterProcessing>
        <processingThreads>THREADS</processingThreads>
      </sourceConnectorProperties>
    </properties>
    TRANSFORMER
    <transportName>HTTP Listener</transportName>
    <mode>SOURCE</mode>
    <enabled>true</enabled>
  </sourceConnector>
  <destinationConnectors>
    <connector version="4.5.2">
      <metaDataId>1</metaDataId>
      <name>Out</name>
      <properties class="com.mirth.connect.connectors.http.HttpDispatcherProperties" version="4.5.2">
        <host>SINK</host>
        <method>post</method>
        <content>${message.encodedData}</content>
        <contentType>text/plain</contentType>
      </properties>
      TRANSFORMER
      <responseTransformer version="4.5.2"><elements/><inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></responseTransformer>
      <filter version="4.5.2"><elements/></filter>
      <transportName>HTTP Sender</transportName>
      <mode>DESTINATION</mode>
      <enabled>true</enabled>
    </connector>
  </destinationConnectors>
  <properties version="4.5.2"><messageStorageMode>PRODUCTION</messageStorageMode><initialState>STARTED</initialState></properties>
</channel>`

const rawToRaw = `<transformer version="4.5.2"><elements/><inboundDataType>RAW</inboundDataType><outboundDataType>RAW</outboundDataType></transformer>
    <filter version="4.5.2"><elements/></filter>`

// BenchmarkHTTP is HTTP Listener to HTTP Sender over 64 connections, each message
// of 1.5 KB kept in SQLite before it is answered. Generator and sink are in the same
// process.
func BenchmarkHTTP(b *testing.B) {
	for _, threads := range []int{1, 16} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			var arrived atomic.Int64
			sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				arrived.Add(1)
				io.WriteString(w, "ok")
			}))
			defer sink.Close()
			dir := b.TempDir()
			_, port, _ := net.SplitHostPort(freeAddr(b))
			xml := strings.NewReplacer("PORT", port, "SINK", sink.URL, "THREADS", fmt.Sprint(threads), "TRANSFORMER", rawToRaw).Replace(httpChannel)
			if err := os.WriteFile(filepath.Join(dir, "a.xml"), []byte(xml), 0o600); err != nil {
				b.Fatal(err)
			}
			_, client, _ := run(b, Options{Data: b.TempDir(), Channels: dir, Listen: "none"})
			if list, err := client.Channels(b.Context()); err != nil || len(list) != 1 || list[0].State != "STARTED" {
				b.Fatalf("%+v, %v", list, err)
			}
			const connections = 64
			sender := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
			body := strings.Repeat("OBX|1|NM|2823-3^Potassium||4.1|mmol/L\r", 40)
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for range connections {
				all.Go(func() {
					for next.Add(1) <= int64(b.N) {
						answer, err := sender.Post("http://127.0.0.1:"+port+"/", "text/plain", strings.NewReader(body))
						if err != nil {
							b.Error(err)
							return
						}
						text, _ := io.ReadAll(answer.Body)
						answer.Body.Close()
						if answer.StatusCode != 200 || string(text) != "ok" {
							b.Errorf("answered %d %q", answer.StatusCode, text)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			if got := arrived.Load(); got != int64(b.N) {
				b.Errorf("%d arrived of %d", got, b.N)
			}
		})
	}
}
