package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/pkg/client"
)

// getFlags say what 'resource get' shows.
type getFlags struct {
	addressFlags
	all, details, tags bool
	owner              string
	unsanitized        bool
	refresh            bool
	rate               int64
}

func (a *app) resourceGet() *cobra.Command {
	f := getFlags{rate: 5}
	cmd := &cobra.Command{
		Use:   "get -t TYPE [-n NAME] | -i NAME:VERSION:TYPE",
		Short: "Show resources of DataOS",
		Long: `Show resources of DataOS: your own ones of a type, those of another owner (-o) or all (-a), or the ones that are named.
Of a name that was deleted, what is in the bin is shown. With --details, manifests are shown instead of a table, without
values; with --unSanitize, with them, which takes the right to access each secret and is recorded.`,
		Example: `  coffer resource get -t secret -w public -a
  coffer resource get -i ordersdb-r:v1:instance-secret --details`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			resources, err := f.resources(a)
			if err != nil {
				return err
			}
			if len(resources) > 1 && f.refresh {
				return usage("--refresh is for one resource or type")
			}
			if slices.Contains([]string{outputTable, outputJSON, outputYAML}, f.owner) {
				a.note("-o %s is the owner; --output %s is the form", f.owner, f.owner)
			}
			return a.getResources(cmd.Context(), resources, f)
		},
	}
	flags := cmd.Flags()
	a.ownFlags(flags, "namespace", "output")
	f.registerMore(flags)
	flags.BoolVarP(&f.all, "all", "a", false, "those of all owners")
	flags.StringVarP(&f.owner, "owner", "o", "", "those of this owner (default: you)")
	flags.BoolVarP(&f.details, "details", "d", false, "show manifests, without values")
	flags.BoolVar(&f.tags, "tags", false, "show tags, too")
	flags.BoolVar(&f.unsanitized, "unSanitize", false, "show manifests with the values of secrets")
	flags.BoolVarP(&f.refresh, "refresh", "r", false, "show them again and again")
	flags.Var(countFlag{&f.rate, 1}, "refreshRate", "with --refresh: after so many seconds")
	return cmd
}

func (a *app) getResources(ctx context.Context, resources []address, f getFlags) error {
	return a.connected(func(c *client.Client) error {
		s := seeker{a.placesBy(c)}
		for {
			var all []finding
			for _, r := range resources {
				findings, err := s.wanted(ctx, r, f)
				if err != nil {
					return err
				}
				all = append(all, findings...)
			}
			if err := s.show(ctx, all, f); err != nil || !f.refresh {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(f.rate) * time.Second):
			}
		}
	})
}

// wanted are the resources of a name, or those of a type that the flags ask for.
func (s seeker) wanted(ctx context.Context, r address, f getFlags) ([]finding, error) {
	if r.Name != "" {
		findings, err := s.named(ctx, r)
		if errors.Is(err, client.ErrNotFound) {
			if deleted, binErr := s.binned(ctx, r); binErr == nil && len(deleted) > 0 {
				return deleted, nil
			}
		}
		return likeliest(r, findings), err
	}
	findings, err := s.listed(ctx, r)
	if err != nil || f.all {
		return findings, err
	}
	owner := f.owner
	if owner == "" {
		self, err := s.client.WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
		if err != nil {
			return nil, err
		}
		owner = userID(self.GetPrincipal())
	}
	return slices.DeleteFunc(findings, func(f finding) bool { return f.owner() != owner }), nil
}

func (s seeker) show(ctx context.Context, findings []finding, f getFlags) error {
	byName(findings)
	if f.details || f.unsanitized {
		return s.showManifests(ctx, findings, f.unsanitized)
	}
	titles := []string{"NAME", "VERSION", "TYPE", "WORKSPACE", "STATUS", "RUNTIME", "OWNER"}
	if f.tags {
		titles = append(titles, "TAGS")
	}
	rows := [][]string{titles}
	for _, found := range findings {
		row := []string{
			found.resource.Name, found.resource.Version, found.resource.Type, found.resource.Workspace, found.status(), "", found.owner(),
		}
		if f.tags {
			row = append(row, strings.Join(found.tags(), ", "))
		}
		rows = append(rows, row)
	}
	switch {
	case s.output != outputTable:
		return s.printRows(rows)
	case s.quiet:
		for _, found := range findings {
			if err := s.printLine(found.name); err != nil {
				return err
			}
		}
		return nil
	case len(findings) == 0:
		s.note("none")
		return nil
	}
	return s.printBars(rows)
}

func (f finding) status() string {
	if f.deleted {
		return "deleted"
	}
	return "active"
}

// printBars shows rows as the platform does; a line of them can be given to -i.
func (a *app) printBars(rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = printable(cell)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			row[i] = cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		}
		b.WriteString(strings.TrimRight(strings.Join(row, " | "), " ") + "\n")
		if n > 0 {
			continue
		}
		for i := range row {
			row[i] = strings.Repeat("-", widths[i])
		}
		b.WriteString(strings.Join(row, "-|-") + "\n")
	}
	if _, err := io.WriteString(a.Out, b.String()); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

// printRows shows rows for machines.
func (a *app) printRows(rows [][]string) error {
	resources := []map[string]string{}
	for _, row := range rows[1:] {
		resource := map[string]string{}
		for i, cell := range row {
			resource[strings.ToLower(rows[0][i])] = cell
		}
		resources = append(resources, resource)
	}
	return a.printValue(map[string]any{"resources": resources})
}

// showManifests shows each resource as a manifest that could be applied, but for the values of secrets where they are not
// asked for.
func (s seeker) showManifests(ctx context.Context, findings []finding, values bool) error {
	for i, f := range findings {
		text, err := s.manifestOf(ctx, f, values)
		if err != nil {
			return err
		}
		if i > 0 {
			text = "---\n" + text
		}
		if err := s.writeRaw([]byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func (s seeker) manifestOf(ctx context.Context, f finding, values bool) (string, error) {
	annotations := f.message.GetAnnotations()
	object := map[string]any{"name": f.resource.Name, "version": f.resource.Version, "type": f.resource.Type, "owner": f.owner()}
	add := func(key, value string) {
		if value != "" {
			object[key] = value
		}
	}
	add("layer", annotations[naming.DataOSLayer])
	add("description", f.message.GetDescription())
	add("workspace", f.resource.Workspace)
	if tags := f.tags(); len(tags) > 0 {
		object["tags"] = tags
	}
	switch m := f.message.(type) {
	case *cofferv1.Projection:
		return strings.TrimRight(m.GetWorkload().GetPayload(), "\n") + "\n", nil
	case *cofferv1.Grant:
		object["grant"] = map[string]any{"role": m.GetRole(), "subjects": []string{dataosmanifest.Tag(m.GetPrincipal())}, "resource": m.GetResource()}
	case *cofferv1.Secret:
		body, err := s.bodyOf(ctx, f, m, values)
		if err != nil {
			return "", err
		}
		object[f.resource.Type] = body
	}
	text, err := yaml.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("writing the answer: %w", err)
	}
	return string(text), nil
}

// bodyOf is the body of a secret's manifest.
func (s seeker) bodyOf(ctx context.Context, f finding, secret *cofferv1.Secret, values bool) (map[string]any, error) {
	data := map[string]string{}
	for _, key := range secret.GetKeys() {
		data[key.GetName()] = masked
	}
	if values && f.deleted {
		s.note("%s is deleted, and its values are not shown: 'coffer secret undelete' brings it back", f.resource)
	}
	if values && !f.deleted {
		answer, err := s.client.Access(ctx, f.name)
		if err != nil {
			return nil, err
		}
		data = answer.GetPayload().GetData()
		if data == nil {
			data = map[string]string{}
		}
		for key, value := range answer.GetPayload().GetBinaryData() {
			data[key] = base64.StdEncoding.EncodeToString(value)
			s.note("%s: %s is binary, and shown as base64", f.resource, key)
		}
	}
	kind := secret.GetAnnotations()[naming.DataOSType]
	if kind == "" {
		kind = "key-value"
	}
	body := map[string]any{"type": kind, "data": data}
	switch secret.GetAccessMode() {
	case cofferv1.Secret_READ:
		body["acl"] = "r"
	case cofferv1.Secret_READ_WRITE:
		body["acl"] = "rw"
	}
	return body, nil
}
