package auditsink

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// poster posts to one URL. An answer of 2xx is yes and any other is no, redirects among them: an event goes where it was
// meant to go.
type poster struct {
	url    string
	client *http.Client
}

func newPoster(url string, config *tls.Config) poster {
	return poster{url: url, client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, ForceAttemptHTTP2: true,
			MaxConnsPerHost: 1, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxAnswer,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what a receiver said to a post that it took.
type answer struct {
	contentType string
	body        []byte
}

// post returns the answer to body. Its errors hold neither the URL, in which some receivers want a credential, nor
// anything of the answer but its status.
func (p poster) post(ctx context.Context, headers http.Header, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("making a request: the url cannot be used")
	}
	request.Header = headers
	request.Header.Set("User-Agent", "cofferd")
	response, err := p.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return answer{}, fmt.Errorf("posting: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return answer{}, retryAfterError{
			error: fmt.Errorf("posting: the receiver answered %d %s", response.StatusCode, http.StatusText(response.StatusCode)),
			after: retryAfter(response.Header.Get("Retry-After"), time.Now()),
		}
	}
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	return answer{contentType: response.Header.Get("Content-Type"), body: text}, nil
}

// retryAfter reads the header, which has seconds or a date. What is neither, or past, asks for nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
