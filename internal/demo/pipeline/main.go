// Command pipeline is the workload of the demonstration: an ordinary program that knows nothing of Coffer. Like any
// client of PostgreSQL it takes its connection from PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. It loads the next
// day of orders, brings the table of sales up to date and prints it. It also makes the mistakes that programs make: it
// logs the URL it connects to, password included, and the options it found in a file.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ordersADay is how many orders the source system has for a day.
const ordersADay = 500

const schema = `
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, day date NOT NULL, region text NOT NULL, amount numeric(12,2) NOT NULL);
CREATE TABLE IF NOT EXISTS sales (region text PRIMARY KEY, orders bigint NOT NULL, revenue numeric(14,2) NOT NULL)`

const aggregate = `
INSERT INTO sales SELECT region, count(*), sum(amount) FROM orders GROUP BY region
ON CONFLICT (region) DO UPDATE SET orders = excluded.orders, revenue = excluded.revenue`

const report = `
SELECT region, orders::text, to_char(revenue, 'FM999,999,990.00') FROM sales
UNION ALL (SELECT 'all', sum(orders)::text, to_char(sum(revenue), 'FM999,999,990.00') FROM sales) ORDER BY 1`

func main() {
	hold := flag.Bool("hold", false, "when done, go on until standard input ends")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
	if *hold {
		fmt.Fprintln(os.Stdout, "waiting")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

func run(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, "debug: connecting to postgres://%s:%s@%s:%s/%s\n", os.Getenv("PGUSER"), os.Getenv("PGPASSWORD"),
		os.Getenv("PGHOST"), os.Getenv("PGPORT"), os.Getenv("PGDATABASE"))
	if err := showOptions(out); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, "sslmode=disable") // and the rest from PG…
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, schema); err != nil {
		return fmt.Errorf("creating the tables: %w", err)
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := load(ctx, tx, out); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, aggregate)
		return err
	})
	if err != nil {
		return fmt.Errorf("loading orders: %w", err)
	}
	return printReport(ctx, conn, out)
}

// showOptions prints the file of options that programs of the Java world would read.
func showOptions(out io.Writer) error {
	name := filepath.Join(os.Getenv("COFFER_FILES"), "db.properties")
	f, err := os.Open(name) //nolint:gosec // where the options are is for the environment to say
	if err != nil {
		return fmt.Errorf("reading options: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading options: %w", err)
	}
	fmt.Fprintf(out, "debug: options in %s, mode %#o\n", name, info.Mode().Perm())
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			fmt.Fprintf(out, "debug:   %s\n", line)
		}
	}
	return lines.Err()
}

// load adds the orders of the day after the last one loaded.
func load(ctx context.Context, tx pgx.Tx, out io.Writer) error {
	var loaded int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM orders").Scan(&loaded); err != nil {
		return err
	}
	day := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, loaded/ordersADay)
	regions := []string{"east", "north", "south", "west"}
	n, err := tx.CopyFrom(ctx, pgx.Identifier{"orders"}, []string{"id", "day", "region", "amount"},
		pgx.CopyFromSlice(ordersADay, func(i int) ([]any, error) {
			id := loaded + i + 1
			return []any{id, day, regions[id%7%len(regions)], fmt.Sprintf("%d.%02d", 5+id*37%200, id*13%100)}, nil
		}))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "loaded %d orders of %s\n", n, day.Format(time.DateOnly))
	return nil
}

func printReport(ctx context.Context, conn *pgx.Conn, out io.Writer) error {
	rows, err := conn.Query(ctx, report)
	if err != nil {
		return fmt.Errorf("reading the sales: %w", err)
	}
	fmt.Fprintf(out, "%-8s %6s %14s\n", "region", "orders", "revenue")
	var region, orders, revenue string
	_, err = pgx.ForEachRow(rows, []any{&region, &orders, &revenue}, func() error {
		_, err := fmt.Fprintf(out, "%-8s %6s %14s\n", region, orders, revenue)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the sales: %w", err)
	}
	return nil
}
