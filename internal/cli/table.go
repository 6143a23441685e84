package cli

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// gap is between two columns, in characters.
const gap = 2

// clip cuts a text that is too long.
func clip(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}

// printTable shows rows, the first of which is the titles. They are cut to fit a terminal; elsewhere they are there to be
// taken up, and are whole.
func (a *app) printTable(rows [][]string) error {
	columns := make([]column, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			if row[i] = printable(cell); cell == "" {
				row[i] = "-"
			}
			columns[i].see(row[i])
		}
	}
	fit(columns, a.width())
	w := tabwriter.NewWriter(a.Out, 0, 0, gap, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = clip(cell, columns[i].width)
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return flush(w)
}

// column is a column of a table.
type column struct {
	width int  // in characters
	times bool // what it holds
}

// see makes room for a cell.
func (c *column) see(cell string) {
	c.width = max(c.width, utf8.RuneCountInString(cell))
	if _, err := time.Parse(time.RFC3339, cell); err == nil {
		c.times = true
	}
}

// width is that of the terminal that the answer goes to; 0 where it goes to none, or to one that does not say.
func (a *app) width() int {
	f, ok := a.Out.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// Widths that columns are shortened to: of a time this leaves the date.
const (
	narrow  = 11
	tightly = 5
)

// fit shortens the widest columns until all of them fit into a width (0: any). The first one tells what a line is about:
// it is shortened last.
func fit(columns []column, width int) {
	excess := gap*(len(columns)-1) - width
	for _, c := range columns {
		excess += c.width
	}
	if width == 0 {
		return
	}
	for _, may := range []func(int) bool{
		func(i int) bool { return i > 0 && columns[i].width > narrow },
		func(i int) bool { return i > 0 && columns[i].width > tightly && !columns[i].times },
		func(i int) bool { return columns[i].width > tightly },
	} {
		for ; excess > 0; excess-- {
			widest := -1
			for i := range columns {
				if may(i) && (widest < 0 || columns[i].width > columns[widest].width) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			columns[widest].width--
		}
	}
}
