package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/coffer-dev/coffer/internal/demo/postgres"
)

// wrongPassword is PostgreSQL's code for it.
const wrongPassword = "28P01"

// verifier stands in a statement for that of the password in force, so that PostgreSQL never sees the password itself.
const verifier = "<SCRAM verifier>"

// administer has the warehouse's superuser carry out statements.
func (d *demo) administer(ctx context.Context, statements ...string) error {
	made, err := postgres.Verifier(d.password)
	if err != nil {
		return err
	}
	admin, err := d.warehouse.Admin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close(ctx) }()
	for _, statement := range statements {
		d.say("SQL: %s", statement)
		if _, err := admin.Exec(ctx, strings.ReplaceAll(statement, verifier, made)); err != nil {
			return fmt.Errorf("administering the warehouse: %w", err)
		}
	}
	return nil
}

// login tells how the warehouse answers a password.
func (d *demo) login(ctx context.Context, password string) error {
	conn, err := d.warehouse.Connect(ctx, role, password, database)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// refuseLogin expects that the warehouse finds a password wrong.
func (d *demo) refuseLogin(ctx context.Context, password string) error {
	var refusal *pgconn.PgError
	switch err := d.login(ctx, password); {
	case err == nil:
		return errors.New("the warehouse took a password that it should refuse")
	case !errors.As(err, &refusal) || refusal.Code != wrongPassword:
		return err
	}
	d.say("PostgreSQL: %s", refusal.Message)
	return nil
}

// checkWarehouse asks PostgreSQL itself, past the pipeline, whether it has what the pipeline should have loaded.
func (d *demo) checkWarehouse(ctx context.Context, want int) error {
	conn, err := d.warehouse.Connect(ctx, role, d.password, database)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var loaded, reported int
	var agree bool
	err = conn.QueryRow(ctx, "SELECT (SELECT count(*) FROM orders), sum(orders), sum(revenue) = (SELECT sum(amount) FROM orders) FROM sales").
		Scan(&loaded, &reported, &agree)
	if err != nil {
		return fmt.Errorf("asking the warehouse: %w", err)
	}
	if loaded != want || reported != want || !agree {
		return fmt.Errorf("the warehouse has %d orders, %d of them in its report (revenue agrees: %t); want %d", loaded, reported, agree, want)
	}
	d.say("PostgreSQL has %d orders, and the report agrees", loaded)
	return nil
}
