"""The specification: unit (rules), api (contract), e2e (the real thing), hardening (attacks)."""
