"""The specification, in three rooms: unit (rules), api (contract), e2e (the real thing)."""
