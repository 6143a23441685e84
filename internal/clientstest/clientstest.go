// Package clientstest runs the generated clients as their users would. In Go, Python, TypeScript and Java the same short
// program stores a credential, changes it, delivers it and is refused twice, against a real server, on its gRPC listener
// and on the port that serves everything. What is at stake: a message, a byte or a reason that arrives otherwise in one
// language than in the others. What other platforms' users have is run too, against a Coffer that make run started: the
// commands of Instill's manual, as they are pasted, and its published SDK.
//
// The programs are in testdata, and are meant to be read. The suite has make install what they need, but for other
// platforms' clients, which `make clients` installs; a machine that lacks a language fails it and is told what to install.
package clientstest
