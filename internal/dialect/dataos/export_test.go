package dataos

import (
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// For tests of names and addresses, which have no door of their own.

// NamesOf says what names of DataOS are to a server.
type NamesOf struct{ naming.DataOS }

func (n NamesOf) server() *server { return &server{config: Config{Names: n.DataOS}} }

// Named is what an ID asks for.
func (n NamesOf) Named(id string) secrets.AccessNamed { return n.server().named(id) }

// ID is that of a secret.
func (n NamesOf) ID(namespace, name string, mode secrets.AccessMode) string {
	return n.server().idOf(namespace, name, mode)
}

// Status is the name of the secret that the ID of a resource is.
func (n NamesOf) Status(id string) (string, error) { return n.server().statusOf(id) }

// ParseAddress returns the depot, the collection, the dataset and the purpose of an address.
func ParseAddress(text string) ([4]string, error) {
	a, err := parseAddress(text)
	return [4]string{a.depot, a.collection, a.dataset, a.purpose}, err
}
