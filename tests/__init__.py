"""The tests: unit (rules), api (the contract), e2e (over real HTTP), hardening (attacks)."""
