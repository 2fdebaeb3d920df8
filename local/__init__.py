"""The service on this machine: local cloud, `chalice local` with a token check, demo and run."""
