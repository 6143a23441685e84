package cli

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

func (a *app) policyCommand() *cobra.Command {
	k := kindOf(kindPolicy)
	return nounCommand("policy", "Cedar text that permits and forbids by attributes", k.aliases,
		a.policyCreate(), a.nounGet(k), a.nounList(k), a.updateCommand(k, a.policyUpdateFlags), a.nounDelete(k), a.policyTest())
}

// policyFlags name the files of a policy.
type policyFlags struct{ text, tests string }

func (f *policyFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.text, "file", "f", "", "file of Cedar policies, or - for standard input")
	cmd.Flags().StringVar(&f.tests, "tests", "", "YAML file of tests, which are kept with the policy")
}

// set reads the files that were named into the policy and returns the fields it set.
func (f *policyFlags) set(a *app, policy *cofferv1.Policy) ([]string, error) {
	if f.text == "-" && f.tests == "-" {
		return nil, usage("standard input is given twice")
	}
	var mask []string
	if f.text != "" {
		s, err := a.readOne(f.text)
		if err != nil {
			return nil, err
		}
		policy.Text = s.content
		mask = append(mask, "text")
	}
	if f.tests != "" {
		s, err := a.readOne(f.tests)
		if err != nil {
			return nil, err
		}
		tests := &cofferv1.Policy{}
		if _, err := parseSpec(s, tests); err != nil {
			return nil, err
		}
		if !proto.Equal(tests, &cofferv1.Policy{Tests: tests.GetTests()}) {
			return nil, usage(s.name + ": want tests alone")
		}
		policy.Tests = tests.GetTests()
		mask = append(mask, "tests")
	}
	return mask, nil
}

// readOne reads a file, or standard input.
func (a *app) readOne(path string) (source, error) {
	if path == "-" {
		return readSource("standard input", a.In)
	}
	return readSourceFile(path)
}

const policyTestsHelp = `A file of tests says what the text alone must say of requests, PERMIT, FORBID or NONE:

  tests:
  - title: nobody reads production from outside
    principal: user:alice
    action: secret:access
    resource: {kind: Secret, id: orders-db, labels: {env: prod}}
    sourceAddress: 192.0.2.1
    want: FORBID`

func (a *app) policyCreate() *cobra.Command {
	var meta metadataFlags
	var f policyFlags
	cmd := &cobra.Command{
		Use:   "create NAME -f FILE",
		Short: "Put a policy in force, for its namespace and below",
		Long: `Put a policy in force, for its namespace and below, at once. A forbid wins over every permit and grant. It takes the
right to give each action that the text permits.

` + policyTestsHelp,
		Example: `  coffer policy create inside -n acme -f prod.cedar --tests prod-tests.yaml
  coffer policy create readonly -n acme -f - <<'END'
  forbid (principal, action == Action::"secret:addVersion", resource)
  when { resource.hasTag("env") && resource.getTag("env") == "prod" };
  END`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.text == "" {
				return usage("which file? Give -f FILE, or -f - for standard input")
			}
			return a.with(kindOf(kindPolicy), args[0], func(c *client.Client, full string) error {
				policy := &cofferv1.Policy{}
				if _, err := meta.set(policy, cmd.Flags().Changed); err != nil {
					return err
				}
				if _, err := f.set(a, policy); err != nil {
					return err
				}
				parent, id := splitName(full)
				created, err := c.CreatePolicy(cmd.Context(), &cofferv1.CreatePolicyRequest{
					Parent: parent, PolicyId: id, Policy: policy, ValidateOnly: meta.dryRun,
				})
				if err != nil {
					return err
				}
				return a.printDone(created, doneText("created", meta.dryRun))
			})
		},
	}
	meta.register(cmd.Flags())
	f.register(cmd)
	return cmd
}

func (a *app) policyUpdateFlags(cmd *cobra.Command) func(proto.Message) ([]string, error) {
	f := &policyFlags{}
	f.register(cmd)
	return func(m proto.Message) ([]string, error) { return f.set(a, m.(*cofferv1.Policy)) }
}

func (a *app) policyTest() *cobra.Command {
	var f policyFlags
	cmd := &cobra.Command{
		Use:   "test NAME -f FILE",
		Short: "Check the text of a policy and try its tests, without storing it",
		Long: `Check the text of a policy strictly and try its tests, without storing it: those given or, where the policy exists,
those kept with it. The exit code is 0 if the text is valid and all tests pass.

` + policyTestsHelp,
		Example: "  coffer policy test inside -n acme -f prod.cedar --tests prod-tests.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.text == "" {
				return usage("which file? Give -f FILE, or -f - for standard input")
			}
			return a.with(kindOf(kindPolicy), args[0], func(c *client.Client, full string) error {
				policy := &cofferv1.Policy{Name: full}
				mask, err := f.set(a, policy)
				if err != nil {
					return err
				}
				return a.printTests(tryPolicy(cmd.Context(), c, policy, mask))
			})
		},
	}
	f.register(cmd)
	return cmd
}

// tryPolicy has the server check a policy. The error is its refusal.
func tryPolicy(ctx context.Context, c *client.Client, policy *cofferv1.Policy, mask []string) (*cofferv1.Policy, error) {
	existing, err := c.GetPolicy(ctx, &cofferv1.GetPolicyRequest{Name: policy.GetName()})
	switch {
	case err == nil:
		if len(policy.GetTests()) == 0 {
			policy.Tests = existing.GetTests()
		}
		_, err = c.UpdatePolicy(ctx, &cofferv1.UpdatePolicyRequest{
			Policy: policy, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}, ValidateOnly: true,
		})
	case errors.Is(err, client.ErrNotFound), errors.Is(err, client.ErrDenied):
		parent, id := splitName(policy.GetName())
		_, err = c.CreatePolicy(ctx, &cofferv1.CreatePolicyRequest{Parent: parent, PolicyId: id, Policy: policy, ValidateOnly: true})
	}
	return policy, err
}

// testResult is a line of what 'coffer policy test' tells.
type testResult struct {
	Title     string `json:"title,omitempty"`
	Principal string `json:"principal"`
	Action    string `json:"action"`
	Want      string `json:"want"`
	Passed    bool   `json:"passed"`
	Detail    string `json:"detail,omitempty"`
}

// violatedTest finds the number of a test in the path of a refused field.
var violatedTest = regexp.MustCompile(`tests\[(\d+)\]`)

// printTests shows what came of each test. A refusal for anything else is returned.
func (a *app) printTests(policy *cofferv1.Policy, err error) error {
	failed := map[int]string{}
	if err != nil {
		var refused *client.Error
		if !errors.As(err, &refused) || len(refused.Violations) == 0 {
			return err
		}
		for _, v := range refused.Violations {
			found := violatedTest.FindStringSubmatch(v.Field)
			if found == nil {
				return err
			}
			if n, convErr := strconv.Atoi(found[1]); convErr == nil {
				failed[n] = v.Description
			}
		}
	}
	results := make([]testResult, len(policy.GetTests()))
	rows := [][]string{{"TEST", "PRINCIPAL", "ACTION", "WANT", "RESULT"}}
	for i, test := range policy.GetTests() {
		detail, wrong := failed[i]
		r := testResult{test.GetTitle(), test.GetPrincipal(), test.GetAction(), test.GetWant().String(), !wrong, detail}
		result := "passed"
		if wrong {
			result = "failed: " + detail
		}
		if results[i] = r; r.Title == "" {
			r.Title = strconv.Itoa(i + 1)
		}
		rows = append(rows, []string{r.Title, r.Principal, r.Action, r.Want, result})
	}
	switch {
	case a.output != outputTable:
		err = a.printValue(map[string]any{"valid": len(failed) == 0, "tests": results})
	case len(results) > 0:
		err = a.printTable(rows)
	default:
		err = nil
	}
	if err != nil {
		return err
	}
	if len(failed) > 0 {
		a.warn("%d of %d tests failed", len(failed), len(results))
		return exitError{exitServer}
	}
	a.note("the text is valid, %d tests passed", len(results))
	return nil
}
