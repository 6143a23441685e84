package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// octalMode is what may stand in quotes as the mode of a file, and likelyOctal a number that was probably meant so.
var (
	octalMode   = regexp.MustCompile(`^(?:0o?)?[0-7]{3,4}$`)
	likelyOctal = regexp.MustCompile(`^[0-7]{3}$`)
)

// readModes reads the modes of the files of a projection that stand in quotes, octal as chmod takes them, and puts numbers
// in their place. It warns of numbers that look octal and are decimal.
func readModes(path string, value any) (notices []string, err error) {
	switch value := value.(type) {
	case []any:
		for i, entry := range value {
			more, err := readModes(fmt.Sprintf("%s[%d]", path, i), entry)
			if err != nil {
				return nil, err
			}
			notices = append(notices, more...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			at := path + "." + key
			more, err := readModes(at, value[key])
			if err == nil && key == "mode" && strings.HasSuffix(path, ".file") {
				value[key], more, err = readMode(at, value[key])
			}
			if err != nil {
				return nil, err
			}
			notices = append(notices, more...)
		}
	}
	return notices, nil
}

func readMode(at string, mode any) (any, []string, error) {
	switch mode := mode.(type) {
	case string:
		if !octalMode.MatchString(mode) {
			return nil, nil, fmt.Errorf(`%s: want permission bits in octal, such as "0440"`, at)
		}
		bits, err := strconv.ParseUint(strings.Replace(mode, "o", "", 1), 8, 32)
		return json.Number(strconv.FormatUint(bits, 10)), nil, err
	case json.Number:
		if number, err := mode.Int64(); err == nil && likelyOctal.MatchString(mode.String()) {
			warning := fmt.Sprintf(`%s: %d is decimal, %#o in octal: write %04d in YAML, "%04d" in JSON, if that is meant`, at, number, number, number, number)
			return mode, []string{warning}, nil
		}
	}
	return mode, nil, nil
}
