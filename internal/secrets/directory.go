package secrets

import (
	"slices"
	"strings"
	"sync"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/storage"
)

// namespace is what is kept in memory of a namespace.
type namespace struct {
	id, uid, parentUID string
	labels             map[string]string
	deleted            bool
	isolated           bool
	owner              string           // annotation naming.InstillOwner
	quota              Usage            // zero fields: the default
	rev                storage.Revision // of its record
}

func (n namespace) name() string { return join(namespaces, n.id) }

// account is what is kept in memory of a service account.
type account struct {
	id, uid, nsUID string
	labels         map[string]string
}

// directory finds namespaces and service accounts by name and by UID. The feed keeps it.
type directory struct {
	mu       sync.RWMutex
	byID     map[string]namespace
	byUID    map[string]string // namespace UID to ID
	accounts map[string]account
	named    map[storage.Key]string // namespace UID and account ID to account UID
	logins   map[string]login       // by principal
}

func newDirectory() *directory {
	return &directory{
		byID: map[string]namespace{}, byUID: map[string]string{}, accounts: map[string]account{}, named: map[storage.Key]string{},
		logins: map[string]login{},
	}
}

func (d *directory) namespace(id string) (namespace, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n, ok := d.byID[id]
	return n, ok
}

func (d *directory) namespaceByUID(uid string) (namespace, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n, ok := d.byID[d.byUID[uid]]
	return n, ok
}

// isolated returns the namespaces that are isolated.
func (d *directory) isolated() (found []namespace) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, n := range d.byID {
		if n.isolated {
			found = append(found, n)
		}
	}
	return found
}

func (d *directory) putNamespace(n namespace) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byID[n.id] = n
	d.byUID[n.uid] = n.id
}

func (d *directory) deleteNamespace(uid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.byID, d.byUID[uid])
	delete(d.byUID, uid)
}

// line returns the namespace and those above it, nearest first.
func (d *directory) line(n namespace) []namespace {
	d.mu.RLock()
	defer d.mu.RUnlock()
	line := []namespace{n}
	for n.parentUID != "" && len(line) <= authz.MaxDepth {
		up, ok := d.byID[d.byUID[n.parentUID]]
		if !ok {
			break
		}
		line, n = append(line, up), up
	}
	return line
}

// children tells whether there is a namespace below that is not deleted.
func (d *directory) children(uid string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, n := range d.byID {
		if n.parentUID == uid && !n.deleted {
			return true
		}
	}
	return false
}

// below returns the namespace and those below it, by ID, without what is deleted.
func (d *directory) below(n namespace) []namespace {
	d.mu.RLock()
	defer d.mu.RUnlock()
	children := map[string][]namespace{}
	for _, child := range d.byID {
		if !child.deleted {
			children[child.parentUID] = append(children[child.parentUID], child)
		}
	}
	found := []namespace{n}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].uid]...)
	}
	slices.SortFunc(found, func(a, b namespace) int { return strings.Compare(a.id, b.id) })
	return found
}

func (d *directory) account(uid string) (account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.accounts[uid]
	return a, ok
}

// accountNamed finds a service account by the UID of its namespace and its ID.
func (d *directory) accountNamed(nsUID, id string) (account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	uid, ok := d.named[key("", nsUID, id)]
	return d.accounts[uid], ok
}

// accountsIn returns the UIDs of the accounts of a namespace.
func (d *directory) accountsIn(nsUID string) []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var uids []string
	for uid, a := range d.accounts {
		if a.nsUID == nsUID {
			uids = append(uids, uid)
		}
	}
	return uids
}

func (d *directory) putAccount(a account) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[a.uid] = a
	d.named[key("", a.nsUID, a.id)] = a.uid
}

func (d *directory) deleteAccount(uid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[uid]
	delete(d.named, key("", a.nsUID, a.id))
	delete(d.accounts, uid)
}

// principal is the principal of a service account; false when the account, or its namespace, is gone.
func (d *directory) principal(uid string) (authn.Principal, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.accounts[uid]
	n := d.byID[d.byUID[a.nsUID]]
	if !ok || n.uid == "" || n.deleted {
		return authn.Principal{}, false
	}
	return authn.Principal{
		Name: string(authn.KindServiceAccount) + ":" + join(namespaces, n.id, serviceAccounts, a.id), UID: a.uid, NamespaceUID: a.nsUID,
	}, true
}

func (d *directory) root() namespace {
	n, _ := d.namespace(Instance)
	return n
}
