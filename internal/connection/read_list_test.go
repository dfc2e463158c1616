package connection

import (
	"errors"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.add("good")
	service := env.service(VerifyPlan)
	ctx := t.Context()

	if got, err := service.FindByID(ctx, "conn_1"); err != nil || got.CompanyID != "816" || got.Status != Active {
		t.Errorf("by ID: %+v, %v", got, err)
	}
	if _, err := service.FindByID(ctx, "conn_2"); !is[*GoneError](err) {
		t.Errorf("by a missing ID: %v", err)
	}
	if got, err := service.FindByCompany(ctx, "816"); err != nil || got.ID != "conn_1" {
		t.Errorf("by company: %+v, %v", got, err)
	}
	if _, err := service.FindByCompany(ctx, "817"); !is[*NotLinkedError](err) {
		t.Errorf("by a company without a connection: %v", err)
	}
	env.addTo("conn_2", 816, "other")
	_, err := service.FindByCompany(ctx, "816")
	if several, ok := errors.AsType[*MultipleConnectionsError](err); !ok || len(several.IDs) != 2 {
		t.Errorf("by a company with two connections: %v", err)
	}
	if env.count("ask 816") > 0 {
		t.Error("a find called Recruitee")
	}
	env.replace = []string{`"recruitee"`, `"greenhouse"`}
	if _, err := service.FindByID(ctx, "conn_1"); !is[*OtherSystemError](err) {
		t.Errorf("by the ID of a connection to another system: %v", err)
	}
}

func TestFindAndListIgnoreTheSnapshot(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	conn := env.add("good")
	service := env.service(VerifyPlan)
	expectName(t, service, conn, "Recruitee")
	env.rename("conn_1", "By hand")
	if got, err := service.FindByID(t.Context(), "conn_1"); err != nil || got.Name != "By hand" {
		t.Errorf("by ID: %+v, %v", got, err)
	}
	if got, err := service.FindByCompany(t.Context(), "816"); err != nil || got.Name != "By hand" {
		t.Errorf("by company: %+v, %v", got, err)
	}
	if got, err := service.List(t.Context(), "", 0); err != nil || got[0].Name != "By hand" {
		t.Errorf("all: %+v, %v", got, err)
	}
	env.expectCalls(t, "page 1", "get conn_1", "list 816", "page 1")
}

func TestList(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.setOrganisation("org_1")
	env.add("good")
	env.addMany(2)
	env.SetStatus(env.id("conn_0001"), "frozen")
	service := env.service(VerifyPlan)
	all, err := service.List(t.Context(), "", 0)
	var got []string
	for _, conn := range all {
		got = append(got, conn.ID+" "+string(conn.Status)+" "+conn.OrganisationID)
	}
	if want := []string{"conn_0000 active org_1", "conn_0001 frozen org_1", "conn_1 active org_1"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("connections %q, error %v", got, err)
	}
	env.SetMaxPageSize(1)
	for limit, want := range map[int]int{1: 1, 2: 2, 3: 3, 100: 3} {
		if all, err := service.List(t.Context(), "", limit); err != nil || len(all) != want {
			t.Errorf("limit %d: %d connections instead of %d, error %v", limit, len(all), want, err)
		}
	}
	// A page may contain more connections than the limit.
	env.SetMaxPageSize(100)
	if all, err := service.List(t.Context(), "", 2); err != nil || len(all) != 2 || all[0].ID != "conn_0000" {
		t.Errorf("connections %+v, error %v", all, err)
	}
	if pages := env.count("page"); pages != 1+1+2+3+3+1 {
		t.Errorf("calls %q", env.allCalls())
	}
	env.before = failing("page 1", errDown)
	_, err = service.List(t.Context(), "", 0)
	expectError(t, err, is[*UnavailableError])
	env.before = failing("page 1", notFound())
	_, err = service.List(t.Context(), "", 0)
	expectError(t, err, isNoEndpoints)
	env.before = failing("list 816", notFound())
	_, err = service.FindByCompany(t.Context(), "816")
	expectError(t, err, isNoEndpoints)
}
