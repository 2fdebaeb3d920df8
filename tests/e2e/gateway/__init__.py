"""The very package that goes to AWS, behind the local cloud's API Gateway, IAM enforced."""
