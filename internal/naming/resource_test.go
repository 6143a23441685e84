package naming_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/naming"
)

func TestParseResource(t *testing.T) {
	for id, want := range map[string]naming.Resource{
		"depot:v2alpha:orders":         {Type: "depot", Version: "v2alpha", Name: "orders"},
		"secret:v1:app:public":         {Type: "secret", Version: "v1", Name: "app", Workspace: "public"},
		"secret:v1:app:":               {Type: "secret", Version: "v1", Name: "app"},
		"secret | v1 | app | public":   {Type: "secret", Version: "v1", Name: "app", Workspace: "public"},
		"secret:v1":                    {},
		"secret::app":                  {},
		"secret:v1: :public":           {},
		"secret:v1:app:public:another": {},
		"":                             {},
	} {
		if got, ok := naming.ParseResource(id); got != want || ok != (want != naming.Resource{}) {
			t.Errorf("ParseResource(%q) = %v, %t, want %v", id, got, ok, want)
		}
	}
}
