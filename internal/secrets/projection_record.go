package secrets

import (
	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// clearRecipe makes a record deliver nothing.
func clearRecipe(r *storev1.Projection) {
	r.Items, r.Sources, r.Values, r.Templates, r.Spark, r.Workload, r.References = nil, nil, nil, nil, nil, "", nil
}

// store writes what a projection delivers into a record that delivers nothing.
func (p *Projection) store(r *storev1.Projection, bound binding) {
	for _, item := range p.Items {
		r.Items = append(r.Items, item.stored(bound))
	}
	for _, source := range p.Sources {
		r.Sources = append(r.Sources, &storev1.Projection_Source{
			Bound: bound.stored(source.SecretName), Alias: source.Alias, Version: source.Version, Keys: source.Keys,
			Optional: source.Optional, Base64: source.Base64,
		})
	}
	for _, t := range p.Templates {
		r.Templates = append(r.Templates, &storev1.Projection_Template{
			Engine: int32(t.Engine), Text: t.Text, Entry: t.Entry, Target: storedTarget(t.Target, bound),
		})
	}
	for _, ref := range p.References {
		r.References = append(r.References, &storev1.Projection_Reference{
			Place: ref.Place, Text: ref.Text, Purpose: ref.Purpose, Bound: bound.stored(ref.Secret),
		})
	}
	if p.Spark != (render.Spark{}) {
		r.Spark = &storev1.Projection_Spark{
			DefaultsPath: p.Spark.DefaultsPath, Arguments: p.Spark.Arguments, RedactionRegex: p.Spark.RedactionRegex,
		}
	}
	r.Values, r.Workload = p.Values, p.Workload
}

// stored is what a name is bound to.
func (b binding) stored(reference string) *storev1.Projection_Bound {
	t := b[reference]
	return &storev1.Projection_Bound{
		Secret: reference, NamespaceUid: t.ns.uid, SecretUid: t.record.GetUid(), SecretId: t.record.GetId(),
	}
}

func (item Item) stored(bound binding) *storev1.Projection_Item {
	b := bound.stored(item.SecretName)
	r := &storev1.Projection_Item{
		Secret: b.GetSecret(), NamespaceUid: b.GetNamespaceUid(), SecretUid: b.GetSecretUid(), SecretId: b.GetSecretId(),
		Key: item.Key, Keys: item.Keys, AllKeys: item.AllKeys, Url: int32(item.URL), Optional: item.Optional, Version: item.Version,
		Entry: item.Entry, Target: storedTarget(item.Target, bound),
	}
	if item.File != nil {
		r.Format = int32(item.File.Format)
	}
	if item.Env != nil {
		r.EnvPrefix = item.Env.Prefix
	}
	if c := item.Connection; !c.IsZero() {
		r.Connection = &storev1.Projection_Connection{
			Type: c.Type, Host: c.Host, Port: int32(c.Port), Database: c.Database, Parameters: c.Parameters,
		}
	}
	return r
}

func storedTarget(t render.Target, bound binding) *storev1.Projection_Target {
	r := &storev1.Projection_Target{Argument: t.Argument, Dictionary: t.Dictionary, AllowTakeover: t.TakesOver}
	if t.Env != nil {
		r.Env, r.EnvCase = t.Env.Name, int32(t.Env.Case)
	}
	if t.SparkConf != nil {
		r.SparkConf = t.SparkConf.Name
		if r.SparkConf == "" {
			r.SparkConfPrefix = &t.SparkConf.Prefix
		}
	}
	if f := t.File; f != nil {
		r.Path, r.Mode, r.Owner, r.Section = f.Path, f.Mode, f.Owner, f.Section
		if f.Store != nil {
			r.Store = &storev1.Projection_Store{PasswordKey: f.Store.PasswordKey, Alias: f.Store.Alias}
			if f.Store.PasswordSecret != "" {
				r.Store.Password = bound.stored(f.Store.PasswordSecret)
			}
		}
	}
	return r
}

// recipeOf is what a record delivers.
func recipeOf(r *storev1.Projection) Projection {
	p := Projection{Values: r.GetValues(), Workload: r.GetWorkload()}
	for _, item := range r.GetItems() {
		p.Items = append(p.Items, itemOf(item))
	}
	for _, source := range r.GetSources() {
		p.Sources = append(p.Sources, Source{Version: source.GetVersion(), Source: render.Source{
			SecretName: source.GetBound().GetSecret(), Alias: source.GetAlias(), Keys: source.GetKeys(),
			Optional: source.GetOptional(), Base64: source.GetBase64(),
		}})
	}
	for _, t := range r.GetTemplates() {
		p.Templates = append(p.Templates, render.Template{
			Engine: rendertemplate.Engine(t.GetEngine()), Text: t.GetText(), Entry: t.GetEntry(), Target: targetOf(t.GetTarget()),
		})
	}
	if spark := r.GetSpark(); spark != nil {
		p.Spark = render.Spark{
			DefaultsPath: spark.GetDefaultsPath(), Arguments: spark.GetArguments(), RedactionRegex: spark.GetRedactionRegex(),
		}
	}
	return p
}

func itemOf(r *storev1.Projection_Item) Item {
	item := Item{Version: r.GetVersion(), Item: render.Item{
		SecretName: r.GetSecret(), Key: r.GetKey(), Keys: r.GetKeys(), AllKeys: r.GetAllKeys(), URL: renderlogin.Style(r.GetUrl()),
		Optional: r.GetOptional(), Entry: r.GetEntry(),
	}}
	if c := r.GetConnection(); c != nil {
		item.Connection = renderlogin.Connection{
			Type: c.GetType(), Host: c.GetHost(), Port: int(c.GetPort()), Database: c.GetDatabase(), Parameters: c.GetParameters(),
		}
	}
	target := r.GetTarget()
	if target == nil { // as it was written before items had other targets
		target = &storev1.Projection_Target{Env: r.GetEnv(), Path: r.GetPath(), Mode: r.GetMode()}
	}
	item.Target = targetOf(target)
	switch {
	case item.File != nil:
		item.File.Format = render.Format(r.GetFormat())
	case item.Env != nil:
		item.Env.Prefix = r.GetEnvPrefix()
	}
	return item
}

func targetOf(r *storev1.Projection_Target) render.Target {
	t := render.Target{Argument: r.Argument, Dictionary: r.GetDictionary(), TakesOver: r.GetAllowTakeover()}
	switch {
	case r.GetPath() != "":
		t.File = &render.FileTarget{Path: r.GetPath(), Mode: r.GetMode(), Owner: r.GetOwner(), Section: r.GetSection()}
		if store := r.GetStore(); store != nil {
			t.File.Store = &render.StoreTarget{
				PasswordSecret: store.GetPassword().GetSecret(), PasswordKey: store.GetPasswordKey(), Alias: store.GetAlias(),
			}
		}
	case r.GetSparkConf() != "" || r.SparkConfPrefix != nil:
		t.SparkConf = &render.SparkConfTarget{Name: r.GetSparkConf(), Prefix: r.GetSparkConfPrefix()}
	case r.Argument == nil && r.GetDictionary() == "":
		t.Env = &render.EnvTarget{Name: r.GetEnv(), Case: render.Case(r.GetEnvCase())}
	}
	return t
}

// recipe is what a projection delivers, for the renderer.
func (p *Projection) recipe() render.Recipe {
	recipe := render.Recipe{Values: p.Values, Templates: p.Templates, Spark: p.Spark}
	for _, item := range p.Items {
		recipe.Items = append(recipe.Items, item.Item)
	}
	for _, source := range p.Sources {
		recipe.Sources = append(recipe.Sources, source.Source)
	}
	return recipe
}
