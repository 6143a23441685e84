package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/coffer-dev/coffer/pkg/client"
)

// metadataFlags are what resources have in common: description, labels, annotations.
type metadataFlags struct {
	description             string
	labels, annotations     []string
	noLabels, noAnnotations []string
	etag                    string
	dryRun                  bool
}

func (f *metadataFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.description, "description", "", "what it is for")
	flags.StringArrayVar(&f.labels, "label", nil, "KEY=VALUE, for finding and grouping; repeatable")
	flags.StringArrayVar(&f.annotations, "annotation", nil, "KEY=VALUE, for tools; repeatable")
	flags.BoolVar(&f.dryRun, "dry-run", false, "let the server check everything and do nothing")
}

func (f *metadataFlags) registerUpdate(flags *pflag.FlagSet) {
	f.register(flags)
	flags.StringArrayVar(&f.noLabels, "remove-label", nil, "key of a label to remove; repeatable")
	flags.StringArrayVar(&f.noAnnotations, "remove-annotation", nil, "key of an annotation to remove; repeatable")
	flags.StringVar(&f.etag, "etag", "", "only if this is the current etag")
}

// set puts what was given into a resource and returns the names of the fields it set.
func (f *metadataFlags) set(m proto.Message, changed func(flag string) bool) ([]string, error) {
	r := m.ProtoReflect()
	var mask []string
	if changed("description") {
		r.Set(r.Descriptor().Fields().ByName("description"), protoreflect.ValueOfString(f.description))
		mask = append(mask, "description")
	}
	for _, edit := range []struct {
		field       protoreflect.Name
		set, remove []string
	}{{"labels", f.labels, f.noLabels}, {"annotations", f.annotations, f.noAnnotations}} {
		if len(edit.set)+len(edit.remove) == 0 {
			continue
		}
		values := r.Mutable(r.Descriptor().Fields().ByName(edit.field)).Map()
		for _, pair := range edit.set {
			key, value, ok := strings.Cut(pair, "=")
			if !ok {
				return nil, usage(fmt.Sprintf("%q: want KEY=VALUE", pair))
			}
			values.Set(protoreflect.ValueOfString(key).MapKey(), protoreflect.ValueOfString(value))
		}
		for _, key := range edit.remove {
			values.Clear(protoreflect.ValueOfString(key).MapKey())
		}
		mask = append(mask, string(edit.field))
	}
	return mask, nil
}

// updateCommand changes metadata. more sets what else a kind has and returns the fields.
func (a *app) updateCommand(k kind, more func(cmd *cobra.Command) func(proto.Message) ([]string, error)) *cobra.Command {
	var f metadataFlags
	cmd := &cobra.Command{
		Use:   "update NAME",
		Short: "Change the metadata of a " + k.name,
		Long:  "Change the metadata of a " + k.name + ". What is not named stays as it is.",
		Args:  cobra.ExactArgs(1),
	}
	f.registerUpdate(cmd.Flags())
	set := func(proto.Message) ([]string, error) { return nil, nil }
	if more != nil {
		set = more(cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.with(k, args[0], func(c *client.Client, full string) error {
			options := updateOptions{etag: f.etag, dryRun: f.dryRun, done: "updated"}
			return a.update(cmd.Context(), c, k, full, options, func(m proto.Message) ([]string, error) {
				mask, err := f.set(m, cmd.Flags().Changed)
				if err != nil {
					return nil, err
				}
				others, err := set(m)
				return append(mask, others...), err
			})
		})
	}
	return cmd
}

// updateOptions say how a resource is updated.
type updateOptions struct {
	etag   string // empty: that of the resource as it was read
	dryRun bool
	done   string // what it is then, in a word
}

// update reads a resource, changes it and writes it back, refusing to overwrite what somebody else wrote meanwhile.
func (a *app) update(
	ctx context.Context, c *client.Client, k kind, full string, o updateOptions, change func(proto.Message) ([]string, error),
) error {
	m, err := k.get.call(ctx, c, fields{"name": full})
	if err != nil {
		return err
	}
	mask, err := change(m)
	if err != nil {
		return err
	}
	if len(mask) == 0 {
		return usage("nothing to change was given")
	}
	if o.etag != "" {
		r := m.ProtoReflect()
		r.Set(r.Descriptor().Fields().ByName("etag"), protoreflect.ValueOfString(o.etag))
	}
	updated, err := k.update.call(ctx, c, fields{
		k.field: m, "update_mask": &fieldmaskpb.FieldMask{Paths: mask}, "validate_only": o.dryRun,
	})
	if err != nil {
		return err
	}
	return a.printDone(updated.(resourceMessage), doneText(o.done, o.dryRun))
}

// timeFlag is a time as RFC 3339, or as a duration from now (or before now, where past) such as 36h or 90d. Its zero
// value is no time.
type timeFlag struct {
	text string
	past bool
	time *timestamppb.Timestamp
}

var _ pflag.Value = (*timeFlag)(nil)

// String implements pflag.Value.
func (f *timeFlag) String() string { return f.text }

// Type implements pflag.Value.
func (f *timeFlag) Type() string { return "time" }

// Set implements pflag.Value.
func (f *timeFlag) Set(text string) error {
	f.text = text
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		f.time = timestamppb.New(at)
		return nil
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d <= 0 {
		return errors.New("want a time such as 2027-01-31T12:00:00Z, 36h or 90d")
	}
	if f.past {
		d = -d
	}
	f.time = timestamppb.New(time.Now().Add(d))
	return nil
}
