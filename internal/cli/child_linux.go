package cli

import (
	"os/exec"
	"syscall"
)

// endWithUs has the kernel kill the child when the thread that starts it dies, which is when this process is killed: it
// would go on with values that nobody takes away from it any more. The caller keeps to that thread until the child ends.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
