package connection

import (
	"errors"
	"slices"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestFind(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.add("good")
	service := fake.service(VerificationPlan)
	ctx := t.Context()

	if got, err := service.FindByID(ctx, "conn_1"); err != nil || got.CompanyID != "816" || got.Status != Active {
		t.Errorf("by ID: %+v, %v", got, err)
	}
	if _, err := service.FindByID(ctx, "conn_2"); !isError[*GoneError](err) {
		t.Errorf("by an ID that isn't there: %v", err)
	}
	if got, err := service.FindByCompany(ctx, "816"); err != nil || got.ID != "conn_1" {
		t.Errorf("by company: %+v, %v", got, err)
	}
	if _, err := service.FindByCompany(ctx, "817"); !isError[*NotLinkedError](err) {
		t.Errorf("by a company that isn't linked: %v", err)
	}
	fake.connections["conn_2"] = wintro.Connection{ID: "conn_2", Ats: wintro.Recruitee, AtsCompanyID: "816"}
	var several *MultipleConnectionsError
	if _, err := service.FindByCompany(ctx, "816"); !errors.As(err, &several) || len(several.IDs) != 2 {
		t.Errorf("by a company that is linked twice: %v", err)
	}
	if fake.count("ask 816") > 0 {
		t.Error("Recruitee was asked, without a token")
	}
	fake.change("conn_1", func(c *wintro.Connection) { c.Ats = "greenhouse" })
	if _, err := service.FindByID(ctx, "conn_1"); !isError[*OtherSystemError](err) {
		t.Errorf("by the ID of another system's: %v", err)
	}
}

// Data sources, imports and the like want to know what is there now.
func TestFindAndListAlwaysAsk(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	conn := fake.add("good")
	service := fake.service(VerificationPlan)
	expectName(t, service, conn, "Recruitee")
	fake.rename("conn_1", "By hand")
	if got, err := service.FindByID(t.Context(), "conn_1"); err != nil || got.Name != "By hand" {
		t.Errorf("by ID: %+v, %v", got, err)
	}
	if got, err := service.FindByCompany(t.Context(), "816"); err != nil || got.Name != "By hand" {
		t.Errorf("by company: %+v, %v", got, err)
	}
	if got, err := service.List(t.Context(), "", 0); err != nil || got[0].Name != "By hand" {
		t.Errorf("all: %+v, %v", got, err)
	}
	fake.expectCalls(t, "page 1", "get conn_1", "list 816", "list ")
}

func TestList(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.organisation = "org_1"
	fake.add("good")
	fake.addMany(2)
	fake.change("conn_0001", func(c *wintro.Connection) { c.Status = "frozen" })
	service := fake.service(VerificationPlan)
	all, err := service.List(t.Context(), "", 0)
	var got []string
	for _, conn := range all {
		got = append(got, conn.ID+" "+string(conn.Status)+" "+conn.OrganisationID)
	}
	if want := []string{"conn_0000 active org_1", "conn_0001 frozen org_1", "conn_1 active org_1"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, error %v", got, err)
	}
	fake.pageSize = 1
	for limit, want := range map[int]int{1: 1, 2: 2, 3: 3, 100: 3} {
		if all, err := service.List(t.Context(), "", limit); err != nil || len(all) != want {
			t.Errorf("%d of at most %d, error %v", len(all), limit, err)
		}
	}
	// A page may hold more than is wanted.
	fake.pageSize = 100
	if all, err := service.List(t.Context(), "", 2); err != nil || len(all) != 2 || all[0].ID != "conn_0000" {
		t.Errorf("%+v, error %v", all, err)
	}
	fake.expectCalls(t, "list ", "list up to 1", "list up to 2", "list up to 3", "list up to 100", "list up to 2")
	fake.fail = failing("list ", down(WintroName))
	_, err = service.List(t.Context(), "", 0)
	expectError(t, err, isError[*UnavailableError])
	fake.fail = failing("list ", notFound())
	_, err = service.List(t.Context(), "", 0)
	expectError(t, err, isNoEndpoints)
	fake.fail = failing("list 816", notFound())
	_, err = service.FindByCompany(t.Context(), "816")
	expectError(t, err, isNoEndpoints)
}
