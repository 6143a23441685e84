package cli

import (
	"context"
	"errors"
	"sync"
	"time"
)

// renewBefore is how long before its end a token of an issuer is renewed.
const renewBefore = time.Minute

// errUnrenewed: the login is about to expire, and this is no time to renew it.
var errUnrenewed = errors.New("the login is to be renewed")

// session is the stored login in use: it is taken from the keyring when it is first needed, and renewed when it is about to
// expire.
type session struct {
	mu       sync.Mutex
	settings settings
}

// token is a client's source of tokens.
func (l *session) token(ctx context.Context) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.settings.Token == "" {
		c, err := recall(ctx, l.settings.Address)
		if err != nil {
			return "", err
		}
		l.settings.credential = c
	}
	if l.lasts() {
		return l.settings.Token, nil
	}
	if l.settings.unrenewed {
		return "", errUnrenewed
	}
	if err := l.renew(ctx); err != nil {
		if time.Now().Before(l.settings.ExpireTime) {
			return l.settings.Token, nil // it still counts, and the next call tries again
		}
		return "", err
	}
	return l.settings.Token, nil
}

// lasts tells whether the token need not be renewed yet.
func (l *session) lasts() bool {
	return l.settings.Issuer == nil || time.Until(l.settings.ExpireTime) > renewBefore
}

// renew gets a new token from the issuer and stores it. Processes do so one after the other: an issuer that gives a new
// refresh token each time takes the use of an old one for theft.
func (l *session) renew(ctx context.Context) error {
	unlock, err := lockLogin()
	if err != nil {
		return err
	}
	defer unlock()
	stored, err := loadLogin()
	if err != nil {
		return err
	}
	mine := stored.Address == l.settings.Address && stored.Issuer != nil && stored.Issuer.URL == l.settings.Issuer.URL
	if mine {
		if stored.Keyring {
			if stored.credential, err = recall(ctx, stored.Address); err != nil {
				return err
			}
		}
		l.settings.credential = stored.credential
		if l.lasts() {
			return nil // another process was faster
		}
	}
	if l.settings.credential, err = l.settings.Issuer.refresh(ctx, l.settings.credential); err != nil || !mine {
		return err
	}
	if stored.Keyring {
		return keep(ctx, stored.Address, l.settings.credential)
	}
	stored.credential = l.settings.credential
	_, err = writeLogin(stored)
	return err
}
