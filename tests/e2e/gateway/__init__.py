"""The deployment package behind the local cloud's API Gateway, with IAM enforced."""
