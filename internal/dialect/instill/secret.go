package instill

import (
	"context"
	"crypto/sha256"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const (
	// reserved is the ID that means a credential of the platform, which is nobody's secret.
	reserved = "INSTILL_SECRET"
	// maxDescription is in characters. The domain takes 1024 bytes, and refuses more by itself.
	maxDescription = 1023
	// displayName is the annotation that keeps a name for people which is not the ID.
	displayName = "instill.coffer.dev/display-name"
	// users and organizations are what namespaces stand for.
	users, organizations = "users", "organizations"
	// namespaces and secretsOf are the collections in Coffer's names.
	namespaces, secretsOf = "namespaces", "secrets"

	defaultPageSize = 10
	maxPageSize     = 100
)

// idRule is what IDs of new secrets match.
var idRule = regexp.MustCompile(`^[a-z_][-a-z_0-9]{0,31}$`)

// store is what all forms of the service call.
type store Config

// sent is a secret as it was sent, in whichever form. An empty value is none: clients send it where they have none.
type sent struct {
	id, description, displayName, value string
	fields                              protoreflect.FieldDescriptors // of that form
}

// stored is a secret as it is told of, and what its namespace stands for.
type stored struct {
	secrets.Secret
	namespace, id string
	owner         string // users or organizations
}

// namespaceName and secretName are Coffer's names. What is no ID makes a name of nothing, which the domain refuses.
func namespaceName(id string) string { return namespaces + "/" + id }

func secretName(namespace, id string) string {
	return namespaceName(namespace) + "/" + secretsOf + "/" + id
}

// told is a secret of a namespace that the caller was allowed to call about.
func (s store) told(ctx context.Context, secret secrets.Secret) stored {
	namespace, id := idsIn(secret.Name, namespaces, secretsOf)
	return stored{secret, namespace, id, s.owner(ctx, namespace)}
}

// owner is what a namespace stands for that the caller was allowed to call about.
func (s store) owner(ctx context.Context, namespace string) string {
	return standsFor(s.Service.InstillOwner(ctx, namespaceName(namespace)))
}

// standsFor is what a namespace with that annotation stands for. Names begin with it, so that no other text may.
func standsFor(annotation string) string {
	if annotation == organizations {
		return organizations
	}
	return users
}

// uid is the UUID of what has a UID: clients parse it.
func uid(of string) string {
	return uuid.NewHash(sha256.New(), uuid.NameSpaceURL, []byte("coffer:"+of), 8).String()
}

func stamp(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }

// checkNew tells what is wrong with a secret that is to be created.
func (in sent) checkNew() error {
	switch {
	case in.id == "" || in.value == "":
		return errRequired
	case in.id == reserved:
		return errReserved
	case uuid.Validate(in.id) == nil:
		return errUUID
	case !idRule.MatchString(in.id):
		return errID
	}
	return in.checkDescription()
}

func (in sent) checkDescription() error {
	if utf8.RuneCountInString(in.description) > maxDescription {
		return errDescription
	}
	return nil
}

func (s store) create(ctx context.Context, namespace string, in sent) (stored, error) {
	create := secrets.CreateSecret{
		Parent: namespaceName(namespace), ID: in.id, Payload: rpc.OneValue(in.value), Fault: in.checkNew(),
		Secret: secrets.Secret{Meta: secrets.Meta{Description: in.description}},
	}
	if in.displayName != "" && in.displayName != in.id {
		create.Secret.Annotations = map[string]string{displayName: in.displayName}
	}
	secret, err := s.Service.CreateSecret(ctx, rpc.Caller(ctx), create)
	return s.told(ctx, secret), err
}

func (s store) get(ctx context.Context, namespace, id string) (stored, error) {
	secret, err := s.Service.GetSecret(ctx, rpc.Caller(ctx), secretName(namespace, id))
	return s.told(ctx, secret), err
}

// listed is a request for a page, in whichever form.
type listed interface {
	GetPageSize() int32
	GetPageToken() string
}

func (s store) list(ctx context.Context, namespace string, req listed) ([]stored, secrets.Newest, error) {
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPageSize
	}
	page := secrets.Page{Size: min(size, maxPageSize), Token: req.GetPageToken()}
	found, err := s.Service.NewestSecrets(ctx, rpc.Caller(ctx), namespaceName(namespace), page)
	all := make([]stored, len(found.Secrets))
	for i, secret := range found.Secrets {
		all[i] = s.told(ctx, secret)
	}
	return all, found, err
}

// update changes what the mask names, or, without one, what was sent that is not empty.
func (s store) update(ctx context.Context, namespace, id string, in sent, mask []string) (stored, error) {
	update := secrets.UpdateSecret{Secret: secrets.Secret{Name: secretName(namespace, id)}}
	update.Fault = in.change(id, mask, &update)
	secret, err := s.Service.UpdateSecret(ctx, rpc.Caller(ctx), update)
	return s.told(ctx, secret), err
}

// change fills in what an update of a secret changes.
func (in sent) change(id string, mask []string, update *secrets.UpdateSecret) error {
	if in.id != "" && in.id != id {
		return errImmutable
	}
	if len(mask) == 0 {
		mask = in.populated()
	}
	for _, path := range mask {
		field := in.fields.ByName(protoreflect.Name(path))
		if field == nil {
			field = in.fields.ByJSONName(path)
		}
		if field == nil {
			return errMask
		}
		switch field.Name() {
		case "description":
			update.Secret.Description = in.description
			update.Mask = append(update.Mask, "description")
		case "display_name":
			if in.displayName != "" {
				update.Secret.Annotations = map[string]string{displayName: in.displayName}
			}
			update.Mask = append(update.Mask, "annotations."+displayName)
		case "value":
			if in.value == "" {
				return errRequired
			}
			update.Payload = rpc.OneValue(in.value)
		case "id", "slug": // as it is
		default:
			return errOutputOnly
		}
	}
	return in.checkDescription()
}

// populated are the fields that were sent and can be changed.
func (in sent) populated() (paths []string) {
	for path, text := range map[string]string{"description": in.description, "display_name": in.displayName, "value": in.value} {
		if text != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

func (s store) remove(ctx context.Context, namespace, id string) error {
	_, err := s.Service.DeleteSecret(ctx, rpc.Caller(ctx), secretName(namespace, id), "", false, false)
	return err
}
