package rendertemplate

import "errors"

func compileLiquid(_ string, _ *checker) (program, error) { return nil, errors.ErrUnsupported }
