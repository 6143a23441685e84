package agent

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerUID is the user of the process that made a connection.
func peerUID(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	uid := -1
	var failed error
	err = raw.Control(func(fd uintptr) {
		var peer *unix.Ucred
		if peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); failed == nil {
			uid = int(peer.Uid)
		}
	})
	if err == nil {
		err = failed
	}
	return uid, err
}
