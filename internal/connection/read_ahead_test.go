package connection

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// crowd are connections conn_000, conn_001 and so on, and their IDs.
func (f *fakes) crowd(size int) (ids []string) {
	for i := range size {
		id := fmt.Sprintf("conn_%03d", i)
		f.connections[id] = wintro.Connection{
			ID: id, Ats: wintro.Recruitee, CompanyID: fmt.Sprint(1000 + i), Name: "Recruitee", Enabled: true,
			Status: wintro.Active, CreatedAt: time.Unix(1, 0).UTC(),
		}
		ids = append(ids, id)
	}
	return ids
}

// with counts the calls that begin like this.
func (f *fakes) with(beginning string) (n int) {
	for _, call := range f.asked() {
		if strings.HasPrefix(call, beginning) {
			n++
		}
	}
	return n
}

func get(t *testing.T, service *Service, id string) Connection {
	t.Helper()
	is, err := service.FindByID(context.Background(), id)
	if err != nil || is.ID != id {
		t.Fatalf("%s: %+v, %v", id, is, err)
	}
	return is
}

func TestReadingManyLinksReadsAhead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// connections is how many there are, read how many of them are read.
		connections, read int
		backwards         bool
		gets, pages       int
	}{
		{name: "one", connections: 1, read: 1, gets: 1},
		{name: "one of many", connections: 500, read: 1, gets: 1},
		{name: "a few", connections: 9, read: 9, gets: 9},
		{name: "as many as make a page worth while", connections: 10, read: 10, gets: 9, pages: 1},
		{name: "as many as a page has", connections: 20, read: 20, gets: 9, pages: 1},
		// A page of the fakes has 20.
		{name: "many", connections: 100, read: 100, gets: 9, pages: 5},
		{name: "many, in another order", connections: 100, read: 100, backwards: true, gets: 39, pages: 5},
		{name: "some of very many: a page for ten of them at the most", connections: 1000, read: 50, backwards: true, gets: 50, pages: 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			service := fake.service(VerificationPlan)
			ids := fake.crowd(test.connections)
			for i := range test.read {
				id := ids[i]
				if test.backwards {
					id = ids[len(ids)-1-i]
				}
				get(t, service, id)
			}
			if gets, pages := fake.with("get"), fake.with("page"); gets != test.gets || pages != test.pages {
				t.Errorf("%d gets and %d pages instead of %d and %d", gets, pages, test.gets, test.pages)
			}
		})
	}
}

// readAll makes the service know its whole list, and some connections be read.
func readAll(t *testing.T, fake *fakes, connections int) (service *Service, unread []string) {
	t.Helper()
	service = fake.service(VerificationPlan)
	ids := fake.crowd(connections)
	for _, id := range ids[:readsPerPage] {
		get(t, service, id)
	}
	if fake.with("page") != 1 {
		t.Fatalf("calls %q", fake.asked())
	}
	return service, ids[readsPerPage:]
}

func TestALinkThatIsNotInTheListIsAskedFor(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service, _ := readAll(t, fake, 15)
	late := fake.connections["conn_000"]
	late.ID = "conn_late"
	fake.connections["conn_late"] = late
	get(t, service, "conn_late")
	if fake.count("get conn_late") != 1 {
		t.Errorf("calls %q", fake.asked())
	}
}

// Only a 404 for this link removes it from state.
func TestThatALinkIsGoneIsNeverKnownFromTheList(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service, _ := readAll(t, fake, 15)
	if _, err := service.FindByID(context.Background(), "conn_gone"); !isError[*GoneError](err) || fake.count("get conn_gone") != 1 {
		t.Errorf("error %v, calls %q", err, fake.asked())
	}
}

func TestWhatStoodInTheListCountsOnce(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service, unread := readAll(t, fake, 15)
	get(t, service, unread[0])
	fake.change(unread[0], func(c *wintro.Connection) { c.Name = "By hand" })
	if is := get(t, service, unread[0]); is.Name != "By hand" {
		t.Errorf("name %q, calls %q", is.Name, fake.asked())
	}
}

func TestWhatStoodInTheListCountsForAShortTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		service, unread := readAll(t, fake, 15)
		fake.change(unread[0], func(c *wintro.Connection) { c.Name = "By hand" })
		fake.change(unread[1], func(c *wintro.Connection) { c.Name = "By hand" })
		time.Sleep(freshFor)
		if is := get(t, service, unread[0]); is.Name != "Recruitee" {
			t.Errorf("asked for too early: calls %q", fake.asked())
		}
		time.Sleep(time.Millisecond)
		if is := get(t, service, unread[1]); is.Name != "By hand" {
			t.Errorf("too old: calls %q", fake.asked())
		}
	})
}

func TestAfterAWhileTheListIsReadAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		service, unread := readAll(t, fake, 40)
		time.Sleep(freshFor + time.Millisecond)
		for _, id := range unread {
			get(t, service, id)
		}
		if fake.with("page") != 3 {
			t.Errorf("calls %q", fake.asked())
		}
	})
}

func TestWhatIsAppliedIsAskedFor(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service, unread := readAll(t, fake, 15)
	if err := service.Delete(context.Background(), "conn_000"); err != nil {
		t.Fatal(err)
	}
	get(t, service, unread[0])
	if fake.count("get "+unread[0]) != 1 {
		t.Errorf("calls %q", fake.asked())
	}
}

func TestAListThatCannotBeReadIsGivenUp(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.fail = failing("page ", down(WintroName))
	service := fake.service(VerificationPlan)
	ids := fake.crowd(50)
	for _, id := range ids {
		get(t, service, id)
	}
	if fake.with("page") != 1 || fake.with("get") != len(ids) {
		t.Errorf("calls %q", fake.asked())
	}
}

// Of many that are read at once, one reads the page.
func TestReadingAheadIsDoneByOneAtATime(t *testing.T) {
	t.Parallel()
	ahead := readAhead{}
	read := 0
	for range 10 * readsPerPage {
		if _, due := ahead.due(); due {
			read++
		}
	}
	if read != 1 {
		t.Errorf("%d read it", read)
	}
}
