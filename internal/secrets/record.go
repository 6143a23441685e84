package secrets

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Kinds of records. Each record is bound to its kind, namespace and key.
const (
	kindNamespace  sealed.Kind = "coffer/namespace/v1"
	kindSecret     sealed.Kind = "coffer/secret/v1"
	kindVersion    sealed.Kind = "coffer/secret-version/v1"
	kindPayload    sealed.Kind = "coffer/payload/v1"
	kindBinding    sealed.Kind = "coffer/binding/v1"
	kindDependents sealed.Kind = "coffer/dependents/v1"
	kindLastAccess sealed.Kind = "coffer/last-access/v1"
	kindProjection sealed.Kind = "coffer/projection/v1"
	kindAccount    sealed.Kind = "coffer/service-account/v1"
	kindToken      sealed.Kind = "coffer/token/v1"
	kindGrant      sealed.Kind = "coffer/grant/v1"
	kindRole       sealed.Kind = "coffer/role/v1"
	kindPolicy     sealed.Kind = "coffer/policy/v1"
	kindTokenUse   sealed.Kind = "coffer/token-use/v1"
	kindLogin      sealed.Kind = "coffer/login/v1"
	kindRequest    sealed.Kind = "coffer/request/v1"
	kindLeftover   sealed.Kind = "coffer/leftover/v1"
	kindTransfer   sealed.Kind = "coffer/transfer/v1"
	kindAuditHead  sealed.Kind = "coffer/audit-head/v1"
	kindUsage      sealed.Kind = "coffer/usage/v1"
	kindUsageOpen  sealed.Kind = "coffer/usage-open/v1"
	kindPinned     sealed.Kind = "coffer/pinned/v1"
)

// Keys of records. Names stand only where a resource is looked up by name; everything else is keyed by UIDs, so that a
// move keeps its history. Namespaces are sealed under the instance's system keyset, all else under its namespace's.
//
//	access/namespace/{id}                     access/account/{nsUID}/{id}
//	access/token/{nsUID}/{accountUID}/{id}    access/grant/{nsUID}/{id}
//	access/role/{nsUID}/{id}                  access/policy/{nsUID}/{id}
//	access/token/{rootUID}/users/{user}/{id}  access/login/{digest of a principal}
//	data/secret/{nsUID}/{id}                  data/bin/{nsUID}/{secretUID}
//	data/version/{nsUID}/{secretUID}/{number} data/payload/{nsUID}/{secretUID}/{number}
//	data/binding/{nsUID}/{secretUID}          data/dependents/{nsUID}/{secretUID}/{shard}
//	data/projection/{nsUID}/{id}              data/last-access/{nsUID}/{secretUID}
//	data/token-use/{nsUID}/{tokenUID}
//	request/{digest}                          request-expiry/{hour}/{digest}
//	leftover/purge/{nsUID}/{secretUID}        leftover/ended/{nsUID}/{accountUID}
//	leftover/transfer/{nsUID}/{secretUID}     of a copy the UID that it gets
//	leftover/tree/{nsUID of the one above}/{nsUID}
//	data/usage/{nsUID}                        usage-open
//	data/pinned/{nsUID}/{secretUID}
//	audit/head
const (
	accessPrefix    storage.Key = "access/" // what access control depends on
	namespacePrefix storage.Key = accessPrefix + "namespace/"
	accountPrefix   storage.Key = accessPrefix + "account/"
	tokenPrefix     storage.Key = accessPrefix + "token/"
	grantPrefix     storage.Key = accessPrefix + "grant/"
	rolePrefix      storage.Key = accessPrefix + "role/"
	policyPrefix    storage.Key = accessPrefix + "policy/"
	loginPrefix     storage.Key = accessPrefix + "login/"

	secretPrefix     storage.Key = "data/secret/"
	binPrefix        storage.Key = "data/bin/"
	versionPrefix    storage.Key = "data/version/"
	payloadPrefix    storage.Key = "data/payload/"
	bindingPrefix    storage.Key = "data/binding/"
	dependentsPrefix storage.Key = "data/dependents/"
	pinnedPrefix     storage.Key = "data/pinned/" // secrets of which a projection has ever pinned a version
	lastAccessPrefix storage.Key = "data/last-access/"
	projectionPrefix storage.Key = "data/projection/"
	tokenUsePrefix   storage.Key = "data/token-use/"

	usagePrefix storage.Key = "data/usage/"

	requestPrefix       storage.Key = "request/"
	requestExpiryPrefix storage.Key = "request-expiry/"
	purgePrefix         storage.Key = "leftover/purge/"    // secrets being erased
	endedPrefix         storage.Key = "leftover/ended/"    // deleted service accounts whose tokens are being erased
	treePrefix          storage.Key = "leftover/tree/"     // namespaces being deleted, undeleted or erased, with all below
	transferPrefix      storage.Key = "leftover/transfer/" // moves to other namespaces, and copies, under way
	usageOpenKey        storage.Key = "usage-open"         // while usage is counted in memory
	auditHeadKey        storage.Key = "audit/head"
)

// namespaced are the prefixes below which the UID of a namespace follows: of what is in it, and goes with it. What gives
// access comes first.
var namespaced = []storage.Key{
	tokenPrefix, accountPrefix, grantPrefix, rolePrefix, policyPrefix, payloadPrefix, versionPrefix, secretPrefix, binPrefix,
	bindingPrefix, dependentsPrefix, pinnedPrefix, lastAccessPrefix, projectionPrefix, tokenUsePrefix, purgePrefix, endedPrefix,
	transferPrefix,
}

// key is the record key below a prefix.
func key(prefix storage.Key, parts ...string) storage.Key {
	n := len(prefix)
	for _, p := range parts {
		n += len(p) + 1
	}
	b := make([]byte, 0, n)
	b = append(b, prefix...)
	for i, p := range parts {
		if i > 0 {
			b = append(b, '/')
		}
		b = append(b, p...)
	}
	return storage.Key(b)
}

// numbered is a version number such that keys sort as numbers do.
func numbered(n int64) string { return fmt.Sprintf("%016x", n) }

func namespaceKey(id string) storage.Key { return key(namespacePrefix, id) }

// secretKey names a secret, a service account, or a namespace in the one above it, by UIDs.
type secretKey struct{ nsUID, uid string }

func (k secretKey) in(prefix storage.Key) storage.Key { return key(prefix, k.nsUID, k.uid) }

func (k secretKey) version(prefix storage.Key, number int64) storage.Key {
	return key(prefix, k.nsUID, k.uid, numbered(number))
}

// etagOf is the etag of a record: opaque to clients, derived from the revision that wrote it and from nothing else.
func etagOf(rev storage.Revision) string {
	if rev == 0 {
		return ""
	}
	return `"` + strconv.FormatUint(uint64(rev), 36) + `"`
}

// checkEtag compares an etag that was sent, if any.
func checkEtag(sent string, rev storage.Revision) error {
	if sent != "" && sent != etagOf(rev) {
		return ErrEtag
	}
	return nil
}

// found tells absent from failing: it returns false and no error for an absent record.
func found(err error) (bool, error) {
	if errors.Is(err, sealed.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func unstamp(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// system is the pseudo namespace of records of the instance.
const system = keyring.System
