package sealed

var (
	EncodePayload = encodePayload
	DecodePayload = decodePayload
)
