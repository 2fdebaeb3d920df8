"""Deployment to AWS. Nothing here is part of the package for Lambda."""
