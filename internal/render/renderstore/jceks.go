package renderstore

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/des"  //nolint:gosec // the format has no other cipher
	"crypto/md5"  //nolint:gosec // nor another hash
	"crypto/sha1" //nolint:gosec // nor another digest
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// HadoopPassword is the password of a credential file for which Hadoop is given none.
const HadoopPassword = "none"

// HadoopCredentials is a credential file of Hadoop, each entry a credential by the alias of its name. The empty password
// is HadoopPassword: such a file is as secret as its permissions make it.
//
// It is a JCEKS store as AbstractJavaKeyStoreProvider of Hadoop keeps it: a credential is a "secret key" made of the
// UTF-8 of its text, for the algorithm "AES". Java looks for aliases in lower case, so that names differing in nothing
// else are refused.
func HadoopCredentials(ctx context.Context, entries []Entry, pw plaintext.Value) (plaintext.Value, error) {
	if pw.Len() == 0 {
		pw = plaintext.New([]byte(HadoopPassword))
	}
	text, err := password(pw)
	if err != nil {
		return plaintext.Value{}, err
	}
	stream, err := newStream("HADOOP_CREDENTIALS", "", text, entries)
	if err != nil {
		return plaintext.Value{}, err
	}
	taken := map[string]string{}
	store := newJCEKS(len(entries))
	for _, e := range entries {
		if err := live(ctx); err != nil {
			return plaintext.Value{}, err
		}
		alias, err := aliasOf(e.Name)
		if err != nil {
			return plaintext.Value{}, err
		}
		if other, ok := taken[alias]; ok {
			return plaintext.Value{}, fmt.Errorf("entries %q and %q are one to Java, which takes aliases in lower case", other, e.Name)
		}
		taken[alias] = e.Name
		value := e.Value.Reveal()
		if len(value) == 0 {
			return plaintext.Value{}, fmt.Errorf("entry %q is empty, which Hadoop cannot store", e.Name)
		}
		if !utf8.Valid(value) {
			return plaintext.Value{}, fmt.Errorf("entry %q is not UTF-8: Hadoop reads credentials as text", e.Name)
		}
		if err := store.add(alias, value, text, stream); err != nil {
			return plaintext.Value{}, err
		}
	}
	return plaintext.New(store.seal(text)), nil
}

// jceks is a key store in the making, as com.sun.crypto.provider.JceKeyStore writes it in engineStore. There is no Go
// library that writes its secret keys. All numbers are big-endian; texts have their length in two bytes before them.
//
//	magic version count  (tag=3 alias created sealed)*  digest
//	4     4       4           4     2+n   8       Java    20
//
// created is in milliseconds of Unix time, and always 0 here. sealed is a Java object, see appendSealed. digest is that
// of seal.
type jceks []byte

// Constants of JceKeyStore.java.
const (
	jceksMagic     = 0xcececece // JCEKS_MAGIC
	jceksVersion   = 2          // VERSION_2
	jceksSecretKey = 3          // the tag before a SecretKeyEntry
	jceksWhitener  = "Mighty Aphrodite"
)

func newJCEKS(count int) jceks {
	b := binary.BigEndian.AppendUint32(nil, jceksMagic)
	b = binary.BigEndian.AppendUint32(b, jceksVersion)
	return binary.BigEndian.AppendUint32(b, uint32(count))
}

func (b *jceks) add(alias string, secret []byte, password string, salts io.Reader) error {
	var salt [8]byte
	if _, err := io.ReadFull(salts, salt[:]); err != nil {
		return fmt.Errorf("making a salt: %w", err)
	}
	// Java changes a salt of two equal halves, and its versions disagree how: the halves shall differ.
	salt[7] = salt[7]&^1 | ^salt[3]&1
	encrypted, err := pbeWithMD5AndTripleDES(appendSecretKey(nil, secret), password, salt)
	if err != nil {
		return err
	}
	// PBEParameter of PKCS#5, as Java's PBEParameters encodes it.
	parameters, err := asn1.Marshal(struct {
		Salt       []byte
		Iterations int
	}{salt[:], iterations})
	if err != nil {
		return fmt.Errorf("encoding parameters: %w", err)
	}
	*b = binary.BigEndian.AppendUint32(*b, jceksSecretKey)
	*b = appendUTF(*b, alias)
	*b = binary.BigEndian.AppendUint64(*b, 0)
	*b = appendSealed(*b, parameters, encrypted)
	return nil
}

// seal ends the store with the digest that guards it: SHA-1 over the UTF-16 of the password, a fixed text and all before
// (getPreKeyedHash).
func (b jceks) seal(password string) []byte {
	digest := sha1.New() //nolint:gosec // of the format
	digest.Write(bmp(password))
	digest.Write([]byte(jceksWhitener))
	digest.Write(b)
	return digest.Sum(b)
}

// pbeWithMD5AndTripleDES encrypts as the cipher of that name in com.sun.crypto.provider does, which is nobody else's: each
// half of the salt is hashed with the password after it, over and over (PBES1Core.deriveCipherKey). The two hashes make
// the 24 bytes of the key and the 8 of the IV. Padding is that of PKCS#5.
func pbeWithMD5AndTripleDES(text []byte, password string, salt [8]byte) ([]byte, error) {
	derived := make([]byte, 0, 2*md5.Size)
	input := make([]byte, 0, md5.Size+len(password))
	for half := range 2 {
		input = append(append(input[:0], salt[4*half:4*half+4]...), password...)
		for range iterations {
			hash := md5.Sum(input) //nolint:gosec // of the format
			input = append(append(input[:0], hash[:]...), password...)
		}
		derived = append(derived, input[:md5.Size]...)
	}
	block, err := des.NewTripleDESCipher(derived[:24]) //nolint:gosec // of the format
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	padding := des.BlockSize - len(text)%des.BlockSize
	text = append(text, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, derived[24:]).CryptBlocks(text, text)
	return text, nil
}

// What follows writes two objects as java.io.ObjectOutputStream does (Java Object Serialization Specification, chapter
// 6). Class names, fields and serialVersionUIDs are those of the JDK's classes.

// The words of the stream protocol (java.io.ObjectStreamConstants).
const (
	javaMagic     = "\xac\xed\x00\x05" // STREAM_MAGIC, STREAM_VERSION
	javaReference = "\x71\x00\x7e"     // TC_REFERENCE and the upper half of baseWireHandle
	javaString    = "\x74"             // TC_STRING
	javaClass     = "\x72"             // TC_CLASSDESC
	javaObject    = "\x73"             // TC_OBJECT
	javaArray     = "\x75"             // TC_ARRAY
	javaNoSuper   = "\x78\x70"         // TC_ENDBLOCKDATA, and TC_NULL for no class above
	javaEnd       = "\x78"             // TC_ENDBLOCKDATA
	javaPlain     = "\x02"             // SC_SERIALIZABLE
	byteArray     = javaClass + "\x00\x02[B" + "\xac\xf3\x17\xf8\x06\x08\x54\xe0" + javaPlain + "\x00\x00" + javaNoSuper
)

// appendSecretKey appends a javax.crypto.spec.SecretKeySpec of the algorithm AES, whatever the secret is.
func appendSecretKey(b, secret []byte) []byte {
	b = append(b, javaMagic+javaObject+javaClass...)
	b = appendUTF(b, "javax.crypto.spec.SecretKeySpec")
	b = append(b, "\x5b\x47\x0b\x66\xe2\x30\x61\x4d"+javaPlain+"\x00\x02"...)
	b = appendField(b, "L", "algorithm", javaString+"\x00\x12Ljava/lang/String;")
	b = appendField(b, "[", "key", javaString+"\x00\x02[B")
	b = append(b, javaNoSuper+javaString+"\x00\x03AES"...)
	return appendBytes(b, byteArray, secret)
}

// appendSealed appends a com.sun.crypto.provider.SealedObjectForKeyProtector, which is a javax.crypto.SealedObject.
// Handles count what has one, from 0: the two classes, then the type names of the first and third field, then "[B".
func appendSealed(b, parameters, encrypted []byte) []byte {
	const algorithm = "PBEWithMD5AndTripleDES"
	b = append(b, javaMagic+javaObject+javaClass...)
	b = appendUTF(b, "com.sun.crypto.provider.SealedObjectForKeyProtector")
	b = append(b, "\xcd\x57\xca\x59\xe7\x30\xbb\x53"+javaPlain+"\x00\x00"+javaEnd+javaClass...)
	b = appendUTF(b, "javax.crypto.SealedObject")
	b = append(b, "\x3e\x36\x3d\xa6\xc3\xb7\x54\x70"+javaPlain+"\x00\x04"...)
	b = appendField(b, "[", "encodedParams", javaString+"\x00\x02[B")             // handle 2
	b = appendField(b, "[", "encryptedContent", javaReference+"\x00\x02")         // that is, [B
	b = appendField(b, "L", "paramsAlg", javaString+"\x00\x12Ljava/lang/String;") // handle 3
	b = appendField(b, "L", "sealAlg", javaReference+"\x00\x03")                  // that is, String
	b = append(b, javaNoSuper...)                                                 // the object has handle 4
	b = appendBytes(b, byteArray, parameters)                                     // the class of byte[] has handle 5
	b = appendBytes(b, javaReference+"\x00\x05", encrypted)
	b = appendUTF(append(b, javaString...), algorithm)
	return appendUTF(append(b, javaString...), algorithm)
}

func appendField(b []byte, kind, name, class string) []byte {
	return append(appendUTF(append(b, kind...), name), class...)
}

func appendBytes(b []byte, class string, content []byte) []byte {
	b = append(append(b, javaArray...), class...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(content)))
	return append(b, content...)
}

// appendUTF appends a text of ASCII, which is at most maxAlias long, as java.io.DataOutput.writeUTF does.
func appendUTF(b []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(text))), text...)
}
