package agent

import "golang.org/x/sys/unix"

// socketUID is the user of the process at the other end of a socket.
func socketUID(fd int) (int, error) {
	peer, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return -1, err
	}
	return int(peer.Uid), nil
}
