package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// What is done with manifests.
const (
	verbApply  = "apply"
	verbCreate = "create"
	verbUpdate = "update"
)

// platformAnnotation begins the annotations that keep what a manifest of DataOS says.
const platformAnnotation = "dataos.coffer.dev/"

// resultError is what the platform tells of a resource that could not be written.
const resultError = "error"

// applyOptions say what apply reads, and what it does with it. All but the first are for manifests of DataOS.
type applyOptions struct {
	files  []string
	dryRun bool

	verb                               string
	workspace                          string
	lint, deRef, reveal                bool
	interpolate, noInterpolation       bool
	anywhere, createNamespaces         bool
	recursive, reRun, noStack, anyCert bool
	noFiles                            bool // what manifests name as files is not read: names alone matter
}

func (o *applyOptions) register(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&o.files, "file", "f", nil, "file, folder, or - for standard input; repeatable")
	flags.BoolVar(&o.dryRun, "dry-run", false, "let the server check everything and do nothing")
	flags.StringVarP(&o.workspace, "workspace", "w", "", "of DataOS: workspace of what names none (default public)")
	flags.BoolVar(&o.interpolate, "interpolate", false, "of DataOS: put variables for $NAME and ${NAME} into values and workloads, too")
	flags.BoolVar(&o.noInterpolation, "disable-interpolation", false, "of DataOS: put no variables for $NAME and ${NAME}")
	flags.BoolVar(&o.createNamespaces, "create-namespaces", false, "of DataOS: create the namespaces of workspaces and tenants that have none")
	flags.BoolVar(&o.anywhere, "files-from-anywhere", false, "of DataOS: read files that are not in the manifest's folder or below it")
	flags.BoolVarP(&o.recursive, "recursive", "R", false, "of DataOS: read folders at all depths, as it is done anyway")
	flags.BoolVar(&o.noStack, "disable-resolve-stack", false, "of DataOS: nothing here resolves stacks")
	flags.BoolVar(&o.anyCert, "tls-allow-insecure", false, "of DataOS: not followed, since anybody could read along")
	if o.verb == verbApply {
		flags.BoolVarP(&o.lint, "lint", "l", false, "of DataOS: check the manifests and show them, without secrets; send nothing")
		flags.BoolVarP(&o.deRef, "de-ref", "d", false, "of DataOS: show the manifests with their files in them; send nothing")
		flags.BoolVar(&o.reveal, "reveal", false, "with --de-ref: show values")
		flags.BoolVarP(&o.reRun, "re-run", "r", false, "of DataOS: nothing is run here")
	}
	alsoCalled(flags, map[string]string{"manifestFile": "file"})
}

// only tells that manifests are to be shown, and nothing is sent.
func (o applyOptions) only() bool { return o.lint || o.deRef }

// tell says which flags do not do what they ask for.
func (o applyOptions) tell(a *app) {
	if o.anyCert {
		a.note("--tls-allow-insecure is not followed: name the authority that vouches for the server with --ca-cert")
	}
	if o.reRun {
		a.note("--re-run: nothing is run here; what runs gets the new values by 'coffer run --watch' or the agent")
	}
}

// readManifests reads all documents, Coffer's and those of DataOS.
func (a *app) readManifests(o applyOptions) ([]manifest, []*dataosmanifest.Manifest, error) {
	switch {
	case o.interpolate && o.noInterpolation:
		return nil, nil, usage("--interpolate and --disable-interpolation exclude each other")
	case o.reveal && !o.deRef:
		return nil, nil, usage("--reveal is for --de-ref")
	}
	o.tell(a)
	s, err := a.resolve()
	if err != nil {
		return nil, nil, err
	}
	sources, err := readSources(o.files, a.In)
	if err != nil {
		return nil, nil, err
	}
	var manifests []manifest
	var platform []*dataosmanifest.Manifest
	var faults error
	for _, source := range withoutNamed(sources, o.translation) {
		var own []document
		options := o.translation(source)
		for _, doc := range source.documents() {
			if !dataosmanifest.Recognizes(doc.Text) {
				own = append(own, doc)
				continue
			}
			m, err := dataosmanifest.Parse(doc.Document, options)
			faults = errors.Join(faults, err)
			platform = append(platform, m)
		}
		more, err := parseDocuments(own, s.Namespace)
		faults = errors.Join(faults, err)
		manifests = append(manifests, more...)
	}
	if faults != nil {
		return nil, nil, usageError{faults}
	}
	return manifests, platform, nil
}

// translation says how manifests of a source are read.
func (o applyOptions) translation(s source) dataosmanifest.Options {
	options := dataosmanifest.Options{
		ReadFile:  fileReader{dir: filepath.Dir(s.name), anywhere: o.anywhere}.read,
		Workspace: o.workspace, ExpandValues: o.interpolate,
	}
	if o.noFiles {
		options.ReadFile = func(string) ([]byte, error) { return nil, nil }
	}
	if !o.noInterpolation {
		options.Lookup = lookupEnv
	}
	return options
}

// lookupEnv keeps what is Coffer's own out of manifests: what they hold, others may see.
func lookupEnv(name string) (string, bool) {
	if strings.HasPrefix(name, "COFFER_") {
		return "", false
	}
	return os.LookupEnv(name)
}

// fileReader reads the files that a manifest names, relative to its folder.
type fileReader struct {
	dir      string
	anywhere bool
}

func (r fileReader) read(path string) ([]byte, error) {
	f, err := r.open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	content, err := readBounded(path, f)
	return []byte(content), err
}

// open keeps to the folder of the manifest, links included: whoever wrote it does not choose what else of this machine is
// sent.
func (r fileReader) open(path string) (*os.File, error) {
	if r.anywhere {
		if !filepath.IsAbs(path) {
			path = filepath.Join(r.dir, path)
		}
		return os.Open(path)
	}
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	f, err := root.Open(path)
	if err != nil && (filepath.IsAbs(path) || !errors.Is(err, os.ErrNotExist)) {
		err = fmt.Errorf("reading %s: it has to be a file in the folder of the manifest or below it; --files-from-anywhere takes others", path)
	}
	return f, err
}

// progress tells what became of a resource of DataOS, in the words of its command line, and where nothing did.
func (r *applier) progress(m manifest, result string) error {
	if m.dataos == nil || r.app.output != outputTable || r.app.quiet {
		return nil
	}
	return r.app.printLine("… applying " + m.dataos.String() + "..." + doneText(result, r.dryRun))
}

// keepOthers has the manifest keep the annotations that it says nothing of, and a type that was chosen otherwise.
func (m *manifest) keepOthers(existing proto.Message) {
	if m.dataos == nil {
		return
	}
	annotated, ok := existing.(interface{ GetAnnotations() map[string]string })
	if !ok {
		return
	}
	mine := m.message.(interface{ GetAnnotations() map[string]string }).GetAnnotations()
	for key, value := range annotated.GetAnnotations() {
		if _, set := mine[key]; !set && !strings.HasPrefix(key, platformAnnotation) {
			mine[key] = value
		}
	}
	// Nothing of a grant can be changed, and its ID says what it gives.
	fixed := []string{"type"}
	if m.kind.name == kindGrant {
		fixed = []string{"annotations", "description"}
	}
	m.fields = slices.DeleteFunc(slices.Clone(m.fields), func(field string) bool { return slices.Contains(fixed, field) })
}

// described is what could not be written. The secret that a grant of DataOS is on may be meant otherwise than it is read.
func (m manifest) described(err error) string {
	grant, ok := m.message.(*cofferv1.Grant)
	refused, told := errors.AsType[*client.Error](err)
	if !ok || m.dataos == nil || !told ||
		!slices.ContainsFunc(refused.Violations, func(v client.Violation) bool { return v.Field == "grant.resource" }) {
		return reference(m.name)
	}
	return fmt.Sprintf("%s on %s (a secret of a workspace is named by the path secret:v1:NAME:WORKSPACE)",
		reference(m.name), reference(grant.GetResource()))
}
