package catalog_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/catalog"
)

func open(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) { open(t) }
