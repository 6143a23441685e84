package auditsink

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	webhookType = "coffer.audit"
	// The sizes of a signing secret, as Standard Webhooks wants them.
	minSigningSecret = 24
	maxSigningSecret = 64
	maxSigners       = 4
)

// webhook posts batches as Standard Webhooks have it: webhook-id is the same for every try of a batch, webhook-timestamp
// is the time of the try, webhook-signature has an HMAC-SHA-256 per secret. The body:
//
//	{"type":"coffer.audit","timestamp":"…","data":{"events":[{"seq":1,…},…]}}
type webhook struct {
	poster     poster
	secretFile string
}

type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the last event
	Data      struct {
		Events []json.RawMessage `json:"events"`
	} `json:"data"`
}

func newWebhook(s Settings, config *tls.Config) (*webhook, error) {
	w := &webhook{poster: newPoster(s.URL, config), secretFile: s.SecretFile}
	_, err := w.signers()
	return w, err
}

func (w *webhook) deliver(ctx context.Context, b batch) error {
	signers, err := w.signers()
	if err != nil {
		return err
	}
	m := message{Type: webhookType, Timestamp: b.events[len(b.events)-1].Time}
	for _, line := range b.lines {
		m.Data.Events = append(m.Data.Events, line)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	now := time.Now()
	var signatures []string
	for _, s := range signers {
		signature, err := s.Sign(b.id(), now, body)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature)
	}
	headers := http.Header{}
	headers.Set("Content-Type", "application/json")
	headers.Set(standardwebhooks.HeaderWebhookID, b.id())
	headers.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	headers.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	_, err = w.poster.post(ctx, headers, body)
	return err
}

// signers reads the secrets. They are read for every delivery, so that a new one is in force at once.
func (w *webhook) signers() ([]*standardwebhooks.Webhook, error) {
	lines, err := readSecrets(w.secretFile)
	if err != nil {
		return nil, err
	}
	if len(lines) > maxSigners {
		return nil, errors.New("reading the secret: there are too many lines")
	}
	var signers []*standardwebhooks.Webhook
	for _, line := range lines {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, "whsec_"))
		if err != nil || len(secret) < minSigningSecret || len(secret) > maxSigningSecret {
			return nil, errors.New("reading the secret: it is not whsec_ and the base64 of 24 to 64 bytes")
		}
		signer, err := standardwebhooks.NewWebhookRaw(secret)
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	return signers, nil
}
