package sandbox

// The bodies that several commands take.
type (
	ownerInput struct {
		OwnerID int64 `json:"owner_id"`
	}
	connectionInput struct {
		ID string `json:"id"`
	}
	countInput struct {
		N int `json:"n"`
	}
)

// commands is the table of the control API: names and the methods of Sandbox that they stand for.
func commands() []command {
	list := recruiteeCommands()
	list = append(list, wintroCommands()...)
	list = append(list, faultCommands()...)
	return append(list, requestCommands()...)
}
