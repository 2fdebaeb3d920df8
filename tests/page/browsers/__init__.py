"""Stories of the page in Firefox and WebKit, as `make test-browsers` runs them."""
