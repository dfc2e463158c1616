package sandbox

// Environment returns environment variables, as NAME=value, that make the provider and the examples use the sandbox
// at url. It leaves out the Recruitee token if FirstToken finds no token.
func (s *Sandbox) Environment(url string) []string {
	list := []string{
		"WINTRO_ENDPOINT=" + url + WintroPath,
		"WINTRO_API_TOKEN=" + s.WintroToken(),
		"RECRUITEE_ENDPOINT=" + url + RecruiteePath,
		"WINTRO_SANDBOX_CONTROL=" + url + ControlPath,
	}
	if _, token, found := s.FirstToken(); found {
		list = append(list, "TF_VAR_recruitee_api_token="+token)
	}
	return list
}
