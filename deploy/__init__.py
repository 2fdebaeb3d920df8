"""Deployment to AWS: the CloudFormation stack, the package, `chalice deploy` and staff.

Nothing here ships to Lambda. It imports `chalicelib`, never the other way round.
"""
