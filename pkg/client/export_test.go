package client

import "time"

// TakeForDead has Follow take a stream for dead that is silent for so long.
func (c *Client) TakeForDead(after time.Duration) { c.silence = after }
