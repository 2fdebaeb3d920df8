"""Everything around the Lambda function: the stack, the local cloud, the local gateway.

Nothing here ships. The service never imports it on Lambda.
"""
