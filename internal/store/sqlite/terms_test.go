package sqlite

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"github.com/weir-health/weir/internal/store"
)

// Terms that were rows of their own are found after they were put together.
func TestTermsOfFormerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir.db")
	steps, err := store.SchemaSteps(schemaFiles, "schema")
	if err != nil {
		t.Fatal(err)
	}
	before := slices.IndexFunc(steps, func(s store.SchemaStep) bool { return s.Name == "term_runs" })
	if err := migrateTo(path, steps[:before]); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	have := map[int64]int64{} // block by hash
	for id := int64(1); id < 20_000; id += 37 {
		k := key(4000, id, 0, 0)
		hash := store.Term{Kind: store.ControlTerm, Value: string(rune(id))}.Hash()
		if _, err := db.Exec("INSERT INTO terms (block, term, message) VALUES (?, ?, ?)", blockOf(k), hash, k); err != nil {
			t.Fatal(err)
		}
		have[hash] = k
	}
	if err := migrateTo(path, steps); err != nil {
		t.Fatal(err)
	}
	for hash, k := range have {
		var places []int64
		rows, err := db.Query(queryTexts[termRows], blockOf(k), hash)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				t.Fatal(err)
			}
			places = store.TermMessages(places, body, hash)
		}
		rows.Close()
		if first, _ := boundsOf(blockOf(k)); len(places) != 1 || first|places[0]<<messageShift != k {
			t.Fatalf("term of key %d: got places %v", k, places)
		}
	}
}
