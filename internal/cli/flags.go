package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// emptyMeans are the flags whose empty value says something: that there is to be none any more.
var emptyMeans = map[string]bool{"description": true, "reason": true, "owner": true} // never written

// checkGiven refuses flags that were given and are empty: where a variable was to be, they would make the command do more
// than was meant, such as grant without a condition, list everything or write elsewhere.
func checkGiven(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			if values = list.GetSlice(); len(values) == 0 {
				values = []string{""}
			}
		}
		for _, value := range values {
			if err == nil && strings.TrimSpace(value) == "" && !emptyMeans[flag.Name] {
				err = usage(fmt.Sprintf("--%s was given without a value: leave it out if none is meant", flag.Name))
			}
		}
	})
	return err
}

// alsoCalled lets flags be given by second names, which help does not show.
func alsoCalled(flags *pflag.FlagSet, names map[string]string) {
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, given string) pflag.NormalizedName {
		if name, ok := names[given]; ok {
			given = name
		}
		return pflag.NormalizedName(given)
	})
}

// countFlag is a number from a least one on; 0 where it was not given. Less would be taken for no bound at all.
type countFlag struct {
	n     *int64
	least int64
}

var _ pflag.Value = countFlag{}

// String implements pflag.Value. The zero value is what help compares a default with.
func (f countFlag) String() string {
	if f.n == nil {
		return "0"
	}
	return strconv.FormatInt(*f.n, 10)
}

// Type implements pflag.Value.
func (f countFlag) Type() string { return "int" }

// Set implements pflag.Value.
func (f countFlag) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < f.least {
		return errors.New("want a whole number of " + strconv.FormatInt(f.least, 10) + " or more")
	}
	*f.n = n
	return nil
}

// limitFlag bounds how much is shown.
func limitFlag(flags *pflag.FlagSet, limit *int64, what string) {
	flags.Var(countFlag{n: limit}, "limit", "show at most so many"+what+" (0: all)")
}
