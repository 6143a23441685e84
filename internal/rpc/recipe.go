package rpc

import (
	"cmp"
	"fmt"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// The enums of the API whose zero value says nothing have what that is taken as for their number 1; the renderer's begin
// there.
const firstNamed = 1

// named is the renderer's value of an enum of the API; one that is unknown is out of the renderer's range.
func named[T ~int, E ~int32](e E, count int) T {
	switch n := int(e); {
	case n == 0:
		return 0
	case n < 0 || n > count:
		return -1
	default:
		return T(n - firstNamed)
	}
}

func nameOf[E ~int32, T ~int](t T) E { return E(t + firstNamed) }

// recipe reads what a projection delivers, and notes what cannot be told to the domain.
type recipe struct{ fault error }

// refuse notes the first thing that is wrong.
func (r *recipe) refuse(field, format string, args ...any) {
	if r.fault == nil {
		r.fault = secrets.Invalid(field, format, args...)
	}
}

func projectionFrom(p *cofferv1.Projection) (secrets.Projection, error) {
	var r recipe
	from := secrets.Projection{
		Meta: metaFrom(p), Name: p.GetName(), Values: p.GetValues(), Workload: p.GetWorkload().GetPayload(),
		Spark: render.Spark{
			DefaultsPath: p.GetSpark().GetDefaultsPath(), Arguments: p.GetSpark().GetArguments(), RedactionRegex: p.GetSpark().GetRedactionRegex(),
		},
	}
	for i, item := range p.GetItems() {
		from.Items = append(from.Items, r.item(fmt.Sprintf("projection.items[%d]", i), item))
	}
	for _, source := range p.GetSources() {
		from.Sources = append(from.Sources, sourceFrom(source))
	}
	for i, template := range p.GetTemplates() {
		from.Templates = append(from.Templates, r.template(fmt.Sprintf("projection.templates[%d]", i), template))
	}
	return from, r.fault
}

func (r *recipe) item(field string, item *cofferv1.Projection_Item) secrets.Item {
	from := secrets.Item{Version: item.GetVersion(), Item: render.Item{
		SecretName: item.GetSecret(), Key: item.GetKey(), Keys: item.GetKeys(), AllKeys: item.GetAllKeys(),
		URL: renderlogin.Style(item.GetUrl()), Optional: item.GetOptional(), Entry: item.GetEntry(),
		Target: render.Target{Argument: item.Argument, Dictionary: item.GetDictionary(), TakesOver: item.GetAllowTakeover()},
	}}
	if c := item.GetConnection(); c != nil {
		from.Connection = renderlogin.Connection{
			Type: c.GetType(), Host: c.GetHost(), Port: int(c.GetPort()), Database: c.GetDatabase(), Parameters: c.GetParameters(),
		}
	}
	if item.GetEnv() != "" || item.EnvPrefix != nil {
		from.Env = &render.EnvTarget{
			Name: item.GetEnv(), Prefix: item.GetEnvPrefix(), Case: named[render.Case](item.GetEnvCase(), len(cofferv1.Projection_Case_name)-firstNamed),
		}
	} else if item.GetEnvCase() != cofferv1.Projection_CASE_UNSPECIFIED {
		r.refuse(field+".env_case", "is for env_prefix only")
	}
	if item.GetSparkConf() != "" || item.SparkConfPrefix != nil {
		from.SparkConf = &render.SparkConfTarget{Name: item.GetSparkConf(), Prefix: item.GetSparkConfPrefix()}
	}
	from.File = r.file(field+".file", item.GetFile())
	return from
}

func (r *recipe) file(field string, f *cofferv1.Projection_File) *render.FileTarget {
	if f == nil {
		return nil
	}
	from := &render.FileTarget{
		Path: f.GetPath(), Format: named[render.Format](f.GetFormat(), len(cofferv1.Projection_Format_name)-firstNamed), Mode: f.GetMode(),
		Owner: f.GetOwner(), Section: f.GetSection(),
	}
	if store := f.GetStore(); store != nil {
		from.Store = &render.StoreTarget{PasswordSecret: store.GetPasswordSecret(), PasswordKey: store.GetPasswordKey(), Alias: store.GetAlias()}
	}
	if f.GetPath() == "" {
		r.refuse(field+".path", "is required")
	}
	return from
}

func sourceFrom(s *cofferv1.Projection_Source) secrets.Source {
	id := s.GetSecret()[strings.LastIndexByte(s.GetSecret(), '/')+1:]
	return secrets.Source{Version: s.GetVersion(), Source: render.Source{
		SecretName: s.GetSecret(), Alias: cmp.Or(s.GetContextAlias(), id), Keys: s.GetKeys(), Optional: s.GetOptional(), Base64: s.GetBase64(),
	}}
}

func (r *recipe) template(field string, t *cofferv1.Projection_Template) render.Template {
	from := render.Template{
		Engine: named[rendertemplate.Engine](t.GetEngine(), len(cofferv1.Projection_Template_Engine_name)-firstNamed), Text: t.GetText(), Entry: t.GetEntry(),
		Target: render.Target{Argument: t.Argument, Dictionary: t.GetDictionary(), TakesOver: t.GetAllowTakeover()},
	}
	if t.GetEnv() != "" {
		from.Env = &render.EnvTarget{Name: t.GetEnv()}
	}
	if t.GetSparkConf() != "" {
		from.SparkConf = &render.SparkConfTarget{Name: t.GetSparkConf()}
	}
	from.File = r.file(field+".file", t.GetFile())
	return from
}

func projectionTo(p secrets.Projection) *cofferv1.Projection {
	to := &cofferv1.Projection{
		Name: p.Name, Uid: p.UID, Description: p.Description, Labels: p.Labels, Annotations: p.Annotations, Items: each(p.Items, itemTo),
		Sources: each(p.Sources, sourceTo), Values: p.Values, Templates: each(p.Templates, templateTo),
		AuthorizedBy: p.AuthorizedBy, CreateTime: stamp(p.CreateTime), UpdateTime: stamp(p.UpdateTime), CreatedBy: p.CreatedBy,
		UpdatedBy: p.UpdatedBy, Etag: p.Etag, Revision: int64(p.Revision),
	}
	if p.Spark != (render.Spark{}) {
		to.Spark = &cofferv1.Projection_Spark{
			DefaultsPath: p.Spark.DefaultsPath, Arguments: p.Spark.Arguments, RedactionRegex: p.Spark.RedactionRegex,
		}
	}
	if p.Workload != "" {
		to.Workload = &cofferv1.Projection_Workload{Payload: p.Workload, References: each(p.References, referenceTo)}
	}
	return to
}

func referenceTo(r secrets.WorkloadReference) *cofferv1.Projection_Reference {
	return &cofferv1.Projection_Reference{Place: r.Place, Text: r.Text, BoundSecret: r.Bound, Dangling: r.Bound == ""}
}

func itemTo(item secrets.Item) *cofferv1.Projection_Item {
	to := &cofferv1.Projection_Item{
		Secret: item.SecretName, Key: item.Key, Keys: item.Keys, AllKeys: item.AllKeys, Url: cofferv1.Projection_Url(item.URL),
		Optional: item.Optional, Version: item.Version, Entry: item.Entry, BoundSecret: item.Bound, Dangling: item.Bound == "",
		Argument: item.Argument, Dictionary: item.Dictionary, AllowTakeover: item.TakesOver, File: fileTo(item.File),
	}
	if c := item.Connection; !c.IsZero() {
		to.Connection = &cofferv1.Projection_Connection{
			Type: c.Type, Host: c.Host, Port: int32(c.Port), Database: c.Database, Parameters: c.Parameters,
		}
	}
	if item.Env != nil {
		to.Env = item.Env.Name
		if item.Env.Name == "" {
			to.EnvPrefix = &item.Env.Prefix
			if item.Env.Case != render.Upper {
				to.EnvCase = nameOf[cofferv1.Projection_Case](item.Env.Case)
			}
		}
	}
	if item.SparkConf != nil {
		to.SparkConf = item.SparkConf.Name
		if item.SparkConf.Name == "" {
			to.SparkConfPrefix = &item.SparkConf.Prefix
		}
	}
	return to
}

func fileTo(f *render.FileTarget) *cofferv1.Projection_File {
	if f == nil {
		return nil
	}
	to := &cofferv1.Projection_File{
		Path: f.Path, Format: nameOf[cofferv1.Projection_Format](f.Format), Mode: f.Mode, Owner: f.Owner, Section: f.Section,
	}
	if f.Store != nil {
		to.Store = &cofferv1.Projection_Store{PasswordSecret: f.Store.PasswordSecret, PasswordKey: f.Store.PasswordKey, Alias: f.Store.Alias}
	}
	return to
}

func sourceTo(s secrets.Source) *cofferv1.Projection_Source {
	return &cofferv1.Projection_Source{
		Secret: s.SecretName, ContextAlias: s.Alias, Version: s.Version, Keys: s.Keys, Optional: s.Optional, Base64: s.Base64,
		BoundSecret: s.Bound, Dangling: s.Bound == "",
	}
}

func templateTo(t render.Template) *cofferv1.Projection_Template {
	to := &cofferv1.Projection_Template{
		Engine: nameOf[cofferv1.Projection_Template_Engine](t.Engine), Text: t.Text, Entry: t.Entry, File: fileTo(t.File),
		Argument: t.Argument, Dictionary: t.Dictionary, AllowTakeover: t.TakesOver,
	}
	if t.Env != nil {
		to.Env = t.Env.Name
	}
	if t.SparkConf != nil {
		to.SparkConf = t.SparkConf.Name
	}
	return to
}
