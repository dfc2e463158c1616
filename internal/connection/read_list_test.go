package connection

import (
	"context"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestLookUp(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.has("good")
	service := fake.service(VerificationPlan)
	ctx := context.Background()

	if is, err := service.FindByID(ctx, "conn_1"); err != nil || is.CompanyID != "816" || is.Status != Active {
		t.Errorf("by ID: %+v, %v", is, err)
	}
	if _, err := service.FindByID(ctx, "conn_2"); !isError[*GoneError](err) {
		t.Errorf("by an ID that isn't there: %v", err)
	}
	if is, err := service.FindByCompany(ctx, "816"); err != nil || is.ID != "conn_1" {
		t.Errorf("by company: %+v, %v", is, err)
	}
	if _, err := service.FindByCompany(ctx, "817"); !isError[*NotLinkedError](err) {
		t.Errorf("by a company that isn't linked: %v", err)
	}
	fake.connections["conn_2"] = wintro.Connection{ID: "conn_2", CompanyID: "816"}
	if _, err := service.FindByCompany(ctx, "816"); !isError[*SeveralError](err) {
		t.Errorf("by a company that is linked twice: %v", err)
	}
	if fake.count("ask 816") > 0 {
		t.Error("Recruitee was asked, without a token")
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.has("good")
	fake.connections["conn_2"] = wintro.Connection{ID: "conn_2", CompanyID: "817"}
	found := 0
	for is, err := range fake.service(VerificationPlan).List(context.Background(), "") {
		if err != nil || is.ID == "" {
			t.Errorf("%+v, %v", is, err)
		}
		found++
	}
	if found != 2 {
		t.Errorf("%d connections", found)
	}
	fake.fail = failing("list ", down(WintroName))
	for _, err := range fake.service(VerificationPlan).List(context.Background(), "") {
		if !isError[*NoAnswerError](err) {
			t.Errorf("error %v", err)
		}
	}
}
