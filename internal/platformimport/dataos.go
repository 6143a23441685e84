package platformimport

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosproperties"
	"github.com/coffer-dev/coffer/internal/naming"
)

// heimdallSecret is a secret as DataOS serves it.
type heimdallSecret struct {
	ID   string `json:"id"`
	Data []struct {
		Key   string `json:"key"`
		Value string `json:"base64Value"`
	} `json:"data"`
}

// DataOSKubernetes turns the Kubernetes Secrets of a DataOS cluster into items. Each goes where namespace says; it is asked
// for what the Secret says its namespace is, which is called as the workspace.
func DataOSKubernetes(secrets []KubernetesSecret, namespace func(workspace string) (id string, err error)) ([]Item, error) {
	var items []Item
	for _, s := range secrets {
		if why, leave := notOurs[s.Type]; leave {
			items = append(items, skipped(s, "dataos:", "it is "+why))
			continue
		}
		id, err := namespace(s.Namespace)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Where, err)
		}
		item := newSecret(id, s.Name, "dataos:kubernetes/"+s.Namespace+"/"+s.Name, s.Where, s.Values)
		for _, key := range slices.Sorted(maps.Keys(s.Faults)) {
			item.Refusal = s.Faults[key]
		}
		secret := item.Resource.(*cofferv1.Secret)
		secret.Labels = s.Labels
		if s.Type == kubernetesDocker {
			secret.Annotations = map[string]string{naming.DataOSType: naming.ImagePull}
		}
		items = append(items, item)
	}
	return items, nil
}

// HeimdallID is a secret to read by the ID that Heimdall has for it.
type HeimdallID struct {
	ID string
	// Namespace is the ID of the namespace that it goes to.
	Namespace string
	// Name is the ID that it gets. Empty: the name that it has in DataOS, as far as the answer and its ID tell.
	Name string
}

// DataOSSecret reads a secret of DataOS from Heimdall. One that the platform does not hand out is an item that says so.
func DataOSSecret(ctx context.Context, r *Remote, id HeimdallID) (Item, error) {
	var answer heimdallSecret
	err := r.get(ctx, []string{"heimdall", "api", "v1", "secrets", id.ID}, nil, &answer)
	var refused *RemoteError
	if errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusForbidden) {
		item := answer.item(id, r.String(), false)
		item.Err = err
		return item, nil
	}
	if err != nil {
		return Item{}, err
	}
	return answer.item(id, r.String(), false), nil
}

// DataOSDepot reads the secret of a depot for an acl, r or rw, or a purpose of v2, scan or query. A depot that has none yields nothing.
func DataOSDepot(ctx context.Context, r *Remote, depot, acl, namespace string) ([]Item, error) {
	var raw json.RawMessage
	err := r.get(ctx, []string{"ds", "api", "v2", "depots", depot, "secrets"}, url.Values{"acl": {acl}}, &raw)
	var refused *RemoteError
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var answers []heimdallSecret
	if json.Unmarshal(raw, &answers) != nil {
		answers = make([]heimdallSecret, 1)
		if json.Unmarshal(raw, &answers[0]) != nil {
			return nil, fmt.Errorf("%s: %w: want a secret of the depot %s", r, ErrShape, depot)
		}
	}
	var items []Item
	for _, answer := range answers {
		id := HeimdallID{ID: answer.ID, Namespace: namespace}
		if id.ID == "" {
			id.ID = depot + "_" + acl
		}
		item := answer.item(id, r.String(), true)
		secret := item.Resource.(*cofferv1.Secret)
		secret.AccessMode = cofferv1.Secret_READ
		if acl == "rw" {
			secret.AccessMode = cofferv1.Secret_READ_WRITE
		}
		items = append(items, item)
	}
	return items, nil
}

// item decodes an answer. depot tells that a single entry holds properties, whatever it is called.
func (s heimdallSecret) item(id HeimdallID, where string, depot bool) Item {
	// Names have hyphens where IDs have underscores.
	name, source := strings.ReplaceAll(id.ID, "_", "-"), "dataos:heimdall/"+id.ID
	entries, fault := map[string][]byte{}, ""
	properties := ""
	for _, entry := range s.Data {
		value, err := base64.StdEncoding.DecodeString(entry.Value)
		if err != nil && fault == "" {
			fault = fmt.Sprintf("the value of %q is not base64", entry.Key)
		}
		if _, twice := entries[entry.Key]; twice && fault == "" {
			fault = fmt.Sprintf("%q is there twice", entry.Key)
		}
		entries[entry.Key] = value
		if strings.ReplaceAll(entry.Key, "_", "-") == name || depot && len(s.Data) == 1 {
			properties = entry.Key
		}
	}
	annotations := map[string]string{naming.DataOSType: "key-value"}
	if properties != "" && fault == "" {
		if !depot || len(s.Data) > 1 {
			name = properties
		}
		annotations[naming.DataOSType] = naming.KeyValueProperties
		var files map[string]string
		if entries, files, fault = unfold(entries, properties); len(files) > 0 {
			text, _ := json.Marshal(files) // strings always can be
			annotations[naming.DataOSFiles] = string(text)
		}
	}
	if id.Name != "" {
		name = id.Name
	}
	item := newSecret(id.Namespace, name, source, where, entries)
	secret := item.Resource.(*cofferv1.Secret)
	secret.Annotations = annotations
	switch {
	case strings.HasSuffix(id.ID, "_rw"):
		secret.AccessMode = cofferv1.Secret_READ_WRITE
	case strings.HasSuffix(id.ID, "_r"):
		secret.AccessMode = cofferv1.Secret_READ
	}
	if len(s.Data) == 0 {
		fault = "the answer holds no entry"
	}
	if fault != "" {
		item.Refusal = fault
	}
	return item
}

// unfold takes an entry of properties apart, k=v in each line. A value that is the key of another entry is a file: files
// tells how those are called.
func unfold(entries map[string][]byte, key string) (values map[string][]byte, files map[string]string, fault string) {
	pairs, err := dataosproperties.Read(entries[key])
	if err != nil {
		return entries, nil, "its properties: " + err.Error()
	}
	values, files = map[string][]byte{}, map[string]string{}
	taken := map[string]bool{key: true}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		called := string(pairs[name])
		content, isFile := entries[called]
		if values[name] = pairs[name]; isFile && called != key {
			// It is called as it is mounted: the secret, and the file.
			values[name], files[name] = content, strings.TrimPrefix(called, key+"_")
			taken[called] = true
		}
	}
	for name, value := range entries {
		if _, twice := values[name]; !taken[name] && !twice {
			values[name] = value
		}
	}
	return values, files, ""
}
