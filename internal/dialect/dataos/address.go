package dataos

import (
	"context"
	"net/url"
	"regexp"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// maxAddress bounds an address, in bytes.
const maxAddress = 2048

// addressForm is the depot, the collection, the dataset and the query of an address.
var addressForm = regexp.MustCompile(`^dataos://([a-zA-Z0-9-]{1,120})(?::([a-zA-Z0-9_]+)(?:/([^?#\x00-\x1f\x7f]*))?)?(?:\?([^#\x00-\x1f\x7f]*))?$`)

// address is what names a dataset, or all of a depot.
type address struct {
	depot, collection, dataset string
	purpose                    string // or access list, that it asks for
}

func parseAddress(text string) (address, error) {
	const field = "address"
	if len(text) > maxAddress {
		return address{}, secrets.Invalid(field, "is longer than %d bytes", maxAddress)
	}
	m := addressForm.FindStringSubmatch(text)
	if m == nil {
		return address{}, secrets.Invalid(field, "want dataos://DEPOT:COLLECTION/DATASET?acl=r, where all behind DEPOT may be left out")
	}
	query, err := url.ParseQuery(m[4])
	if err != nil {
		return address{}, secrets.Invalid(field, "its query is not well-formed")
	}
	asked := append(query["acl"], query["purpose"]...)
	if len(asked) > 1 {
		return address{}, secrets.Invalid(field, "asks for more than one acl or purpose")
	}
	a := address{depot: m[1], collection: m[2], dataset: m[3], purpose: "r"}
	if len(asked) == 1 {
		if a.purpose, err = purposeAsked(field, asked[0]); err != nil {
			return address{}, err
		}
	}
	return a, nil
}

// ResolveAddress implements dataosv1.DataOSServiceServer.
func (s *server) ResolveAddress(ctx context.Context, req *dataosv1.ResolveAddressRequest) (*dataosv1.ResolvedAddress, error) {
	a, fault := parseAddress(req.GetAddress())
	depot := s.referrer(a.depot)
	depot.Fault = fault
	projection, referred, err := s.config.Service.GetReferrer(ctx, rpc.Caller(ctx), depot)
	if err != nil {
		return nil, err
	}
	to := &dataosv1.ResolvedAddress{
		Address: req.GetAddress(), Depot: a.depot, Collection: a.collection, Dataset: a.dataset, Acl: aclFor(a.purpose),
		Type: sourceType(projection.Workload),
	}
	for _, r := range referred {
		namespace, name := split(r.Name)
		to.Secrets = append(to.Secrets, &dataosv1.ResolvedAddress_Reference{
			Name: name, Id: s.idOf(namespace, name, r.Mode), Acl: aclFor(purposeOf(r)), Purpose: purposeSaid(r.Purpose),
		})
	}
	return to, nil
}

// purposeSaid is a purpose of v2: r is none.
func purposeSaid(said string) string {
	if said == "r" || purposes[said] == nil {
		return ""
	}
	return said
}
