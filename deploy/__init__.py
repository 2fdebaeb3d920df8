"""Deployment to AWS: the CloudFormation stacks, the package, the smoke test.

Nothing here is part of the package for Lambda.
"""
