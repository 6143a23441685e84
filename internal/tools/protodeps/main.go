// Command protodeps prints the third-party .proto files that Coffer's API imports.
//
// They are printed from the descriptors inside the Go modules that the generated code imports, so one pin in go.sum
// fixes the .proto text and the Go types together, and neither a copy of foreign files nor a proto registry is needed.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	_ "google.golang.org/genproto/googleapis/api/annotations" // registers its descriptors
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"  // registers its descriptors
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	out := flag.String("o", "", "folder to write into, made anew")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	if out == "" {
		return fmt.Errorf("-o is required")
	}
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("emptying %s: %w", out, err)
	}
	var err error
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		// buf and protoc bring the well-known types themselves.
		if !strings.HasPrefix(file.Path(), "google/protobuf/") {
			err = write(out, file)
		}
		return err == nil
	})
	return err
}

func write(out string, file protoreflect.FileDescriptor) error {
	var printer protoprint.Printer
	text, err := printer.PrintProtoToString(file)
	if err != nil {
		return fmt.Errorf("printing %s: %w", file.Path(), err)
	}
	path := filepath.Join(out, file.Path())
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("making a folder for %s: %w", file.Path(), err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", file.Path(), err)
	}
	return nil
}
